"""`lapor feedback`: acknowledged after the commit, dead letters told, and never stopped by one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import services
from kombu import Connection, Queue
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from support import ROOT, a_message, real_gateway, wait_until

from gateway import feedback, listen, queue
from gateway.feedback import history
from gateway.intake import Intake
from gateway.status_event import STATUS_TYPE
from gateway.store import Store
from gateway.tables import queue_message


def a_body(number, status="in_progress", sequence=1, **changed):
    event = {
        "specversion": "1.0",
        "type": STATUS_TYPE,
        "source": "kementerian",
        "id": f"id-{sequence}",
        "subject": number,
        "sequence": str(sequence),
        "time": "2026-11-21T10:04:05+07:00",
        "data": {"status": status, "note": "Bu Sri dari RT 3"},
    }
    return json.dumps(event | changed)


def publish(url, *bodies):
    with Connection(url) as connection:
        producer = connection.Producer(auto_declare=False)
        for body in bodies:
            producer.publish(
                body,
                exchange="",
                routing_key=queue.STATUS,
                content_type="application/cloudevents+json",
                content_encoding="utf-8",
                delivery_mode=2,
                message_id="of-the-test",
            )


@pytest.fixture
def store(sqlite_store):
    return sqlite_store


@pytest.fixture
def embedded(store):
    return f"lapor+sqlite:///{store.database.path}"


@contextmanager
def listening(store, url):
    stop = threading.Event()
    settings = SimpleNamespace(queue_url=url)
    gateway = SimpleNamespace(store=store, settings=settings, replies=None)
    thread = threading.Thread(target=listen.work_off, args=(gateway, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def in_queues(store):
    with store.read() as connection:
        return list(connection.scalars(select(queue_message.c.queue)))


def test_it_takes_what_is_told_and_gives_up_what_cannot_be_read(store, intake, embedded, capsys):
    (filed,) = intake.accept([a_message()])
    unreadable = ["{", b"\xff\xfe", a_body(filed.number, "selesai", 3), a_body("0000-000-000")]
    publish(embedded, *unreadable, a_body(filed.number, "resolved", 2), a_body(filed.number))
    with listening(store, embedded):
        wait_until(lambda: in_queues(store) == ["lapor.status.dead"] * 4)
    assert store.standing(filed.number).status == "resolved"
    assert [step.applied for step in history(store, filed.number)] == [True, False]
    logged = capsys.readouterr().out
    assert logged.count("dead_letter") == 4
    assert "data.status" in logged
    assert "Bu Sri" not in logged


def test_what_the_store_refuses_for_ever_stops_nobody(store, intake, embedded, monkeypatch):
    (filed,) = intake.accept([a_message()])
    whole = feedback.apply

    def refuse_the_first(connection, event, *given):
        return 1 / 0 if event.sequence == 1 else whole(connection, event, *given)

    monkeypatch.setattr(feedback, "apply", refuse_the_first)
    publish(embedded, a_body(filed.number, sequence=1), a_body(filed.number, "resolved", 2))
    with listening(store, embedded):
        wait_until(lambda: in_queues(store) == ["lapor.status.dead"])
    assert store.standing(filed.number).status == "resolved"


def test_while_the_store_is_away_messages_are_kept(store, intake, embedded, monkeypatch):
    (filed,) = intake.accept([a_message()])
    away, take, tried = threading.Event(), feedback.take, []

    def take_unless_away(*given, **more):
        tried.append(given)
        if away.is_set():
            raise OperationalError("", {}, Exception("away"))
        return take(*given, **more)

    monkeypatch.setattr(feedback, "take", take_unless_away)
    away.set()
    publish(embedded, a_body(filed.number, "verified", 1), a_body(filed.number, "forwarded", 2))
    with listening(store, embedded):
        wait_until(lambda: len(tried) >= 3)
        assert store.standing(filed.number).status == "received"
        assert in_queues(store) == ["lapor.status"] * 2
        away.clear()
        wait_until(lambda: in_queues(store) == [])
    assert [step.status for step in history(store, filed.number)] == [
        "verified",
        "forwarded",
    ]


def run_example(url, *arguments):
    code = [sys.executable, "examples/feedback.py", url, *arguments]
    subprocess.run(code, cwd=ROOT, timeout=60, check=True, capture_output=True)


def test_the_example_tells_it_to_the_embedded_queue(store, intake, embedded):
    (filed,) = intake.accept([a_message()])
    run_example(embedded, filed.number, "in_progress")
    run_example(embedded, filed.number, "resolved", "Lampu diganti")
    with listening(store, embedded):
        wait_until(lambda: store.standing(filed.number).status == "resolved")
    assert [step.note for step in history(store, filed.number)] == [None, "Lampu diganti"]


# --- with a broker -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def broker():
    with services.fresh_vhost(services.amqp_url()) as url:
        yield url


def test_it_connects_again_when_the_broker_drops_it(store, intake, broker, monkeypatch, capsys):
    """The queue is made by whoever comes first."""
    (filed,) = intake.accept([a_message()])
    connections, connect = [], queue.connect

    def remembered(url):
        connections.append(connect(url))
        return connections[-1]

    monkeypatch.setattr(queue, "connect", remembered)
    with listening(store, broker):
        wait_until(lambda: "listening" in capsys.readouterr().out, within=30)
        run_example(broker, filed.number, "verified")
        wait_until(lambda: store.standing(filed.number).status == "verified")
        connections[0].connection.transport.sock.shutdown(2)
        publish(broker, "{", a_body(filed.number, "resolved", time.time_ns()))
        wait_until(lambda: store.standing(filed.number).status == "resolved")
    assert len(connections) == 2
    with Connection(broker) as connection:
        dead = Queue(queue.STATUS_DEAD, no_declare=True).bind(connection.default_channel)
        wait_until(lambda: (letter := dead.get(no_ack=True)) and letter.body in {"{", b"{"})


# --- the real command --------------------------------------------------------------------

DIES_BEFORE_IT_ACKNOWLEDGES = """
import os, signal
from dataclasses import replace
from gateway import queue
from gateway.cli import main
consume = queue.consume
def deadly(connection, take, **how):
    die = lambda: os.kill(os.getpid(), signal.SIGKILL)
    return consume(connection, lambda of: take(replace(of, acknowledge=die)), **how)
