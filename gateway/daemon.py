"""What every process that runs for ever needs: a way to be stopped, patience with what is away."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Overloaded
from gateway.store import name_of

log = structlog.get_logger()

LONGEST_PAUSE = 10.0  # seconds


def stop_on_signals() -> threading.Event:
    """Give an event that SIGTERM and SIGINT set; what is at hand is finished first."""
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, ask_to_stop)
    return stop


class Backoff:
    """Waits longer after each failure in a row, and never in step with others that wait."""

    def __init__(self, stop: threading.Event):
        self._stop = stop
        self._pause = 0.0

    def wait(self) -> None:
        """Wait after a failure, or until asked to stop."""
        self._pause = min(max(self._pause * 2, 0.2), LONGEST_PAUSE)
        self._stop.wait(self._pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret

    def reset(self) -> None:
        """Note a success."""
        self._pause = 0.0


def go_on(turn: Callable[[], float], stop: threading.Event) -> None:
    """Take turns until asked to stop, each as many seconds after the last as that said.

    While the store is away it waits, and comes back by itself; a turn that has begun is finished.
    """
    backoff = Backoff(stop)
    while not stop.is_set():
        try:
            rest = turn()
        except (SQLAlchemyError, Overloaded) as exc:
            log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
            backoff.wait()
        else:
            backoff.reset()
            stop.wait(rest)


def start(turns: list[Callable[[], float]], stop: threading.Event) -> list[threading.Thread]:
    """Go on with each in a thread of its own: none holds up another."""
    threads = [threading.Thread(target=go_on, args=(turn, stop), daemon=True) for turn in turns]
    for thread in threads:
        thread.start()
    return threads
