"""What the adapters share whose provider signs nothing and needs nothing told but who calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Any, ClassVar, Self

from channels.base import ChannelError, RawInbound, Reply, plain_refusal
from channels.sms.callers import Callers, CallerSettings
from channels.sms.senders import e164_set
from channels.sms.speaking import SaysSms


class Tokened(SaysSms):
    """An endpoint known by a secret, and by the networks it is called from."""

    provider: ClassVar[str]
    settings: ClassVar[type[CallerSettings]] = CallerSettings

    def __init__(
        self,
        source: str,
        tokens: Sequence[str],
        own_numbers: Sequence[str],
        allow_from: Sequence[IPv4Network | IPv6Network],
        carrier: str | None,
        replies: Mapping[str, Any] | None,
    ):
        self._source = source
        self._callers = Callers(self.provider, tokens, allow_from)
        self._own_numbers = e164_set(own_numbers)
        self._carrier = carrier
        self._replies = replies

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        known = cls.settings.read(settings)
        del known["time_zone"], known["public_url"]
        return cls(**known)  # type: ignore[arg-type]

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Nobody tests an endpoint before it is used."""

    def verify(self, raw: RawInbound) -> None:
        """Look for a known secret, and at the networks it may come from."""
        self._callers.verify(raw)

    def refuse(self, error: ChannelError) -> Reply:
        """Refuse with a status that makes the provider try again, as long as it is set to."""
        return plain_refusal(error)
