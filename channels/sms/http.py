"""Carriers and aggregators that push SMS by plain HTTP, each in words of its own.

Nothing here is a carrier's: a source's settings say how a request is laid out, and this reads it.

A batch is all or nothing: one item that cannot be read makes the whole request Malformed. It is
then parked as received and can be replayed whole, and no half of it was accepted meanwhile; the
items that were good arrive with the replay, under their own ids. An id may repeat in a batch.
"""

from __future__ import annotations

import html
import json
from binascii import unhexlify
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self
from zoneinfo import ZoneInfo

from channels.base import (
    ChannelError,
    InboundMessage,
    Malformed,
    Part,
    RawInbound,
    Receipt,
    Reply,
    plain_refusal,
    provider_id,
)
from channels.commands import read_command
from channels.sms.callers import Callers
from channels.sms.charsets import clean_text, read_text
from channels.sms.http_settings import PLAIN_IN_JSON, REPLY, HttpSettings
from channels.sms.pairs import read_octets, word
from channels.sms.parts import make_part, read_udh
from channels.sms.senders import e164_set, read_sender
from channels.sms.speaking import SaysSms
from channels.sms.times import read_time
from channels.sms.wording import reply_text
from channels.submission import clean

LONGEST_REFERENCE, LARGEST_TOTAL = 60, 255
Value = str | bytes
Item = Callable[[str], Value | None]


class Http(SaysSms):
    """One carrier's push, as its settings describe it."""

    def __init__(self, told: Mapping[str, Any]):
        self._callers = Callers("http", told["tokens"], told["allow_from"], [told["token_in"]])
        self._own_numbers = e164_set(told["own_numbers"])
        self._zone = ZoneInfo(told["time_zone"])
        # Fields we read by the name we have for them; the provider's name of each, if it has one.
        self._names: Mapping[str, str] = told["names"]
        self._charsets = {value.casefold(): rule for value, rule in told["charsets"].items()}
        self._replies = told["replies"]
        # The tokens have gone into the callers, and are kept nowhere else.
        self._told = {key: value for key, value in told.items() if key not in {"tokens", "replies"}}

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        return cls(HttpSettings.read(settings))

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Nobody tests this endpoint before using it."""

    def verify(self, raw: RawInbound) -> None:
        """Look for a token where the settings say, and at the networks."""
        self._callers.verify(raw)

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one message, or each of a batch; one that is unreadable makes all Malformed."""
        if raw.method != self._told["method"]:
            raise Malformed("http: not the method of this source")
        return [self._message(item, raw) for item in self._items(raw)]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Acknowledge as the settings say."""
        media_type: str = self._told["ack_type"]
        said = "\n".join(filter(None, map(reply_text, receipts)))
        body = self._told["ack_body"].replace(REPLY, _escaped(said, media_type))
        return Reply(self._told["ack_status"], body.encode(), media_type)

    def refuse(self, error: ChannelError) -> Reply:
        """Refuse by status."""
        return plain_refusal(error)

    @property
    def answers_requests(self) -> bool:
        """Only where the settings have a place for the reply."""
        return REPLY in self._told["ack_body"]

    def _items(self, raw: RawInbound) -> list[Item]:
        if self._told["format"] == "query":
            return [read_octets(raw.raw_query).get]
        if self._told["format"] == "form":
            return [read_octets(raw.body).get]
        try:
            document = json.loads(raw.body)
        except (ValueError, RecursionError) as exc:
            raise Malformed("http: the body is not readable JSON") from exc
        batch = self._told["batch"]
        found = _at(document, batch) if batch else [document]
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise Malformed("http: the JSON is not laid out as the settings say")
        return [_json_item(item) for item in found]

    def _message(self, item: Item, raw: RawInbound) -> InboundMessage:
        sender, automatic = read_sender(self._word(item, "sender"), self._own_numbers)
        part = self._part(item)
        text = self._text(item, is_part=part is not None)
        return InboundMessage(
            source=self._told["source"],
            channel="sms",
            provider="http",
            provider_id=provider_id(self._word(item, "id"), "fields.id names it"),
            sender=sender,
            text=text,
            received_at=raw.received_at,
            carrier=self._told["carrier"],
            sent_at=read_time(self._word(item, "time", ""), self._told["time_format"], self._zone),
            command=None if part else read_command(text),
            part=part,
            automatic=automatic,
        )

    def _value(self, item: Item, field: str) -> Value | None:
        return item(self._names[field]) if field in self._names else None

    def _word(self, item: Item, field: str, default: str | None = None) -> str:
        value = self._value(item, field)
        if value is None:
            if default is None:
                raise Malformed(f"http: no {self._names[field]}")
            return default
        return clean(value) if isinstance(value, str) else word(value)

    def _text(self, item: Item, *, is_part: bool) -> str:
        value = self._value(item, "text")
        if value is None:
            raise Malformed(f"http: no {self._names['text']}")
        coding = self._word(item, "coding", "")
        rule = self._charsets.get(coding.casefold()) if coding else self._told["charset"]
        if rule is None:
            raise Malformed("http: the text is in a coding that charsets does not have")
        if isinstance(value, bytes):
            return read_text(value, rule, is_part=is_part)
        if rule == PLAIN_IN_JSON:
            return clean_text(value, is_part=is_part)
        return read_text(value.encode("utf-8", "surrogatepass"), rule, is_part=is_part)

    def _part(self, item: Item) -> Part | None:
        destination = self._word(item, "to", "")
        try:
            if header := self._word(item, "udh", ""):
                return read_udh(unhexlify(header), destination)
            if not (reference := self._word(item, "reference", "")[:LONGEST_REFERENCE]):
                return None
            index = int(self._word(item, "part", "") or 1)
            total = int(self._word(item, "parts", "") or 1)
        except ValueError as exc:
            raise Malformed("http: which part this is cannot be read") from exc
        if total > LARGEST_TOTAL:
            raise Malformed("http: more parts than a long SMS can have")
        return make_part(f"ref:{reference}", index, total, destination)


def _json_item(item: Mapping[str, object]) -> Item:
    def value(path: str) -> str | None:
        found = _at(item, path)
        if found is None:
            return None
        # Numbers are often not quoted. A bool is an int to Python, and nothing of ours.
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise Malformed(f"http: {path} is neither a string nor a whole number")
        return str(found)

    return value


def _at(document: object, path: str) -> object:
    """Follow a dotted path; None where it ends early."""
    for key in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def _escaped(said: str, media_type: str) -> str:
    if "json" in media_type:
        return json.dumps(said)[1:-1]
    return html.escape(said) if "xml" in media_type or "html" in media_type else said
