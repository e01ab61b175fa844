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

from gateway.assembly import Gateway, utc_now
from gateway.tables import tally

log = structlog.get_logger()
TIDY_EVERY = 3600.0  # seconds
LONGEST_PAUSE = 10.0  # seconds, when the store is away


def work(gateway: Gateway) -> None:
    """Process until SIGTERM or SIGINT; the batch at hand is finished first."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, ask_to_stop)
    log.info("working")
    pause, tidied = 0.0, -TIDY_EVERY
    while not stop.is_set():
        try:
            if time.monotonic() - tidied > TIDY_EVERY:
                tidied = time.monotonic()
                tidy(gateway)
            settled = gateway.processing.run_once()
        except DatabaseError as exc:
            # The store is full, locked or away. Nothing is lost by waiting; come back by itself.
            pause = min(max(pause * 2, 0.2), LONGEST_PAUSE)
            log.error("store_unavailable", error=type(exc.orig).__name__, pause=pause)  # noqa: TRY400 - a trace adds nothing
            stop.wait(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        else:
            pause = 0.0
            if not settled:
                stop.wait(gateway.settings.processing.idle_seconds)
    log.info("stopped")


def tidy(gateway: Gateway) -> None:
    """Forget what has expired."""
    gateway.quarantine.expire()
    with gateway.store.write() as connection:
        yesterday = (utc_now() - timedelta(days=1)).date()
        connection.execute(delete(tally).where(tally.c.day < yesterday))
