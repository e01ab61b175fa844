"""A batch is on the queue when it returns; what is not is named, or nothing is claimed."""

from __future__ import annotations

import random
import threading
import time

import pytest
import rabbit
from rabbit import an_envelope

from gateway import confirming, queue
from gateway.confirming import PublishRefused, Unconfirmed


@pytest.fixture
def url():
    return rabbit.emptied()


@pytest.fixture
def producer(url):
    with queue.connect_to_publish(url) as connection:
        yield connection.Producer(auto_declare=False)


@pytest.fixture
def proxied(url):
    with rabbit.proxied(url) as (proxy, through):
        yield proxy, through


def names(envelopes):
    return [str(envelope.id) for envelope in envelopes]


def say(producer, envelope, **how):
    producer.publish(
        envelope.body,
        **{"exchange": queue.EXCHANGE, "routing_key": envelope.type, "mandatory": True}
        | {"message_id": str(envelope.id)}
        | how,
    )


def test_what_a_batch_published_is_on_the_queue_in_order_when_it_returns(url, producer):
    envelopes = [an_envelope(f'{{"n": {n}}}') for n in range(50)]
    queue.publish(producer, envelopes)
    assert rabbit.ids_on(url) == names(envelopes)


def test_messages_are_persistent_cloud_events_with_their_id(url, producer):
    envelope = an_envelope('{"teks": "jalan 🚧"}')
    queue.publish(producer, [envelope])
    (message,) = rabbit.take_all(url)
    assert message.body == envelope.body
    assert message.routing_key == "id.lapor.complaint.received.v1"
    assert message.properties == {
        "content_type": "application/cloudevents+json",
        "content_encoding": "utf-8",
        "delivery_mode": 2,
        "priority": 0,
        "message_id": str(envelope.id),
    }


def test_a_batch_of_nothing_returns_at_once(url, producer):
    queue.publish(producer, [])
    assert rabbit.ids_on(url) == []


def test_an_inner_batch_is_confirmed_with_the_outer_one(url, producer):
    one, two = an_envelope(), an_envelope()
    with producer.batch(max_size=10):
        say(producer, one)
        with producer.batch(max_size=10):
            say(producer, two)
    assert rabbit.ids_on(url) == names([one, two])


def test_no_more_messages_than_a_batch_may_hold_are_open_at_once(url, producer):
    envelopes = [an_envelope() for _ in range(100)]
    open_at_once = set()
    with producer.batch(max_size=10):
        for envelope in envelopes:
            say(producer, envelope)
            open_at_once.add(len(producer.channel.confirms.open))
    assert max(open_at_once) < 10
    assert rabbit.ids_on(url) == names(envelopes)


def test_what_no_queue_takes_is_refused_by_name_though_the_broker_confirms_it(url, producer):
    good, lost = an_envelope(), an_envelope()

    def publish():
        with producer.batch(max_size=10):
            say(producer, lost, exchange="", routing_key="no.such.queue")
            say(producer, good)

    with pytest.raises(PublishRefused) as refused:
        publish()
    assert list(refused.value.refused) == [str(lost.id)]
    assert "NO_ROUTE" in refused.value.refused[str(lost.id)]
    queue.publish(producer, [lost])  # the channel is as good as new
    assert rabbit.ids_on(url) == names([good, lost])


def test_what_a_full_queue_refuses_is_named_and_the_rest_is_there(url, producer):
    published, refused = [], {}
    with rabbit.policy(url, "^lapor.complaints$", max_length=5):
        for _ in range(30):
            envelopes = [an_envelope() for _ in range(3)]
            published += names(envelopes)
            try:
                queue.publish(producer, envelopes)
            except PublishRefused as exc:
                refused |= exc.refused
    assert refused
    assert "queue full" in next(iter(refused.values()))
    assert rabbit.ids_on(url) == [name for name in published if name not in refused]


def test_no_confirm_in_time_is_an_error_and_the_same_ids_may_go_again(url, proxied, monkeypatch):
    monkeypatch.setattr(confirming, "CONFIRM_TIMEOUT", 0.5)
    proxy, through = proxied
    envelopes = [an_envelope() for _ in range(3)]

    def publish_to_nobody():
        with queue.connect_to_publish(through) as connection:
            producer = connection.Producer(auto_declare=False)
            queue.publish(producer, [])
            producer.channel.confirms  # noqa: B018 - asked for while it answers
            proxy.mode = "half_open"
            queue.publish(producer, envelopes)

    started = time.monotonic()
    with pytest.raises(Unconfirmed, match="3 messages"):
        publish_to_nobody()
    assert time.monotonic() - started < 2, "it took leave of a peer that does not answer"
    rabbit.publish(url, *envelopes)
    assert rabbit.ids_on(url) == names(envelopes)


def test_a_slow_broker_may_take_longer_than_the_time_out_as_long_as_it_confirms(
    url, proxied, monkeypatch
):
    proxy, through = proxied
    proxy.drip = 0.002
    envelopes = [an_envelope() for _ in range(5)]
    with queue.connect_to_publish(through) as connection:
        producer = connection.Producer(auto_declare=False)
        queue.publish(producer, [an_envelope()])
        monkeypatch.setattr(confirming, "CONFIRM_TIMEOUT", 1.5)
        proxy.mode = "drip"
        started = time.monotonic()
        queue.publish(producer, envelopes)
        proxy.mode = "good"
    assert time.monotonic() - started > 1.5
    assert rabbit.ids_on(url)[1:] == names(envelopes)


@pytest.mark.parametrize("fault", ["cut", "reset"])
def test_a_connection_that_breaks_in_a_batch_is_never_taken_for_success(url, proxied, fault):
    proxy, through = proxied
    envelopes = [an_envelope() for _ in range(40)]

    def publish():
        with queue.connect_to_publish(through) as connection:
            producer = connection.Producer(auto_declare=False)
            with producer.batch(max_size=1000):
                for n, envelope in enumerate(envelopes):
                    say(producer, envelope)
                    if n == 20:
                        proxy.mode = fault

    with pytest.raises(queue.BROKER_ERRORS):
        publish()
    there = rabbit.ids_on(url)
    assert there == names(envelopes)[: len(there)]
    assert len(there) < 40


@pytest.mark.slow
def test_whatever_breaks_when_what_returned_is_there_and_what_did_not_was_an_error(url, proxied):
    proxy, through = proxied
    chance = random.Random(17)  # noqa: S311 - a test's
    promised, failures = [], 0
    for _ in range(60):
        envelopes = [an_envelope("x" * chance.choice([10, 100_000])) for _ in range(20)]
        fault = chance.choice(["cut", "reset"])
        breaking = threading.Timer(chance.uniform(0, 0.05), setattr, (proxy, "mode", fault))
        try:
            with queue.connect_to_publish(through) as connection:
                queue.connect_now(connection)
                breaking.start()
                queue.publish(connection.Producer(auto_declare=False), envelopes)
            promised += names(envelopes)
        except queue.BROKER_ERRORS:
            failures += 1
        breaking.join()
        proxy.mode = "good"
    assert promised
    assert failures
    assert set(promised) <= set(rabbit.ids_on(url))
