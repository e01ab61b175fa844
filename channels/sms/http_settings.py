"""The settings of `sms.http`: how a carrier that has no adapter of its own speaks HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from channels.sms.callers import CallerSettings
from channels.sms.charsets import RULES

# JSON is Unicode already: what its strings can still be is wrapped octets.
PLAIN_IN_JSON = "utf-8"
NAMED_TIMES = ("iso", "epoch", "epoch_ms")
REPLY = "{reply}"
NO_CONTENT = (204, 205)
_ANY_MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


def _name(**more: Any) -> fields.String:
    return fields.String(validate=validate.Length(min=1), **more)


class FieldNames(Schema):
    """What the provider calls each field; in JSON a dotted path. The first three are required."""

    class Meta:
        unknown = RAISE

    id = _name(required=True)
    sender = _name(required=True, data_key="from")
    text = _name(required=True)
    to = _name()
    time = _name()
    coding = _name()
    udh = _name()
    reference = _name()
    part = _name()
    parts = _name()

    @validates_schema
    def _three_or_none(self, data: Mapping[str, str], **_: Any) -> None:
        given = {"reference", "part", "parts"} & set(data)
        if len(given) not in {0, 3}:
            raise ValidationError("reference, part and parts need each other", min(given))


def _is_time_format(spelled: str) -> None:
    if spelled in NAMED_TIMES:
        return
    try:
        datetime.strptime(_ANY_MOMENT.strftime(spelled), spelled)  # noqa: DTZ007 - only tried
    except ValueError as exc:
        raise ValidationError("neither iso, epoch, epoch_ms nor a format of strptime") from exc
    if "%" not in spelled:
        raise ValidationError("neither iso, epoch, epoch_ms nor a format of strptime")


def _is_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as exc:
        raise ValidationError("no such time zone") from exc


class HttpSettings(CallerSettings):
    """One carrier's dialect, in full; docs/channels/sms.md explains each key."""

    time_zone = fields.String(load_default="Asia/Jakarta", validate=_is_zone)
    token_in = fields.String(
        load_default="query:token",
        validate=validate.Regexp(
            r"(?:basic|query:[^\s:]+|header:[A-Za-z0-9-]+)\Z",
            error="query:NAME, header:NAME or basic",
        ),
    )
    method = fields.String(load_default="POST", validate=validate.OneOf(("GET", "POST")))
    format = fields.String(load_default="form", validate=validate.OneOf(("form", "query", "json")))
    batch = fields.String(load_default="")
    # A schema of marshmallow has its own `fields`.
    names = fields.Nested(FieldNames, required=True, data_key="fields")
    time_format = fields.String(load_default="iso", validate=_is_time_format)
    charset = fields.String(load_default="utf-8", validate=validate.OneOf(RULES))
    charsets = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.OneOf(RULES)),
        load_default=dict,
    )
    ack_status = fields.Integer(
        strict=True, load_default=200, validate=validate.Range(min=200, max=299)
    )
    ack_body = fields.String(load_default="")
    ack_type = fields.String(
        load_default="text/plain; charset=utf-8",
        validate=validate.Regexp(r"[\w.+-]+/[\w.+-]+(?:; charset=utf-8)?\Z"),
    )

    @validates_schema
    def _fits_together(self, data: Mapping[str, Any], **_: Any) -> None:
        for key, is_wrong, said in _contradictions(data):
            if is_wrong:
                raise ValidationError(said, key)


def _contradictions(data: Mapping[str, Any]) -> list[tuple[str, bool, str]]:
    is_json = data["format"] == "json"
    rules = {data["charset"], *data["charsets"].values()}
    plain = {rule for rule in rules if " " not in rule} - {PLAIN_IN_JSON}
    has_reply = REPLY in data["ack_body"]
    return [
        ("format", data["method"] == "GET" and data["format"] != "query", "a GET has a query only"),
        ("batch", bool(data["batch"]) and not is_json, "only JSON has arrays"),
        ("charset", is_json and bool(plain), "JSON is Unicode: utf-8, or wrapped octets"),
        (
            "charsets",
            bool(data["charsets"]) != ("coding" in data["names"]),
            "charsets and fields.coding need each other",
        ),
        # The answer goes to one phone: it must not tell it the numbers of the others.
        ("ack_body", has_reply and bool(data["batch"]), "a batch has many senders: no {reply}"),
        (
            "ack_body",
            bool(data["ack_body"]) and data["ack_status"] in NO_CONTENT,
            "this ack_status has no body",
        ),
    ]
