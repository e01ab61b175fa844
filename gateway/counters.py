"""Counters that survive their process: rows, written by the transaction that did what they count.

Each process adds to rows of its own, so none waits for another; the sum is exact under any number
of processes on any number of machines, and never falls.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, tuple_

from gateway.tables import counter
from gateway.upsert import InsertMany

FOLDED = uuid.UUID(int=0)  # the rows of processes that are gone are added to this one's
_KEY = ("name", "of", "process")


_ADD = InsertMany(
    counter,
    [column.name for column in counter.columns],
    lambda insert: insert.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={
            "value": counter.c.value + insert.excluded.value,
            "updated_at": insert.excluded.updated_at,
        },
    ),
)


class Counters:
    """The counters of one process."""

    def __init__(self) -> None:
        self._process = uuid.uuid4()

    def add(
        self, connection: Connection, name: str, counts: Mapping[str, int], now: datetime
    ) -> None:
        """Add to counters, by what they count."""
        if counts:
            _write(connection, name, counts, self._process, now)


def totals(connection: Connection) -> dict[tuple[str, str], int]:
    """Give every counter by its name and what it counts."""
    rows = select(counter.c.name, counter.c.of, func.sum(counter.c.value)).group_by(
        counter.c.name, counter.c.of
    )
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(rows)}


def fold(connection: Connection, before: datetime, now: datetime) -> None:
    """Add up the rows of processes that have counted nothing since.

    What one of them is just counting is skipped, and sums are written in one order: else two
    could wait for each other.
    """
    key = [counter.c[name] for name in _KEY]
    old = select(*key).where(counter.c.updated_at < before, counter.c.process != FOLDED)
    gone = (
        delete(counter)
        .where(tuple_(*key).in_(old.with_for_update(skip_locked=True)))
        .returning(counter.c.name, counter.c.of, counter.c.value)
    )
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for name, of, value in connection.execute(gone):
        sums[name][of] += value
    for name in sorted(sums):
        _write(connection, name, sums[name], FOLDED, now)


def _write(
    connection: Connection,
    name: str,
    counts: Mapping[str, int],
    process: uuid.UUID,
    now: datetime,
) -> None:
    _ADD.run(
        connection,
        [
            {"name": name, "of": of, "process": process, "value": more, "updated_at": now}
            for of, more in sorted(counts.items())
        ],
    )
