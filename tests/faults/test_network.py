"""A network that misbehaves between the gateway and its servers, and then behaves again."""

from __future__ import annotations

import time

import pytest
from test_servers import LONGEST, nothing_started_again

MODES = ("cut", "half_open", "reset", "delay", "drip")
SHORT = {
    *(("rabbit", mode) for mode in ("cut", "half_open", "drip")),
    *(("postgres", mode) for mode in ("half_open", "reset", "delay")),
}


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["scaled, by proxy"], indirect=True)
@pytest.mark.parametrize(
    ("to", "mode"),
    [
        pytest.param(to, mode, marks=[] if (to, mode) in SHORT else pytest.mark.long)
        for mode in MODES
        for to in ("rabbit", "postgres")
    ],
)
def test_nothing_is_lost_or_doubled_by_a_bad_network(installation, trial, long_run, to, mode):
    proxy = installation.proxies[to]
    name = {"rabbit": "RabbitMQ", "postgres": "PostgreSQL"}[to]
    with (
        nothing_started_again(installation),
        trial(f"{mode}: to {name}", long=3) as under_load,
    ):
        for _ in under_load.times():
            bad = time.monotonic()
            try:
                proxy.mode = mode
                time.sleep(5 if long_run else 1.5)
            finally:
                proxy.mode = "good"
            under_load.recovered(time.monotonic())
            assert under_load.slowest(bad) < LONGEST
            if to == "rabbit":
                assert under_load.refusals(bad) == []
            else:
                assert set(under_load.refusals(bad)) <= {"503"}
