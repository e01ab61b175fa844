"""Rows that wait for the world outside: what waits, for how long, and another try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, TextClause, func, select


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of one source, and for how long the oldest has."""

    source: str
    count: int
    oldest: timedelta


def waiting(
    connection: Connection, line: Table, where: TextClause | ColumnElement[bool], now: datetime
) -> list[Waiting]:
    """Count what waits in a line, by source."""
    found = (
        select(line.c.source, func.count(), func.min(line.c.created_at))
        .where(where)
        .group_by(line.c.source)
        .order_by(line.c.source)
    )
    rows = connection.execute(found)
    return [Waiting(row[0], row[1], max(timedelta(0), now - row[2])) for row in rows]


def in_line_again(now: datetime) -> dict[str, Any]:
    """Give what puts a row that was given up back in line, with as much time as at first."""
    return {
        "state": "waiting",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
        "reason": None,
        "settled_at": None,
        "lease_token": None,
    }
