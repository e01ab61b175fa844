"""The whole way past one machine: SMS, PostgreSQL, RabbitMQ, a ministry's consumer, and back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from kombu import Connection, Consumer, Queue
from support import ROOT, real_gateway, wait_until

import gateway.embedded
from channels.number import parse


@pytest.fixture
def gateway(tmp_path, where):
    with real_gateway(tmp_path / "var", **where) as running:
        running.serve()
        for command in ("work", "relay", "feedback"):
            running.start(command)
        yield running


def take(url, count):
    """Consume as plain kombu does; nothing here is ours but the name of the queue."""
    got = []

    def received(message):
        got.append((message.properties["message_id"], json.loads(message.body)))
        message.ack()

    with Connection(url) as connection, connection.channel() as channel:
        queue = Queue("lapor.complaints", no_declare=True)
        with Consumer(channel, [queue], on_message=received):
            while len(got) < count:
                connection.drain_events(timeout=15)
    return got


def test_an_sms_reaches_the_ministry_and_the_citizen_hears_how_it_stands(gateway):
    answer = gateway.kannel("Jembatan gantung di Desa Sukamaju putus")
    number = next(word for word in answer.body.decode().split() if parse(word.strip(".")))
    number = number.strip(".")

    ((message_id, event),) = take(gateway.queue_url, 1)
    assert event["subject"] == number
    assert event["id"] == message_id
    assert event["data"]["body"] == "Jembatan gantung di Desa Sukamaju putus"

    told = [sys.executable, "examples/feedback.py", gateway.queue_url, number, "in_progress"]
    subprocess.run(told, cwd=ROOT, check=True, capture_output=True)
    wait_until(lambda: b"sedang ditindaklanjuti" in gateway.kannel(f"cek {number}").body)
    assert gateway.get(f"/v1/complaints/{number}").json()["status"] == "in_progress"
    gateway.run("reconcile")


def test_events_are_sent_again_under_their_ids(gateway):
    gateway.sms("Lampu jalan padam")
    ((first, _),) = take(gateway.queue_url, 1)
    assert "1 events would" in gateway.run("replay", "--since", "1h", "--dry-run")
    gateway.run("replay", "--since", "1h")
    ((again, _),) = take(gateway.queue_url, 1)
    assert again == first
