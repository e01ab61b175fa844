"""Long SMS in parts, shuffled, repeated and torn, at four web processes and two workers."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import real_gateway, wait_until

LONG, SHORT = 1000, 120


@pytest.fixture
def gateway(tmp_path, where):
    config = tmp_path / "settings.toml"
    config.write_text("[intake]\nparts_wait_seconds = 4.0\nreplies_a_day = 1000000\n")
    with real_gateway(
        tmp_path / "var", LAPOR_CONFIG=str(config), WEB_CONCURRENCY="4", **where
    ) as running:
        running.serve()
        yield running


def texts_of(message, total):
    return [f"pesan {message} bagian {index} " for index in range(1, total + 1)]


def deliveries_of(messages, rng):
    """Give every delivery, shuffled, with the messages that are whole and those that are torn."""
    deliveries, whole, torn = [], {}, {}
    for message in range(messages):
        sender, total = f"+62812{message % 50:08d}", rng.randint(2, 4)
        missing = rng.randint(1, total) if rng.random() < 0.2 else None
        (torn if missing else whole)[message] = texts = texts_of(message, total)
        for index in range(1, total + 1):
            if index != missing:
                udh = b"\x06\x08\x04" + (message).to_bytes(2) + bytes([total, index])
                once = (texts[index - 1], sender, str(uuid.uuid4()), udh)
                deliveries += [once] * rng.choice([1, 1, 2])  # the same id again
                if rng.random() < 0.1:  # the same part under another id
                    deliveries.append((texts[index - 1], sender, str(uuid.uuid4()), udh))
    rng.shuffle(deliveries)
    return deliveries, whole, torn


def test_a_long_message_survives_the_death_of_the_gateway_between_its_parts(gateway):
    texts = texts_of(1, 2)
    parts = [(text, b"\x05\x00\x03\x07\x02" + bytes([n])) for n, text in enumerate(texts, 1)]
    assert gateway.kannel(parts[0][0], udh=parts[0][1]).body == b""
    master = gateway.processes["serve"]
    os.killpg(master.pid, signal.SIGKILL)
    master.wait()
    gateway.serve()
    assert b"nomor" in gateway.kannel(parts[1][0], udh=parts[1][1]).body
    gateway.start("work")
    wait_until(lambda: len(gateway.ask("SELECT body FROM event")) == 1)
    ((body,),) = gateway.ask("SELECT body FROM event")
    assert json.loads(body)["data"]["body"] == "".join(texts).strip()


@pytest.mark.slow
def test_many_long_messages_each_come_out_once(gateway, long_run):
    messages = LONG if long_run else SHORT
    deliveries, whole, torn = deliveries_of(messages, random.Random(17))  # noqa: S311

    def deliver(delivery):
        text, sender, sms_id, udh = delivery
        answer = gateway.kannel(text, sender=sender, sms_id=sms_id, udh=udh)
        assert answer.status == 200
        return sms_id, answer.body

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(deliver, deliveries))
    for name in ("work-1", "work-2"):
        gateway.start("work", name=name)
    is_open = "SELECT count(*) FROM part_set WHERE state = 'open'"
    pending = "SELECT count(*) FROM journal WHERE outcome = 'pending'"
    wait_until(lambda: gateway.ask(is_open) == gateway.ask(pending) == [(0,)], within=60)

    by_id = {}
    for sms_id, body in answers:
        by_id.setdefault(sms_id, set()).add(body)
    assert all(len(bodies) == 1 for bodies in by_id.values())
    replied = [body for bodies in by_id.values() for body in bodies if body]
    assert len(replied) == len(whole)

    records = [json.loads(body)["data"] for (body,) in gateway.ask("SELECT body FROM event")]
    complete = [record["body"] for record in records if not record["flags"]]
    partial = [record["body"] for record in records if record["flags"] == ["partial_message"]]
    assert sorted(complete) == sorted("".join(texts).strip() for texts in whole.values())
    assert sorted(int(re.search(r"pesan (\d+)", body)[1]) for body in partial) == sorted(torn)
    assert len(records) == messages
    gateway.run("reconcile")
