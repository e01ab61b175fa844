"""Sources that have gone silent: a carrier that delivers nothing says nothing about it either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from gateway.store import Store
from gateway.tables import journal

LOOKED_AT = timedelta(days=14)
LEAST_MESSAGES = 20  # fewer say nothing about what is usual
LEAST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a source has been silent, and how long it usually is at most."""

    source: str
    now: timedelta
    usual: timedelta

    @property
    def is_unusual(self) -> bool:
        """Tell whether somebody should ask the carrier."""
        return self.now > max(self.usual, LEAST_PAUSE)


def pauses(store: Store, sources: Iterable[str], now: datetime) -> list[Pause]:
    """Measure the sources that have sent enough to be measured.

    Usual is the second longest pause of two weeks: every night is in it, and one outage is not.
    """
    return [pause for source in sources if (pause := _pause(store, source, now))]


def _pause(store: Store, source: str, now: datetime) -> Pause | None:
    times = (
        select(journal.c.received_at)
        .where(journal.c.source == source, journal.c.received_at > now - LOOKED_AT)
        .order_by(journal.c.id)
    )
    with store.read() as connection:
        received = sorted(connection.scalars(times))
    if len(received) < LEAST_MESSAGES:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(received))
    return Pause(source, now - received[-1], gaps[-2])
