"""Attachments: a stream in, a harmless copy kept; the rest of the gateway knows its id alone."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import structlog
from sqlalchemy import insert, update

from channels.base import Overloaded, TooLarge
from channels.submission import clean
from gateway.attachments import rows, verdicts
from gateway.attachments.contents import Contents, key
from gateway.attachments.inspecting import Inspector
from gateway.attachments.rows import Stored
from gateway.store import Clock, Store
from gateway.tables import attachment

log = structlog.get_logger()
LONGEST_NAME = 200
LONGEST_TYPE = 100
UNKNOWN_TYPE = "application/octet-stream"
_CHUNK = 64 * 1024


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end."""


class Attachments:
    """Keeps uploads until a complaint claims them. One per process; threads share it."""

    def __init__(
        self,
        store: Store,
        contents: Contents,
        inspector: Inspector,
        *,
        clock: Clock,
        largest: int,
        spool: Path,
        run: Callable[[Callable[[], Any]], Any] = lambda work: work(),
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,  # 122 random bits: nobody guesses another's
    ):
        self._store = store
        self._contents = contents
        self._inspector = inspector
        self._clock = clock
        self._largest = largest
        self._spool = spool
        self._run = run
        self._new_id = new_id

    def receive(
        self,
        stream: Readable,
        name: str | None,
        declared_type: str | None,
        largest: int | None = None,
    ) -> Stored:
        """Take one file; returns when it is on disk, whatever its verdict.

        `largest` is how many bytes it may have, where that is not what an upload may have.
        `name` and `declared_type` are the sender's words: shown, never trusted. Raises TooLarge,
        and Overloaded when nothing was kept and a retry helps (a full disk among others).
        """
        with self._inspector.admitted(), self._spooled() as sent, self._spooled() as copy:
            size = self._spool_in(stream, sent, largest or self._largest)
            inspected = self._inspector.inspect(sent, copy)
            stored = Stored(
                id=str(self._new_id()),
                verdict=inspected.verdict,
                sha256=None,
                size=size,
                media_type=inspected.media_type
                or _told(declared_type, LONGEST_TYPE)
                or UNKNOWN_TYPE,
                name=_told(name, LONGEST_NAME),
            )
            if inspected.verdict in verdicts.KEPT:
                digest, size = _measure(copy)
                stored = replace(stored, sha256=digest, size=size)
            self._keep(stored, copy)
        log.info("attachment", verdict=stored.verdict, size=stored.size, type=inspected.media_type)
        return stored

    def find(self, ids: Collection[str]) -> list[Stored]:
        """Give those of these uploads that a complaint still may claim."""
        with self._store.read() as connection:
            return rows.find(connection, ids)

    def open(self, of: str) -> BinaryIO:
        """Open a content by its key; OSError when it cannot be read."""
        opened: BinaryIO = self._run(lambda: self._contents.open(of))
        return opened

    def probe(self) -> None:
        """Try whether files can be kept; OSError tells why not."""
        self._contents.probe()

    def collect(self, unclaimed_for: timedelta) -> int:
        """Delete what no complaint claimed for so long; gives how many. Safe to run anywhere.

        Marked first, then deleted: a crash in between leaves marks, which the next run follows.
        """
        before = self._clock() - unclaimed_for
        with self._store.write() as connection:
            marked = rows.mark_collected(connection, before)
        for of, digest in marked:
            if digest:
                self._contents.delete(key(digest, of.hex))
        if marked:
            with self._store.write() as connection:
                rows.forget(connection, [of for of, _ in marked])
            log.info("attachments_collected", count=len(marked))
        return len(marked)

    def _keep(self, stored: Stored, copy: BinaryIO) -> None:
        of = uuid.UUID(stored.id)
        self._run(lambda: self._announce(of, stored, self._clock()))
        if stored.sha256 is not None:
            at = key(stored.sha256, of.hex)
            copy.seek(0)
            try:
                # s3fs has an event loop of its own, which cannot run inside gevent's.
                self._run(lambda: self._contents.put(at, copy))
            except OSError as exc:
                log.error("attachments_unavailable", error=type(exc).__name__)  # noqa: TRY400 - a trace adds nothing
                raise Overloaded("there is no room for files now; try again later") from exc
            self._run(lambda: self._ready(of))

    def _announce(self, of: uuid.UUID, stored: Stored, now: datetime) -> None:
        with self._store.write() as connection:
            connection.execute(
                insert(attachment).values(
                    id=of,
                    sha256=stored.sha256,
                    size=stored.size,
                    media_type=stored.media_type,
                    name=stored.name,
                    verdict=stored.verdict,
                    ready=stored.sha256 is None,  # without content there is nothing to wait for
                    collected=False,
                    received_at=now,
                )
            )

    def _ready(self, of: uuid.UUID) -> None:
        with self._store.write() as connection:
            done = connection.execute(
                update(attachment)
                .where(attachment.c.id == of, ~attachment.c.collected)
                .values(ready=True)
            )
        if done.rowcount != 1:
            raise Overloaded("the file came in too slowly")

    @contextmanager
    def _spooled(self) -> Iterator[BinaryIO]:
        """Open a file without a name, which no crash leaves behind."""
        try:
            self._spool.mkdir(parents=True, exist_ok=True)
            made = cast(BinaryIO, tempfile.TemporaryFile(dir=self._spool))  # noqa: SIM115 - below
        except OSError as exc:
            raise Overloaded("there is no room for files now; try again later") from exc
        with made:
            yield made

    def _spool_in(self, stream: Readable, sent: BinaryIO, largest: int) -> int:
        size = 0
        while chunk := stream.read(min(_CHUNK, largest + 1 - size)):
            size += len(chunk)
            if size > largest:
                raise TooLarge(f"a file may have {largest} bytes")
            try:
                sent.write(chunk)
                sent.flush()
            except OSError as exc:
                raise Overloaded("there is no room for files now; try again later") from exc
        sent.seek(0)
        return size


def _measure(copy: BinaryIO) -> tuple[str, int]:
    """Give the SHA-256 and the size of what was written."""
    copy.seek(0)
    digest = hashlib.file_digest(copy, "sha256")  # type: ignore[arg-type] # BinaryIO has no readinto
    return digest.hexdigest(), copy.tell()


def _told(words: str | None, longest: int) -> str | None:
    """Keep what a sender says about a file as one line; of a path the last part."""
    last = (words or "").replace("\\", "/").rpartition("/")[2] if longest == LONGEST_NAME else words
    return " ".join(clean(last or "").split())[:longest] or None
