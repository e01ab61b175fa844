"""What a consumer says of a complaint, read from an event or from a request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from channels import number
from channels.app.status import Id, Instant, Said, Sequence, StatusSaid
from channels.base import Malformed, Unacceptable

STATUS_TYPE = "id.lapor.complaint.status.v1"
GATEWAY = "gateway"  # the name under which we ourselves change a status
LARGEST = 65_536  # characters or bytes


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One thing a consumer said. `reference` is the consumer's own number for the complaint."""

    consumer: str
    event_id: str
    number: str
    status: str
    sequence: int
    happened_at: datetime
    note: str | None = None
    reference: str | None = None


class _Number(fields.String):
    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        found = number.parse(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            raise ValidationError("Not a complaint's number.")
        return found


class _CloudEvent(Schema):
    """What we need of CloudEvents 1.0; extension attributes of others are allowed there."""

    class Meta:
        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    type = fields.String(required=True, validate=validate.Equal(STATUS_TYPE))
    source = Id(required=True)
    id = Id(required=True)
    subject = _Number(required=True)
    sequence = Sequence(required=True)
    time = Instant(required=True)
    data = fields.Nested(Said, required=True)


_EVENT = _CloudEvent()
_BODY = StatusSaid()
_KNOWN = frozenset({*_EVENT.fields, *Said().fields})


def read_event(body: str | bytes) -> StatusEvent:
    """Read a CloudEvent in structured JSON; Malformed names the fields that are wrong."""
    try:
        read = _EVENT.load(_document(body))
    except ValidationError as exc:
        raise Malformed("; ".join(dict.fromkeys(_wrong(exc.messages)))) from None
    if read["source"] == GATEWAY:
        raise Malformed("source: this name is the gateway's own")
    return StatusEvent(
        consumer=read["source"],
        event_id=read["id"],
        number=read["subject"],
        sequence=read["sequence"],
        happened_at=read["time"],
        **read["data"],
    )


def read_body(body: bytes, *, consumer: str, of: str) -> StatusEvent:
    """Read a request's body about the complaint `of`; Unacceptable lists all that is wrong."""
    try:
        typed = _document(body)
    except Malformed as exc:
        raise Unacceptable(f"the body is {exc}", status=400) from exc
    try:
        read = _BODY.load(typed)
    except ValidationError as exc:
        raise Unacceptable(
            "some fields are not as they should be", status=422, problems=exc.messages_dict
        ) from exc
    event_id, happened_at = read.pop("id"), read.pop("at")
    return StatusEvent(consumer, event_id, of, happened_at=happened_at, **read)


def _document(body: str | bytes) -> Any:
    if len(body) > LARGEST:
        raise Malformed(f"larger than {LARGEST} bytes")
    try:
        return json.loads(body.decode() if isinstance(body, bytes) else body)
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError
        raise Malformed("not JSON in UTF-8") from None


def _wrong(messages: Any, path: str = "") -> Iterator[str]:
    """Tell which fields are wrong, in words that may be logged: none of the sender's own."""
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            name = key if key in _KNOWN else ""
            yield from _wrong(below, f"{path}.{name}".strip("."))
    else:
        yield f"{path or 'the whole'}: {' '.join(map(str, messages))}"
