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
    assert {specimen.adapter for specimen in SPECIMENS} == set(registry.ADAPTERS)


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
    assert reply.status in {200, 202}
    assert reply.body == specimen.silence


@every_sms_adapter
def test_number_is_told_to_the_phone_wherever_an_answer_reaches_it(specimen):
    for kind in ("new", "repeat", "command"):
        body = specimen.channel().reply([RECEIPTS[kind]]).body
        assert (NUMBER.encode() in body) == specimen.tells_number


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
    assert len(said) > 8
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
        .replace(b"ambrol", specimen.unstorable),
    )
    assert raw != genuine
    (message,) = specimen.channel().parse(raw)
    assert "\\x00" not in repr(message)
    assert "\\ud" not in repr(message)