queue.consume = deadly
main(["feedback"])
"""


@pytest.fixture
def gateway(tmp_path):
    with real_gateway(tmp_path / "var") as made:
        yield made


@pytest.fixture
def stored(gateway):
    made = Store(gateway.settings.store_url)
    yield made
    made.close_engine()


def end_leases(store):
    with store.write() as connection:
        connection.execute(update(queue_message).values(lease_until=None))


def test_killed_between_commit_and_acknowledgement_it_takes_nothing_twice(
    gateway, stored, identity
):
    (filed,) = Intake(stored, identity).accept([a_message()])
    publish(gateway.queue_url, a_body(filed.number, "resolved", 1))
    code = [sys.executable, "-c", DIES_BEFORE_IT_ACKNOWLEDGES]
    died = subprocess.run(code, cwd=ROOT, env=gateway.environment, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    assert stored.standing(filed.number).status == "resolved"
    assert in_queues(stored) == ["lapor.status"]
    end_leases(stored)
    process = gateway.start("feedback")
    wait_until(lambda: in_queues(stored) == [], within=30)
    assert len(history(stored, filed.number)) == 1
    assert '"verdict": "repeated"' in gateway.log_of("feedback")
    process.terminate()
    assert process.wait(10) == 0
    assert '"stopped"' in gateway.log_of("feedback")


def test_killed_at_any_moment_it_loses_and_doubles_nothing(gateway, stored, identity):
    (filed,) = Intake(stored, identity).accept([a_message()])
    statuses = ["verified", "forwarded", "resolved", "in_progress"] * 15
    bodies = [a_body(filed.number, told, n) for n, told in enumerate(statuses)]
    publish(gateway.queue_url, *bodies)
    for kill_at in (1, 20, 40):
        process = gateway.start("feedback")
        wait_until(lambda: len(history(stored, filed.number)) >= kill_at, within=30, every=0.001)  # noqa: B023 - called at once
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        end_leases(stored)
    gateway.start("feedback")
    wait_until(lambda: in_queues(stored) == [], within=30)
    assert len(history(stored, filed.number)) == len(bodies)
    assert stored.standing(filed.number).status == "in_progress"
