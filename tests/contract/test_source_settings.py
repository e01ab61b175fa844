"""What a source may set, and how a wrong setting is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contract.specimens import CURRENT, SPECIMENS

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
    ("sms.twilio", {"signature": "off"}, "signature"),
    ("sms.twilio", {"auth_tokens": None}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": []}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": [""]}, "auth_tokens"),
    ("sms.twilio", {"auth_tokens": [["kunci-yang-berlaku-1"]]}, "auth_tokens"),
    ("sms.twilio", {"own_numbers": [1708]}, "own_numbers"),
    ("sms.twilio", {"own_numbers": ["nomor kami"]}, "own_numbers"),
    ("sms.twilio", {"public_url": "lapor.example.go.id"}, "public_url"),
    ("sms.twilio", {"public_url": ""}, "public_url"),
    ("app", {"token": "x"}, "token"),
    ("app", {"tokens": ["token-android-percobaan"]}, "tokens"),
    ("app", {"tokens": {"android": ["pendek"]}}, "android"),
    ("app", {"tokens": {"android": []}}, "android"),
    ("app", {"tokens": {"android": [5]}}, "android"),
    ("app", {"source": 5}, "source"),
]


@pytest.mark.parametrize(("adapter", "changed", "key"), WRONG_SETTINGS)
def test_wrong_setting_is_refused_by_name(adapter, changed, key):
    (specimen,) = (specimen for specimen in SPECIMENS if specimen.adapter == adapter)
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
