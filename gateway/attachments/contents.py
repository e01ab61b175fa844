"""Where the bytes of attachments are: a folder, or anything fsspec reaches, such as S3."""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import fsspec

_CHUNK = 64 * 1024
PATIENCE = 10.0  # seconds for a store that is reached over a network, its own retries included
# Whoever uploads waits: one more try, and a host that is not there is known before PATIENCE ends.
_S3 = {"config_kwargs": {"connect_timeout": 3, "retries": {"total_max_attempts": 2}}}


class Contents:
    """Files by key. Each key is one upload's alone, so that deleting one takes from nobody."""

    def __init__(self, url: str):
        """Connect to nothing yet; ValueError or ImportError tells what cannot work."""
        self._files, self._root = fsspec.core.url_to_fs(
            url, **(_S3 if url.startswith("s3:") else {})
        )
        protocols = self._files.protocol
        names = {protocols} if isinstance(protocols, str) else set(protocols)
        self._is_local = "file" in names

    @property
    def _bound(self) -> dict[str, float]:
        return {"timeout": PATIENCE} if self._files.async_impl else {}

    def put(self, key: str, content: BinaryIO) -> None:
        """Keep what the file holds; returns when it is on disk. OSError when it is not."""
        if self._is_local:
            _put_on_disk(Path(self._root) / key, content)
        else:
            # At most `child.MOST_WRITTEN`; S3 answers when the object is durable.
            with _reaching():
                self._files.pipe_file(f"{self._root}/{key}", content.read(), **self._bound)

    def open(self, key: str) -> BinaryIO:
        """Open for reading; FileNotFoundError, or another OSError.

        What is far is fetched whole (`child.MOST_WRITTEN` at most): a store that fails half-way
        is known before the first byte goes on.
        """
        with _reaching():
            if self._is_local:
                return (Path(self._root) / key).open("rb")
            return io.BytesIO(self._files.cat_file(f"{self._root}/{key}", **self._bound))

    def delete(self, key: str) -> None:
        """Delete, half a file too; content with this key may be absent. OSError when it cannot."""
        if self._is_local:
            path = Path(self._root) / key
            for left in (path, _partial(path)):  # of a process that was killed while it wrote
                left.unlink(missing_ok=True)
            return
        try:
            with _reaching():
                self._files.rm_file(f"{self._root}/{key}", **self._bound)
        except FileNotFoundError:
            return

    def probe(self) -> None:
        """Write, read and delete a small file; OSError tells why that is not possible."""
        name = f"probe-{uuid.uuid4().hex}"
        self.put(name, io.BytesIO(b"probe"))
        with self.open(name) as kept:
            found = kept.read()
        self.delete(name)
        if found != b"probe":
            raise OSError("it gives back something else than was put there")


@contextmanager
def _reaching() -> Iterator[None]:
    """Make an OSError of whatever a store that cannot be reached raises: each has its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as exc:
        raise OSError(f"the files cannot be reached: {type(exc).__name__}: {exc}") from exc


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
    partial = _partial(path)
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


def _partial(path: Path) -> Path:
    return path.with_suffix(".partial")


def _sync(folder: Path) -> None:
    """Put a folder's entries on disk: a synced file without one is lost all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
