"""The store: one way in for every writer of every process, and what is asked of it by number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway import clusters, tables
from gateway.sqlite import Sqlite
from gateway.statuses import IN_PROCESS, TERMINAL

__all__ = ["IN_PROCESS", "TERMINAL", "Standing", "Store", "UnknownNumber", "close", "reopen"]


class UnknownNumber(LookupError):
    """No complaint has this number."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands. `number` is its root, whichever alias was asked for.

    `is_anothers` tells that the number asked for was filed by another reporter than the root, and
    was joined with it by an operator.
    """

    number: str
    status: str
    confidential: bool
    reporter: bytes | None
    received_at: datetime
    updated_at: datetime
    is_anothers: bool = False


class Database(Protocol):
    """What differs between SQLite and PostgreSQL."""

    engine: Engine

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes."""

    def hold(self, connection: Connection, names: Collection[str]) -> None:
        """Hold names until the transaction ends."""

    def prepare(self) -> None:
        """Make what the first migration needs."""

    def exists(self) -> bool:
        """Tell whether there may be tables."""

    def is_away(self, error: DBAPIError) -> bool:
        """Tell "not now" from "not this"."""

    def may_succeed_again(self, error: DBAPIError) -> bool:
        """Tell whether the same transaction is worth a second try at once."""

    def dispose(self) -> None:
        """Give every connection back."""


class Store:
    """Where everything that was acknowledged is kept: `sqlite:///<file>` or `postgresql://…`.

    Make one per process, after a fork. `patience` is how many seconds PostgreSQL may take to
    answer.
    """

    def __init__(self, url: str, patience: float | None = 10.0):
        self.database = _database(url, patience)
        self.engine = self.database.engine
        self.hold = self.database.hold

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; commits on leaving, rolls back on an error.

        Hold it for milliseconds: nothing slow, no network, no reading of texts inside.
        """
        with self.database.write() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read; never waits for a writer. One statement sees one moment."""
        with self.engine.connect() as connection:
            yield connection

    def close_engine(self) -> None:
        """Give every connection back."""
        self.database.dispose()

    def is_away(self, error: Exception) -> bool:
        """Tell a store that cannot be reached or written now from a statement that is wrong."""
        if isinstance(error, PoolTimeout):
            return True
        return isinstance(error, DBAPIError) and self.database.is_away(error)

    def may_succeed_again(self, error: DBAPIError) -> bool:
        """Tell whether the same transaction is worth a second try at once."""
        return self.database.may_succeed_again(error)

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
        with self.write() as connection:
            return reopen(connection, number, now, status)


def name_of(error: Exception) -> str:
    """Name an error for the log: its driver's name, never its words, which quote values."""
    return type(getattr(error, "orig", None) or error).__name__


def close(connection: Connection, number: str, status: str, now: datetime) -> None:
    """Close a complaint inside a transaction; see `Store.close`."""
    if status not in TERMINAL:
        raise ValueError(f"{status!r} does not close a complaint")
    root, _ = _set_status(connection, number, status, now)
    clusters.leave(connection, [root], status, now)


def reopen(connection: Connection, number: str, now: datetime, status: str) -> bool:
    """Put a complaint back in process inside a transaction; see `Store.reopen`.

    Raises IntegrityError when another transaction takes the identity at the same moment.
    """
    if status not in IN_PROCESS:
        raise ValueError(f"{status!r} is not in process")
    of = tables.number
    root, before = _set_status(connection, number, status, now)
    clusters.come_back(connection, root, before, status, now)
    return bool(connection.scalar(select(of.c.claimed).where(of.c.number == root)))


def standing(connection: Connection, number: str) -> Standing | None:
    """Tell how the complaint behind a number stands, inside a transaction."""
    found = standings(connection, [number])
    return found.get(number)


def standings(
    connection: Connection, numbers: Collection[str], *, lock: bool = False
) -> dict[str, Standing]:
    """Tell how several stand; a number nobody was given is absent.

    With `lock` they stand like that until the transaction ends.
    """
    if not numbers:
        return {}
    asked, root = tables.number.alias("asked"), tables.number.alias("root")
    found = (
        select(
            asked.c.number.label("asked"),
            root.c.number,
            root.c.status,
            # An alias may belong to another reporter, or be confidential by itself.
            (asked.c.confidential | root.c.confidential).label("confidential"),
            asked.c.reporter,
            root.c.received_at,
            root.c.updated_at,
            asked.c.reporter.is_distinct_from(root.c.reporter),
        )
        .join(root, root.c.number == asked.c.root)
        .where(asked.c.number.in_(numbers))
        .order_by(root.c.number)
    )
    rows = connection.execute(found.with_for_update(of=root) if lock else found)
    return {row.asked: Standing(*row[1:]) for row in rows}


def _set_status(connection: Connection, number: str, status: str, now: datetime) -> tuple[str, str]:
    """Set the status of the complaint behind a number; gives its root and the status before."""
    stands = standings(connection, [number], lock=True).get(number)
    if stands is None:
        raise UnknownNumber(number)
    connection.execute(
        update(tables.number)
        .where(tables.number.c.number == stands.number)
        .values(status=status, updated_at=now)
    )
    return stands.number, stands.status


def _database(url: str, patience: float | None) -> Database:
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return Sqlite(parsed)
    if kind == "postgresql":
        from gateway.postgresql import Postgresql  # noqa: PLC0415 - its driver is an extra

        return Postgresql(parsed, patience)
    raise ValueError(
        f"{parsed.drivername!r} is not served; "
        "use sqlite:///<file> or postgresql://<user>@<host>/<database>"
    )


Clock = Callable[[], datetime]
Hold = Callable[[Connection, Collection[str]], None]
