"""The channel port: what holds for every adapter, whoever wrote it."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from contract.specimens import CURRENT, FORMER, PHONE_DIGITS, SPECIMENS, STRANGER, TEXT, Specimen
from support import NOW

from channels import registry
from channels.base import (
    ChannelError,
    KeyReused,
    Malformed,
    NotAuthentic,
    Overloaded,
    RawInbound,
    Receipt,
    TooLarge,
    TooManyRequests,
)

NUMBER = "7K3M-Q2P-9X7"
RECEIPTS = {
    "new": Receipt("new", NUMBER, received_at=NOW, secret="rahasia"),
    "repeat": Receipt("repeat", NUMBER, first_number=NUMBER, received_at=NOW, secret="rahasia"),
    "command": Receipt("command", NUMBER, status="in_progress"),
    "command of a stranger": Receipt("command"),
    "answer": Receipt("answer", NUMBER),
    "part": Receipt("part"),
    "quiet": Receipt("quiet"),
}
FORGERIES = [
    pytest.param(specimen, change, id=f"{specimen}: {label}")
    for specimen in SPECIMENS
    for label, change in specimen.forgeries.items()
]
every_adapter = pytest.mark.parametrize("specimen", SPECIMENS, ids=str)
every_sms_adapter = pytest.mark.parametrize(
    "specimen", [s for s in SPECIMENS if s.adapter.startswith("sms.")], ids=str
)


def test_every_adapter_of_the_registry_is_under_contract():
    assert sorted(specimen.adapter for specimen in SPECIMENS) == sorted(registry.ADAPTERS)


# --- who calls ---------------------------------------------------------------------------


@every_adapter
@pytest.mark.parametrize("token", [CURRENT, FORMER])
def test_each_secret_in_the_list_is_accepted_during_a_rotation(specimen, token):
    specimen.channel(CURRENT, FORMER).verify(specimen.genuine(token))


@every_adapter
def test_secret_that_left_the_list_is_refused(specimen):
    with pytest.raises(NotAuthentic):
        specimen.channel(CURRENT).verify(specimen.genuine(FORMER))


@every_adapter
def test_secret_that_was_never_ours_is_refused(specimen):
    with pytest.raises(NotAuthentic):
        specimen.channel(CURRENT, FORMER).verify(specimen.genuine(STRANGER))


@pytest.mark.parametrize(("specimen", "change"), FORGERIES)
def test_forged_request_is_not_authentic_and_nothing_else(specimen, change):
    channel, forged = specimen.channel(CURRENT), change(specimen.genuine(CURRENT))
    with pytest.raises(NotAuthentic) as refused:
        channel.verify(forged)
    assert type(refused.value) is NotAuthentic


# --- junk --------------------------------------------------------------------------------

MANY = b"&".join(b"a%d=b" % index for index in range(5000))
JUNK = {
    "empty": b"",
    "bytes that are not UTF-8": b"\xff\xfe\xfa From=\xc3(",
    "escapes that are not UTF-8": b"From=%ff%fe&Body=%c3%28&token=%ff&id=%80",
    "broken escapes": b"%&%%=%zz&From=%4",
    "a brace": b"{",
    "NULs": b"\0" * 1000,
    "escaped NULs": b"From=%00&Body=%00&id=%00&MessageSid=%00&title=%00",
    "ten megabytes": b"a" * 10_000_000,
    "ten megabytes of digits": b"From=" + b"1" * 10_000_000,
    "ten megabytes of JSON": b'{"title": "' + b"a" * 10_000_000 + b'"}',
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"reporter":' * 100_000 + b"1" + b"}" * 100_000,
    "deep arrays in a field": b'{"attachments":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "thousands of parameters": MANY,
    "thousands of keys": b"{" + b",".join(b'"a%d":1' % index for index in range(5000)) + b"}",
    "lone surrogates": b'{"title": "\\ud800", "\\udfff": 1, "body": "\\udc00\\ud800"}',
    "a number longer than any": b'{"latitude": ' + b"9" * 5000 + b"}",
    "numbers that are none": b'{"latitude": NaN, "longitude": Infinity}',
    "a list": b"[1, 2]",
    "a word": b"null",
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "count of media longer than any": b"From=1&Body=a&MessageSid=b&NumMedia=" + b"9" * 5000,
    "negative count of media": b"From=1&Body=a&MessageSid=b&NumMedia=-1",
    "media that is not there": b"From=1&Body=a&MessageSid=b&NumMedia=3",
    "blanks after a command": b"cek" + b" " * 100_000 + b"a" + b" " * 100_000 + b"!",
}
every_junk = pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)


def only_channel_errors(specimen: Specimen, raw: RawInbound) -> None:
    for ask in (specimen.channel().verify, specimen.channel().parse):
        try:
            ask(raw)
        except ChannelError:
            continue


@every_adapter
@every_junk
def test_junk_body_raises_channel_errors_only(specimen, junk):
    genuine = specimen.genuine(CURRENT)
    only_channel_errors(specimen, replace(genuine, body=junk))
    only_channel_errors(specimen, replace(genuine, body=junk, method="GET"))


@every_adapter
@every_junk
def test_junk_query_raises_channel_errors_only(specimen, junk):
    genuine = specimen.genuine(CURRENT)
    only_channel_errors(specimen, replace(genuine, raw_query=junk))
    only_channel_errors(specimen, replace(genuine, raw_query=junk, body=junk, method="GET"))


@every_adapter
@every_junk
def test_unsigned_junk_is_not_authentic(specimen, junk):
    raw = RawInbound("POST", "/in/x", junk[:20_000], (), junk, "127.0.0.1", NOW)
    with pytest.raises(NotAuthentic):
        specimen.channel().verify(raw)


@every_adapter
def test_junk_headers_raise_channel_errors_only(specimen):
    genuine = specimen.genuine(CURRENT)
    for value in (
        "",
        " ",
        "\xff" * 500,
        "Basic",
        "Bearer",
        "Basic é",
        '"',
        '""',
        "\0",
        "a" * 100_000,
    ):
        headers = tuple((name, value) for name, _ in genuine.headers)
        only_channel_errors(specimen, replace(genuine, headers=headers))
        only_channel_errors(specimen, replace(genuine, headers=(("Authorization", value),)))


# --- purity ------------------------------------------------------------------------------


class Watch:
    """Lists what the interpreter is asked to open while it is on. Audit hooks cannot be removed."""

    REACHES_OUT = ("open", "os.", "socket.", "subprocess.", "shutil.", "tempfile.", "sqlite3.")

    def __init__(self) -> None:
        self.is_on = False
        self.seen: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, _: tuple[object, ...]) -> None:
        if self.is_on and event.startswith(self.REACHES_OUT):
            self.seen.append(event)

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        self.seen, self.is_on = [], True
        try:
            yield self.seen
        finally:
            self.is_on = False


WATCH = Watch()


class NoEnvironment(Mapping[str, str]):
    """An environment that may not be looked at."""

    def __getitem__(self, name: str) -> str:
        raise AssertionError(f"the environment was asked for {name}")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the environment was listed")

    def __len__(self) -> int:
        raise AssertionError("the environment was counted")


def test_the_watch_sees_files_and_sockets():
    import socket  # noqa: PLC0415 - only here

    with WATCH.on() as seen:
        with open(__file__, "rb"):  # noqa: PTH123 - the plainest way to open
            pass
        socket.socket().close()
    assert {"open", "socket.__new__"} <= set(seen)


@every_adapter
def test_same_request_reads_the_same_and_is_left_as_it_was(specimen):
    before = copy.deepcopy(specimen.accepting(CURRENT))
    settings = copy.deepcopy(before)
    channel = registry.build(specimen.adapter, settings)
    raw = specimen.genuine(CURRENT)
    kept = copy.deepcopy(raw)
    first = list(channel.parse(raw))
    assert list(channel.parse(raw)) == first
    assert list(registry.build(specimen.adapter, before).parse(raw)) == first
    assert raw == kept
    assert settings == before


@every_adapter
def test_a_request_is_read_without_files_sockets_or_environment(specimen, monkeypatch):
    channel, raw = specimen.channel(CURRENT), specimen.genuine(CURRENT)

    def whole_way() -> None:
        channel.verify(raw)
        channel.parse(raw)
        channel.reply([RECEIPTS["new"]])
        channel.refuse(Overloaded("x"))

    whole_way()  # what is imported on first use is no fault of the request
    with monkeypatch.context() as patched, WATCH.on() as seen:
        patched.setattr(os, "environ", NoEnvironment())
        whole_way()
    assert seen == []


# --- what is said ------------------------------------------------------------------------


@every_adapter
@pytest.mark.parametrize("receipt", RECEIPTS.values(), ids=RECEIPTS)
def test_redelivery_is_answered_byte_for_byte_like_the_first_delivery(specimen, receipt):
    channel = specimen.channel()
    assert channel.reply([receipt]) == channel.reply([replace(receipt, redelivered=True)])


@every_sms_adapter
@pytest.mark.parametrize("kind", ["nothing", "quiet", "part"])
def test_silence_towards_a_phone_is_an_empty_success_and_never_a_204(specimen, kind):
    receipts = [] if kind == "nothing" else [RECEIPTS[kind]]
    reply = specimen.channel().reply(receipts)
    assert reply.status == 200
    assert reply.body in {b"", b'<?xml version="1.0" encoding="UTF-8"?><Response />'}


@every_sms_adapter
def test_number_is_told_to_the_phone(specimen):
    for kind in ("new", "repeat", "command"):
        assert NUMBER.encode() in specimen.channel().reply([RECEIPTS[kind]]).body


@every_adapter
@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (NotAuthentic("x"), 403, False),
        (TooLarge("x"), 413, False),
        (KeyReused("x"), 422, False),
        (TooManyRequests("x"), 429, True),
        (Overloaded("x"), 503, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_refusal_has_its_status_and_tells_when_to_try_again(specimen, error, status, retry):
    reply = specimen.channel().refuse(error)
    assert reply.status == status
    told = dict(reply.headers).get("Retry-After")
    assert (told is not None) == retry
    assert told is None or int(told) > 0


# --- what is not said --------------------------------------------------------------------


def spoiled(specimen: Specimen) -> Iterator[RawInbound]:
    """Requests that are refused or cannot be read, each with the whole of the original in it."""
    genuine = specimen.genuine(CURRENT)
    for change in specimen.forgeries.values():
        yield change(genuine)
    told = TEXT.encode() + b" +62" + PHONE_DIGITS.encode()
    yield replace(genuine, body=b"{" + told)
    yield replace(genuine, body=told + b"\xff%ff=" + told, raw_query=told + b"%ff")
    yield replace(genuine, body=genuine.body.replace(b"From=", b"Form="))
    yield replace(genuine, raw_query=genuine.raw_query.replace(b"from=", b"form="))
    yield replace(genuine, body=genuine.body + b"&NumMedia=" + PHONE_DIGITS.encode())
    yield replace(genuine, raw_query=genuine.raw_query + b"&charset=" + PHONE_DIGITS.encode())


@every_adapter
def test_no_error_and_no_repr_tells_a_secret_a_phone_number_or_the_text(specimen):
    channel = specimen.channel(CURRENT)
    said = [repr(channel)]
    for raw in spoiled(specimen):
        for ask in (channel.verify, channel.parse):
            try:
                ask(raw)
            except ChannelError as error:
                said += [str(error), repr(error)]
    assert len(said) > 10
    for secret in (CURRENT, STRANGER, PHONE_DIGITS, TEXT, "Gorong", "ambrol"):
        assert not [line for line in said if secret in line], secret


@every_adapter
def test_no_record_holds_what_a_text_column_cannot(specimen):
    genuine = specimen.genuine(CURRENT)
    nul, digits = b"%00", PHONE_DIGITS.encode()
    raw = replace(
        genuine,
        raw_query=genuine.raw_query.replace(digits, digits + nul),
        body=genuine.body.replace(digits, digits + nul)
        .replace(b"MessageSid=", b"MessageSid=" + nul)
        .replace(b"ambrol", b"amb\\u0000\\ud800rol" if specimen.adapter == "app" else b"amb\0rol"),
    )
    assert raw != genuine
    (message,) = specimen.channel().parse(raw)
    assert "\\x00" not in repr(message)
    assert "\\ud" not in repr(message)


# --- settings ----------------------------------------------------------------------------

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


# --- Kannel's networks -------------------------------------------------------------------


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


# --- verified, but unreadable ------------------------------------------------------------


def test_media_of_twilio_are_taken_up_to_its_own_limit():
    (twilio,) = (specimen for specimen in SPECIMENS if specimen.adapter == "sms.twilio")
    genuine = twilio.genuine(CURRENT)
    media = b"".join(b"&MediaUrl%d=u%d&MediaContentType%d=a" % (at, at, at) for at in range(12))
    for told, taken in ((b"", 0), (b"1", 1), (b"10", 10), (b"12", 10)):
        body = genuine.body.replace(b"NumMedia=0", b"NumMedia=" + told) + media
        (message,) = twilio.channel().parse(replace(genuine, body=body))
        assert [file.url for file in message.attachments] == [f"u{at}" for at in range(taken)]


def test_kannel_with_get_url_is_malformed_instead_of_an_empty_report():
    (kannel,) = (specimen for specimen in SPECIMENS if specimen.adapter == "sms.kannel")
    with pytest.raises(Malformed, match="post-url"):
        kannel.channel().parse(replace(kannel.genuine(CURRENT), method="GET"))


@pytest.mark.parametrize(
    ("adapter", "old", "new"),
    [
        ("sms.kannel", b"from=", b"dari="),
        ("sms.kannel", b"id=", b"nomor="),
        ("sms.kannel", b"id=e786379f-6370-4ab1-a2e2-159063daff01", b"id="),
        ("sms.kannel", b"id=", b"id=%C3%28"),
        ("sms.kannel", b"udh=", b"udh=" + b"&x=1" * 200),
        ("sms.kannel", b"charset=UTF-8", b"charset=EBCDIC"),
        ("sms.kannel", b"charset=UTF-8", b"charset=UTF-16BE&b=%C"),
        ("sms.twilio", b"&From=", b"&Dari="),
        ("sms.twilio", b"&Body=", b"&Isi="),
        ("sms.twilio", b"&MessageSid=SM0f3c1a7b9d2e4c5f8a6b7c8d9e0f1a2b", b"&MessageSid="),
        ("sms.twilio", b"ambrol", b"ambrol%FF"),
        ("sms.twilio", b"ToZip=", b"ToZip=" + b"&x=1" * 200),
        ("sms.twilio", b"NumMedia=0", b"NumMedia=banyak"),
        ("sms.twilio", b"NumMedia=0", b"NumMedia=1"),
    ],
)
def test_sms_that_cannot_be_read_is_malformed_so_that_it_is_parked(adapter, old, new):
    (specimen,) = (specimen for specimen in SPECIMENS if specimen.adapter == adapter)
    genuine = specimen.genuine(CURRENT)
    raw = replace(
        genuine,
        raw_query=genuine.raw_query.replace(old, new),
        body=genuine.body.replace(old, new) + (b"a" if b"UTF-16BE" in new else b""),
    )
    assert (raw.raw_query, raw.body) != (genuine.raw_query, genuine.body)
    with pytest.raises(Malformed):
        specimen.channel().parse(raw)
