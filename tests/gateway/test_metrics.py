"""What Prometheus reads: exact under any number of workers, and nothing of any citizen in it."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import rabbit
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select
from support import PHONE, a_message, real_gateway, wait_until
from talking import a_speaking, say_all

from channels.base import Refused
from gateway import counters, metrics
from gateway.counters import Counters
from gateway.store import Store
from gateway.tables import counter

TEXT = "Jembatan gantung di dusun kami putus"


def read(text):
    """Parse as Prometheus does; gives values by name and labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.values()))
            assert key not in found, f"{key} is there twice"
            found[key] = sample.value
    return found


def exposed(store, clock):
    return read(metrics.exposition(store, clock).decode())


def test_counts_are_exact_over_real_workers_and_say_nothing_of_anybody(tmp_path):
    with real_gateway(tmp_path / "var") as gateway:
        gateway.serve()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: gateway.sms(f"{TEXT} {n}"), range(40)))
            again = list(pool.map(lambda _: gateway.sms(TEXT, sid="SM1"), range(10)))
            forged = list(pool.map(lambda _: gateway.request("POST", "/in/twilio", b"", {}), "abc"))
        assert {answer.status for answer in answers + again} == {200}
        assert {answer.status for answer in forged} == {403}

        first = read(gateway.get("/metrics").body.decode())
        assert ("lapor_unaccounted",) not in first
        assert first["lapor_store_up",] == 1
        assert first["lapor_pending",] == 41
        assert first["lapor_accepted_total", "redelivered", "twilio"] == 9
        answered = (
            ("lapor_accepted_total", "new", "twilio"),
            ("lapor_accepted_total", "quiet", "twilio"),
        )
        assert sum(first[of] for of in answered) == 41
        assert first["lapor_request_seconds_count", "twilio"] == 53
        assert first["lapor_refused_total", "403", "twilio"] == 3
        assert first["lapor_quarantined",] == 1
        assert first["lapor_group_size_sum",] == 50

        gateway.start("work")
        wait_until(lambda: read(gateway.get("/metrics").body.decode())["lapor_pending",] == 0)
        wait_until(lambda: b"lapor_unaccounted " in gateway.get("/metrics").body)
        texts = [gateway.get("/metrics").body.decode() for _ in range(6)]
        worked = read(texts[0])
        assert worked["lapor_outcomes_total", "published"] == 41
        assert worked["lapor_published_total", "embedded"] == 41
        assert worked["lapor_unaccounted",] == 0
        assert worked["lapor_outbox",] == 0
        for text in texts:  # whichever worker is asked
            assert read(text)["lapor_accepted_total", "redelivered", "twilio"] == 9
            assert "Jembatan" not in text
            assert PHONE[3:] not in text
        numbers = [answer.body.decode() for answer in answers]
        assert not set(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}", "".join(texts)))
        assert all(re.search(r"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}", said) for said in numbers[:3])


def test_what_waits_and_for_how_long_is_shown(store, clock, intake, processing):
    intake.accept([a_message("satu"), a_message("dua")])
    clock.forward(seconds=90)
    found = exposed(store, clock)
    assert found["lapor_pending",] == 2
    assert found["lapor_pending_age_seconds",] == 90
    while processing.run_once():
        pass
    found = exposed(store, clock)
    assert (found["lapor_pending",], found["lapor_pending_age_seconds",]) == (0, 0)
    assert found["lapor_published_total", "embedded"] == 2


@pytest.mark.parametrize("fault", ["cut", "half_open"])
def test_a_store_that_is_away_is_told_and_not_raised(database_url, clock, fault):
    with rabbit.proxied(database_url) as (proxy, through):
        store = Store(through, 0.5)
        with store.read() as connection:
            connection.execute(select(1))
        proxy.mode = fault
        found = exposed(store, clock)
        assert found["lapor_store_up",] == 0
        assert not [key for key in found if key[0].startswith(("lapor_accepted", "lapor_pending"))]
        store.close_engine()


def test_a_counted_name_may_hold_colons(store, clock):
    with store.write() as connection:
        of = "https://instansi.example:8080/status:applied"
        Counters().add(connection, "feedback", {of: 2}, clock())
    found = exposed(store, clock)
    key = ("lapor_feedback_total", "applied", "https://instansi.example:8080/status")
    assert found[key] == 2


def test_folding_keeps_every_sum_and_few_rows(store, clock):
    for _ in range(5):
        with store.write() as connection:
            Counters().add(connection, "published", {"relay": 3, "embedded": 1}, clock())
    clock.forward(hours=1)
    living = Counters()
    with store.write() as connection:
        living.add(connection, "published", {"relay": 10}, clock())
    before = totals(store)
    assert before == {("published", "relay"): 25, ("published", "embedded"): 5}
    for _ in range(2):
        with store.write() as connection:
            counters.fold(connection, clock() - timedelta(minutes=1), clock())
        assert totals(store) == before
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(counter)) == 3
    with store.write() as connection:
        living.add(connection, "published", {"relay": 1}, clock())
    assert totals(store)["published", "relay"] == 26


def test_folding_while_others_count_loses_nothing(store, clock):
    def count(n):
        mine = Counters()
        for _ in range(20):
            with store.write() as connection:
                mine.add(connection, "published", {"relay": 1, f"x{n}": 1}, clock())

    def fold(_):
        for _ in range(20):
            with store.write() as connection:
                counters.fold(connection, clock() + timedelta(hours=1), clock())

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(count, n) for n in range(4)] + [pool.submit(fold, n) for n in range(2)]
        for future in done:
            future.result()
    found = totals(store)
    assert found["published", "relay"] == 80
    assert sum(found.values()) == 160


def totals(store):
    with store.read() as connection:
        return counters.totals(connection)


def test_counting_nothing_writes_nothing(store, clock):
    with store.write() as connection:
        Counters().add(connection, "published", {}, clock())
        assert connection.scalar(select(func.count()).select_from(counter)) == 0
    assert uuid.UUID(int=0) == counters.FOLDED


def test_replies_that_wait_and_that_nobody_heard_are_counted_by_source(
    store, clock, talking_intake, door
):
    door.outcomes.append(Refused("no such phone", final=True))
    for source in ("jasmin", "twitter"):
        talking_intake.accept([a_message(source=source)])
    say_all(a_speaking(store, door, clock))
    clock.forward(seconds=70)
    found = exposed(store, clock)
    assert found["lapor_replies_waiting", "twitter"] == 1
    assert found["lapor_replies_age_seconds", "twitter"] == 70
    assert found["lapor_replies_unheard", "jasmin"] == 1
    assert found["lapor_replies_total", "given_up", "jasmin"] == 1
    assert ("lapor_replies_waiting", "jasmin") not in found
