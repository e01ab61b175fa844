"""What it costs when many say the same: steps of the store that can be counted, and CPU."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event, text

from gateway.store import Store

STEPS = 100  # of SQLite's virtual machine, between two looks


@dataclass
class Work:
    """Statements, the store's own steps, and CPU seconds of this process.

    A step is one of SQLite's virtual machine, or one row that PostgreSQL read.
    """

    statements: int = 0
    steps: int = 0
    seconds: float = 0.0


class Meter:
    """Counts what is done within `measure`. The store's connections are made anew for it."""

    def __init__(self, store: Store):
        self._store = store
        self._work = Work()
        self._is_sqlite = store.engine.dialect.name == "sqlite"

    @contextmanager
    def measure(self) -> Iterator[Work]:
        self._work = work = Work()
        self._store.close_engine()
        rows, began = self._rows_read(), time.process_time()
        event.listen(Engine, "before_cursor_execute", self._count)
        try:
            yield work
        finally:
            event.remove(Engine, "before_cursor_execute", self._count)
        work.seconds = time.process_time() - began
        work.steps += self._rows_read() - rows
        self._work = Work()  # what connections that stay open do from now on is not asked for

    def _count(self, connection, cursor, *_: object) -> None:
        self._work.statements += 1
        if self._is_sqlite:
            driver: sqlite3.Connection = connection.connection.driver_connection
            driver.set_progress_handler(self._step, STEPS)

    def _step(self) -> int:
        self._work.steps += STEPS
        return 0

    def _rows_read(self) -> int:
        """Ask PostgreSQL; what a connection has counted is sure to be there when it has ended."""
        if self._is_sqlite:
            return 0
        self._store.close_engine()
        before = -1
        while True:
            with self._store.read() as connection:
                now = int(connection.scalar(_ROWS_READ) or 0)
            if now == before:
                return now
            before = now
            time.sleep(0.2)


_ROWS_READ = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables")
