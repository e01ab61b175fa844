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

from sqlalchemy import Connection, Engine, create_engine, event, exists, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.pool import PoolProxiedConnection, StaticPool

from gateway import tables

IN_PROCESS = frozenset(
    {"received", "verified", "forwarded", "in_progress", "awaiting_reporter"},
)
TERMINAL = frozenset({"resolved", "archived", "not_authorised", "withdrawn"})


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
        url = parsed.render_as_string(hide_password=False)
        self.engine = _engine(url, "BEGIN", pool_size=20, max_overflow=-1)
        # One connection is enough: the door below lets one writer in at a time.
        self._writer = _engine(
            url, "BEGIN IMMEDIATE", poolclass=StaticPool, pool_reset_on_return=None
        )

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
        self._writer.dispose()

    # --- complaints by number ------------------------------------------------------------

    def standing(self, number: str) -> Standing | None:
        """Tell how the complaint behind a number (or an alias) stands."""
        with self.read() as connection:
            return standing(connection, number)

    def close(self, number: str, status: str, now: datetime) -> None:
        """End "in process": the same words of the same reporter are a new complaint from now on.

        Raises UnknownNumber, and ValueError for a status that does not close.
        """
        with self.write() as connection:
            close(connection, number, status, now)

    def reopen(self, number: str, now: datetime, status: str = "in_progress") -> bool:
        """Put a complaint back in process; tell whether its identity was free to be taken back.

        It is not when the reporter has filed the same words again meanwhile: then both stay open,
        and further repeats belong to the newer one.
        """
        if status not in IN_PROCESS:
            raise ValueError(f"{status!r} is not in process")
        of, holder = tables.number, tables.number.alias("holder")
        with self.write() as connection:
            root = _set_status(connection, number, status, now)
            held_by_another = exists().where(
                holder.c.claimed,
                holder.c.fingerprint == of.c.fingerprint,
                holder.c.number != of.c.number,
            )
            connection.execute(
                update(of)
                .where(of.c.root == root, of.c.fingerprint.is_not(None), ~held_by_another)
                .values(claimed=True)
            )
            claimed = select(of.c.claimed).where(of.c.number == root)
            return bool(connection.scalar(claimed))


def close(connection: Connection, number: str, status: str, now: datetime) -> None:
    """Close a complaint inside a transaction; see `Store.close`."""
    if status not in TERMINAL:
        raise ValueError(f"{status!r} does not close a complaint")
    root = _set_status(connection, number, status, now)
    connection.execute(
        update(tables.number).where(tables.number.c.root == root).values(claimed=False)
    )


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


def _set_status(connection: Connection, number: str, status: str, now: datetime) -> str:
    """Set the status of the complaint behind a number; gives its root."""
    asked = tables.number.alias("asked")
    root = select(asked.c.root).where(asked.c.number == number).scalar_subquery()
    found = connection.scalar(
        update(tables.number)
        .where(tables.number.c.number == root)
        .values(status=status, updated_at=now)
        .returning(tables.number.c.number)
    )
    if found is None:
        raise UnknownNumber(number)
    return str(found)


def _engine(url: str, begin: str, **pool: Any) -> Engine:
    engine = create_engine(url, **pool)
    event.listen(engine.pool, "connect", _prepare)

    def begin_transaction(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(begin)

    # The driver is told below to leave transactions alone, so this is where they begin. A listener
    # for "begin" would do the same, and make every statement of the engine slower.
    engine.dialect.do_begin = begin_transaction  # type: ignore[method-assign]
    return engine


def _prepare(connection: Any, record: object) -> None:  # noqa: ARG001 - the signature is SQLAlchemy's
    # By itself the driver begins deferred transactions, which fail at their first write instead
    # of waiting for it.
    connection.isolation_level = None
    for pragma in (
        "busy_timeout = 10000",  # only checkpoints and other tools ever wait here
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL can lose the last commits in a power cut
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


Clock = Callable[[], datetime]
