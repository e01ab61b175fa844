"""Who may call a source whose provider signs nothing: a shared secret, and networks."""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from marshmallow import ValidationError, fields, validate

from channels.base import Malformed, NotAuthentic, RawInbound, SourceSettings
from channels.sms.pairs import read_octets
from channels.sms.speaking import ReplySettings

# Where an SMS gateway can put a secret without being programmed: its URL has room for both.
IN_THE_URL = ("query:token", "basic")


class Network(fields.Field[IPv4Network | IPv6Network]):
    """An address or a network in CIDR form."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> IPv4Network | IPv6Network:
        try:
            return ip_network(str(value))
        except ValueError as exc:
            raise ValidationError(str(exc)) from exc


class CallerSettings(SourceSettings):
    """What every source with a shared secret may set. `tokens`: several during a rotation."""

    tokens = fields.List(
        fields.String(validate=validate.Length(min=8)),
        required=True,
        validate=validate.Length(min=1),
    )
    carrier = fields.String(load_default=None, allow_none=True)
    own_numbers = fields.List(fields.String(), load_default=list)
    allow_from = fields.List(Network(), load_default=list)
    replies = fields.Nested(ReplySettings, load_default=None)


class Callers:
    """The callers that hold one of the tokens and, where networks are set, call from there.

    `places` says where a token may be: `query:NAME`, `header:NAME`, or `basic`, the password of
    Basic authorization (the user name is the provider's affair).
    """

    def __init__(
        self,
        provider: str,
        tokens: Sequence[str],
        allow_from: Sequence[IPv4Network | IPv6Network],
        places: Sequence[str] = IN_THE_URL,
    ):
        self._provider = provider
        self._tokens = [token.encode() for token in tokens]
        self._allow_from = allow_from
        self._places = places

    def verify(self, raw: RawInbound) -> None:
        """Raise NotAuthentic unless the caller is one of these."""
        if self._allow_from and not self._is_allowed(raw.client_address):
            raise NotAuthentic(f"{self._provider}: caller is outside allow_from")
        sent = [_secret(raw, place, self._provider) for place in self._places]
        if not any(hmac.compare_digest(secret, token) for secret in sent for token in self._tokens):
            raise NotAuthentic(f"{self._provider}: no known token in {' or '.join(self._places)}")

    def _is_allowed(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._allow_from)


def _secret(raw: RawInbound, place: str, provider: str) -> bytes:
    where, _, name = place.partition(":")
    try:
        if where == "query":
            return read_octets(raw.raw_query).get(name, b"")
        if where == "header":
            return raw.header(name).encode("utf-8", "surrogatepass")
        scheme, _, credentials = raw.header("Authorization").partition(" ")
        if scheme.lower() != "basic":
            return b""
        return b64decode(credentials, validate=True).partition(b":")[2]
    except (Malformed, ValueError) as exc:
        raise NotAuthentic(f"{provider}: unreadable query or Basic authorization") from exc
