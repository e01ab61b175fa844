"""The store on PostgreSQL: several writers at once, of several machines.

No connection is made before the first use, so none crosses a fork. A connection that stays silent
is given up: TCP alone would wait for hours behind a frozen router.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.errors import OperationalError
from sqlalchemy import URL, Connection, bindparam, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError

CONNECTIONS = {"pool_size": 5, "max_overflow": 5}  # a process; PostgreSQL takes 100 by default
# SQLSTATEs that say "not now" and nothing about the message: connection, read-only standby, who we
# are, no such database, conflict with another transaction, a schema in the middle of an upgrade,
# resources, not in the right state, shutdown, system.
_AWAY = ("08", "25", "28", "3D", "40", "42P01", "42703", "53", "55", "57", "58")
_CONFLICTS = ("40001", "40P01")  # another transaction won; the same again succeeds


class _NoAnswer(OperationalError):
    """The server was silent for as long as we wait."""


class _Patient(psycopg.Connection[Any]):
    """A connection that waits only so long for an answer."""

    patience: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait as psycopg does, and give the connection up when nobody answers."""
        try:
            return super().wait(gen, interval=interval, timeout=timeout or self.patience)
        except psycopg.errors._WaitTimeout as exc:  # noqa: SLF001 - the only way to tell it apart
            # What the server made of it is unknown; the connection is of no more use.
            self.pgconn.finish()
            raise _NoAnswer("the database did not answer in time") from exc


class Postgresql:
    """A server. `patience` is how many seconds it may take to answer; None waits for ever."""

    def __init__(self, url: URL, patience: float | None):
        connect: dict[str, Any] = {
            "connect_timeout": 5,
            "application_name": "lapor-gateway",
            "options": _options(patience),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        }
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=connect,
            pool_timeout=patience or 30,
            **CONNECTIONS,
        )

        @event.listens_for(self.engine, "do_connect")
        def connect_patiently(_d: object, _r: object, args: Any, given: Any) -> _Patient:
            made: _Patient = _Patient.connect(*args, **given)
            made.patience = patience
            return made

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction; rows and constraints order the writers."""
        with self.engine.begin() as connection:
            yield connection

    def hold(self, connection: Connection, names: Collection[str]) -> None:
        """Hold names until the transaction ends: whoever holds one of them too comes after."""
        keys = sorted({_key(name) for name in names})
        if keys:
            wanted = select(func.unnest(bindparam("keys", keys)).label("key")).subquery()
            connection.execute(select(func.pg_advisory_xact_lock(wanted.c.key)))

    def prepare(self) -> None:
        """Nothing to do: the database is there, or connecting says so."""

    def exists(self) -> bool:
        """Tell whether there may be tables; only connecting can say more."""
        return True

    def is_away(self, error: DBAPIError) -> bool:
        """Tell a server that is away, full or stopping from a statement that is wrong."""
        state = _state(error)
        if state is None:
            return error.connection_invalidated or isinstance(error.orig, OperationalError)
        return state.startswith(_AWAY)

    def may_succeed_again(self, error: DBAPIError) -> bool:
        """Tell whether the same transaction is worth a second try at once.

        A connection that the server closed while it was idle shows only when it is used. What was
        committed in spite of the error is met again as a redelivery. After a silence nobody waits
        for a second one.
        """
        if isinstance(error.orig, _NoAnswer):
            return False
        return error.connection_invalidated or _state(error) in _CONFLICTS

    def dispose(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def _options(patience: float | None) -> str:
    # A server set to less than `on` would break the promise of a receipt.
    options = "-c synchronous_commit=on"
    # When we are cut off inside a transaction, what it holds is in the way of everybody until the
    # server ends it: by this clock, or, in the middle of a message, when it finds us gone; by
    # default it looks after two hours.
    options += " -c idle_in_transaction_session_timeout=10s"
    options += " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    # And those that wait for it, cut off too, must not inherit it one by one.
    return f"{options} -c lock_timeout={patience / 4:.1f}s" if patience else options


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
