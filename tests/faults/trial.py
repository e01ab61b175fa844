"""One line of the table: a fault, some times over, in an installation under load."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from oracle import Verdict, has_one_of, judge, settle
from rich.console import Console
from rich.progress import track
from setups import Installation
from sqlalchemy.exc import SQLAlchemyError
from support import wait_until
from table import Line

BACK_WITHIN = 60.0


@dataclass
class Trial:
    """What a test does with an installation while it is under load."""

    on: Installation
    line: Line
    goal: int
    is_long: bool

    def times(self) -> Iterator[int]:
        """Count, with some peace in between, and a progress bar on a terminal."""
        console = Console(stderr=True)
        title = f"{self.line.fault} ({self.line.setup})"
        counted = track(
            range(self.goal),
            title,
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        for index in counted:
            time.sleep(random.uniform(0.3, 0.8))  # noqa: S311
            yield index
            self.line.times += 1

    def recovered(self, since: float, *, of: str = "complaint") -> None:
        """Wait until what was sent after a moment has arrived, and note the seconds."""
        has_arrived = {"complaint": self._has_complaint, "status": self._has_status}[of]
        wait_until(lambda: has_arrived(since), within=BACK_WITHIN, every=0.02)
        self.line.recoveries.append(time.monotonic() - since)

    def refusals(self, since: float) -> list[str]:
        """Say what went wrong with attempts after a moment: statuses and names of errors."""
        attempts = self.on.load.attempts_after(since)
        return [str(it.status or it.error) for it in attempts if not it.is_taken]

    def slowest(self, since: float) -> float:
        return max((it.seconds for it in self.on.load.attempts_after(since)), default=0.0)

    def _has_complaint(self, since: float) -> bool:
        numbers = [filed.number for filed in self.on.load.filed_after(since)]
        return has_one_of(self.on.inbox, numbers[:500])

    def _has_status(self, since: float) -> bool:
        told = self.on.ministry.told_after(since)[:20]
        stand = [self.on.store.standing(of) for of in told]
        return any(it is not None and it.status != "received" for it in stand)


@contextmanager
def run(on: Installation, line: Line, goal: int, *, is_long: bool) -> Iterator[Trial]:
    """Put the installation under load for a while, then hold the oracle against it."""
    before = len(on.load.numbers())
    on.load.attempts.clear()
    on.load.start()
    on.ministry.go_on()
    try:
        yield Trial(on, line, goal, is_long)
        settle(on)
        verdict = judge(on)
        assert verdict.wrong == ()
        if is_long:
            on.gateway.run("reconcile")
    except BaseException as exc:
        on.is_broken, line.said = True, str(exc).partition("\n")[0] or type(exc).__name__
        with suppress(SQLAlchemyError, sqlite3.Error):  # the table shows what can be known
            _count(line, judge(on), before)
        raise
    _count(line, verdict, before)


def _count(line: Line, verdict: Verdict, before: int) -> None:
    line.acknowledged = verdict.acknowledged - before
    line.missing, line.doubled = verdict.missing, verdict.doubled
