"""kill -9 of every process, again and again, under load."""

from __future__ import annotations

import random
import signal
import time

import pytest
from support import wait_until


def kill_a_web_worker(installation) -> None:
    wait_until(installation.web_workers)
    random.choice(installation.web_workers()).send_signal(signal.SIGKILL)  # noqa: S311


def kill_the_master(installation) -> None:
    installation.kill("serve", alone=True)
    installation.start("serve")


def kill_the_web(installation) -> None:
    installation.kill("serve")
    installation.start("serve")


def kill_one(name):
    def kill(installation) -> None:
        installation.kill(name)
        installation.start(name)

    return kill


WEB = {
    "a web worker": kill_a_web_worker,
    "the web master": kill_the_master,
    "master and workers": kill_the_web,
}
EMBEDDED = (
    WEB | {"work": kill_one("work-1")} | {of: kill_one(of) for of in ("feedback", "consumer")}
)
SCALED = EMBEDDED | {"relay": kill_one("relay")}
CASES = [("embedded", victim) for victim in EMBEDDED] + [("scaled", victim) for victim in SCALED]
# In a short run each is killed at least once.
SHORT = {
    *(("embedded", victim) for victim in ("the web master", "work", "consumer")),
    *(("scaled", victim) for victim in ("a web worker", "master and workers", "work")),
    *(("scaled", victim) for victim in ("relay", "feedback")),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("installation", "victim"),
    [pytest.param(*case, marks=[] if case in SHORT else pytest.mark.long) for case in CASES],
    indirect=["installation"],
)
def test_nothing_is_lost_or_doubled_when_it_is_killed(installation, trial, victim):
    with trial(f"kill -9: {victim}", long=6 if victim == "relay" else 12) as under_load:
        for _ in under_load.times():
            wait_until(installation.gateway.is_alive, within=30)
            since = time.monotonic()
            SCALED[victim](installation)
            under_load.recovered(since, of="status" if victim == "feedback" else "complaint")
