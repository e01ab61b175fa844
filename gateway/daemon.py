"""What every process that runs for ever needs: a way to be stopped, patience with what is away."""

from __future__ import annotations

import random
import signal
import threading
from types import FrameType

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
