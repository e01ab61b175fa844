"""The API's OpenAPI 3.1 description, from the schemas that check the requests.

Kept to what Android and iOS generators digest: no type arrays, no oneOf, optional means absent.
"""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from channels.app.problems import CONTENT_TYPE
from channels.app.status import STATUSES, Full, StatusSaid, StatusTaken
from channels.submission import Submission

_NUMBER = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "XXXX-XXX-XXX; case, spaces and dashes do not matter",
    "schema": {"type": "string"},
}

_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


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


class Uploaded(Schema):
    id = fields.String(
        required=True, metadata={"description": "For `attachments` of one complaint."}
    )
    verdict = fields.String(
        required=True,
        metadata={
            "description": "clean or not_decoded: kept. not_allowed, unreadable, too_heavy: the "
            "file is not kept, and may be named all the same."
        },
    )
    sha256 = fields.String(
        metadata={"description": "Of the copy that is kept, without metadata; absent if none is."}
    )
    size = fields.Integer(
        required=True, metadata={"description": "Bytes of that copy; else of what was sent."}
    )
    media_type = fields.String(required=True, metadata={"description": "What it really is."})
    name = fields.String(metadata={"description": "As told."})


class Step(Schema):
    status = fields.String(required=True, metadata={"description": "One of those above."})
    at = fields.AwareDateTime(
        required=True, metadata={"description": "When it came to that, RFC 3339."}
    )


class Status(Schema):
    number = fields.String(required=True, metadata={"description": "The complaint's number."})
    status = fields.String(
        required=True,
        metadata={
            "description": f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}; more may be added."
        },
    )
    received_at = fields.AwareDateTime(required=True, metadata={"description": "RFC 3339."})
    updated_at = fields.AwareDateTime(
        required=True, metadata={"description": "When the status last changed."}
    )
    history = fields.List(
        fields.Nested(Step),
        required=True,
        metadata={"description": "How it came to that, oldest first."},
    )


class Separation(Schema):
    """What shows that a complaint is the caller's own."""

    secret = fields.String(
        required=True, metadata={"description": "As given when the complaint was filed."}
    )


def openapi(public_url: str, *, needs_token: bool, has_consumers: bool = False) -> dict[str, Any]:
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
        ("Uploaded", Uploaded),
        ("Complaint", Submission),
        ("Separation", Separation),
    ):
        spec.components.schema(name, schema=schema)
    if needs_token:
        spec.components.security_scheme("app", {"type": "http", "scheme": "bearer"})
    spec.path("/v1/complaints", operations={"post": _file(needs_token=needs_token)})
    spec.path("/v1/attachments", operations={"post": _upload(needs_token=needs_token)})
    spec.path("/v1/complaints/{number}", operations={"get": _ask()})
    spec.path("/v1/complaints/{number}/separate", operations={"post": _separate()})
    if has_consumers:
        _describe_consumers(spec)
    return spec.to_dict()


def _describe_consumers(spec: APISpec) -> None:
    for schema in (StatusSaid, StatusTaken, Full):
        spec.components.schema(schema.__name__, schema=schema)
    spec.components.security_scheme("consumer", {"type": "http", "scheme": "bearer"})
    spec.path("/v1/complaints/{number}/status", operations={"post": _tell()})
    spec.path("/v1/complaints/{number}/full", operations={"get": _read_full()})
    spec.path("/v1/attachments/{sha256}", operations={"get": _read_file()})


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


def _upload(*, needs_token: bool) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "uploadFile",
        "summary": "Upload a file",
        "description": "The body is the file. Name the id in `attachments` of one complaint, "
        "within a day. A picture, a PDF or a video; another file is not kept.",
        "parameters": [
            {
                "name": "name",
                "in": "query",
                "required": False,
                "description": "What the citizen calls it.",
                "schema": {"type": "string"},
            }
        ],
        "requestBody": {"required": True, "content": _BINARY},
        "responses": {
            "201": {"description": "Taken; see the verdict.", "content": _json("Uploaded")},
            **_problems(
                {
                    "413": "The file is too large.",
                    "429": "Too many files from this address.",
                    "503": "Not kept; try again after Retry-After seconds.",
                }
            ),
        },
    }
    if needs_token:
        operation["security"] = [{"app": []}]
        operation["responses"] |= _problems({"403": "No token of a registered app."})
    return operation


def _read_file() -> dict[str, Any]:
    return {
        "operationId": "attachedFile",
        "summary": "Read a file of a complaint",
        "description": "For consumers of the queue. Who reads what is written down.",
        "security": [{"consumer": []}],
        "parameters": [
            {
                "name": "sha256",
                "in": "path",
                "required": True,
                "description": "As in the record's attachments.",
                "schema": {"type": "string"},
            }
        ],
        "responses": {
            "200": {"description": "The file, as a download.", "content": _BINARY},
            **_problems(
                {
                    "401": "No key of a consumer.",
                    "404": "No complaint has it.",
                    "503": "Nothing is told; try again after Retry-After seconds.",
                }
            ),
        },
    }


def _ask() -> dict[str, Any]:
    return {
        "operationId": "complaintStatus",
        "summary": "Ask how a complaint stands",
        "parameters": [
            _NUMBER,
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


def _separate() -> dict[str, Any]:
    return {
        "operationId": "separateComplaint",
        "summary": "Say that it is another matter",
        "description": "Takes a complaint out of the one that it was joined with: it goes on by "
        "itself, under its own number. Safe to repeat.",
        "parameters": [_NUMBER],
        "requestBody": {"required": True, "content": _json("Separation")},
        "responses": {
            "202": {"description": "Taken; consumers hear of it in a moment."},
            **_problems(
                {
                    "400": "No JSON with a secret.",
                    "404": "Unknown, or the secret is not right.",
                    "429": "Too many unknown numbers from this address.",
                    "503": "Not stored; try again after Retry-After seconds.",
                }
            ),
        },
    }


def _tell() -> dict[str, Any]:
    return {
        "operationId": "tellStatus",
        "summary": "Tell how a complaint stands",
        "description": "For consumers of the queue. Said twice under one id, it is done once.",
        "security": [{"consumer": []}],
        "parameters": [_NUMBER],
        "requestBody": {"required": True, "content": _json("StatusSaid")},
        "responses": {
            "200": {"description": "Kept; the verdict says how.", "content": _json("StatusTaken")},
            **_problems(
                {
                    "400": "No readable JSON.",
                    "401": "No key of a consumer.",
                    "404": "Unknown number.",
                    "422": "Some fields are wrong.",
                    "503": "Not kept; try again after Retry-After seconds.",
                }
            ),
        },
    }


def _read_full() -> dict[str, Any]:
    return {
        "operationId": "fullComplaint",
        "summary": "Read all that is known of a complaint",
        "description": "For consumers of the queue. Who reads what is written down.",
        "security": [{"consumer": []}],
        "parameters": [_NUMBER],
        "responses": {
            "200": {"description": "All of it.", "content": _json("Full")},
            **_problems(
                {
                    "401": "No key of a consumer.",
                    "404": "Unknown number.",
                    "503": "Nothing is told; try again after Retry-After seconds.",
                }
            ),
        },
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _problems(said: dict[str, str]) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {code: {"description": text, "content": content} for code, text in said.items()}
