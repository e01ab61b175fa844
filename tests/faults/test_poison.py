"""A message that kills whatever reads it is put aside, and the others go through."""

from __future__ import annotations

import time

import pytest
from changed import POISON
from load import NUMBER
from setups import CHANGED
from support import wait_until

from gateway.reconcile import reconcile

WORKERS = ("work-1", "work-2")


def bring_back_the_dead(installation) -> None:
    """Start workers again, as a supervisor does."""
    for name in WORKERS:
        if installation.gateway.processes[name].poll() is not None:
            installation.start(name)


def change_workers(installation, *command: str) -> None:
    for name in WORKERS:
        installation.commands[name] = list(command)
        installation.terminate(name)
        installation.start(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "installation",
    ["embedded", pytest.param("scaled", marks=pytest.mark.long)],
    indirect=True,
)
def test_a_poisonous_message_is_parked_and_the_others_go_through(installation, trial):
    ordinary = installation.commands["work-1"]
    with trial("poison: kills its worker", long=3) as under_load:
        change_workers(installation, *CHANGED, "deadly", "work")
        for _ in under_load.times():
            since = time.monotonic()
            answer = installation.gateway.sms(f"{POISON} {time.time()}")
            installation.parked.add(NUMBER.search(answer.body)[0].decode())
            expected = len(installation.parked)

            def is_parked(expected=expected):
                bring_back_the_dead(installation)
                return reconcile(installation.store).outcomes.get("parked") == expected

            wait_until(is_parked, within=60, every=0.2)
            bring_back_the_dead(installation)
            under_load.recovered(since)
    change_workers(installation, *ordinary)
