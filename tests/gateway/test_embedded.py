"""The embedded queue through plain kombu: what a broker promises, on one SQLite file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest
from kombu import Connection, Consumer, Exchange, Queue
from kombu.exceptions import ChannelError
from sqlalchemy import select

import gateway.embedded  # noqa: F401 - registers lapor+sqlite
from gateway import embedded_tables
from gateway.embedded_tables import Unroutable, matches
from gateway.queue import COMPLAINTS, DEAD, EXCHANGE
from gateway.tables import queue_message


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def url(store):
    return f"lapor+sqlite:///{store.database.path}"


def publish(url, *bodies, routing_key="id.lapor.complaint.received.v1"):
    with Connection(url) as connection:
        producer = connection.Producer()
        for body in bodies:
            producer.publish(
                body, exchange=EXCHANGE, routing_key=routing_key, message_id=f"id-{body['n']}"
            )


def take(url, most=100, *, then=lambda message: message.ack(), name=COMPLAINTS, **options):
    """Consume what is ready as plain kombu does; gives the bodies in order."""
    got = []

    def received(message):
        got.append(json.loads(message.body)["n"])
        then(message)

    with Connection(url, transport_options=options) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 10, False)
        with Consumer(channel, [Queue(name, no_declare=True)], on_message=received):
            while len(got) < most:
                try:
                    connection.drain_events(timeout=0.2)
                except TimeoutError:
                    break
    return got


def rows(store):
    with store.read() as connection:
        return connection.execute(select(queue_message).order_by(queue_message.c.id)).all()


def test_what_one_process_publishes_another_consumes_in_order(url):
    publish(url, *({"n": n} for n in range(30)))
    assert take(url) == list(range(30))
    assert take(url) == []


def test_a_publish_that_no_queue_takes_raises_instead_of_vanishing(url):
    with Connection(url) as connection, pytest.raises(Unroutable, match="nowhere"):
        connection.Producer().publish({}, exchange="nowhere", routing_key="x")
    with Connection(url) as connection, pytest.raises(Unroutable):
        connection.Producer().publish({}, exchange="", routing_key="no.such.queue")


def test_bindings_declared_by_one_process_route_for_every_other(url, store):
    mine = Queue("agency", Exchange("agencies", type="topic"), routing_key="id.lapor.*.received.v1")
    with Connection(url) as connection:
        mine(connection.channel()).declare()
    with Connection(url) as connection:
        connection.Producer().publish(
            {"n": 1}, exchange="agencies", routing_key="id.lapor.complaint.received.v1"
        )
        with pytest.raises(Unroutable):
            connection.Producer().publish({"n": 2}, exchange="agencies", routing_key="id.other")
    assert take(url, name="agency") == [1]
    with Connection(url) as connection:
        bound = mine(connection.channel())
        bound.unbind_from(mine.exchange, "id.lapor.*.received.v1")
        with pytest.raises(Unroutable):
            connection.Producer().publish(
                {"n": 3}, exchange="agencies", routing_key="id.lapor.complaint.received.v1"
            )
        bound.delete()
    assert all(row.queue != "agency" for row in rows(store))


def test_an_exchange_is_not_redeclared_as_something_else(url):
    with Connection(url) as connection, pytest.raises(ChannelError):
        Exchange(EXCHANGE, type="direct")(connection.channel()).declare()
    with Connection(url) as connection:
        Exchange(EXCHANGE, type="topic")(connection.channel()).declare()
        with pytest.raises(ChannelError, match="NOT_FOUND"):
            Exchange("absent", type="topic", passive=True)(connection.channel()).declare()


def test_what_was_not_acknowledged_comes_back_marked_as_redelivered(url):
    publish(url, {"n": 1})
    redelivered = []
    assert take(url, then=lambda m: None) == [1]
    assert take(
        url, then=lambda m: (redelivered.append(m.delivery_info["redelivered"]), m.ack())
    ) == [1]
    assert redelivered == [True]


def test_a_rejected_message_goes_to_the_dead_queue_with_the_reason(url, store):
    publish(url, {"n": 1}, {"n": 2})
    take(url, then=lambda m: m.reject() if b'"n": 1' in m.body else m.ack())
    (row,) = rows(store)
    assert (row.queue, row.reason) == (DEAD, "rejected by its consumer")


def test_a_requeued_message_comes_at_once(url):
    publish(url, {"n": 1})
    assert take(url, most=2, then=lambda m: m.requeue()) == [1, 1]


def test_too_many_deliveries_end_in_the_dead_queue(url, store):
    publish(url, {"n": 1})
    for _ in range(3):
        assert take(url, then=lambda m: None, delivery_limit=3) == [1]
    assert take(url, delivery_limit=3) == []
    (row,) = rows(store)
    assert row.queue == DEAD
    assert "3 times" in row.reason


def test_a_consumer_leases_no_more_than_it_may_hold(url, store):
    publish(url, *({"n": n} for n in range(30)))
    with Connection(url) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 5, False)
        with Consumer(channel, [Queue(COMPLAINTS, no_declare=True)], on_message=lambda m: None):
            connection.drain_events(timeout=1)
            assert sum(row.lease_token is not None for row in rows(store)) == 5
    assert all(row.lease_token is None for row in rows(store))
    assert [row.deliveries for row in rows(store)] == [1] + [0] * 29


def test_two_consumers_never_hold_the_same_message(url):
    publish(url, *({"n": n} for n in range(20)))
    with Connection(url) as one, Connection(url) as two:
        got = []
        for connection in (one, two):
            channel = connection.channel()
            channel.basic_qos(0, 10, False)
            Consumer(
                channel,
                [Queue(COMPLAINTS, no_declare=True)],
                on_message=lambda m: got.append(json.loads(m.body)["n"]),
            ).consume()
        for connection in (one, two) * 10:
            connection.drain_events(timeout=1)
    assert sorted(got) == list(range(20))


def test_an_acknowledgement_after_the_lease_ended_does_not_take_it_from_its_new_holder(url, store):
    publish(url, {"n": 1})
    with Connection(url, transport_options={"lease": 0.1}) as slow:
        held = []
        Consumer(
            slow.channel(), [Queue(COMPLAINTS, no_declare=True)], on_message=held.append
        ).consume()
        slow.drain_events(timeout=1)
        time.sleep(0.15)
        with Connection(url) as quick:
            again = []
            Consumer(
                quick.channel(), [Queue(COMPLAINTS, no_declare=True)], on_message=again.append
            ).consume()
            quick.drain_events(timeout=1)
            held[0].ack()
            slow.close()
            assert len(rows(store)) == 1
            again[0].ack()
    assert rows(store) == []


def test_text_and_bytes_of_any_kind_arrive_as_sent(url):
    with Connection(url) as connection:
        for body, kind in (("teks 🚧", "text/plain"), (b"\xff\x00", "application/octet-stream")):
            connection.Producer().publish(
                body,
                exchange="",
                routing_key=COMPLAINTS,
                content_type=kind,
                content_encoding="binary" if isinstance(body, bytes) else "utf-8",
            )
        simple = connection.SimpleQueue(Queue(COMPLAINTS, no_declare=True))
        assert simple.get(timeout=1).body.decode() == "teks 🚧"
        assert simple.get(timeout=1).body == b"\xff\x00"
        simple.close()


def test_a_publish_inside_a_failed_transaction_is_not_there(store):
    def fail_after_publishing():
        with store.write() as connection:
            embedded_tables.put(connection, [(COMPLAINTS, {"properties": {}})])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_publishing()
    assert rows(store) == []


@pytest.mark.parametrize(
    ("pattern", "key", "taken"),
    [
        ("#", "a.b.c", True),
        ("a.#", "a", True),
        ("a.#.c", "a.c", True),
        ("a.#.c", "a.b.b.c", True),
        ("a.*", "a", False),
        ("a.*", "a.b", True),
        ("a.*", "a.b.c", False),
        ("a.b", "a.b", True),
        ("a.b", "a.bc", False),
        ("*.b", "a.b", True),
    ],
)
def test_topic_patterns_match_as_in_amqp(pattern, key, taken):
    assert matches(pattern, key) is taken


_HOLDER = """
import sys, time
from kombu import Connection, Consumer, Queue
import gateway.embedded
with Connection(sys.argv[1]) as connection:
    channel = connection.channel()
    channel.basic_qos(0, 10, False)
    got = []
    with Consumer(channel, [Queue("lapor.complaints", no_declare=True)], on_message=got.append):
        while len(got) < 10:
            connection.drain_events(timeout=5)
        print("holding", flush=True)
        time.sleep(60)
"""


def test_what_a_killed_consumer_held_comes_back_when_its_lease_ends(url):
    publish(url, *({"n": n} for n in range(10)))
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, f"{url}?lease=1"], stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"holding\n"
        holder.send_signal(signal.SIGKILL)
    time.sleep(1.1)
    assert take(url) == list(range(10))
