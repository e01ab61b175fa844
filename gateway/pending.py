"""Journal rows that wait to be worked off: leased by one worker at a time, put off, or parked.

A row that was being worked on at two deaths is leased alone; at the third it is parked, so that one
poisonous message cannot stop the others.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, or_, select, update

from gateway.entry import Intent
from gateway.store import Clock, Store
from gateway.tables import PENDING, journal

log = structlog.get_logger()
DEATHS_TO_RUN_ALONE = 2
DEATHS_TO_PARK = 3
# What changes a complaint that is not there yet is looked at again after a tenth of its age.
SOONEST, LATEST = timedelta(seconds=2), timedelta(minutes=10)
_PUT_OFF = (
    update(journal)
    .where(journal.c.id == bindparam("of"))
    .values(lease_token=None, lease_until=bindparam("until"), attempts=journal.c.attempts - 1)
)


@dataclass(frozen=True, slots=True)
class Row:
    """A journal row under a lease."""

    id: uuid.UUID
    number: str
    document: dict[str, Any]
    intent: Intent
    about: str | None


class Line:
    """The line of pending rows, oldest first. Any number of processes may take from it."""

    def __init__(self, store: Store, clock: Clock, *, most_together: int, lease: timedelta):
        self._store = store
        self._clock = clock
        self._most_together = most_together
        self._lease = lease

    def claim(self, token: uuid.UUID) -> list[Row]:
        """Lease some rows, committed before anything is done with them; none when it is empty."""
        now = self._clock()
        free = and_(PENDING, or_(journal.c.lease_until.is_(None), journal.c.lease_until < now))
        with self._store.read() as connection:  # an idle worker takes no lock
            if connection.scalar(select(1).select_from(journal).where(free).limit(1)) is None:
                return []
        with self._store.write() as connection:
            # What another worker is just claiming is skipped, not waited for. Only as many are read
            # as are taken, however many wait.
            some = select(journal.c.id, journal.c.attempts).where(free).order_by(journal.c.id)
            some = some.limit(self._most_together).with_for_update(skip_locked=True)
            deaths = {row.id: row.attempts for row in connection.execute(some)}
            _park_deadly(connection, [of for of in deaths if deaths[of] >= DEATHS_TO_PARK])
            mine = [of for of in deaths if deaths[of] < DEATHS_TO_PARK]
            suspects = [of for of in mine if deaths[of] >= DEATHS_TO_RUN_ALONE]
            claimed = connection.execute(
                update(journal)
                .where(journal.c.id.in_(suspects[:1] or mine))
                .values(
                    lease_token=token,
                    lease_until=now + self._lease,
                    attempts=journal.c.attempts + 1,
                )
                .returning(
                    journal.c.id,
                    journal.c.number,
                    journal.c.message,
                    journal.c.intent,
                    journal.c.about,
                )
            ).all()
        if deaths and not mine:
            return self.claim(token)  # those behind them wait, too
        return [Row(*row) for row in sorted(claimed, key=lambda row: row.id.bytes)]

    def give_back(self, token: uuid.UUID) -> None:
        """End leases early; the rows are not a death older for it."""
        with self._store.write() as connection:
            connection.execute(
                update(journal)
                .where(PENDING, journal.c.lease_token == token)
                .values(lease_token=None, lease_until=None, attempts=journal.c.attempts - 1)
            )


def still_held(
    connection: Connection, token: uuid.UUID, rows: Sequence[uuid.UUID]
) -> set[uuid.UUID]:
    """Tell which leases still hold: a slow worker's rows may be another's by now."""
    held = select(journal.c.id).where(
        PENDING, journal.c.lease_token == token, journal.c.id.in_(rows)
    )
    return set(connection.scalars(held.order_by(journal.c.id).with_for_update()))


def settle(connection: Connection, rows: Sequence[uuid.UUID | None], outcome: str) -> None:
    """Take rows that make no event out of the line."""
    if rows:
        connection.execute(
            update(journal)
            .where(journal.c.id.in_(rows))
            .values(outcome=outcome, lease_token=None, lease_until=None)
        )


def postpone(connection: Connection, rows: Sequence[uuid.UUID | None], now: datetime) -> None:
    """Look again later at what changes a complaint that is not there yet.

    Mostly another worker is at it; where it is parked, it takes until an operator comes.
    """
    if rows:
        found = connection.execute(
            select(journal.c.id, journal.c.received_at).where(journal.c.id.in_(rows))
        )
        pauses = {row.id: (now - row.received_at) / 10 for row in found}
        connection.execute(
            _PUT_OFF,
            [
                {"of": of, "until": now + min(max(pause, SOONEST), LATEST)}
                for of, pause in pauses.items()
            ],
        )


def wake(connection: Connection, about: str) -> None:
    """Look at once at what was put off because this complaint was not there."""
    connection.execute(
        update(journal)
        .where(PENDING, journal.c.about == about, journal.c.lease_token.is_(None))
        .values(lease_until=None)
    )


def park(connection: Connection, row: uuid.UUID, reason: str | None) -> None:
    """Put a row that cannot be worked off where an operator finds it."""
    connection.execute(
        update(journal)
        .where(journal.c.id == row)
        .values(outcome="parked", reason=reason, lease_token=None, lease_until=None)
    )
    log.error("parked", journal_id=str(row), reason=reason)


def _park_deadly(connection: Connection, deadly: Sequence[uuid.UUID]) -> None:
    for of in deadly:
        park(connection, of, f"{DEATHS_TO_PARK} workers died over it")
