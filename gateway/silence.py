"""Sources that have gone silent: a carrier that delivers nothing says nothing about it either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from gateway.eventlog import lowest_id
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
    received = _received(store, now - LOOKED_AT)
    return [
        _pause(source, sorted(received[source]), now)
        for source in sources
        if len(received[source]) >= LEAST_MESSAGES
    ]


def _received(store: Store, since: datetime) -> Mapping[str, list[datetime]]:
    """Read when messages came in, by source: one pass over the newest end of the journal."""
    times: dict[str, list[datetime]] = defaultdict(list)
    newest = select(journal.c.source, journal.c.received_at).where(
        journal.c.id >= lowest_id(since), journal.c.received_at > since
    )
    with store.read() as connection:
        for row in connection.execute(newest):
            times[row.source].append(row.received_at)
    return times


def _pause(source: str, received: list[datetime], now: datetime) -> Pause:
    gaps = sorted(later - earlier for earlier, later in pairwise(received))
    return Pause(source, now - received[-1], gaps[-2])
