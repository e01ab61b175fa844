"""One text a thousand times through four doors at once: one complaint, and everybody is told."""

from __future__ import annotations

import hmac
import json
import random
from base64 import b64encode
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import homes
import pytest
from load import Load
from support import real_gateway, wait_until

from channels.number import parse

TEXT = "Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 November 2026, gelap sekali"
TYPED = {
    "title": "Lampu jalan mati",
    "body": TEXT,
    "incident_date": "2026-11-03",
    "incident_location": "Jl. Merpati RT 03, Ragunan",
}
# Doors, and how many senders say it how often through each. Some phones say it through both
# gateways, which carriers share; nobody who uses the app proves who they are.
PHONES_AT_BOTH, PHONES_AT_ONE, AUTHORS, STRANGERS = 100, 150, 100, 250
PROVEN = PHONES_AT_BOTH + PHONES_AT_ONE + AUTHORS
AT_ONCE = 32


@pytest.fixture
def gateway(tmp_path, where):
    """Three web processes, two workers, and a consumer."""
    with real_gateway(tmp_path / "var", WEB_CONCURRENCY="3", **where) as running:
        running.serve()
        for name in ("work-1", "work-2"):
            running.start("work", name=name)
        if where:
            running.start("relay")
        running.start("consume", "--json")
        yield running


@dataclass(frozen=True)
class Copy:
    """One delivery: through which door, by whom, and under which of its provider's ids."""

    door: str
    sender: int
    key: str


def a_thousand():
    both, phones = range(PHONES_AT_BOTH), range(PHONES_AT_BOTH + PHONES_AT_ONE)
    said = [("kannel", of) for of in [*both, *both, *phones[200:]]]
    said += [("twilio", of) for of in [*both, *phones[100:200], *phones[100:200]]]
    said += [("twitter", of) for of in [*range(AUTHORS), *range(AUTHORS)]]
    said += [("app", of) for of in range(STRANGERS)]
    return [Copy(door, sender, f"17{place:05}") for place, (door, sender) in enumerate(said)]


def sending(gateway, copy):
    """Make the request of a copy, which is the same whenever it is sent again."""
    phone = f"+628123450{copy.sender:04}"
    if copy.door == "kannel":
        return lambda: gateway.kannel(TEXT, sender=phone, sms_id=copy.key)
    if copy.door == "twilio":
        signed = gateway.signed_sms(TEXT, sender=phone, sid=f"SM{copy.key}")
        return lambda: gateway.request("POST", "/in/twilio", *signed)
    if copy.door == "app":
        return lambda: gateway.file(TYPED, copy.key)
    post = {
        "id": copy.key,
        "text": f"@lapor1708 {TEXT}",
        "author_id": f"{7000 + copy.sender}",
        "conversation_id": copy.key,
        "created_at": datetime.now(UTC).isoformat(),
        "edit_history_tweet_ids": [copy.key],
    }
    told = {"event_uuid": copy.key, "event_type": "post.mention.create", "payload": post}
    body = json.dumps({"data": told}).encode()
    secret = gateway.settings.sources["twitter"].settings["consumer_secrets"][0]
    mac = b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    headers = {"X-Twitter-Webhooks-Signature": f"sha256={mac}", "Content-Type": "application/json"}
    return lambda: gateway.request("POST", "/in/twitter", body, headers)


def deliver_all(load, copies):
    """Deliver all at once, until each has its answer; gives what each sender was told.

    A phone is one sender at both gateways. Authors are told by a post, not by an answer.
    """

    def deliver(copy):
        send = sending(load.gateway, copy)
        if copy.door == "twitter":
            assert load.deliver(copy.key, send) == b""
            return None
        return load.file(copy.key, send)

    told = {"phone": defaultdict(set), "app": defaultdict(set)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for copy, number in zip(copies, pool.map(deliver, copies), strict=True):
            if number:
                told["app" if copy.door == "app" else "phone"][copy.sender].add(parse(number))
    return told


def consumed(gateway):
    return [line for line in gateway.log_of("consume").splitlines(keepends=True) if "\n" in line]


def one(gateway, sql):
    ((value,),) = gateway.ask(sql)
    return value


def full(gateway, number):
    key = gateway.settings.consumers["local"][0]
    return gateway.get(f"/v1/complaints/{number}/full", {"Authorization": f"Bearer {key}"}).json()


def test_a_thousand_copies_through_four_doors_are_one_complaint(gateway):
    copies = a_thousand()
    assert len({copy.key for copy in copies}) == 1000
    again = [copy for copy in copies if copy.key.endswith("7")]  # delivered twice, at once
    storm = copies + again
    random.Random(4).shuffle(storm)  # noqa: S311
    load = Load(gateway, clients=0)
    told = deliver_all(load, storm)
    assert load.wrong == []  # such as a 503 that does not say when to come back
    assert [attempt.error for attempt in load.attempts if attempt.error] == []
    assert {len(answers) for answers in load.answers.values()} == {1}

    complaints = PROVEN + STRANGERS
    wait_until(lambda: len(consumed(gateway)) >= complaints, within=60)
    wait_until(lambda: one(gateway, "SELECT count(*) FROM journal WHERE outcome='pending'") == 0)
    gateway.run("reconcile")
    events = [json.loads(line) for line in consumed(gateway)]
    assert homes.kinds(events) == {"received": 1, "supported": complaints - 1}
    records = homes.latest(events)
    (root,) = [of for of, supports in homes.roots(records).items() if supports is None]
    assert set(homes.roots(records).values()) == {None, root}
    assert full(gateway, root)["record"]["supporters"] == complaints - 1

    # Each phone hears of one complaint, through whichever door; each stranger of their own.
    assert [len(told[kind]) for kind in ("phone", "app")] == [PROVEN - AUTHORS, STRANGERS]
    heard = [number for of in told.values() for numbers in of.values() for number in numbers]
    assert len(heard) == len(set(heard)) == PROVEN - AUTHORS + STRANGERS
    given = {number for (number,) in gateway.ask("SELECT number FROM number")}
    assert set(heard) < given
    assert not homes.homeless(records, given)
    repeats = one(gateway, "SELECT count(*) FROM journal WHERE outcome = 'repeat'")
    assert repeats == len(copies) - complaints
