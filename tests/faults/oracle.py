"""The oracle: what was acknowledged, against what a consumer got and what the store says.

Once all is quiet, every acknowledged number is the subject of exactly one complaint that the
consumer has, each revision of it applied at most once and the last one there; nothing is there that
nobody was told of; no message was answered in two ways; and each status is the newest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from setups import Installation
from support import wait_until

from gateway.queue import COMPLAINTS, depths
from gateway.reconcile import reconcile

QUIET_WITHIN = 90.0  # seconds; a dead relay's lease alone is 10


@dataclass(frozen=True, slots=True)
class Verdict:
    acknowledged: int
    missing: int
    doubled: int
    wrong: tuple[str, ...]


def has_one_of(inbox: Path, numbers: list[str]) -> bool:
    """Whether the consumer has any of these."""
    if not numbers or not inbox.exists():
        return False
    marks = ",".join("?" * len(numbers))
    with closing(sqlite3.connect(inbox)) as connection:
        found = f"SELECT 1 FROM complaint WHERE number IN ({marks}) LIMIT 1"  # noqa: S608 - marks
        return connection.execute(found, numbers).fetchone() is not None


def consumed(inbox: Path) -> dict[str, tuple[int, int]]:
    """Give the last revision the consumer has of each number, and how often it applied one."""
    with closing(sqlite3.connect(inbox)) as connection:
        rows = connection.execute("SELECT number, revision, applied FROM complaint")
        return {number: (revision, applied) for number, revision, applied in rows}


def settle(of: Installation, within: float = QUIET_WITHIN) -> None:
    """Hold the load and wait until all is quiet; raises AssertionError with what is not."""
    of.load.hold()
    of.ministry.hold()
    of.ministry.wait_for_rest(within=60)
    for said, is_so in _QUIET:
        try:
            wait_until(lambda is_so=is_so: is_so(of), within=within, every=0.1)
        except AssertionError:
            raise AssertionError(f"{said} after {within:.0f} s") from None


def judge(of: Installation) -> Verdict:
    """Compare. To be asked when all is quiet, or when it should have been."""
    acknowledged, got = of.load.numbers(), consumed(of.inbox)
    missing = acknowledged - got.keys() - of.parked
    invented = got.keys() - acknowledged
    doubled = {number for number, (revision, applied) in got.items() if applied > revision}
    # A revision may be overtaken by the next, but only where there is a next.
    behind = {
        number for number, (revision, _) in got.items() if revision != 1 + of.load.additions[number]
    }
    twofold = [key for key, answers in of.load.answers.copy().items() if len(answers) > 1]
    account = reconcile(of.store)
    wrong = [
        *_some("acknowledged, never consumed", missing),
        *_some("consumed, acknowledged to nobody", invented),
        *_some("applied more often than there are revisions", doubled),
        *_some("not at the last revision", behind),
        *_some("one message, two answers", twofold),
        *_some("wrong answers", of.load.wrong),
        *_some("not accounted for by reconcile", account.unaccounted),
        *_some("not at the newest status", _behind_in_status(of)),
    ]
    if account.outcomes.get("parked", 0) != len(of.parked):
        wrong.append(f"parked: {account.outcomes.get('parked', 0)}, not {len(of.parked)}")
    return Verdict(len(acknowledged), len(missing), len(doubled | invented), tuple(wrong))


def _some(said: str, found) -> list[str]:
    return [f"{said}: {len(found)}, as {sorted(found)[:3]}"] if found else []


def _behind_in_status(of: Installation) -> list[str]:
    behind = []
    for number, newest in of.ministry.newest.copy().items():
        stands = of.store.standing(number)
        if stands is None or stands.status != newest:
            behind.append(number)
    return behind


def _is_worked_off(of: Installation) -> bool:
    account = reconcile(of.store)
    return account.waiting == account.outbox == 0


def _is_consumed(of: Installation) -> bool:
    return of.load.numbers() <= consumed(of.inbox).keys() | of.parked


def _is_queue_empty(of: Installation) -> bool:
    queued = reconcile(of.store).queued if of.is_embedded else depths(of.queue_url)
    return queued.get(COMPLAINTS, 0) == 0


_QUIET: tuple[tuple[str, Callable[[Installation], bool]], ...] = (
    ("the journal or the outbox is not empty", _is_worked_off),
    ("not everything is with the consumer", _is_consumed),
    ("the queue is not empty", _is_queue_empty),
    ("not every status is the newest", lambda of: not _behind_in_status(of)),
)
