"""The worker's loop: process, rest, and tidy up now and then."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Overloaded
from gateway import counters, daemon, drafts, feedback, leases, parts, reconcile, speaking, unheard
from gateway.assembly import Gateway, utc_now
from gateway.store import name_of
from gateway.tables import tally

log = structlog.get_logger()
TIDY_EVERY = 3600.0  # seconds
PARTS_EVERY = 1.0  # seconds
ACCOUNT_EVERY = 60.0  # seconds
ACCOUNT_SHARE = 0.01  # of the time at most, however large the store has grown


def work(gateway: Gateway) -> None:
    """Process until SIGTERM or SIGINT; the batch at hand is finished first."""
    stop = daemon.stop_on_signals()
    log.info("working")
    asides = daemon.start(
        [one.run_once for one in _speakers(gateway)]
        + [gateway.media.run_once] * gateway.settings.media.at_once,
        stop,
    )
    take_turn, backoff = _Turn(gateway), daemon.Backoff(stop)
    while not stop.is_set():
        try:
            settled = take_turn()
        except (SQLAlchemyError, Overloaded) as exc:
            # The store is full, locked or away. Nothing is lost by waiting; come back by itself.
            log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
            backoff.wait()
        else:
            backoff.reset()
            if settled < gateway.settings.processing.most_together:
                # Rest although there may be more by now: a worker that runs after every few
                # messages costs three times as much for each, and takes that from the web side.
                stop.wait(gateway.settings.processing.pace_seconds)
    for thread in asides:
        thread.join()
    log.info("stopped")


def _speakers(gateway: Gateway) -> list[speaking.Speaking]:
    hours = gateway.settings.replies.give_up_after_hours
    return speaking.speakers(
        gateway.store, gateway.channels, clock=utc_now, give_up_after=timedelta(hours=hours)
    )


class _Turn:
    """One turn: the chores that are due, and a batch."""

    def __init__(self, gateway: Gateway):
        self._gateway = gateway
        self._done: dict[str, float] = {}
        self._account_every = ACCOUNT_EVERY

    def __call__(self) -> int:
        """Give how many rows were settled."""
        if self._is_due("tidy", TIDY_EVERY):
            tidy(self._gateway)
        if self._is_due("time-out", TIDY_EVERY):
            time_out(self._gateway)
        if self._is_due("parts", PARTS_EVERY):
            wait = timedelta(seconds=self._gateway.settings.intake.parts_wait_seconds)
            self._gateway.intake.accept_overdue_parts(utc_now() - wait)
        if self._is_due("account", self._account_every):
            self._account_every = max(ACCOUNT_EVERY, account(self._gateway) / ACCOUNT_SHARE)
        return self._gateway.processing.run_once()

    def _is_due(self, chore: str, every: float) -> bool:
        now = time.monotonic()
        is_due = now - self._done.get(chore, -every) >= every
        if is_due:
            self._done[chore] = now
        return is_due


def account(gateway: Gateway) -> float:
    """Check that every number leads somewhere, unless another worker just has; gives seconds."""
    started, now, token = time.monotonic(), utc_now(), uuid.uuid4()
    until = now + timedelta(seconds=ACCOUNT_EVERY)
    with gateway.store.write() as connection:
        if not leases.take(connection, "account", token, now=now, until=until):
            return 0.0
    if count := reconcile.note(gateway.store, now):
        log.error("unaccounted", count=count)
    return time.monotonic() - started


def tidy(gateway: Gateway) -> None:
    """Forget what has expired."""
    gateway.quarantine.expire()
    _collect(gateway)
    with gateway.store.write() as connection:
        yesterday = (utc_now() - timedelta(days=1)).date()
        parts.forget(connection, utc_now() - parts.KEPT_FOR)
        drafts.expire(connection, utc_now())
        unheard.forget(connection, utc_now() - unheard.KEPT_FOR)
        connection.execute(delete(tally).where(tally.c.day < yesterday))
        counters.fold(connection, utc_now() - timedelta(days=1), utc_now())


def _collect(gateway: Gateway) -> None:
    """Delete uploads that no complaint claimed; when that cannot be, the next time."""
    try:
        gateway.attachments.collect(timedelta(hours=gateway.settings.attachments.unclaimed_hours))
    except OSError as exc:
        log.error("attachments_unavailable", error=type(exc).__name__)  # noqa: TRY400 - a trace adds nothing


def time_out(gateway: Gateway) -> None:
    """Archive what consumers have been silent about for too long."""
    now = utc_now()
    before = now - timedelta(days=gateway.settings.feedback.timeout_days)
    if count := feedback.time_out(gateway.store, before, now, replies=gateway.replies):
        log.info("timed_out", count=count)
