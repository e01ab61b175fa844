"""Stopping and reloading in good order, under load: nobody is told no."""

from __future__ import annotations

import signal
import time

import pytest
from support import wait_until

# A connection that nobody accepted is refused or reset; anything else was an answer that failed.
NOT_ACCEPTED = {"ConnectionRefusedError", "ConnectionResetError"}


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
def test_the_web_stops_and_starts_and_fails_no_request_it_has_taken(installation, trial):
    with trial("SIGTERM: web, and start", long=6) as under_load:
        for _ in under_load.times():
            since = time.monotonic()
            assert installation.terminate("serve") == 0
            installation.start("serve")
            under_load.recovered(since)
            assert set(under_load.refusals(since)) <= NOT_ACCEPTED


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
def test_the_web_is_reloaded_and_fails_no_request_it_has_taken(installation, trial):
    with trial("SIGHUP: web", long=6) as under_load:
        for _ in under_load.times():
            before = set(installation.web_workers())
            since = time.monotonic()
            installation.gateway.processes["serve"].send_signal(signal.SIGHUP)
            under_load.recovered(since)
            wait_until(lambda old=before: not old & set(installation.web_workers()), within=40)
            assert set(under_load.refusals(since)) <= NOT_ACCEPTED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("installation", "name"),
    [
        ("embedded", "work-1"),
        pytest.param("embedded", "feedback", marks=pytest.mark.long),
        pytest.param("scaled", "work-1", marks=pytest.mark.long),
        ("scaled", "feedback"),
        ("scaled", "relay"),
    ],
    indirect=["installation"],
)
def test_a_background_process_stops_in_good_order_and_another_goes_on(installation, trial, name):
    with trial(f"SIGTERM: {name.removesuffix('-1')}", long=6) as under_load:
        for _ in under_load.times():
            since = time.monotonic()
            # A process that is asked before it has begun has nothing to finish.
            assert installation.terminate(name) in {0, -signal.SIGTERM}
            installation.start(name)
            under_load.recovered(since, of="status" if name == "feedback" else "complaint")
            assert under_load.refusals(since) == []
