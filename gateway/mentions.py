"""Pulling: pages of a source, each committed with how far it goes, by one process at a time.

Two processes may run; the one with the lease pulls, the other waits for it to end. Dying between
any two steps costs nothing: what was not committed is pulled again, what was is a redelivery.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.base import NotNow, Overloaded, Page, Poller
from gateway import cursors, leases
from gateway.cursors import Move, lease_of
from gateway.intake import Intake
from gateway.store import Clock, Store, name_of

log = structlog.get_logger()
LEASE_FOR = timedelta(seconds=30)
LOOK_EVERY = 2.0  # seconds; a lease is kept, or asked for, this often
LONGEST_PAUSE = 900.0  # seconds


class Puller:
    """Pulls one source, as long as it holds its lease."""

    def __init__(self, store: Store, intake: Intake, source: str, poller: Poller, clock: Clock):
        self._store = store
        self._intake = intake
        self.source = source
        self._poller = poller
        self._clock = clock
        self._token = uuid.uuid4()
        self._due: datetime | None = None
        self._ours_until: datetime | None = None
        self._pause = 0.0

    def turn(self) -> float:
        """Pull a page if it is time and ours to do; gives the seconds until it is worth asking."""
        now = self._clock()
        if not self._take_lease(now):
            self._due = None
            return LOOK_EVERY
        if self._due is not None and now < self._due:
            return min((self._due - now).total_seconds(), LOOK_EVERY)
        rest = self._pull()
        self._due = self._clock() + timedelta(seconds=rest)
        return min(rest, LOOK_EVERY)

    def look(self) -> Page:
        """Get the next page and keep nothing of it. Raises NotNow."""
        return self._poller.fetch(self._cursor(), self._clock())

    def give_up(self) -> None:
        """Let another go on at once."""
        with suppress(SQLAlchemyError), self._store.write() as connection:
            leases.give_up(connection, lease_of(self.source), self._token)

    def _pull(self) -> float:
        try:
            page = self.look()
        except NotNow as exc:
            return self._rest_after(exc)
        self._pause = 0.0
        now = self._clock()
        move = Move(self.source, page.cursor, now, self._token, gap=page.gap)
        receipts = self._intake.accept_page(self.source, page, move)
        fresh = sum(not receipt.redelivered for receipt in receipts)
        log.info("pulled", source=self.source, count=len(receipts), fresh=fresh, more=page.more)
        if page.gap:
            log.error("mentions_gap", source=self.source)
        return max(page.wait, 0.0 if page.more else self._poller.pace)

    def _rest_after(self, exc: NotNow) -> float:
        """Come again when it was said, or wait longer after each failure in a row."""
        self._pause = min(max(self._pause * 2, self._poller.pace / 2), LONGEST_PAUSE)
        rest = self._pause if exc.retry_after is None else exc.retry_after
        log.warning("not_now", source=self.source, reason=exc.reason, seconds=round(rest))
        return rest

    def _cursor(self) -> str | None:
        with self._store.read() as connection:
            return cursors.read(connection, self.source)

    def _take_lease(self, now: datetime) -> bool:
        if self._ours_until is not None and now < self._ours_until - LEASE_FOR / 2:
            return True
        name, until = lease_of(self.source), now + LEASE_FOR
        with self._store.write() as connection:
            is_ours = leases.take(connection, name, self._token, now=now, until=until)
        self._ours_until = until if is_ours else None
        return is_ours


def pull(pullers: list[Puller], stop: threading.Event) -> None:
    """Pull until `stop` is set; whatever goes wrong, come back by itself."""
    while not stop.is_set():
        rest = LOOK_EVERY
        for puller in pullers:
            try:
                rest = min(rest, puller.turn())
            except (SQLAlchemyError, Overloaded) as exc:
                log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
            except Exception as exc:  # noqa: BLE001 - a bug over one source must not stop the others
                log.error("bug", source=puller.source, error=type(exc).__name__)  # noqa: TRY400 - the trace could hold a text
        stop.wait(rest)
    for puller in pullers:
        puller.give_up()
