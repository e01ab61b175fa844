"""The app API's routes. What they need of the gateway is handed to them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, render_template, request

from channels.app.openapi import openapi


@dataclass(frozen=True, slots=True)
class Found:
    """How a complaint stands, as far as the asker may know."""

    number: str
    status: str
    received_at: datetime
    updated_at: datetime
    history: tuple[tuple[str, datetime], ...]


class Lookup(Protocol):
    """Finds a complaint by its number as typed; None is "unknown, or not for you"."""

    def __call__(self, number: str, secret: str | None, client_address: str) -> Found | None:
        """May raise TooManyRequests."""


class Separate(Protocol):
    """Takes a complaint out of what it was joined with; tells whether the secret was right."""

    def __call__(self, number: str, secret: str, client_address: str) -> bool:
        """May raise TooManyRequests and Overloaded."""


def blueprint(
    *,
    receive: Callable[[], Response],
    upload: Callable[[], Response],
    lookup: Lookup,
    separate: Separate,
    client_address: Callable[[], str],
    refuse: Callable[[int, str], Response],
    public_url: str,
    needs_token: bool,
    has_consumers: bool,
) -> Blueprint:
    """Build `/v1/complaints`, `/v1/attachments`, `/openapi.json` and `/docs`.

    `receive` takes a request through the whole of accept, `upload` one file; `refuse` answers with
    a problem.
    """
    routes = Blueprint("app", __name__, template_folder="templates")
    described = openapi(public_url, needs_token=needs_token, has_consumers=has_consumers)

    @routes.post("/v1/complaints")
    def file_complaint() -> Response:
        return receive()

    @routes.post("/v1/attachments")
    def upload_file() -> Response:
        return upload()

    @routes.get("/v1/complaints/<number>")
    def complaint_status(number: str) -> Response:
        found = lookup(number, request.args.get("secret"), client_address())
        if found is None:
            return refuse(404, "no complaint with this number, or it is confidential")
        answer = jsonify(
            number=found.number,
            status=found.status,
            received_at=found.received_at.isoformat(),
            updated_at=found.updated_at.isoformat(),
            history=[{"status": was, "at": since.isoformat()} for was, since in found.history],
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.post("/v1/complaints/<number>/separate")
    def separate_complaint(number: str) -> Response:
        body = request.get_json(silent=True)
        secret = body.get("secret") if isinstance(body, dict) else None
        if not isinstance(secret, str):
            return refuse(400, 'the body must be JSON with the "secret" of the complaint')
        if not separate(number, secret, client_address()):
            return refuse(404, "no complaint with this number and secret")
        return Response(status=202, headers={"Cache-Control": "no-store"})

    _describe(routes, described)
    return routes


def _describe(routes: Blueprint, described: Mapping[str, Any]) -> None:
    @routes.get("/openapi.json")
    def api_description() -> Response:
        return jsonify(described)

    @routes.get("/docs")
    def api_docs() -> Response:
        nonce = secrets.token_urlsafe(16)
        page = render_template(
            "docs.html", api=described, operations=_operations(described), nonce=nonce
        )
        return Response(
            page,
            headers={
                "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; "
                "img-src data:; frame-ancestors 'none'"
            },
        )


def _operations(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "path": path,
            "method": method.upper(),
            "body": _schema(operation.get("requestBody")),
            "success": _schema(_success(operation)),
            **operation,
        }
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def _success(operation: Mapping[str, Any]) -> Any:
    return next(said for code, said in operation["responses"].items() if code.startswith("2"))


def _schema(of: Any) -> str | None:
    """Name the schema of what a body or an answer holds."""
    if of is None:
        return None
    described = of.get("content", {}).get("application/json")
    return described and str(described["schema"]["$ref"].rpartition("/")[2])
