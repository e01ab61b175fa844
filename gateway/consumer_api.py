"""The API for consumers with a key: tell how a complaint stands, and read all of it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from flask import Blueprint, Response, g, jsonify, request

from channels.app import problems
from channels.number import parse
from gateway import feedback, full
from gateway.assembly import Gateway, Native, utc_now
from gateway.attachments import http
from gateway.status_event import StatusEvent, read_body
from gateway.store import UnknownNumber

log = structlog.get_logger()


def blueprint(gateway: Gateway, native: Native[Any]) -> Blueprint:
    """Build `/v1/complaints/<number>/status`, `/full` and `/v1/attachments/<sha256>`.

    `native` waits for the store.
    """
    routes = Blueprint("consumers", __name__)
    keys = _Keys(gateway.settings.consumers)

    @routes.before_request
    def identify() -> Response | None:
        g.consumer = keys.owner(request.headers.get("Authorization", ""))
        return _refuse(401, "the key of a consumer is needed") if g.consumer is None else None

    @routes.errorhandler(UnknownNumber)
    def unknown(_: UnknownNumber) -> Response:
        return _refuse(404, "no complaint has this number")

    @routes.post("/v1/complaints/<number>/status")
    def tell_status(number: str) -> Response:
        event = read_body(request.get_data(), consumer=g.consumer, of=_parsed(number))
        return jsonify(native(lambda: _take(gateway, event)))

    @routes.get("/v1/complaints/<number>/full")
    def full_complaint(number: str) -> Response:
        of, consumer = _parsed(number), g.consumer
        found = native(lambda: full.read(gateway.store, of, consumer=consumer, now=utc_now()))
        log.info("read_in_full", number=found["number"], consumer=consumer)
        answer = jsonify(found)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.get("/v1/attachments/<sha256>")
    def attachment(sha256: str) -> Response:
        found = http.serve(gateway, native, sha256, consumer=g.consumer)
        return found or _refuse(404, "no complaint has a file with this content")

    return routes


class _Keys:
    """Tells whose key it is."""

    def __init__(self, consumers: Mapping[str, Sequence[str]]):
        self._keys = [(name, key.encode()) for name, keys in consumers.items() for key in keys]

    def owner(self, authorization: str) -> str | None:
        """Name the consumer. Compares with every key, so that time tells nothing."""
        scheme, _, sent = authorization.partition(" ")
        # WSGI hands headers over as latin-1.
        given = sent.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""
        owners = [name for name, key in self._keys if hmac.compare_digest(given, key)]
        return owners[0] if owners else None


def _take(gateway: Gateway, event: StatusEvent) -> dict[str, str]:
    verdict = feedback.take(gateway.store, event, utc_now(), replies=gateway.replies)
    log.info("status_told", number=event.number, consumer=event.consumer, verdict=verdict)
    stands = gateway.store.standing(event.number)
    if stands is None:  # pragma: no cover - numbers stay
        raise UnknownNumber(event.number)
    return {"number": stands.number, "status": stands.status, "verdict": verdict}


def _parsed(typed: str) -> str:
    found = parse(typed)
    if found is None:
        raise UnknownNumber(typed)
    return found


def _refuse(status: int, detail: str) -> Response:
    headers = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()  # noqa: PLR2004 - HTTP's
    reply = problems.document(status, detail=detail, headers=headers)
    return Response(reply.body, reply.status, reply.headers, content_type=reply.content_type)
