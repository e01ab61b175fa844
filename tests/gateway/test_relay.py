"""The outbox reaches the queue: once, in order, whoever dies and whatever is away meanwhile."""

from __future__ import annotations

import json
import threading
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
import rabbit
import services
from sqlalchemy import func, insert, select, update
from support import NOW, a_message, wait_until

from gateway import confirming, counters, deadletters, queue
from gateway.processing import Processing
from gateway.queue import RelayedOutbox
from gateway.reconcile import reconcile
from gateway.relay import NotOurs, Relay
from gateway.store import Store
from gateway.tables import event


@pytest.fixture(scope="module")
def private():
    """A broker of our own, to be killed and set."""
    with services.open_folder() as folder, services.PrivateRabbit(folder) as server:
        rabbit.declare(server.url)
        yield server


@pytest.fixture
def url():
    return rabbit.emptied()


@pytest.fixture
def proxied(url):
    with rabbit.proxied(url) as (proxy, through):
        yield proxy, through


@pytest.fixture
def quick(monkeypatch):
    """What takes seconds in production, so that a test need not."""
    monkeypatch.setattr(confirming, "CONFIRM_TIMEOUT", 0.5)
    monkeypatch.setattr(queue, "CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr(queue, "HEARTBEAT", 1)
    monkeypatch.setattr("gateway.daemon.LONGEST_PAUSE", 0.5)


@pytest.fixture
def processing(store, identity, clock):
    return Processing(
        store,
        identity,
        RelayedOutbox(),
        public_url="https://lapor.example",
        clock=clock,
        lease=timedelta(seconds=30),
    )


@pytest.fixture
def make_events(store, intake, processing):
    """Make events by accepting and processing texts; gives their ids in order."""

    def make(*texts):
        before = set(names(store))
        intake.accept([a_message(text) for text in texts])
        while processing.run_once():
            pass
        return [name for name in names(store) if name not in before]

    return make


def names(store, *where):
    with store.read() as connection:
        return [str(of) for of in connection.scalars(select(event.c.id).where(*where))]


def unpublished(store):
    return sorted(names(store, event.c.published_at.is_(None), event.c.refused.is_(None)))


def write_events(store, count):
    """Write events as processing does, but many at once; gives their ids in order."""
    envelopes = [rabbit.an_envelope(f'{{"n": {n}}}') for n in range(count)]
    with store.write() as connection:
        top = connection.scalar(select(func.max(event.c.revision))) or 0
        rows = [
            {
                "id": of.id,
                "number": of.number,
                "revision": top + n,
                "type": of.type,
                "body": of.body,
                "created_at": NOW,
            }
            for n, of in enumerate(envelopes, 1)
        ]
        connection.execute(insert(event), rows)
    return [str(of.id) for of in envelopes]


def counted(store):
    with store.read() as connection:
        return counters.totals(connection).get(("published", "relay"), 0)


def texts(count):
    return [f"Jalan berlubang nomor {n}" for n in range(count)]


def publish_all(relay, url):
    with queue.connect_to_publish(url) as connection:
        producer = connection.Producer(auto_declare=False)
        while relay.run_once(producer):
            pass


@contextmanager
def running(*relays):
    """Run relays as their processes do; fails if one does not stop when it is told to."""
    stop = threading.Event()
    threads = [threading.Thread(target=relay.run, args=(stop,), daemon=True) for relay in relays]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        stop.set()
        asked = time.monotonic()
        for thread in threads:
            thread.join(timeout=10)
        assert time.monotonic() - asked < 2, "it did not stop promptly"


# --- one relay ---------------------------------------------------------------------------


def test_what_processing_made_is_published_once_in_order_marked_and_counted(
    store, url, clock, make_events
):
    made = make_events(*texts(30))
    assert reconcile(store).outbox == 30
    relay = Relay(store, url, clock=clock, most_together=7)
    publish_all(relay, url)
    publish_all(relay, url)
    published = rabbit.take_all(url)
    assert [message.id for message in published] == made
    assert [json.loads(message.body)["id"] for message in published] == made
    assert unpublished(store) == []
    assert counted(store) == 30


def test_a_relay_that_dies_before_the_mark_sends_the_same_ids_again(
    store, url, clock, make_events, monkeypatch
):
    made = make_events(*texts(3))
    dying = Relay(store, url, clock=clock)
    monkeypatch.setattr(dying, "_mark", lambda ids: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish_all(dying, url)
    assert unpublished(store) == sorted(made)
    publish_all(Relay(store, url, clock=clock), url)
    assert rabbit.ids_on(url) == made * 2
    assert counted(store) == 3


def test_an_event_larger_than_the_limit_becomes_a_dead_letter_and_the_others_go(
    store, url, clock, make_events
):
    made = make_events("pendek", "panjang " + "x" * 5000, "pendek juga")
    publish_all(Relay(store, url, clock=clock, largest=4000), url)
    (letter,) = deadletters.find(store, url)
    assert (letter.id, letter.where) == (made[1], "outbox")
    assert "more than relay.largest (4000)" in letter.reason
    assert rabbit.ids_on(url) == [made[0], made[2]]
    assert unpublished(store) == []


def test_two_relays_at_the_same_events_count_each_once(store, url, clock, make_events):
    made = make_events(*texts(5))
    slow, quick = (Relay(store, url, clock=clock) for _ in range(2))
    read = slow._next(uuid.UUID(int=0))
    publish_all(quick, url)
    slow._next = lambda after: [read.pop() for _ in list(read)]
    publish_all(slow, url)
    assert sorted(rabbit.ids_on(url)) == sorted(made * 2)
    assert counted(store) == 5


# --- two relays ----------------------------------------------------------------------------


def test_one_works_and_the_other_takes_over_when_it_is_no_longer_heard_of(store, url, clock):
    one, other = (Relay(store, url, clock=clock) for _ in range(2))
    one._require_lease()
    with pytest.raises(NotOurs):
        other._require_lease()
    clock.forward(seconds=6)
    one._require_lease()
    clock.forward(seconds=6)  # twelve seconds after the first time, six after the second
    with pytest.raises(NotOurs):
        other._require_lease()
    clock.forward(seconds=5)
    other._require_lease()
    with pytest.raises(NotOurs):
        one._require_lease()


def test_the_other_works_at_once_when_the_first_is_stopped(
    store, url, clock, make_events, monkeypatch
):
    monkeypatch.setattr("gateway.relay.LEASE_FOR", timedelta(seconds=0.6))
    one, other = (Relay(store, url, clock=clock) for _ in range(2))
    with running(one):
        made = make_events("satu")
        wait_until(lambda: not unpublished(store))
        with running(other):
            made += make_events("dua")
            wait_until(lambda: not unpublished(store))
            assert other._lease_until is None
    with running(other):  # the clock stands still: the lease was given up and did not end
        made += make_events("tiga")
        wait_until(lambda: not unpublished(store), within=3)
    assert rabbit.ids_on(url) == made


# --- a broker that is away, slow, full or strict ----------------------------------------------


@pytest.mark.parametrize(
    ("store", "fault"),
    [("sqlite", "cut"), ("postgresql", "reset"), ("postgresql", "half_open")],
    indirect=["store"],
)
def test_the_outbox_waits_for_a_broker_that_is_away_and_leaves_when_it_is_back(
    store, url, proxied, clock, make_events, quick, fault
):
    proxy, through = proxied
    with running(Relay(store, through, clock=clock, pace=0.01)):
        made = make_events("sebelum")
        wait_until(lambda: not unpublished(store))
        proxy.mode = fault
        made += make_events(*texts(5))
        if fault != "reset":  # then it comes back too soon to be seen
            time.sleep(1)
            assert len(unpublished(store)) == 5
        proxy.mode = "good"
        wait_until(lambda: not unpublished(store))
    published = rabbit.ids_on(url)
    assert list(dict.fromkeys(published)) == made
    assert counted(store) == 6


def test_a_relay_stops_promptly_while_the_broker_does_not_answer(
    postgresql_store, url, proxied, clock, quick
):
    proxy, through = proxied
    proxy.mode = "half_open"
    with running(Relay(postgresql_store, through, clock=clock)):
        time.sleep(0.2)


@pytest.mark.parametrize("fault", ["cut", "reset", "half_open"])
def test_a_relay_goes_on_by_itself_when_the_store_was_away(
    postgresql_store, database_url, url, clock, quick, fault
):
    with rabbit.proxied(database_url) as (proxy, through):
        flaky = Store(through, 0.5)
        with running(Relay(flaky, url, clock=clock, pace=0.01)):
            made = write_events(postgresql_store, 1)
            wait_until(lambda: not unpublished(postgresql_store))
            proxy.mode = fault
            made += write_events(postgresql_store, 3)
            time.sleep(0.3)
            proxy.mode = "good"
            wait_until(lambda: not unpublished(postgresql_store))
        flaky.close_engine()
    assert list(dict.fromkeys(rabbit.ids_on(url))) == made


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_full_queue_leaves_events_in_the_outbox_and_they_go_when_there_is_room(
    store, url, clock, make_events, monkeypatch
):
    monkeypatch.setattr("gateway.daemon.LONGEST_PAUSE", 0.2)
    made = make_events(*texts(40))
    with (
        rabbit.policy(url, "^lapor.complaints$", max_length=5),
        running(Relay(store, url, clock=clock, most_together=4, pace=0.01)),
    ):
        wait_until(lambda: counted(store) >= 5)
        time.sleep(0.5)
        assert len(unpublished(store)) == 40 - counted(store) > 0
        got = []

        def drained():
            got.extend(rabbit.ids_on(url))
            return not unpublished(store)

        wait_until(drained, every=0.2)
    got += rabbit.ids_on(url)
    assert sorted(set(got)) == sorted(made)
    assert names(store, event.c.refused.is_not(None)) == []
    assert counted(store) == 40


def test_an_idle_relay_and_an_idle_consumer_keep_their_connections_over_many_heartbeats(
    postgresql_store, url, proxied, clock, quick, monkeypatch
):
    _, through = proxied
    opened, got = [], []
    connect = queue.connect_to_publish
    monkeypatch.setattr(queue, "connect_to_publish", lambda of: opened.append(of) or connect(of))
    with (
        running(Relay(postgresql_store, through, clock=clock)),
        queue.connect(url) as connection,
    ):
        queue.consume(connection, got.append)
        until = time.monotonic() + 3.5
        while time.monotonic() < until:
            queue.drain(connection, 0.2)
        made = write_events(postgresql_store, 1)
        wait_until(lambda: queue.drain(connection, 0.2) or got)
    assert [delivery.message_id for delivery in got] == made
    assert len(opened) == 1


@pytest.mark.slow
def test_what_only_the_broker_finds_too_large_is_found_and_put_aside(
    store, private, clock, make_events
):
    rabbit.empty(private.url)
    private.ctl("eval", "application:set_env(rabbit, max_message_size, 20000).")
    bodies = texts(20)
    bodies[7] += " " + "y" * 30000
    made = make_events(*bodies)
    with running(Relay(store, private.url, clock=clock)):
        wait_until(lambda: not unpublished(store), within=30)
    (letter,) = deadletters.find(store, private.url)
    assert letter.id == made[7]
    assert "PRECONDITION_FAILED" in letter.reason
    assert "size" in letter.reason
    assert set(rabbit.ids_on(private.url)) == {*made} - {made[7]}
    assert counted(store) == 19


@pytest.mark.long
def test_events_survive_a_broker_that_is_killed_and_come_once_or_with_the_same_id(
    postgresql_store, private, clock, monkeypatch
):
    monkeypatch.setattr("gateway.daemon.LONGEST_PAUSE", 0.5)
    rabbit.empty(private.url)
    with running(Relay(postgresql_store, private.url, clock=clock, most_together=50)):
        made = write_events(postgresql_store, 500)
        wait_until(lambda: counted(postgresql_store) > 100, within=60)
        private.kill()
        made += write_events(postgresql_store, 500)
        private.start()
        wait_until(lambda: not unpublished(postgresql_store), within=60)
    assert set(rabbit.ids_on(private.url)) == set(made)
    assert counted(postgresql_store) == 1000


def test_a_dead_letter_of_the_outbox_goes_when_it_is_replayed(store, url, clock, make_events):
    made = make_events("satu")
    with store.write() as connection:
        connection.execute(update(event).values(refused="too large"))
    relay = Relay(store, url, clock=clock)
    publish_all(relay, url)
    assert rabbit.ids_on(url) == []
    assert [letter.id for letter in deadletters.replay(store, url, lambda _: True, NOW)] == made
    publish_all(relay, url)
    assert rabbit.ids_on(url) == made
