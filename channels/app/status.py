"""How a consumer says where a complaint stands, in a request or in an event, and what it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

STATUSES = (
    "received",
    "verified",
    "forwarded",
    "in_progress",
    "awaiting_reporter",
    "resolved",
    "archived",
    "not_authorised",
    "withdrawn",
)
LONGEST_ID = 200
LONGEST_NOTE = 1000
HIGHEST_SEQUENCE = 2**63 - 1
# PostgreSQL refuses U+0000, and a lone surrogate cannot be encoded at all.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,19}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


class Plain(fields.String):
    """Text that can be stored as it is. Nothing is mended in silence: a machine wrote it."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=longest), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _UNSTORABLE.search(text):
            raise ValidationError("Control characters or lone surrogates.")
        return text


class Id(fields.String):
    """An id that can stand in a log line."""

    def __init__(self, **kwargs: Any) -> None:
        error = f"Up to {LONGEST_ID} visible ASCII characters."
        checks = [validate.Length(max=LONGEST_ID), validate.Regexp(r"[\x21-\x7e]+\Z", error=error)]
        super().__init__(validate=checks, **kwargs)


class Sequence(fields.Integer):
    """A whole number, or its digits: CloudEvents spell it as text."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number and not (isinstance(value, str) and _DIGITS.fullmatch(value)):
            raise ValidationError("Not a whole number.")
        number: int = super()._deserialize(value, attr, data, **kwargs)
        if not 0 <= number <= HIGHEST_SEQUENCE:
            raise ValidationError(f"Not from 0 to {HIGHEST_SEQUENCE}.")
        return number


class Instant(fields.AwareDateTime):
    """An RFC 3339 time with its offset, in UTC."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValidationError("Not a time like 2026-11-21T10:04:05+07:00.")
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as exc:  # the first or the last day there is
            raise ValidationError("Not a time in UTC.") from exc


class Said(Schema):
    """What is said of a complaint, whichever way it comes."""

    class Meta:
        unknown = RAISE

    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "How it stands now."},
    )
    note = Plain(
        longest=LONGEST_NOTE,
        metadata={"description": "Why, in plain words. Shown to consumers, never to citizens."},
    )
    reference = Plain(
        longest=LONGEST_ID,
        metadata={"description": "Your own number for it; in external_refs from then on."},
    )


class StatusSaid(Said):
    """The body of `POST /v1/complaints/<number>/status`."""

    id = Id(
        required=True,
        metadata={"description": "Made once for this change; send it again with every retry."},
    )
    sequence = Sequence(
        required=True,
        metadata={"description": "Grows with every change you tell; lower ones come too late."},
    )
    at = Instant(required=True, metadata={"description": "When it happened, RFC 3339."})


class StatusTaken(Schema):
    number = fields.String(required=True, metadata={"description": "The complaint's number."})
    status = fields.String(required=True, metadata={"description": "How it stands now."})
    verdict = fields.String(
        required=True,
        metadata={"description": "applied, repeated, late or withdrawn; see the manual."},
    )


class Full(Schema):
    """All that is known of a complaint."""

    number = fields.String(required=True, metadata={"description": "The complaint's number."})
    status = fields.String(required=True, metadata={"description": "How it stands now."})
    record = fields.Raw(
        required=True,
        metadata={"description": "The record as on the queue, brought up to date; null before."},
    )
    text = fields.Dict(
        required=True, metadata={"description": "As written: title, text and typed fields."}
    )
    reporter = fields.Dict(
        required=True,
        metadata={"description": "name, phone, email and sender; all null when anonymous."},
    )
    messages = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "Every message about it: received_at, source, outcome, text."},
    )
    history = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "All that consumers said of it, oldest first."},
    )
