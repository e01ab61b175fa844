"""Messages as JSON lines: what `lapor normalize` reads, and the records it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from channels.base import InboundMessage
from gateway.reading import Reader
from normalizer.schema import dump

# Where a time is from that has one of Indonesia's three offsets.
_ZONES = {
    timedelta(hours=7): "Asia/Jakarta",
    timedelta(hours=8): "Asia/Makassar",
    timedelta(hours=9): "Asia/Jayapura",
}


class BadLine(Exception):
    """A line that is no message; says why without what it says. `of` is its id, if it has one."""

    def __init__(self, said: str, of: object = None):
        super().__init__(said)
        self.of = of


class _FieldsSchema(Schema):
    """The fields that mean something to the normaliser; as accept keeps them."""

    class Meta:
        unknown = EXCLUDE

    title = fields.String(allow_none=True)
    incident_date = fields.Date(allow_none=True)
    incident_location = fields.String(allow_none=True)
    classification = fields.String(
        allow_none=True,
        validate=validate.OneOf(("complaint", "aspiration", "information_request")),
    )
    agency = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    anonymous = fields.Boolean()
    confidential = fields.Boolean()
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)


class _LineSchema(Schema):
    """A message; what else a line has is left alone."""

    class Meta:
        unknown = EXCLUDE

    id = fields.Raw(required=True)
    channel = fields.String(load_default="sms", validate=validate.Length(min=1))
    text = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True, format="iso", default_timezone=UTC)
    fields_ = fields.Nested(_FieldsSchema, data_key="fields", load_default=dict, allow_none=True)


_SCHEMA = _LineSchema()


def read(line: bytes, reader: Reader, time_zone: str) -> dict[str, Any]:
    """Read one line into `{"id", ...record}`, without a number. Raises BadLine.

    Dates are read in the offset of `received_at` when it is one of Indonesia's, else in
    `time_zone`, unless the text or its place tells another.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise BadLine("not JSON") from exc
    if not isinstance(given, Mapping):
        raise BadLine("not a JSON object")
    try:
        loaded = _SCHEMA.load(given)
    except (ValidationError, OverflowError) as exc:
        raise BadLine(_said(exc), given.get("id")) from exc
    made = reader.read(_message(loaded), number="", zone=_zone(loaded["received_at"]) or time_zone)
    return {"id": loaded["id"], **dump(made)}


def _said(exc: Exception) -> str:
    if not isinstance(exc, ValidationError):
        return "a number is too large"
    messages: dict[str, Any] = exc.normalized_messages()  # type: ignore[no-untyped-call]
    return "; ".join(f"{key}: {json.dumps(of)}" for key, of in sorted(messages.items()))


def _message(loaded: Mapping[str, Any]) -> InboundMessage:
    typed = {key: value for key, value in (loaded["fields_"] or {}).items() if value is not None}
    if "incident_date" in typed:
        typed["incident_date"] = typed["incident_date"].isoformat()
    return InboundMessage(
        source=loaded["channel"],
        channel=loaded["channel"],
        provider=loaded["channel"],
        provider_id=str(loaded["id"]),
        sender=None,
        text=loaded["text"],
        received_at=loaded["received_at"],
        fields=typed,
    )


def _zone(moment: datetime) -> str | None:
    return _ZONES.get(moment.utcoffset() or timedelta())
