"""Reading the event log: everything that was published, in about the order it was."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from gateway.store import Clock, Store
from gateway.tables import event

# Ids are made before their commit, so an older id can appear after a newer one was read.
OVERLAP = timedelta(seconds=5)


def follow(
    store: Store, since: datetime, *, clock: Clock, wait: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    """Give every event since a time, and then each new one, until `wait` says to stop.

    Takes nothing away: it reads the log, not the queue. `wait` pauses and tells whether to go on.
    """
    seen: dict[uuid.UUID, None] = {}
    floor = since
    while True:
        for event_id, body in _since(store, floor):
            if event_id not in seen:
                seen[event_id] = None
                yield json.loads(body)
        floor = max(since, clock() - OVERLAP)
        low = lowest_id(floor)
        seen = {event_id: None for event_id in seen if event_id >= low}
        if not wait():
            return


def read(store: Store, number: str) -> list[dict[str, Any]]:
    """Give all events of one complaint, by revision."""
    wanted = select(event.c.body).where(event.c.number == number).order_by(event.c.revision)
    with store.read() as connection:
        return [json.loads(body) for body in connection.scalars(wanted)]


def _since(store: Store, since: datetime) -> list[tuple[uuid.UUID, str]]:
    wanted = select(event.c.id, event.c.body).where(event.c.id >= lowest_id(since))
    with store.read() as connection:
        return [(row.id, row.body) for row in connection.execute(wanted.order_by(event.c.id))]


def lowest_id(moment: datetime) -> uuid.UUID:
    """Give the smallest uuid7 of a moment: its first 48 bits are milliseconds."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
