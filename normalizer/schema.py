"""The published shape of a complaint: dumps records for the queue, and describes them."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields, validate

from normalizer.complaint import SCHEMA_VERSION, Complaint

SCHEMA_NAME = f"complaint-v{SCHEMA_VERSION}"
ORIGINS = ("reporter", "extracted", "derived", "assumed")
_origin = validate.OneOf(ORIGINS)


def _said(description: str) -> dict[str, str]:
    return {"description": description}


_SUGGESTED = _said("0 to 1: how much speaks for a value that the words only suggest")


class TitleSchema(Schema):
    text = fields.String(required=True)
    origin = fields.String(required=True, validate=_origin)


class IncidentDateSchema(Schema):
    value = fields.String(required=True, allow_none=True, metadata=_said("ISO date"))
    precision = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(("day", "week", "month", "year")),
    )
    origin = fields.String(required=True, allow_none=True, validate=_origin)
    candidates = fields.List(fields.Dict(), required=True)
    time = fields.String(required=True, allow_none=True, metadata=_said("HH:MM, local"))


class IncidentLocationSchema(Schema):
    text = fields.String(required=True, allow_none=True)
    code = fields.String(
        required=True, allow_none=True, metadata=_said("Kemendagri code of the deepest sure area")
    )
    level = fields.String(required=True, allow_none=True)
    origin = fields.String(required=True, allow_none=True, validate=_origin)
    confidence = fields.Float(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    candidates = fields.List(fields.Dict(), required=True)


class AgencySchema(Schema):
    code = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    origin = fields.String(required=True, allow_none=True, validate=_origin)
    score = fields.Float(required=True, allow_none=True, metadata=_SUGGESTED)


class CategorySchema(Schema):
    code = fields.String(required=True, allow_none=True)
    label = fields.String(required=True, allow_none=True, attribute="text")
    origin = fields.String(required=True, allow_none=True, validate=_origin)
    score = fields.Float(required=True, allow_none=True, metadata=_SUGGESTED)


class AttachmentSchema(Schema):
    id = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True, allow_none=True, strict=True)
    name = fields.String(required=True, allow_none=True)
    verdict = fields.String(required=True)


class ReporterSchema(Schema):
    ref = fields.String(
        required=True,
        allow_none=True,
        metadata=_said("HMAC; the same for all complaints of one reporter, unless anonymous"),
    )
    name = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    proven = fields.Boolean(
        required=True, metadata=_said("The carrier or platform vouches for the reporter")
    )


class SourceSchema(Schema):
    channel = fields.String(required=True)
    source = fields.String(required=True)
    provider = fields.String(required=True)
    carrier = fields.String(required=True, allow_none=True)
    message_id = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)


class IdentifierSchema(Schema):
    kind = fields.String(required=True)
    masked = fields.String(required=True)


class RelatedSchema(Schema):
    number = fields.String(required=True)
    relation = fields.String(required=True)
    score = fields.Float(required=True)
    reasons = fields.List(fields.String(), required=True)


class ComplaintSchema(Schema):
    """One complaint of one citizen, whichever door it came through."""

    number = fields.String(required=True, metadata=_said("What the citizen quotes: XXXX-XXX-XXX"))
    aliases = fields.List(fields.String(), required=True)
    schema_version = fields.Integer(required=True, strict=True)
    revision = fields.Integer(
        required=True,
        strict=True,
        metadata=_said("Rises with every event of this number; keep the highest"),
    )
    classification = fields.String(
        required=True,
        validate=validate.OneOf(("complaint", "aspiration", "information_request")),
    )
    classification_origin = fields.String(required=True, validate=_origin)
    title = fields.Nested(TitleSchema, required=True)
    body = fields.String(required=True, metadata=_said("Personal identifiers are masked"))
    incident_date = fields.Nested(IncidentDateSchema, required=True)
    incident_location = fields.Nested(IncidentLocationSchema, required=True)
    agency = fields.Nested(AgencySchema, required=True)
    category = fields.Nested(CategorySchema, required=True)
    anonymous = fields.Boolean(required=True)
    confidential = fields.Boolean(required=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), required=True)
    reporter = fields.Nested(ReporterSchema, required=True)
    source = fields.Nested(SourceSchema, required=True)
    identifiers = fields.List(fields.Nested(IdentifierSchema), required=True)
    flags = fields.List(fields.String(), required=True)
    missing = fields.List(
        fields.String(), required=True, metadata=_said("Fields nobody gave and nothing told")
    )
    related = fields.List(fields.Nested(RelatedSchema), required=True)
    supporters = fields.Integer(required=True, strict=True)
    repeats = fields.Integer(required=True, strict=True)
    status = fields.String(required=True)
    external_refs = fields.List(fields.String(), required=True)


_SCHEMA = ComplaintSchema()


def dump(complaint: Complaint) -> dict[str, Any]:
    """Spell a complaint in JSON values."""
    record: dict[str, Any] = _SCHEMA.dump(complaint)
    return record


def json_schema() -> dict[str, Any]:
    """Describe the record as a JSON Schema (2020-12)."""
    spec = APISpec(
        title="complaint",
        version=str(SCHEMA_VERSION),
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.schema("Complaint", schema=ComplaintSchema)
    parts = _at_home(spec.to_dict()["components"]["schemas"])
    whole = parts.pop("Complaint")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:id.lapor:{SCHEMA_NAME}",
        "title": "Complaint",
        **whole,
        "$defs": parts,
    }


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__.removesuffix("Schema"))


def _at_home(node: Any) -> Any:
    """Point references into `$defs`, where a JSON Schema keeps its parts.

    What marshmallow refuses when loading is left open: whoever checks records with version 1
    must still take the fields that are added to it.
    """
    if isinstance(node, dict):
        return {
            key: value.replace("#/components/schemas/", "#/$defs/")
            if key == "$ref"
            else _at_home(value)
            for key, value in node.items()
            if (key, value) != ("additionalProperties", False)
        }
    return [_at_home(below) for below in node] if isinstance(node, list) else node
