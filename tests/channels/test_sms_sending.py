"""SMS that we send ourselves: what a provider says decides whether it may be said again."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import parse_qs

import pytest
from contract.specimens import SPECIMENS
from sms_server import sms_server
from support import NOW, PHONE, free_port

from channels import registry
from channels.base import Outgoing, Refused, Sender, Sent, Spoken, Unknown
from channels.sms.speaking import ReplySettings

SID = "AC" + "0" * 32
TOKEN = "kunci-twilio-percobaan"
ANSWER = Outgoing(Sender("tel", PHONE, proven=True), "SM1", "Laporan diterima. Terima kasih.")
WAYS = {
    "kannel": {"username": "lapor", "password": "rahasia-kannel"},
    "twilio": {"account_sid": SID, "auth_token": TOKEN},
}
CREATED = json.dumps({"sid": "SM42", "status": "queued", "to": PHONE}).encode()
ACCEPTED = {
    "kannel": (202, b"0: Accepted for delivery", "text/html"),
    "twilio": (201, CREATED, "application/json"),
}
of_sms = [one for one in SPECIMENS if one.adapter.startswith("sms.")]


def a_speaker(by, url, **changed):
    (specimen,) = [one for one in SPECIMENS if one.adapter == "sms.jasmin"]
    told = {"by": by, "from": "1708", "url": f"{url}/cgi-bin/sendsms", **WAYS[by]} | changed
    if by == "twilio":
        told["url"] = changed.get("url", url)
    settings = specimen.accepting("kunci-yang-berlaku-1") | {"replies": told}
    return registry.build("sms.jasmin", settings).speaker()


@pytest.fixture(params=WAYS)
def by(request):
    return request.param


def send(by, *answers, message=ANSWER, **changed):
    with sms_server(*answers) as server:
        outcome = a_speaker(by, server.url, **changed).send(message, NOW)
    return outcome, server.asked


def test_kannel_gets_the_sms_and_no_secret_is_in_the_url():
    outcome, asked = send("kannel", ACCEPTED["kannel"])
    (request,) = asked
    assert outcome == Sent()
    assert request.path == "/cgi-bin/sendsms"
    assert request.body.decode() == ANSWER.text
    assert request.headers["X-Kannel-To"] == PHONE
    assert request.headers["X-Kannel-From"] == "1708"
    assert request.headers["X-Kannel-Username"] == "lapor"
    assert request.headers["X-Kannel-Password"] == "rahasia-kannel"


def test_kannel_is_told_the_carrier_where_it_has_several():
    _, asked = send("kannel", ACCEPTED["kannel"], smsc="telkomsel")
    assert asked[0].headers["X-Kannel-Smsc"] == "telkomsel"


def test_twilio_gets_the_sms_through_its_own_sdk():
    outcome, asked = send("twilio", ACCEPTED["twilio"])
    (request,) = asked
    assert outcome == Sent("SM42")
    assert request.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert parse_qs(request.body.decode()) == {
        "To": [PHONE],
        "From": ["1708"],
        "Body": [ANSWER.text],
    }
    basic = b64encode(f"{SID}:{TOKEN}".encode()).decode()
    assert request.headers["Authorization"] == f"Basic {basic}"


@pytest.mark.parametrize("status", [401, 403, 408, 429])
def test_what_a_person_can_mend_is_tried_again(by, status):
    outcome, asked = send(by, (status, b"{}", "application/json"))
    assert isinstance(outcome, Refused)
    assert not outcome.final
    assert len(asked) == 1


def test_what_is_wrong_with_this_sms_is_given_up(by):
    said = json.dumps({"code": 21211, "message": f"'To' {PHONE} is invalid", "status": 400})
    outcome, _ = send(by, (400, said.encode(), "application/json"))
    assert isinstance(outcome, Refused)
    assert outcome.final
    assert PHONE not in outcome.reason


def test_a_server_error_says_nothing_of_the_sms_and_is_not_tried_again(by):
    outcome, asked = send(by, (502, b"Bad gateway", "text/plain"), ACCEPTED[by])
    assert isinstance(outcome, Unknown)
    assert len(asked) == 1


def test_kannels_temporal_failure_was_surely_not_sent():
    outcome, _ = send("kannel", (503, b"Temporal failure, try again later.", "text/html"))
    assert isinstance(outcome, Refused)
    assert not outcome.final


def test_a_redirect_is_not_followed(by):
    outcome, asked = send(by, (302, b"", "text/plain"), ACCEPTED[by])
    assert len(asked) == 1
    assert isinstance(outcome, Refused)


def test_twilio_took_it_even_if_its_answer_cannot_be_read():
    outcome, _ = send("twilio", (201, b"<html>", "text/html"))
    assert isinstance(outcome, Sent)


def test_an_answer_that_does_not_come_is_unknown(by):
    with sms_server(ACCEPTED[by]) as server:
        server.delay = 1.5
        outcome = a_speaker(by, server.url, timeout_seconds=0.2).send(ANSWER, NOW)
    assert isinstance(outcome, Unknown)
    assert len(server.asked) == 1


def test_a_connection_that_ends_after_the_question_is_unknown(by):
    with sms_server(ACCEPTED[by]) as server:
        server.hang_up = True
        outcome = a_speaker(by, server.url).send(ANSWER, NOW)
    assert isinstance(outcome, Unknown)
    assert len(server.asked) == 1


def test_nobody_there_is_surely_not_sent(by):
    outcome = a_speaker(by, f"http://127.0.0.1:{free_port()}").send(ANSWER, NOW)
    assert isinstance(outcome, Refused)
    assert not outcome.final


def test_nobody_can_look_an_sms_up(by):
    outcome = a_speaker(by, "http://127.0.0.1:9").look_up(ANSWER, NOW)
    assert isinstance(outcome, Unknown)
    assert outcome.for_good


@pytest.mark.parametrize(
    "to", [Sender("tel", "BANKABC", proven=False), Sender("tel", "1708", proven=True)], ids=str
)
def test_only_a_phone_is_answered(by, to):
    outcome, asked = send(by, ACCEPTED[by], message=Outgoing(to, "SM1", "Halo"))
    assert isinstance(outcome, Refused)
    assert outcome.final
    assert asked == []


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("specimen", of_sms, ids=str)
def test_every_sms_source_can_be_spoken_through(specimen):
    told = {"by": "twilio", "from": "1708", "a_minute": 30, **WAYS["twilio"]}
    door = registry.build(specimen.adapter, specimen.accepting(TOKEN) | {"replies": told})
    assert isinstance(door, Spoken)
    assert door.speaker().pace == 2.0
    assert specimen.channel().speaker() is None
    assert door.answers_requests is specimen.tells_number


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"by": "merpati"}, "by"),
        ({"from": None}, "from"),
        ({"password": None}, "password"),
        ({"account_sid": SID}, "account_sid"),
        ({"url": "bukan alamat"}, "url"),
        ({"url": None}, "url"),
        ({"a_minute": 0}, "a_minute"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"warna": "biru"}, "warna"),
        ({"by": "twilio", "smsc": "telkomsel", **WAYS["twilio"]}, "smsc"),
    ],
)
def test_wrong_setting_of_replies_is_refused_by_name(changed, key):
    (specimen,) = [one for one in SPECIMENS if one.adapter == "sms.jasmin"]
    told = {"by": "kannel", "from": "1708", "url": "http://k.example/", **WAYS["kannel"]} | changed
    told = {name: value for name, value in told.items() if value is not None}
    with pytest.raises(ValueError, match=rf"\breplies\.{key}\b") as refused:
        registry.build("sms.jasmin", specimen.accepting(TOKEN) | {"replies": told})
    assert "rahasia-kannel" not in str(refused.value)


def test_no_other_way_asks_for_another_ways_keys():
    loaded = ReplySettings().load({"by": "twilio", "from": "1708", **WAYS["twilio"]})
    assert loaded["timeout_seconds"] == 10.0
