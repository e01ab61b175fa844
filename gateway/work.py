"""The worker's loop: process, rest, and tidy up now and then."""

from __future__ import annotations

import random
import signal
import threading
import time
from datetime import timedelta
from types import FrameType

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import DatabaseError

from channels.base import Overloaded
from gateway import parts
from gateway.assembly import Gateway, utc_now
from gateway.tables import tally

log = structlog.get_logger()
TIDY_EVERY = 3600.0  # seconds
PARTS_EVERY = 1.0  # seconds
LONGEST_PAUSE = 10.0  # seconds, when the store is away


def work(gateway: Gateway) -> None:
    """Process until SIGTERM or SIGINT; the batch at hand is finished first."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, ask_to_stop)
    log.info("working")
    take_turn, pause = _Turn(gateway), 0.0
    while not stop.is_set():
        try:
            settled = take_turn()
        except (DatabaseError, Overloaded) as exc:
            # The store is full, locked or away. Nothing is lost by waiting; come back by itself.
            pause = min(max(pause * 2, 0.2), LONGEST_PAUSE)
            log.error("store_unavailable", error=type(exc).__name__, pause=pause)  # noqa: TRY400 - a trace adds nothing
            stop.wait(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        else:
            pause = 0.0
            if not settled:
                stop.wait(gateway.settings.processing.idle_seconds)
    log.info("stopped")


class _Turn:
    """One turn: the chores that are due, and a batch."""

    def __init__(self, gateway: Gateway):
        self._gateway = gateway
        self._done: dict[str, float] = {}

    def __call__(self) -> int:
        """Give how many rows were settled."""
        if self._is_due("tidy", TIDY_EVERY):
            tidy(self._gateway)
        if self._is_due("parts", PARTS_EVERY):
            wait = timedelta(seconds=self._gateway.settings.intake.parts_wait_seconds)
            self._gateway.intake.accept_overdue_parts(utc_now() - wait)
        return self._gateway.processing.run_once()

    def _is_due(self, chore: str, every: float) -> bool:
        now = time.monotonic()
        is_due = now - self._done.get(chore, -every) >= every
        if is_due:
            self._done[chore] = now
        return is_due


def tidy(gateway: Gateway) -> None:
    """Forget what has expired."""
    gateway.quarantine.expire()
    with gateway.store.write() as connection:
        yesterday = (utc_now() - timedelta(days=1)).date()
        parts.forget(connection, utc_now() - parts.KEPT_FOR)
        connection.execute(delete(tally).where(tally.c.day < yesterday))
