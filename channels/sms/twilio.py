"""Twilio Programmable Messaging: a signed form in, TwiML out.

Source: Twilio "Webhook request" (2026-03) and the SDK's RequestValidator 9.13. Twilio waits 15 s,
does not retry unless its webhook URL asks for it, and adds parameters without notice: unknown
ones are covered by the signature and otherwise ignored.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Self

from marshmallow import fields, validate
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.datastructures import MultiDict

from channels.base import (
    Attachment,
    ChannelError,
    InboundMessage,
    Malformed,
    NotAuthentic,
    RawInbound,
    Receipt,
    Reply,
    SourceSettings,
    media_places,
    plain_refusal,
    provider_id,
)
from channels.commands import read_command
from channels.sms.pairs import read_pairs
from channels.sms.senders import e164_set, read_sender
from channels.sms.speaking import ReplySettings, SaysSms
from channels.sms.wording import reply_text
from channels.submission import clean

MOST_MEDIA = 10
_ACCOUNT = re.compile(r"https://api\.twilio\.com/2010-04-01/Accounts/(AC[0-9a-f]{32})/")


class TwilioSettings(SourceSettings):
    """`auth_tokens`: current and former tokens of the account, for rotation."""

    auth_tokens = fields.List(
        fields.String(validate=validate.Length(min=8)),
        required=True,
        validate=validate.Length(min=1),
    )
    carrier = fields.String(load_default=None, allow_none=True)
    own_numbers = fields.List(fields.String(), load_default=list)
    replies = fields.Nested(ReplySettings, load_default=None)
    # Where Twilio's API sends on to: with and without "Enforce HTTP Auth on Media URLs".
    media_from = media_places(
        "https://api.twilio.com/",
        "https://mms.twiliocdn.com/",
        "https://s3-external-1.amazonaws.com/media.twiliocdn.com/",
    )


class Twilio(SaysSms):
    """One Twilio webhook."""

    def __init__(
        self,
        source: str,
        public_url: str,
        auth_tokens: Sequence[str],
        own_numbers: Sequence[str],
        carrier: str | None,
        replies: Mapping[str, Any] | None,
        media_from: Sequence[str],
    ):
        self._source = source
        self._auth_token = auth_tokens[0]
        self.media_from = media_from
        self._public_url = public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in auth_tokens]
        self._own_numbers = e164_set(own_numbers)
        self._carrier = carrier
        self._replies = replies

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        known = TwilioSettings.read(settings)
        known.pop("time_zone")
        return cls(**known)  # type: ignore[arg-type]

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Twilio does not test an endpoint before it uses it."""

    def verify(self, raw: RawInbound) -> None:
        """Check the signature over the URL as configured, and over every parameter.

        The URL is built from `public_url` because behind a proxy the request's own is another.
        SHA-1 is pinned: these are account tokens, and a header must not choose the algorithm.
        """
        query = raw.raw_query.decode("latin-1")
        url = f"{self._public_url}{raw.raw_path}" + (f"?{query}" if query else "")
        signature = raw.header("X-Twilio-Signature")
        try:
            parameters = MultiDict(read_pairs(raw.body)) if raw.method == "POST" else MultiDict()
            genuine = any(
                # First as configured: the SDK itself always tries two spellings of the port.
                hmac.compare_digest(validator.compute_signature(url, parameters), signature)
                or validator.validate(url, parameters, signature)
                for validator in self._validators
            )
        except (Malformed, ValueError, TypeError) as exc:
            raise NotAuthentic(f"twilio: {type(exc).__name__} in a request to be verified") from exc
        if not genuine:
            raise NotAuthentic("twilio: signature is not ours; check auth_tokens and public_url")

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one message."""
        pairs = read_pairs(raw.body if raw.method == "POST" else raw.raw_query)
        form = dict(reversed(pairs))  # the first of repeated names wins, as with Twilio's SDKs
        try:
            sender, automatic = read_sender(clean(form["From"]), self._own_numbers)
            text = clean(form["Body"])
            message_id = provider_id(clean(form["MessageSid"]), "Twilio sends a MessageSid")
            attachments = _media(form)
        except KeyError as exc:
            raise Malformed(f"twilio: no parameter {exc.args[0]}") from exc
        except ValueError as exc:
            raise Malformed("twilio: NumMedia is not a number") from exc
        return [
            InboundMessage(
                source=self._source,
                channel="sms",
                provider="twilio",
                provider_id=message_id,
                sender=sender,
                text=text,
                received_at=raw.received_at,
                attachments=attachments,
                carrier=self._carrier,
                command=read_command(text),
                automatic=automatic,
            )
        ]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Answer with TwiML; an empty response sends nothing."""
        twiml = MessagingResponse()
        for text in filter(None, map(reply_text, receipts)):
            twiml.message(text)
        return Reply(200, str(twiml).encode(), "text/xml; charset=utf-8")

    def media_proof(self, url: str) -> Mapping[str, str]:
        """Show the account, which the address names, and its token; to Twilio's API alone."""
        account = _ACCOUNT.match(url)
        if account is None:
            return {}
        typed = f"{account[1]}:{self._auth_token}".encode()
        return {"Authorization": f"Basic {b64encode(typed).decode()}"}

    def refuse(self, error: ChannelError) -> Reply:
        """Twilio reads the status; with `#rp=5xx` on its URL it tries a 503 again."""
        return plain_refusal(error)


def _media(form: Mapping[str, str]) -> tuple[Attachment, ...]:
    """List media still at Twilio; it is fetched later, never inside the request."""
    count = min(int(form.get("NumMedia") or 0), MOST_MEDIA)
    return tuple(
        Attachment(clean(form.get(f"MediaContentType{index}", "")), clean(form[f"MediaUrl{index}"]))
        for index in range(count)
    )
