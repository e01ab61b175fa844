"""Any order and any repetition of what one consumer tells ends in the same status."""

from __future__ import annotations

import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from support import NOW, a_message

from channels.app.status import STATUSES
from gateway.feedback import take
from gateway.intake import Intake
from gateway.status_event import StatusEvent
from gateway.store import IN_PROCESS
from gateway.tables import number

ids = itertools.count(1)


class Telling(RuleBasedStateMachine):
    """One consumer's events, in any order and as often as they like."""

    def __init__(self, store, intake):
        super().__init__()
        self.store, self.intake = store, intake

    @initialize(statuses=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=8))
    def file(self, statuses):
        run = next(ids)
        (receipt,) = self.intake.accept([a_message(f"laporan {run}")])
        self.number = receipt.number
        self.events = [
            StatusEvent("kementerian", f"{run}-{sequence}", self.number, told, sequence, NOW)
            for sequence, told in enumerate(statuses)
        ]
        self.told = set()

    @rule(index=st.integers(0, 7))
    def tell(self, index):
        event = self.events[index % len(self.events)]
        verdict = take(self.store, event, NOW)
        assert (verdict == "repeated") == (event.sequence in self.told)
        self.told.add(event.sequence)

    @invariant()
    def only_what_was_told_decides(self):
        told = [self.events[sequence].status for sequence in sorted(self.told)]
        expected = "withdrawn" if "withdrawn" in told else (told or ["received"])[-1]
        assert self.store.standing(self.number).status == expected
        with self.store.read() as connection:
            claimed = select(number.c.claimed).where(number.c.number == self.number)
            assert connection.scalar(claimed) == (expected in IN_PROCESS)


def test_any_order_and_any_repetition_end_in_the_same_status(sqlite_store, identity):
    intake = Intake(sqlite_store, identity)
    run_state_machine_as_test(
        lambda: Telling(sqlite_store, intake),
        settings=settings(max_examples=40, stateful_step_count=15, deadline=None),
    )
