"""The API's OpenAPI 3.1 description, from the schemas that check the requests.

Kept to what Android and iOS generators digest: no type arrays, no oneOf, optional means absent.
"""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from channels.app.problems import CONTENT_TYPE
from channels.submission import Submission

_NUMBER = "XXXX-XXX-XXX; case, spaces and dashes do not matter"


class Problem(Schema):
    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.Dict(
        metadata={"description": "What is wrong with each field, as lists of sentences."}
    )


class Accepted(Schema):
    number = fields.String(required=True, metadata={"description": "Show it to the citizen."})
    status = fields.String(required=True, metadata={"description": "Always received."})
    received_at = fields.AwareDateTime(required=True, metadata={"description": "RFC 3339."})
    secret = fields.String(
        required=True, metadata={"description": "Opens a confidential complaint; keep it."}
    )


class Status(Schema):
    number = fields.String(required=True, metadata={"description": "The complaint's number."})
    status = fields.String(
        required=True,
        metadata={
            "description": "received, verified, forwarded, in_progress, awaiting_reporter, "
            "resolved, archived, not_authorised or withdrawn; more may be added."
        },
    )
    received_at = fields.AwareDateTime(required=True, metadata={"description": "RFC 3339."})
    updated_at = fields.AwareDateTime(
        required=True, metadata={"description": "When the status last changed."}
    )


def openapi(public_url: str, *, needs_token: bool) -> dict[str, Any]:
    """Describe the API as served at `public_url`."""
    spec = APISpec(
        title="lapor-gateway",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": "One intake for SP4N-LAPOR!: file a complaint, ask how it stands."},
        servers=[{"url": public_url}],
    )
    for name, schema in (
        ("Problem", Problem),
        ("Accepted", Accepted),
        ("Status", Status),
        ("Complaint", Submission),
    ):
        spec.components.schema(name, schema=schema)
    if needs_token:
        spec.components.security_scheme("app", {"type": "http", "scheme": "bearer"})
    spec.path("/v1/complaints", operations={"post": _file(needs_token=needs_token)})
    spec.path("/v1/complaints/{number}", operations={"get": _ask()})
    described: dict[str, Any] = spec.to_dict()
    # Not part of the API until files are: sending some is refused with a sentence.
    del described["components"]["schemas"]["Complaint"]["properties"]["attachments"]
    return described


def _file(*, needs_token: bool) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "fileComplaint",
        "summary": "File a complaint",
        "description": "Answered only after the complaint is safely stored. Repeat it with the "
        "same Idempotency-Key until an answer comes: the first answer is given again.",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "A UUID made once for each complaint, when the draft is made.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        ],
        "requestBody": {"required": True, "content": _json("Complaint")},
        "responses": {
            "201": {"description": "Stored.", "content": _json("Accepted")},
            **_problems(
                {
                    "400": "No readable JSON, or no Idempotency-Key.",
                    "413": "The body is too large.",
                    "422": "Some fields are wrong, or the key was used for another body.",
                    "503": "Not stored; try again after Retry-After seconds.",
                }
            ),
        },
    }
    if needs_token:
        operation["security"] = [{"app": []}]
        operation["responses"] |= _problems({"403": "No token of a registered app."})
    return operation


def _ask() -> dict[str, Any]:
    return {
        "operationId": "complaintStatus",
        "summary": "Ask how a complaint stands",
        "parameters": [
            {
                "name": "number",
                "in": "path",
                "required": True,
                "description": _NUMBER,
                "schema": {"type": "string"},
            },
            {
                "name": "secret",
                "in": "query",
                "required": False,
                "description": "Needed for a confidential complaint.",
                "schema": {"type": "string"},
            },
        ],
        "responses": {
            "200": {"description": "How it stands.", "content": _json("Status")},
            **_problems(
                {
                    "404": "Unknown, or confidential and the secret is not right.",
                    "429": "Too many unknown numbers from this address.",
                }
            ),
        },
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _problems(said: dict[str, str]) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": text, "content": content} for code, text in said.items()}
