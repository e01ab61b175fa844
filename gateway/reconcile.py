"""Reconcile: tell whether every acknowledged number is accounted for.

The oracle of the whole gateway: once processing is idle, each acknowledged number is the subject
or an alias of exactly one complaint, or its message is parked and counted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from gateway import facts
from gateway.store import Store
from gateway.tables import (
    UNPUBLISHED,
    complaint,
    delivery,
    event,
    journal,
    number,
    queue_message,
)


@dataclass(frozen=True, slots=True)
class Account:
    """What the store holds. `unaccounted` must be empty; `outbox` and `waiting` go down to 0."""

    outcomes: dict[str, int]
    events: int
    outbox: int
    queued: dict[str, int]
    unaccounted: list[str]

    @property
    def waiting(self) -> int:
        """Count what processing has still to do."""
        return self.outcomes.get("pending", 0)


def reconcile(store: Store) -> Account:
    """Count by outcome, and compare journal, numbers and event log in one snapshot."""
    with store.read() as connection:
        outcomes = select(journal.c.outcome, func.count()).group_by(journal.c.outcome)
        queued = select(queue_message.c.queue, func.count()).group_by(queue_message.c.queue)
        return Account(
            outcomes={row[0]: row[1] for row in connection.execute(outcomes)},
            events=_count(connection, select(func.count()).select_from(event)),
            outbox=_count(
                connection,
                select(func.count()).select_from(event).where(UNPUBLISHED),
            ),
            queued={row[0]: row[1] for row in connection.execute(queued)},
            unaccounted=_unaccounted(connection),
        )


def note(store: Store, now: datetime) -> int:
    """Look for numbers that lead nowhere, and leave the count for the metrics."""
    with store.read() as connection:
        count = len(_unaccounted(connection))
    with store.write() as connection:
        facts.note_unaccounted(connection, count, now)
    return count


def _unaccounted(connection: Connection) -> list[str]:
    """Find acknowledged numbers that lead nowhere."""
    published = exists().where(complaint.c.number == number.c.root)
    logged = exists().where(event.c.number == number.c.root)
    waiting = exists().where(
        journal.c.number == number.c.number, journal.c.outcome.in_(("pending", "parked"))
    )
    lost = select(number.c.number).where(~(published & logged), ~waiting)
    given = exists().where(number.c.number == delivery.c.number)
    never_given = select(delivery.c.number).where(
        delivery.c.number.is_not(None), delivery.c.kind != "command", ~given
    )
    return sorted({*connection.scalars(lost), *connection.scalars(never_given)})


def _count(connection: Connection, counted: object) -> int:
    return int(connection.scalar(counted) or 0)  # type: ignore[call-overload]
