"""Kannel smsbox, `post-url` form: the text in the body, everything else in the query.

The URL to configure:
`…/in/<source>?token=…&id=%I&from=%q&to=%Q&smsc=%i&ts=%T&coding=%c&charset=%C`.
Measured with Kannel 1.4.5: it accepts 200 and 202 only. After anything else it retries (five times
with the settings we give, none by default) and then texts the citizen "Could not fetch content";
a 204 counts as a failure too. The body of a 200 becomes the reply SMS, and with `omit-empty = true`
an empty body sends nothing. `%I` is the same on every retry.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Self

from marshmallow import ValidationError, fields, validate

from channels.base import (
    ChannelError,
    InboundMessage,
    Malformed,
    NotAuthentic,
    RawInbound,
    Receipt,
    Reply,
    SourceSettings,
    plain_refusal,
    provider_id,
)
from channels.sms.commands import read_command
from channels.sms.pairs import read_pairs
from channels.sms.senders import e164_set, read_sender
from channels.sms.wording import reply_text
from channels.submission import clean

# What %C really says (the manual's table differs), in the order to try. An 8-bit message is
# whatever the phone or the modem made of it; Latin-1 reads any byte.
CHARSETS: Mapping[str, tuple[str, ...]] = {
    "UTF-8": ("utf-8",),
    "UTF-16BE": ("utf-16-be",),
    "8-BIT": ("utf-8", "latin-1"),
}


class Network(fields.Field[IPv4Network | IPv6Network]):
    """An address or a network in CIDR form."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> IPv4Network | IPv6Network:
        try:
            return ip_network(str(value))
        except ValueError as exc:
            raise ValidationError(str(exc)) from exc


class KannelSettings(SourceSettings):
    """`tokens`: accepted secrets (query `token` or Basic password), several for rotation."""

    tokens = fields.List(
        fields.String(validate=validate.Length(min=8)),
        required=True,
        validate=validate.Length(min=1),
    )
    carrier = fields.String(load_default=None, allow_none=True)
    own_numbers = fields.List(fields.String(), load_default=list)
    allow_from = fields.List(Network(), load_default=list)


class Kannel:
    """One Kannel `sms-service`."""

    def __init__(
        self,
        source: str,
        tokens: Sequence[str],
        own_numbers: Sequence[str],
        allow_from: Sequence[IPv4Network | IPv6Network],
        carrier: str | None,
    ):
        self._source = source
        self._tokens = [token.encode() for token in tokens]
        self._own_numbers = e164_set(own_numbers)
        self._allow_from = allow_from
        self._carrier = carrier

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        known = KannelSettings.read(settings)
        del known["time_zone"], known["public_url"]
        return cls(**known)  # type: ignore[arg-type]

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Kannel does not test an endpoint before it uses it."""

    def verify(self, raw: RawInbound) -> None:
        """Kannel signs nothing: a secret, and the networks it may come from."""
        if self._allow_from and not self._is_allowed(raw.client_address):
            raise NotAuthentic("kannel: caller is outside allow_from")
        sent = _secrets_sent(raw)
        if not any(hmac.compare_digest(secret, token) for secret in sent for token in self._tokens):
            raise NotAuthentic("kannel: no known token in the query or in Basic authorization")

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one message."""
        if raw.method != "POST":
            raise Malformed("kannel: the text is read from a POST; use post-url, not get-url")
        query = _query(raw)
        try:
            sender, automatic = read_sender(query["from"], self._own_numbers)
            message_id = provider_id(query["id"], "kannel needs id=%I in post-url")
        except KeyError as exc:
            raise Malformed(f"kannel: post-url has no {exc.args[0]}=") from exc
        text = _decode(raw.body, query.get("charset", "UTF-8"))
        return [
            InboundMessage(
                source=self._source,
                channel="sms",
                provider="kannel",
                provider_id=message_id,
                sender=sender,
                text=text,
                received_at=raw.received_at,
                carrier=self._carrier,
                sent_at=_epoch(query.get("ts", "")),
                command=read_command(text),
                automatic=automatic,
            )
        ]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Answer 200; the body is the SMS the citizen receives."""
        return Reply(200, "\n".join(filter(None, map(reply_text, receipts))).encode())

    def refuse(self, error: ChannelError) -> Reply:
        """Refuse with a status that makes Kannel try again, as long as it is set to."""
        return plain_refusal(error)

    def _is_allowed(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._allow_from)


def _secrets_sent(raw: RawInbound) -> list[bytes]:
    scheme, _, credentials = raw.header("Authorization").partition(" ")
    try:
        sent = [_query(raw).get("token", "").encode()]
        if scheme.lower() == "basic":
            sent.append(b64decode(credentials, validate=True).partition(b":")[2])
    except (Malformed, ValueError) as exc:
        raise NotAuthentic("kannel: unreadable query or Basic authorization") from exc
    return sent


def _query(raw: RawInbound) -> Mapping[str, str]:
    return {key: clean(value) for key, value in read_pairs(raw.raw_query)}


def _decode(body: bytes, charset: str) -> str:
    for encoding in CHARSETS.get(charset.upper(), ()):
        try:
            return clean(body.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Malformed("kannel: body is not in the charset it names")


def _epoch(seconds: str) -> datetime | None:
    """Read %T. A time we cannot read is no reason to park a report: it stays unknown."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.timestamp() > 0 else None
