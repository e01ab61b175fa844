"""RabbitMQ and PostgreSQL killed and stopped under load; nothing of ours is started again."""

from __future__ import annotations

import time
from contextlib import contextmanager

import pytest

pytestmark = pytest.mark.slow
on_scaled = pytest.mark.parametrize("installation", ["scaled"], indirect=True)
LONGEST = 15.0  # seconds that any request may take


@contextmanager
def nothing_started_again(installation):
    before = installation.pids()
    yield
    assert installation.is_up(), "a process ended"
    assert installation.pids() == before


@on_scaled
def test_rabbitmq_is_killed_and_intake_does_not_notice(installation, trial):
    rabbit = installation.servers["rabbit"]
    with nothing_started_again(installation), trial("kill -9: RabbitMQ", long=3) as under_load:
        for _ in under_load.times():
            down = time.monotonic()
            rabbit.kill()
            rabbit.start()
            since = time.monotonic()
            under_load.recovered(since)
            assert under_load.refusals(down) == []


@on_scaled
@pytest.mark.long
def test_rabbitmq_is_away_for_a_minute_and_intake_does_not_notice(installation, trial):
    away = 60
    rabbit = installation.servers["rabbit"]
    with (
        nothing_started_again(installation),
        trial(f"RabbitMQ stopped for {away} s", long=1) as under_load,
    ):
        for _ in under_load.times():
            down = time.monotonic()
            rabbit.stop()
            time.sleep(max(0.0, down + away - time.monotonic()))
            rabbit.start()
            since = time.monotonic()
            under_load.recovered(since)
            assert under_load.refusals(down) == []


@on_scaled
@pytest.mark.parametrize("how", ["kill -9", "stop"])
def test_postgresql_goes_away_and_every_request_is_told_to_come_again(installation, trial, how):
    postgres = installation.servers["postgres"]
    with nothing_started_again(installation), trial(f"{how}: PostgreSQL", long=5) as under_load:
        for _ in under_load.times():
            down = time.monotonic()
            (postgres.kill if how == "kill -9" else postgres.stop)()
            time.sleep(2)
            refusals = under_load.refusals(down)
            assert set(refusals) == {"503"}  # each with Retry-After, or the oracle says so
            assert installation.gateway.get("/readyz").status == 503
            assert installation.gateway.get("/livez").status == 200
            postgres.start()
            installation.store.engine.dispose()  # what the kit itself had open
            since = time.monotonic()
            under_load.recovered(since)
            assert under_load.slowest(down) < LONGEST
