"""Replies on X through the real client: said once, whatever the network makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from x_server import DUPLICATE, Fault, x_server

from channels.base import Outgoing, Refused, Sender, Sent, Unknown
from channels.twitter.door import Twitter
from channels.twitter.speaker import SETTLED

NOW = datetime.now(UTC)
LATER = NOW + SETTLED
KEYS = {"api_key": "kunci-api", "access_token": "akses", "access_token_secret": "rahasia-akses"}
SAYS = Outgoing(
    Sender("x", "7001", proven=True),
    answers="500",
    text='Laporan Anda "A & B" diterima dengan nomor 7K3M-Q2P-9X7. (26/11 07.00.00)',
    first_tried_at=NOW,
)


@pytest.fixture
def x():
    with x_server() as served:
        yield served


def speaker(x, **settings):
    return Twitter.from_settings(x.settings(**(KEYS | settings))).speaker()


def texts(x):
    return [post["text"] for post in x.own]


def test_without_the_keys_to_write_nothing_is_said(x):
    assert Twitter.from_settings(x.settings()).speaker() is None


def test_a_reply_is_posted_under_the_mention(x):
    sent = speaker(x).send(SAYS, NOW)
    assert sent == Sent(x.own[0]["id"])
    assert texts(x) == [f"@warga {SAYS.text}"]
    assert x.own[0]["referenced_tweets"] == [{"type": "replied_to", "id": "500"}]


def test_a_second_try_is_refused_by_x_and_found(x):
    speak = speaker(x)
    assert speak.send(SAYS, NOW) == speak.send(SAYS, NOW)
    assert len(x.own) == 1


def test_the_same_text_under_another_post_is_given_up(x):
    speak = speaker(x)
    speak.send(SAYS, NOW)
    again = speak.send(replace(SAYS, answers="501"), LATER)
    assert isinstance(again, Refused)
    assert again.final


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(429, {"x-rate-limit-reset": f"{NOW.timestamp() + 59:.0f}"}), "rate limit"),
        (Fault(429), "rate limit"),
        (Fault(429, {"x-rate-limit-reset": "segera"}), "rate limit"),
        (Fault(402), "budget is used up"),
        (Fault(401), "x refuses: 401"),
    ],
    ids=["429 with reset", "429", "429 unreadable", "402", "401"],
)
def test_what_surely_was_not_posted_may_be_tried_again(x, fault, outcome):
    x.faults.append(fault)
    refused = speaker(x).send(SAYS, NOW)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.final) == (outcome, False)
    assert len(x.asked) == 1
    assert x.own == []


def test_the_end_of_a_limit_is_told(x):
    x.faults.append(Fault(429, {"x-rate-limit-reset": f"{int(NOW.timestamp()) + 59}"}))
    assert 58 < speaker(x).send(SAYS, NOW).retry_after <= 60


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_x_will_never_post_is_given_up(x, status):
    x.faults.append(Fault(status))
    assert speaker(x).send(SAYS, NOW) == Refused(f"x refuses: {status}", final=True)


def test_nobody_there_is_surely_not_posted(x):
    refused = speaker(x, api_url="http://127.0.0.1:1").send(SAYS, NOW)
    assert isinstance(refused, Refused)
    assert not refused.final


MAYBE = {
    "500": Fault(500),
    "503 after posting": Fault(503, done=True),
    "a time-out": Fault(hang=1.5),
    "a time-out after posting": Fault(hang=1.5, done=True),
    "a cut line after posting": Fault(done=True),
    "a redirect": Fault(307, {"Location": "http://127.0.0.1:1/"}),
}


@pytest.mark.parametrize("fault", MAYBE.values(), ids=MAYBE)
def test_what_may_have_been_posted_is_looked_up_and_said_once(x, fault):
    speak = speaker(x, timeout_seconds=0.5)
    x.faults.append(fault)
    assert isinstance(speak.send(SAYS, NOW), Unknown)
    found = speak.look_up(SAYS, LATER)
    if fault.done:
        assert found == Sent(x.own[0]["id"])
    else:
        assert found == Refused("not there")
        assert isinstance(speak.send(SAYS, LATER), Sent)
    assert len(x.own) == 1


def test_not_there_yet_is_not_not_there(x):
    assert isinstance(speaker(x).look_up(SAYS, NOW + timedelta(seconds=5)), Unknown)


@pytest.mark.parametrize("fault", [Fault(429), Fault(500), Fault(200, body=b"[]"), Fault(hang=1.5)])
def test_a_look_up_that_fails_leaves_it_unknown(x, fault):
    x.faults.append(fault)
    assert isinstance(speaker(x, timeout_seconds=0.5).look_up(SAYS, LATER), Unknown)


def test_a_duplicate_that_cannot_be_looked_up_is_unknown(x):
    x.faults.extend([Fault(403, body=json.dumps({"detail": DUPLICATE}).encode()), Fault(500)])
    assert isinstance(speaker(x).send(SAYS, LATER), Unknown)


def test_it_is_found_on_a_later_page_and_escaped(x):
    speak = speaker(x)
    speak.send(SAYS, NOW)
    x.own[0]["text"] = x.own[0]["text"].replace("&", "&amp;")
    for n in range(12):
        speak.send(replace(SAYS, answers=str(600 + n), text=f"Nomor {n}"), NOW)
    x.per_page = 5
    assert speak.look_up(SAYS, LATER) == Sent(x.own[0]["id"])


def test_an_answer_that_cannot_be_read_is_posted_all_the_same(x):
    x.faults.append(Fault(201, body=b"<html>", done=True))
    assert speaker(x).send(SAYS, NOW) == Sent(None)
