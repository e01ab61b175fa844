"""How messages and requests are spelled in the journal, and read back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from channels.base import (
    Attachment,
    Command,
    InboundMessage,
    Part,
    Post,
    RawInbound,
    Sender,
)
from gateway.attachments import verdicts

SECRET_NAMES = frozenset({"token", "authorization", "cookie"})
_AS_THEY_ARE = (
    "source",
    "channel",
    "provider",
    "provider_id",
    "text",
    "carrier",
    "payload_digest",
    "automatic",
)


def write_message(message: InboundMessage) -> dict[str, Any]:
    """Spell a message in JSON values."""
    sender = message.sender
    document: dict[str, Any] = {name: getattr(message, name) for name in _AS_THEY_ARE}
    document["fields"] = dict(message.fields)
    document["received_at"] = message.received_at.isoformat()
    document["sent_at"] = message.sent_at.isoformat() if message.sent_at else None
    document["sender"] = sender and [sender.kind, sender.key, sender.proven, sender.name]
    document["attachments"] = [asdict(attachment) for attachment in message.attachments]
    document["flags"] = list(message.flags)
    document["part"] = asdict(message.part) if message.part else None
    # What proved it is not kept.
    command = replace(message.command, secret=None) if message.command else None
    document["command"] = asdict(command) if command else None
    document["post"] = asdict(message.post) if message.post else None
    return document


def read_message(document: Mapping[str, Any]) -> InboundMessage:
    """Read what `write_message` spelled."""
    sent_at, sender, command = (document[name] for name in ("sent_at", "sender", "command"))
    return InboundMessage(
        **{name: document[name] for name in _AS_THEY_ARE},
        fields=document["fields"],
        received_at=datetime.fromisoformat(document["received_at"]),
        sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
        sender=Sender(*sender) if sender else None,
        attachments=tuple(Attachment(**attachment) for attachment in document["attachments"]),
        command=Command(**command) if command else None,
        part=Part(**document["part"]) if document["part"] else None,
        flags=tuple(document["flags"]),
        post=_read_post(document.get("post")),  # none in what was written before there were posts
    )


def named(message: InboundMessage, journal_id: uuid.UUID) -> InboundMessage:
    """Give each file that is still at the provider an id: the same whenever it is read again."""
    files = tuple(
        replace(file, id=str(uuid.uuid5(journal_id, str(place)))) if is_elsewhere(file) else file
        for place, file in enumerate(message.attachments)
    )
    return replace(message, attachments=files)


def is_elsewhere(file: Attachment) -> bool:
    """Tell whether a file is still at its provider."""
    return file.url is not None and file.verdict == verdicts.NOT_FETCHED


def _read_post(document: Mapping[str, Any] | None) -> Post | None:
    return Post(**{**document, "versions": tuple(document["versions"])}) if document else None


def write_raw(
    raw: RawInbound, secret_names: Collection[str], most_body_bytes: int | None = None
) -> bytes:
    """Spell a request in bytes, leaving out what authorised it.

    `secret_names` are parameters and headers, in lower case. A body over `most_body_bytes` is cut.
    """
    parameters = raw.raw_query.decode("latin-1").split("&")
    document = {
        "method": raw.method,
        "raw_path": raw.raw_path,
        "raw_query": "&".join(_without_secret(pair, secret_names) for pair in parameters),
        "headers": [pair for pair in raw.headers if pair[0].lower() not in secret_names],
        "body": raw.body[:most_body_bytes].decode("latin-1"),
        "client_address": raw.client_address,
        "received_at": raw.received_at.isoformat(),
    }
    return json.dumps(document).encode()


def _without_secret(pair: str, secret_names: Collection[str]) -> str:
    name, equals, _ = pair.partition("=")
    return f"{name}{equals}" if unquote_plus(name).lower() in secret_names else pair


def read_raw(kept: bytes) -> RawInbound:
    """Read what `write_raw` spelled."""
    document = json.loads(kept)
    return RawInbound(
        method=document["method"],
        raw_path=document["raw_path"],
        raw_query=document["raw_query"].encode("latin-1"),
        headers=tuple((name, value) for name, value in document["headers"]),
        body=document["body"].encode("latin-1"),
        client_address=document["client_address"],
        received_at=datetime.fromisoformat(document["received_at"]),
    )
