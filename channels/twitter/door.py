"""X's Activity webhook: signed JSON events in, and nothing said back on the same request.

Source: X "Webhooks" and "X Activity API" (2026-11). X waits 10 s for a 200, tests the endpoint
with a CRC (at registration and about every half hour), and documents that events come twice.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import parse_qs

from channels.base import (
    ChannelError,
    InboundMessage,
    NotAuthentic,
    Poller,
    RawInbound,
    Receipt,
    Reply,
    Saying,
    Speaker,
    plain_refusal,
)
from channels.twitter.documents import json_of, read_all
from channels.twitter.posts import Account
from channels.twitter.settings import TwitterSettings, may_poll, may_reply
from channels.twitter.wording import say

SIGNATURE = "X-Twitter-Webhooks-Signature"
# The answer to a challenge is a signature with the same secret as an event's. So nothing that
# could be an event is ever answered: a challenge is letters and digits, an event begins with "{".
_CHALLENGE = re.compile(r"[A-Za-z0-9_+/=-]{1,256}", re.ASCII)


class Twitter:
    """The mentions of one account: pushed to `/in/<source>`, and pulled where it has a token."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._secrets = [secret.encode() for secret in settings["consumer_secrets"]]
        self._account = account_of(settings)
        self.media_from: Sequence[str] = settings["media_from"]

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        return cls(TwitterSettings.of(settings))

    def poller(self) -> Poller | None:
        """Give what pulls mentions, or None without a token to read them."""
        if not may_poll(self._settings):
            return None
        from channels.twitter.mentions import Mentions  # noqa: PLC0415 - the web side never polls

        return Mentions(self._settings, self._account)

    def speaker(self) -> Speaker | None:
        """Give what posts replies, or None without the keys to write."""
        if not may_reply(self._settings):
            return None
        from channels.twitter.speaker import XSpeaker  # noqa: PLC0415 - the web side never posts

        return XSpeaker(self._settings)

    @property
    def answers_requests(self) -> bool:
        """X reads no answer: whatever is said is a post."""
        return False

    def words(self, saying: Saying) -> str:
        """Put it in one public post."""
        return say(saying)

    def media_proof(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - the port's
        """X shows the files of a public post to everybody."""
        return {}

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Answer X's CRC with the current secret."""
        if raw.method != "GET":
            return None
        asked = parse_qs(raw.raw_query.decode("latin-1")).get("crc_token", [])
        if len(asked) != 1 or not _CHALLENGE.fullmatch(asked[0]):
            return None
        token = _signature(self._secrets[0], asked[0].encode())
        return Reply(200, json.dumps({"response_token": token}).encode(), "application/json")

    def verify(self, raw: RawInbound) -> None:
        """Check the signature over the body as received."""
        signature = raw.header(SIGNATURE).encode("utf-8", "replace")
        genuine = [
            hmac.compare_digest(_signature(secret, raw.body).encode(), signature)
            for secret in self._secrets
        ]
        if raw.method != "POST" or not any(genuine):
            raise NotAuthentic("twitter: signature is not ours; check consumer_secrets")

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read events; those that are no mention, reply, quote or deletion are not for us.

        A page of the API is read too: what could not be read of one is parked like a request.
        """
        return read_all(json_of(raw.body), self._account, raw.received_at)

    def reply(self, receipts: Sequence[Receipt]) -> Reply:  # noqa: ARG002 - answered by a post
        """Say that it was taken: X reads the status alone."""
        return Reply(200)

    def refuse(self, error: ChannelError) -> Reply:
        """X reads the status, and delivers again what was refused."""
        return plain_refusal(error)


def account_of(settings: Mapping[str, Any]) -> Account:
    """Give the account of resolved settings."""
    return Account(
        source=settings["source"],
        handle=settings["handle"],
        account_id=settings["account_id"],
        required_hashtag=settings["required_hashtag"],
    )


def _signature(secret: bytes, signed: bytes) -> str:
    return f"sha256={b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"
