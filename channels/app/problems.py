"""RFC 9457 problem documents: how the API says no."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from channels.base import ChannelError, Reply, Unacceptable, refusal_headers

CONTENT_TYPE = "application/problem+json"


def problem(error: ChannelError) -> Reply:
    """Refuse with a problem document; what is wrong with each field is in `errors`."""
    errors = error.problems if isinstance(error, Unacceptable) else {}
    return document(
        error.status, error.title, str(error), errors=errors, headers=refusal_headers(error)
    )


def document(
    status: int,
    title: str | None = None,
    detail: str = "",
    *,
    errors: Mapping[str, object] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Reply:
    """Build a problem document."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = dict(errors)
    return Reply(status, json.dumps(body).encode(), CONTENT_TYPE, headers)
