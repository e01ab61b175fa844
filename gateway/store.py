"""The store: one way in for every writer of every process, and what is asked of it by number."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import make_url

from gateway import tables

IN_PROCESS = frozenset(
    {"received", "verified", "forwarded", "in_progress", "awaiting_reporter"},
)
TERMINAL = frozenset({"resolved", "archived", "not_authorised", "withdrawn"})
_WRITES = "lapor_writes"


class UnknownNumber(LookupError):
    """No complaint has this number."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands. `number` is its root, whichever alias was asked for."""

    number: str
    status: str
    confidential: bool
    reporter: bytes | None
    received_at: datetime
    updated_at: datetime


class Store:
    """A SQLite file in WAL mode, synced at every commit.

    Writers queue at a file lock of their own: SQLite's busy wait is unfair (p99 of a second under
    16 writers, measured), a lock wakes the next one at once. Make one per process, after a fork.
    """

    def __init__(self, url: str):
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite" or not parsed.database:
            raise ValueError(
                f"store_url: {parsed.drivername!r} is not served; use sqlite:///<file>"
            )
        self.path = Path(parsed.database)
        self._lock = self.path.with_name(self.path.name + ".lock")
        self.engine = _engine(parsed.render_as_string(hide_password=False))
        self._writer = self.engine.execution_options(**{_WRITES: True})

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open the one transaction that writes now; commits on leaving, rolls back on an error.

        Hold it for milliseconds: nothing slow, no network, no reading of texts inside.
        """
        door = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # A descriptor of its own excludes other threads as well as other processes, and the
            # kernel releases it when a process dies.
            fcntl.flock(door, fcntl.LOCK_EX)
            with self._writer.begin() as connection:
                yield connection
        finally:
            os.close(door)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one consistent snapshot; never waits for a writer."""
        with self.engine.connect() as connection:
            yield connection

    def close_engine(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    # --- complaints by number ------------------------------------------------------------

    def standing(self, number: str) -> Standing | None:
        """Tell how the complaint behind a number (or an alias) stands."""
        with self.read() as connection:
            return standing(connection, number)

    def close(self, number: str, status: str, now: datetime) -> None:
        """End "in process": the same words of the same reporter are a new complaint from now on.

        Raises UnknownNumber, and ValueError for a status that does not close.
        """
        if status not in TERMINAL:
            raise ValueError(f"{status!r} does not close a complaint")
        with self.write() as connection:
            root = _set_status(connection, number, status, now)
            connection.execute(
                delete(tables.identity).where(
                    tables.identity.c.fingerprint == root.fingerprint,
                    tables.identity.c.number == root.number,
                )
            )

    def reopen(self, number: str, now: datetime, status: str = "in_progress") -> bool:
        """Put a complaint back in process; tell whether its identity was free to be taken back.

        It is not when the reporter has filed the same words again meanwhile: then both stay open,
        and further repeats belong to the newer one.
        """
        if status not in IN_PROCESS:
            raise ValueError(f"{status!r} is not in process")
        with self.write() as connection:
            root = _set_status(connection, number, status, now)
            if root.fingerprint is None:
                return False
            connection.execute(
                insert(tables.identity)
                .values(fingerprint=root.fingerprint, number=root.number)
                .on_conflict_do_nothing(index_elements=["fingerprint"])
            )
            holder = connection.scalar(
                select(tables.identity.c.number).where(
                    tables.identity.c.fingerprint == root.fingerprint
                )
            )
            return bool(holder == root.number)


def standing(connection: Connection, number: str) -> Standing | None:
    """Tell how the complaint behind a number stands, inside a transaction."""
    found = standings(connection, [number])
    return found.get(number)


def standings(connection: Connection, numbers: list[str]) -> dict[str, Standing]:
    """Tell how several stand; a number nobody was given is absent."""
    asked, root = tables.number.alias("asked"), tables.number.alias("root")
    rows = connection.execute(
        select(
            asked.c.number.label("asked"),
            root.c.number,
            root.c.status,
            # An alias may belong to another reporter, or be confidential by itself.
            (asked.c.confidential | root.c.confidential).label("confidential"),
            asked.c.reporter,
            root.c.received_at,
            root.c.updated_at,
        )
        .join(root, root.c.number == asked.c.root)
        .where(asked.c.number.in_(numbers))
    )
    return {row.asked: Standing(*row[1:]) for row in rows}


def _set_status(connection: Connection, number: str, status: str, now: datetime) -> Any:
    asked = tables.number.alias("asked")
    root = select(asked.c.root).where(asked.c.number == number).scalar_subquery()
    row = connection.execute(
        update(tables.number)
        .where(tables.number.c.number == root)
        .values(status=status, updated_at=now)
        .returning(tables.number.c.number, tables.number.c.fingerprint)
    ).one_or_none()
    if row is None:
        raise UnknownNumber(number)
    return row


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=20, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, record: object) -> None:  # noqa: ARG001 - the signature is SQLAlchemy's
    # The driver must not open transactions by itself: it would begin deferred ones, which fail
    # at their first write instead of waiting.
    connection.isolation_level = None
    for pragma in (
        "busy_timeout = 10000",  # only checkpoints and other tools ever wait here
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL can lose the last commits in a power cut
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


Clock = Callable[[], datetime]
