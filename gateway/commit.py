"""Group commit: what waits together is committed together, by one committer at a time.

The thread that finds nobody committing leads: it commits everything that is queued, its own unit
included, and then wakes the first that came meanwhile to lead the next group. So each waiting
thread wakes exactly once, groups form by themselves while a commit is at the disk, and no thread
of our own has to outlive a fork.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from channels.base import Overloaded

Unit = TypeVar("Unit")
Outcome = TypeVar("Outcome")
Run = Callable[[Callable[[], None]], None]


class GroupCommit(Generic[Unit, Outcome]):
    """Hands groups of units to `commit`, which gives an outcome or an error for each, in order.

    `run` calls the commit: at once, or (gevent) in a native thread so that the others go on.
    More than `most_waiting` units, or a wait of `patience` seconds, is Overloaded: the unit was
    then taken out again and is not committed.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Unit]], Sequence[Outcome | Exception]],
        *,
        run: Run = lambda work: work(),
        most_together: int = 200,
        most_waiting: int = 1000,
        patience: float = 10.0,
    ):
        self._commit = commit
        self._run = run
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._patience = patience
        self._mutex = threading.Lock()
        self._waiting: deque[_Place[Unit, Outcome]] = deque()
        self._led = False

    def submit(self, unit: Unit) -> Outcome:
        """Wait until the unit is committed and give its outcome, or raise its error."""
        place: _Place[Unit, Outcome] = _Place(unit)
        with self._mutex:
            if len(self._waiting) >= self._most_waiting:
                raise Overloaded("too many messages are waiting to be committed")
            self._waiting.append(place)
            leads, self._led = not self._led, True
        if not leads:
            self._wait(place)
        if place.outcome is None:
            self._lead()
        if isinstance(place.outcome, Exception):
            raise place.outcome
        assert place.outcome is not None  # noqa: S101 - a group settles its leader too
        return place.outcome

    def _wait(self, place: _Place[Unit, Outcome]) -> None:
        if place.woken.acquire(timeout=self._patience):
            return
        with self._mutex:
            # The first in line may just have been asked to lead: then it must.
            if place in self._waiting and not place.leads:
                self._waiting.remove(place)
                raise Overloaded("the store did not commit in time")
        place.woken.acquire()

    def _lead(self) -> None:
        with self._mutex:
            count = min(len(self._waiting), self._most_together)
            group = [self._waiting.popleft() for _ in range(count)]
        try:
            self._run(lambda: self._settle(group))
        finally:
            with self._mutex:
                following = self._waiting[0] if self._waiting else None
                if following is None:
                    self._led = False
                else:
                    following.leads = True
            for place in group:
                if place.outcome is None:  # this thread was interrupted
                    place.outcome = Overloaded("the commit was interrupted")
                place.woken.release()
            if following is not None:
                following.woken.release()

    def _settle(self, group: Sequence[_Place[Unit, Outcome]]) -> None:
        outcomes: Sequence[Outcome | Exception]
        try:
            outcomes = self._commit([place.unit for place in group])
        except Exception as exc:  # noqa: BLE001 - whatever it was, nobody may wait for ever
            outcomes = [exc] * len(group)
        for place, outcome in zip(group, outcomes, strict=True):
            place.outcome = outcome


class _Place(Generic[Unit, Outcome]):
    """A unit's place in the queue. `woken` is held until there is something to do."""

    __slots__ = ("leads", "outcome", "unit", "woken")

    def __init__(self, unit: Unit):
        self.unit = unit
        self.outcome: Outcome | Exception | None = None
        self.leads = False
        self.woken = threading.Lock()
        self.woken.acquire()
