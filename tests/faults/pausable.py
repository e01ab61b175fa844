"""Threads that can be held between two steps."""

from __future__ import annotations

import random
import threading
import time


class Ended(Exception):
    """Nobody waits for an answer any more."""


class Pausable(threading.Thread):
    """A thread that takes step after step and can be held between two of them."""

    def __init__(self, pause: float):
        super().__init__(daemon=True)
        self._pause = pause
        self._may_run, self._rests, self._ends = (threading.Event() for _ in range(3))

    def run(self) -> None:
        while not self._ends.is_set():
            self._rests.set()
            self._may_run.wait()
            self._rests.clear()
            while self._may_run.is_set():
                try:
                    self.step()
                except Ended:
                    return
                time.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311

    def step(self) -> None:
        raise NotImplementedError

    def go_on(self) -> None:
        self._may_run.set()

    def hold(self) -> None:
        self._may_run.clear()

    def wait_for_rest(self, within: float) -> None:
        assert self._rests.wait(within) or not self.is_alive(), f"{self.name}: never answered"

    def end(self) -> None:
        self._ends.set()
        self.hold()
        if self.is_alive():
            self._may_run.set()
            self._may_run.clear()
            self.join(timeout=30)
