"""Replay: events of the log are published once more, under the ids they had."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from gateway.envelope import Envelope
from gateway.eventlog import lowest_id
from gateway.publishing import Outbox
from gateway.store import Clock, Store
from gateway.tables import event

TOGETHER = 200


class Replay:
    """The events of one complaint (`number` is its root), or all since a time."""

    def __init__(self, store: Store, *, number: str | None = None, since: datetime | None = None):
        self._store = store
        self._wanted: list[ColumnElement[bool]] = []
        if number is not None:
            self._wanted.append(event.c.number == number)
        if since is not None:
            # The first narrows by the index; an id is made a moment before the event is written.
            self._wanted += [event.c.id >= lowest_id(since), event.c.created_at >= since]

    def count(self) -> int:
        """Count what would be sent."""
        counted = select(func.count()).select_from(event).where(*self._wanted)
        with self._store.read() as connection:
            return int(connection.scalar(counted) or 0)

    def run(self, outbox: Outbox, clock: Clock) -> Iterator[int]:
        """Send again, oldest first; gives how many after each transaction."""
        last = uuid.UUID(int=0)
        while True:
            with self._store.write() as connection:
                envelopes = self._next(connection, last)
                if envelopes:
                    _send_again(connection, envelopes, outbox, clock())
            if not envelopes:
                return
            last = envelopes[-1].id
            yield len(envelopes)

    def _next(self, connection: Connection, after: uuid.UUID) -> list[Envelope]:
        rows = connection.execute(
            select(event.c.id, event.c.type, event.c.number, event.c.revision, event.c.body)
            .where(event.c.id > after, *self._wanted)
            .order_by(event.c.id)
            .limit(TOGETHER)
        )
        return [Envelope(*row) for row in rows]


def _send_again(
    connection: Connection, envelopes: list[Envelope], outbox: Outbox, now: datetime
) -> None:
    published_at = outbox.publish(connection, envelopes, now)
    connection.execute(
        update(event)
        .where(event.c.id.in_([envelope.id for envelope in envelopes]))
        .values(published_at=published_at, refused=None)
    )
