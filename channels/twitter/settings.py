"""What a source of the adapter `twitter` may set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from channels.base import SourceSettings, media_places

_KEYS_TO_WRITE = ("api_key", "access_token", "access_token_secret")
_LONGEST_OVERLAP = 86_400.0


class TwitterSettings(SourceSettings):
    """The account, the keys of its app, and how it is polled.

    `consumer_secrets` sign the webhook and replies: the current one first, former ones behind it
    while it is rotated. `bearer_token` reads mentions: without one nothing is polled. `api_key`,
    `access_token` and `access_token_secret` write replies.
    """

    consumer_secrets = fields.List(
        fields.String(validate=validate.Length(min=8)),
        required=True,
        validate=validate.Length(min=1),
    )
    account_id = fields.String(load_default="", validate=validate.Regexp(r"^[0-9]{0,20}$"))
    handle = fields.String(load_default="lapor1708", validate=validate.Regexp(r"^\w{1,15}$"))
    required_hashtag = fields.String(load_default="", validate=validate.Regexp(r"^\w{0,100}$"))
    bearer_token = fields.String(load_default="")
    api_key = fields.String(load_default="")
    access_token = fields.String(load_default="")
    access_token_secret = fields.String(load_default="")
    api_url = fields.Url(load_default="https://api.twitter.com", require_tld=False)
    timeout_seconds = fields.Float(
        load_default=10.0, validate=validate.Range(min=0, min_inclusive=False, max=30)
    )
    poll_seconds = fields.Float(
        load_default=60.0, validate=validate.Range(min=0, min_inclusive=False)
    )
    replies_a_minute = fields.Float(
        load_default=6.0, validate=validate.Range(min=0, min_inclusive=False, max=6000)
    )
    overlap_seconds = fields.Float(
        load_default=600.0, validate=validate.Range(min=0, max=_LONGEST_OVERLAP)
    )

    media_from = media_places("https://pbs.twimg.com/", "https://video.twimg.com/")

    @validates_schema
    def _check_account(self, given: Mapping[str, Any], **_: object) -> None:
        if (given.get("bearer_token") or given.get("access_token")) and not given.get("account_id"):
            raise ValidationError(
                {"account_id": ["needed to poll and to reply: the account's number, not its name"]}
            )

    @validates_schema
    def _check_keys(self, given: Mapping[str, Any], **_: object) -> None:
        missing = [key for key in _KEYS_TO_WRITE if not given.get(key)]
        if missing and len(missing) < len(_KEYS_TO_WRITE):
            raise ValidationError({key: ["the keys to write come together"] for key in missing})

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> dict[str, Any]:
        """Read a source's settings, without the time zone: X's times name theirs."""
        known: dict[str, Any] = cls.read(settings)
        known.pop("time_zone")
        return known


def may_poll(settings: Mapping[str, Any]) -> bool:
    """Tell whether these settings can read mentions."""
    return bool(settings.get("bearer_token"))


def may_reply(settings: Mapping[str, Any]) -> bool:
    """Tell whether these settings can write."""
    return all(settings.get(key) for key in _KEYS_TO_WRITE)
