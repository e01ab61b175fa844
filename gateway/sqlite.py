"""The store in a SQLite file: WAL, synced at every commit, one writer at a time.

Writers queue at a file lock of their own: SQLite's busy wait is unfair (p99 of a second under 16
writers, measured), a lock wakes the next one at once.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import PoolProxiedConnection, StaticPool


class Sqlite:
    """A file, and the door through which every writer of every process goes."""

    def __init__(self, url: URL):
        if not url.database:
            raise ValueError("name a file, sqlite:///<file>")
        self.path = Path(url.database)
        self._lock = self.path.with_name(self.path.name + ".lock")
        spelled = url.render_as_string(hide_password=False)
        self.engine = _engine(spelled, "BEGIN", pool_size=20, max_overflow=-1)
        # One connection is enough: the door below lets one writer in at a time.
        self._writer = _engine(
            spelled, "BEGIN IMMEDIATE", poolclass=StaticPool, pool_reset_on_return=None
        )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open the one transaction that writes now."""
        door = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # A descriptor of its own excludes other threads as well as other processes, and the
            # kernel releases it when a process dies.
            fcntl.flock(door, fcntl.LOCK_EX)
            with self._writer.begin() as connection:
                yield connection
        finally:
            os.close(door)

    def hold(self, connection: Connection, names: Collection[str]) -> None:
        """Nothing to do: the writer is alone."""

    def prepare(self) -> None:
        """Make the file. Texts of citizens live in it; one that exists keeps the mode it has."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def exists(self) -> bool:
        """Tell whether there is a file; looking into it would make one."""
        return self.path.exists()

    def is_away(self, error: DBAPIError) -> bool:
        """Tell a full disk or a locked file from a statement that is wrong."""
        return isinstance(error, OperationalError)

    def may_succeed_again(self, error: DBAPIError) -> bool:  # noqa: ARG002 - PostgreSQL looks at it
        """Never: a single writer is not in anybody's way."""
        return False

    def dispose(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self._writer.dispose()


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
