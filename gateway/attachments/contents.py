"""Where the bytes of attachments are: a folder, or anything fsspec reaches, such as S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import fsspec

_CHUNK = 64 * 1024


class Contents:
    """Files by key. Each key is one upload's alone, so that deleting one takes from nobody."""

    def __init__(self, url: str):
        """Connect to nothing yet; ValueError or ImportError tells what cannot work."""
        self._files, self._root = fsspec.core.url_to_fs(url)
        protocols = self._files.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._is_local = "file" in names

    def put(self, key: str, content: BinaryIO) -> None:
        """Keep what the file holds; returns when it is on disk. OSError when it is not."""
        if self._is_local:
            _put_on_disk(Path(self._root) / key, content)
        else:
            # At most `child.MOST_WRITTEN`; S3 answers when the object is durable.
            with _reaching():
                self._files.pipe_file(f"{self._root}/{key}", content.read())

    def open(self, key: str) -> BinaryIO:
        """Open for reading; FileNotFoundError."""
        with _reaching():
            opened: BinaryIO = self._files.open(f"{self._root}/{key}", "rb")
        return opened

    def delete(self, key: str) -> None:
        """Delete; content with this key may be absent. OSError when it cannot be."""
        try:
            with _reaching():
                self._files.rm_file(f"{self._root}/{key}")
        except FileNotFoundError:
            return


@contextmanager
def _reaching() -> Iterator[None]:
    """Make an OSError of whatever a store that cannot be reached raises: each has its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as exc:
        raise OSError(f"the files cannot be reached: {type(exc).__name__}") from exc


def key(sha256: str, upload: str) -> str:
    """Name the content of one upload: by what it holds, then by whose it is."""
    return f"{sha256[:2]}/{sha256}/{upload}"


def chunks(opened: BinaryIO) -> Iterator[bytes]:
    """Read to the end in bounded memory, and close."""
    with opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


def _put_on_disk(path: Path, content: BinaryIO) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as target:
            while chunk := content.read(_CHUNK):
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Put a folder's entries on disk: a synced file without one is lost all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
