"""Counts a day: how often somebody was answered or spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from gateway.tables import tally
from gateway.upsert import InsertMany

_COUNT = InsertMany(
    tally,
    ("ref", "day", "count"),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["ref"], set_={"count": tally.c.count + insert.excluded.count}
    ).returning(tally.c.ref, tally.c.count.label("so_far")),
)


def count(connection: Connection, more: Mapping[bytes, int], today: date) -> dict[bytes, int]:
    """Add to today's counts; gives what each has come to, in one order for all who count."""
    rows = [{"ref": ref, "day": today, "count": of} for ref, of in sorted(more.items())]
    return {row.ref: row.so_far for row in _COUNT.run(connection, rows)} if rows else {}
