"""What a person types into named fields: one set of rules for the app and the web form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from channels.base import Attachment

UNKNOWN_TYPE = "application/octet-stream"  # until accept knows
CLASSIFICATIONS = ("complaint", "aspiration", "information_request")
LONGEST_TITLE = 150
LONGEST_BODY = 10_000
LONGEST_LINE = 300
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Drop what no text column holds: NULs, lone surrogates and control characters.

    Line breaks and tabs stay; CR LF becomes LF. PostgreSQL refuses U+0000, and a lone surrogate
    (JSON can spell one) cannot be encoded at all.
    """
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class Text(fields.String):
    """A cleaned, trimmed string that says something."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=longest), **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        return clean(super()._deserialize(value, attr, data, **kwargs)).strip()


class Day(fields.Date):
    """`YYYY-MM-DD` and nothing else; marshmallow alone would take `20260102` too."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
            raise ValidationError("Not a date of the form YYYY-MM-DD.")
        return super()._deserialize(value, attr, data, **kwargs)


class Reporter(Schema):
    """Contact details as typed. They prove nothing about who is writing."""

    class Meta:
        unknown = RAISE

    name = Text(longest=LONGEST_LINE, metadata={"description": "As typed."})
    phone = Text(longest=30, metadata={"description": "As typed; it proves nothing."})
    email = fields.Email(
        validate=validate.Length(max=LONGEST_LINE),
        metadata={"description": "As typed; it proves nothing."},
    )


class Submission(Schema):
    """A complaint as typed. The first four fields are required."""

    class Meta:
        unknown = RAISE

    title = Text(longest=LONGEST_TITLE, required=True, metadata={"description": "Judul laporan."})
    body = Text(longest=LONGEST_BODY, required=True, metadata={"description": "Isi laporan."})
    incident_date = Day(
        required=True,
        metadata={"description": "Day of the incident, YYYY-MM-DD, not in the future."},
    )
    incident_location = Text(
        longest=LONGEST_LINE, required=True, metadata={"description": "Where it happened."}
    )
    classification = fields.String(
        load_default="complaint",
        validate=validate.OneOf(CLASSIFICATIONS),
        metadata={"description": "Pengaduan, aspirasi or permintaan informasi."},
    )
    agency = Text(longest=LONGEST_LINE, metadata={"description": "Instansi tujuan, as typed."})
    category = Text(longest=LONGEST_LINE, metadata={"description": "Kategori, as typed."})
    anonymous = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "The reporter's name is given to nobody."},
    )
    confidential = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={
            "description": "The complaint is on no public page; its status needs the secret."
        },
    )
    latitude = fields.Float(
        validate=validate.Range(-90, 90),
        metadata={"description": "Where it happened, WGS 84 degrees."},
    )
    longitude = fields.Float(
        validate=validate.Range(-180, 180), metadata={"description": "The same."}
    )
    attachments = fields.List(
        fields.UUID(),
        metadata={"description": "Ids of uploads, each of which belongs to one complaint."},
    )
    reporter = fields.Nested(
        Reporter, metadata={"description": "How to reach the reporter, see below."}
    )


def uploads(loaded: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Name the uploads of a loaded Submission, each once; accept tells what they are."""
    ids = dict.fromkeys(map(str, loaded.get("attachments", ())))
    return tuple(Attachment(UNKNOWN_TYPE, id=of) for of in ids)


def typed_fields(loaded: Mapping[str, Any]) -> dict[str, object]:
    """Turn a loaded Submission into the `fields` of an InboundMessage (JSON values only).

    The body is the message's text and is left out; so is what was not typed.
    """
    given = {key: value for key, value in loaded.items() if key not in {"body", "attachments"}}
    given["incident_date"] = loaded["incident_date"].isoformat()
    return given
