"""Facts about the store: what one process finds out and others have to know."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.tables import fact, queue_message
from gateway.upsert import insert

IDENTITY_KEY = "identity_key"
_UNACCOUNTED = "unaccounted"
_DEPTH = "depth "


def note(connection: Connection, name: str, value: str) -> None:
    """Note a fact, or replace it."""
    row = insert(connection, fact).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def note_unaccounted(connection: Connection, count: int, now: datetime) -> None:
    """Note how many numbers lead nowhere, and when that was looked at."""
    note(connection, _UNACCOUNTED, json.dumps({"count": count, "at": now.isoformat()}))


def read_unaccounted(connection: Connection) -> tuple[int, datetime] | None:
    """Read what `note_unaccounted` noted."""
    noted = connection.scalar(select(fact.c.value).where(fact.c.name == _UNACCOUNTED))
    if noted is None:
        return None
    found: dict[str, Any] = json.loads(noted)
    return found["count"], datetime.fromisoformat(found["at"])


def note_depths(connection: Connection, depths: dict[str, int], now: datetime) -> None:
    """Note what waits in the queues of a broker, which only some processes can ask."""
    for name, depth in sorted(depths.items()):
        note(connection, _DEPTH + name, json.dumps({"depth": depth, "at": now.isoformat()}))


def read_depths(connection: Connection) -> dict[str, int]:
    """Give what waits in each queue: the embedded ones counted, a broker's as last noted."""
    noted = select(fact.c.name, fact.c.value).where(fact.c.name.startswith(_DEPTH))
    depths = {
        row.name.removeprefix(_DEPTH): int(json.loads(row.value)["depth"])
        for row in connection.execute(noted)
    }
    embedded = select(queue_message.c.queue, func.count()).group_by(queue_message.c.queue)
    return depths | {row[0]: row[1] for row in connection.execute(embedded)}
