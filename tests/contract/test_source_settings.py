"""What a source may set, and how a wrong setting is told."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from contract.cases import all_cases, case
from contract.specimens import CURRENT, SPECIMENS
from support import ROOT

from channels import registry
from channels.base import NotAuthentic

every_adapter = pytest.mark.parametrize("specimen", SPECIMENS, ids=str)

WRONG_SETTINGS = [
    ("sms.kannel", {"carier": "Telkomsel"}, "carier"),
    ("sms.kannel", {"tokens": None}, "tokens"),
    ("sms.kannel", {"tokens": []}, "tokens"),
    ("sms.kannel", {"tokens": [""]}, "tokens"),
    ("sms.kannel", {"tokens": ["pendek"]}, "tokens"),
    ("sms.kannel", {"tokens": "kunci-yang-berlaku-1"}, "tokens"),
    ("sms.kannel", {"tokens": [17081708]}, "tokens"),
    ("sms.kannel", {"allow_from": ["10.0.0.300"]}, "allow_from"),
    ("sms.kannel", {"allow_from": ["10.0.0.1/8"]}, "allow_from"),
    ("sms.kannel", {"allow_from": "10.0.0.0/8"}, "allow_from"),
    ("sms.kannel", {"own_numbers": ["satu tujuh nol delapan"]}, "own_numbers"),
    ("sms.kannel", {"carrier": 5}, "carrier"),
    ("sms.kannel", {"auth_tokens": ["kunci-yang-berlaku-1"]}, "auth_tokens"),
    ("sms.jasmin", {"default_alphabet": "ebcdic"}, "default_alphabet"),
    ("sms.jasmin", {"tokens": []}, "tokens"),
    ("sms.http", {"acknowledge": "OK"}, "acknowledge"),
    ("sms.http", {"fields": None}, "fields"),
    ("sms.http", {"fields": {"id": "a", "from": "b"}}, "fields.text"),
    ("sms.http", {"fields": {"id": "a", "from": "b", "text": "c", "teks": "d"}}, "teks"),
    ("sms.http", {"fields": {"id": "a", "from": "b", "text": "c", "part": "d"}}, "part"),
    ("sms.http", {"fields": {"id": "a", "from": "b", "text": ""}}, "text"),
    ("sms.http", {"method": "PUT"}, "method"),
    ("sms.http", {"format": "form"}, "format"),
    ("sms.http", {"format": "xml"}, "format"),
    ("sms.http", {"batch": "results"}, "batch"),
    ("sms.http", {"charset": "utf-16"}, "charset"),
    ("sms.http", {"charsets": {"8": "utf-16"}}, "charsets"),
    ("sms.http", {"charsets": {}}, "charsets"),
    ("sms.http", {"method": "POST", "format": "json", "charset": "gsm"}, "charset"),
    ("sms.http", {"time_format": "waktu"}, "time_format"),
    ("sms.http", {"time_format": "%Q"}, "time_format"),
    ("sms.http", {"time_zone": "Asia/Wates"}, "time_zone"),
    ("sms.http", {"token_in": "cookie:x"}, "token_in"),
    ("sms.http", {"token_in": "header:a b"}, "token_in"),
    ("sms.http", {"ack_status": 302}, "ack_status"),
    ("sms.http", {"ack_status": 204}, "ack_body"),
    ("sms.http", {"ack_type": "text/plain\r\nX: y"}, "ack_type"),
    ("sms.http", {"own_numbers": ["nomor kami"]}, "own_numbers"),
    ("sms.twilio", {"signature": "off"}, "signature"),
    ("sms.twilio", {"auth_tokens": None}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": []}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": [""]}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": [["kunci-yang-berlaku-1"]]}, "auth_tokens"),
    ("sms.twilio", {"own_numbers": [1708]}, "own_numbers"),
    ("sms.twilio", {"own_numbers": ["nomor kami"]}, "own_numbers"),
    ("sms.twilio", {"public_url": "lapor.example.go.id"}, "public_url"),
    ("sms.twilio", {"public_url": ""}, "public_url"),
    ("twitter", {"consumer_secret": "rahasia-x-percobaan"}, "consumer_secret"),
    ("twitter", {"consumer_secrets": None}, "consumer_secrets"),
    ("twitter", {"consumer_secrets": []}, "consumer_secrets"),
    ("twitter", {"consumer_secrets": ["pendek"]}, "consumer_secrets"),
    ("twitter", {"account_id": "lapor1708"}, "account_id"),
    ("twitter", {"account_id": "", "bearer_token": "token-pembaca"}, "account_id"),
    ("twitter", {"handle": "@lapor1708"}, "handle"),
    ("twitter", {"required_hashtag": "#lapor"}, "required_hashtag"),
    ("twitter", {"api_key": "kunci-saja"}, "access_token"),
    ("twitter", {"api_url": "api.x.com"}, "api_url"),
    ("twitter", {"timeout_seconds": 0}, "timeout_seconds"),
    ("twitter", {"poll_seconds": 0}, "poll_seconds"),
    ("twitter", {"overlap_seconds": -1}, "overlap_seconds"),
    ("app", {"token": "x"}, "token"),
    ("app", {"tokens": ["token-android-percobaan"]}, "tokens"),
    ("app", {"tokens": {"android": ["pendek"]}}, "android"),
    ("app", {"tokens": {"android": []}}, "android"),
    ("app", {"tokens": {"android": [5]}}, "android"),
    ("app", {"source": 5}, "source"),
]


@pytest.mark.parametrize(("adapter", "changed", "key"), WRONG_SETTINGS)
def test_wrong_setting_is_refused_by_name(adapter, changed, key):
    specimen = next(specimen for specimen in SPECIMENS if specimen.adapter == adapter)
    settings = specimen.accepting(CURRENT) | changed
    settings = {name: value for name, value in settings.items() if value is not None}
    with pytest.raises(ValueError, match=rf"\b{key}\b") as refused:
        registry.build(adapter, settings)
    assert CURRENT not in str(refused.value)


@every_adapter
@pytest.mark.parametrize("key", ["source", "public_url"])
def test_what_every_source_needs_is_missed_by_name(specimen, key):
    settings = {name: value for name, value in specimen.accepting(CURRENT).items() if name != key}
    with pytest.raises(ValueError, match=rf"\b{key}\b"):
        registry.build(specimen.adapter, settings)


def test_unknown_adapter_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match=r"'sms\.merpati'.*app.*sms\.kannel.*sms\.twilio"):
        registry.build("sms.merpati", {})


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.20.0.7", True),
        ("10.20.0.16", False),
        ("192.0.2.1", False),
        ("2001:db8::1", True),
        ("2001:db8:1::1", False),
        ("", False),
        ("bukan alamat", False),
    ],
)
def test_right_token_from_outside_the_networks_is_refused(address, allowed):
    (kannel,) = (specimen for specimen in SPECIMENS if specimen.adapter == "sms.kannel")
    settings = kannel.accepting(CURRENT) | {"allow_from": ["10.20.0.0/28", "2001:db8::/48"]}
    channel = registry.build("sms.kannel", settings)
    raw = replace(kannel.genuine(CURRENT), client_address=address)
    if allowed:
        channel.verify(raw)
    else:
        with pytest.raises(NotAuthentic):
            channel.verify(raw)


def test_answer_to_a_batch_may_not_tell_one_sender_the_numbers_of_the_others():
    batch = case("http/infobip_batch").settings | {"ack_body": "{reply}"}
    with pytest.raises(ValueError, match="ack_body"):
        registry.build("sms.http", batch)


PRODUCTION = tomllib.loads((ROOT / "config/production.example.toml").read_text("utf-8"))
CARRIERS = {
    name: block
    for name, block in PRODUCTION["sources"].items()
    if block.get("adapter") == "sms.http"
}


@pytest.mark.parametrize("name", CARRIERS)
def test_each_carrier_of_the_production_example_is_a_golden_one(name):
    theirs = {"adapter", "tokens", "allow_from"}
    ours = {"source", "public_url", "tokens"}
    told = {key: value for key, value in CARRIERS[name].items() if key not in theirs}
    golden = [
        {key: value for key, value in one.settings.items() if key not in ours}
        for one in all_cases()
        if one.settings["source"] == name
    ]
    assert golden
    assert all(one == told for one in golden)
