"""SMS that we send by ourselves: the settings of the ways there are, and what each door shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from channels.base import Saying, Speaker
from channels.sms.wording import say

OWN_KEYS: Mapping[str, frozenset[str]] = {
    "kannel": frozenset({"url", "username", "password"}),
    "twilio": frozenset({"account_sid", "auth_token"}),
}


class ReplySettings(Schema):
    """`[sources.<name>.replies]`: by which way this source's senders are spoken to."""

    class Meta:
        unknown = RAISE

    by = fields.String(required=True, validate=validate.OneOf(sorted(OWN_KEYS)))
    sender = fields.String(required=True, data_key="from", validate=validate.Length(1, 16))
    url = fields.Url(require_tld=False, schemes={"http", "https"})
    username = fields.String(validate=validate.Length(min=1))
    password = fields.String(validate=validate.Length(min=1))
    smsc = fields.String(validate=validate.Length(min=1))
    account_sid = fields.String(validate=validate.Regexp(r"^AC[0-9a-f]{32}$"))
    auth_token = fields.String(validate=validate.Length(min=8))
    timeout_seconds = fields.Float(
        load_default=10.0, validate=validate.Range(min=0, min_inclusive=False, max=30)
    )

    a_minute = fields.Float(
        load_default=60.0, validate=validate.Range(min=0, min_inclusive=False, max=60_000)
    )

    @validates_schema
    def _has_what_it_needs(self, given: Mapping[str, Any], **_: object) -> None:
        needed = OWN_KEYS.get(given.get("by", ""), frozenset())
        optional = {"by", "sender", "timeout_seconds", "url", "a_minute"}
        if given.get("by") == "kannel":
            optional |= {"smsc"}
        missing = {key: [f"needed by {given.get('by')}"] for key in needed if not given.get(key)}
        foreign = {
            key: [f"not for {given.get('by')}"] for key in given if key not in needed | optional
        }
        if missing or foreign:
            raise ValidationError({**missing, **foreign})


class SaysSms:
    """What every SMS door has besides its own port."""

    _replies: Mapping[str, Any] | None

    @property
    def answers_requests(self) -> bool:
        """Most gateways send what they are answered as an SMS."""
        return True

    def speaker(self) -> Speaker | None:
        """Give what sends SMS, or None where no way is set."""
        if self._replies is None:
            return None
        # The web side only needs to know that there is one.
        from channels.sms.kannel_sending import KannelSpeaker  # noqa: PLC0415
        from channels.sms.twilio_sending import TwilioSpeaker  # noqa: PLC0415

        ways: Mapping[str, Callable[[Mapping[str, Any]], Speaker]] = {
            "kannel": KannelSpeaker,
            "twilio": TwilioSpeaker,
        }
        return ways[self._replies["by"]](self._replies)

    def words(self, saying: Saying) -> str:
        """Put it in one SMS."""
        return say(saying)
