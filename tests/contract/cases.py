"""Golden cases: a provider's request as a file, and what it must be read as.

`{"_provenance", "adapter", "settings", "request": {method, path, query, headers, body},
"messages": [...], "replies": [{"receipts", "status", "content_type", "body", "headers"}]}`.
A body is spelled in Latin-1, one character a byte. A field that a message does not name has the
record's default; `received_at` is always NOW. A signature (Twilio's, X's) is never stored: it is
made here from the settings' first token or secret.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from support import NOW, a_request
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels import registry
from channels.base import (
    Attachment,
    Channel,
    Command,
    InboundMessage,
    Part,
    Post,
    RawInbound,
    Receipt,
    Reply,
    Sender,
)

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Case:
    """One golden file."""

    name: str
    adapter: str
    settings: dict[str, Any]
    request: RawInbound
    messages: list[InboundMessage]
    replies: list[tuple[list[Receipt], Reply]]

    def __str__(self) -> str:
        return self.name

    def channel(self) -> Channel:
        return registry.build(self.adapter, self.settings)


@cache
def case(name: str) -> Case:
    """Read the golden file `<adapter>/<case>`."""
    told = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    request = _request(told["request"])
    if told["adapter"] == "sms.twilio":
        request = signed(request, told["settings"], told["settings"]["auth_tokens"][0])
    if told["adapter"] == "twitter":
        request = signed_by_x(request, told["settings"]["consumer_secrets"][0])
    return Case(
        name=name,
        adapter=told["adapter"],
        settings=told["settings"],
        request=request,
        messages=[_message(message) for message in told["messages"]],
        replies=[
            ([_receipt(receipt) for receipt in reply["receipts"]], _reply(reply))
            for reply in told.get("replies", [])
        ],
    )


def all_cases() -> Iterator[Case]:
    """Read all golden files."""
    for path in sorted(GOLDEN.glob("*/*.json")):
        yield case(f"{path.parent.name}/{path.stem}")


def signed(raw: RawInbound, settings: Mapping[str, Any], token: str) -> RawInbound:
    """Sign as Twilio does: over the configured URL and, in a POST, every parameter."""
    query = raw.raw_query.decode("ascii")
    url = f"{settings['public_url']}{raw.raw_path}" + (f"?{query}" if query else "")
    pairs = parse_qsl(raw.body.decode("ascii"), keep_blank_values=True)
    form = MultiDict(pairs if raw.method == "POST" else [])
    return with_header(
        raw, "X-Twilio-Signature", RequestValidator(token).compute_signature(url, form)
    )


def signed_by_x(raw: RawInbound, secret: str) -> RawInbound:
    """Sign as X does: over the body as sent."""
    mac = hmac.digest(secret.encode(), raw.body, "sha256")
    return with_header(raw, "x-twitter-webhooks-signature", f"sha256={b64encode(mac).decode()}")


def with_header(raw: RawInbound, name: str, value: str | None) -> RawInbound:
    """Set a header, or take it away."""
    kept = tuple(pair for pair in raw.headers if pair[0].lower() != name.lower())
    return replace(raw, headers=kept if value is None else (*kept, (name, value)))


def _request(told: Mapping[str, Any]) -> RawInbound:
    return a_request(
        method=told["method"],
        path=told["path"],
        query=told["query"].encode("ascii"),
        headers=dict(told["headers"]),
        body=told["body"].encode("latin-1"),
    )


def _message(told: Mapping[str, Any]) -> InboundMessage:
    sender, command, sent_at = told.get("sender"), told.get("command"), told.get("sent_at")
    part, post = told.get("part"), told.get("post")
    records: dict[str, Any] = {
        "received_at": NOW,
        "sender": sender and Sender(**sender),
        "command": command and Command(**command),
        "part": part and Part(**part),
        "post": post and Post(**(post | {"versions": tuple(post["versions"])})),
        "sent_at": sent_at and datetime.fromisoformat(sent_at),
        "attachments": tuple(Attachment(**file) for file in told.get("attachments", [])),
    }
    return InboundMessage(**(dict(told) | records))


def _receipt(told: Mapping[str, Any]) -> Receipt:
    at = told.get("received_at")
    return Receipt(**(dict(told) | {"received_at": at and datetime.fromisoformat(at)}))


def _reply(told: Mapping[str, Any]) -> Reply:
    headers = tuple((name, value) for name, value in told.get("headers", []))
    return Reply(told["status"], told["body"].encode(), told["content_type"], headers)
