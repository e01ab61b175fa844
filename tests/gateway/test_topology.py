"""What RabbitMQ was told it also does: our queues keep, refuse and bury as they were declared."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import rabbit
from amqp.exceptions import PreconditionFailed
from kombu import Queue
from rabbit import an_envelope
from support import ROOT, wait_until

from gateway import queue


@pytest.fixture
def url():
    return rabbit.emptied()


def test_queues_are_replicated_and_each_is_buried_in_its_own_dead_queue(url):
    told = rabbit.ctl(
        url, "list_queues", "-p", urlsplit(url).path[1:], "name", "type", "arguments", "durable"
    )
    lines = {line.split("\t")[0]: line for line in told.splitlines()}
    assert set(rabbit.QUEUES) <= set(lines)
    for name in rabbit.QUEUES:
        assert "\tquorum\t" in lines[name]
        assert lines[name].endswith("true")
    for name in (queue.COMPLAINTS, queue.STATUS):
        assert f'"x-dead-letter-routing-key","{name}.dead"' in lines[name]
        assert '"x-dead-letter-strategy","at-least-once"' in lines[name]
        assert '"x-overflow","reject-publish"' in lines[name]


def test_declaring_again_is_harmless_and_declaring_otherwise_is_refused(url):
    rabbit.publish(url, an_envelope())
    rabbit.declare(url)
    rabbit.declare(url)
    with queue.connect(url) as connection, pytest.raises(PreconditionFailed):
        Queue(queue.COMPLAINTS, durable=True)(connection.channel()).declare()
    assert len(rabbit.ids_on(url)) == 1


@pytest.mark.parametrize(
    ("name", "dead"), [(queue.COMPLAINTS, queue.DEAD), (queue.STATUS, queue.STATUS_DEAD)]
)
def test_a_rejected_message_is_buried_with_where_and_why(url, name, dead):
    message_id = rabbit.put(url, name, '{"n": 1}')
    rabbit.reject_all(url, name)
    wait_until(lambda: queue.depths(url)[dead] == 1)
    (message,) = rabbit.take_all(url, dead)
    assert (message.id, message.body) == (message_id, '{"n": 1}')
    assert message.headers["x-first-death-reason"] == "rejected"
    assert message.headers["x-death"][0]["queue"] == name
    assert rabbit.ids_on(url, name) == []


def test_a_message_that_kills_every_consumer_is_buried_in_the_end(url):
    rabbit.publish(url, an_envelope())
    deliveries = 0
    with queue.connect(url) as connection:
        channel = connection.channel()
        while message := channel.basic_get(queue.COMPLAINTS):
            deliveries += 1
            channel.basic_reject(message.delivery_tag, requeue=True)
    assert deliveries == 21
    wait_until(lambda: queue.depths(url)[queue.DEAD] == 1)
    (message,) = rabbit.take_all(url, queue.DEAD)
    assert message.headers["x-first-death-reason"] == "delivery_limit"


def test_what_a_consumer_that_died_had_not_acknowledged_comes_again(url):
    rabbit.publish(url, an_envelope(), an_envelope())
    dying = queue.connect(url)
    held = []
    consumer = queue.consume(dying, held.append)
    wait_until(lambda: queue.drain(dying, 0.1) or len(held) == 2)
    held[0].acknowledge()
    consumer.qos(prefetch_count=50)  # answered after what came before it
    dying.collect()
    wait_until(lambda: queue.depths(url)[queue.COMPLAINTS] == 1)
    assert rabbit.ids_on(url) == [held[1].message_id]


def test_a_message_that_cannot_be_unpacked_reaches_its_consumer_which_may_bury_it(url):
    strange = rabbit.put(url, queue.STATUS, "x", compression="of a kind nobody knows")
    with queue.connect(url) as connection:
        taken = []
        queue.consume(connection, taken.append, name=queue.STATUS)
        wait_until(lambda: queue.drain(connection, 0.1) or taken)
        assert taken[0].message_id == strange
        taken[0].reject()
    wait_until(lambda: queue.depths(url)[queue.STATUS_DEAD] == 1)


def test_the_example_consumer_applies_each_revision_once_however_often_it_comes(url, tmp_path):
    def an_event(number, revision, text):
        record = {"number": number, "revision": revision, "title": {"text": text}}
        return an_envelope(json.dumps({"subject": number, "data": record}), number)

    inbox = tmp_path / "inbox.db"
    consumer = subprocess.Popen(
        [sys.executable, "examples/consumer.py", url, str(inbox)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )

    def applied():
        with sqlite3.connect(inbox) as connection:
            rows = connection.execute("SELECT number, revision, applied FROM complaint")
            found = sorted(rows)
        connection.close()
        return found

    first, second = an_event("A", 1, "satu"), an_event("A", 2, "dua")
    other, last = an_event("B", 1, "lain"), an_event("C", 1, "akhir")
    with consumer:
        rabbit.publish(url, first, first, other)
        rabbit.publish(url, second, first, other, second, last)
        wait_until(lambda: inbox.exists() and queue.depths(url)[queue.COMPLAINTS] == 0)
        wait_until(lambda: applied() == [("A", 2, 2), ("B", 1, 1), ("C", 1, 1)])
        consumer.send_signal(signal.SIGTERM)
        assert b"Traceback" not in consumer.stderr.read()
    # The last may be stopped between its commit and its acknowledgement; all before it are done.
    assert set(rabbit.ids_on(url)) <= {str(last.id)}
    assert rabbit.ids_on(url, queue.DEAD) == []
