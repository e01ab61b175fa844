"""How far sources that are pulled have been read: moved in the transaction that keeps what was."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from gateway import leases
from gateway.counters import Counters
from gateway.tables import cursor
from gateway.upsert import insert


@dataclass(frozen=True, slots=True)
class Move:
    """Move a source's cursor, if whoever pulled still holds the lease; `gap` counts an alarm."""

    source: str
    value: str
    at: datetime
    token: uuid.UUID
    gap: bool = False


def lease_of(source: str) -> str:
    """Name the lease of whoever pulls a source. The column is shorter than a source may be."""
    return f"pull:{uuid.uuid5(uuid.NAMESPACE_URL, source).hex}"


def read(connection: Connection, source: str) -> str | None:
    """Give where to go on; None where nothing was ever pulled."""
    return connection.scalar(select(cursor.c.value).where(cursor.c.source == source))


def moved_at(connection: Connection) -> list[tuple[str, datetime]]:
    """Tell when each cursor moved last."""
    rows = connection.execute(select(cursor.c.source, cursor.c.moved_at).order_by(cursor.c.source))
    return [(row.source, row.moved_at) for row in rows]


def move(connection: Connection, moves: Sequence[Move], counters: Counters) -> None:
    """Move cursors. Another process may pull by now: then its cursor counts, not ours."""
    for one in moves:
        if not leases.holds(connection, lease_of(one.source), one.token):
            continue
        row = insert(connection, cursor).values(source=one.source, value=one.value, moved_at=one.at)
        changed = {"value": one.value, "moved_at": one.at}
        connection.execute(row.on_conflict_do_update(index_elements=["source"], set_=changed))
        # From zero on: whoever watches a counter must have seen it before it rises.
        counters.add(connection, "mentions_alarms", {one.source: int(one.gap)}, one.at)
