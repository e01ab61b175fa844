"""Files over HTTP: in for whoever files a complaint, out for consumers with a key alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

import structlog
import uuid6
from flask import Response, jsonify, request
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Channel, Overloaded, RawInbound, TooLarge, TooManyRequests
from gateway.assembly import Gateway, Native, utc_now
from gateway.attachments import rows
from gateway.attachments.contents import chunks
from gateway.store import Store
from gateway.tables import audit, tally
from gateway.upsert import insert as upsert

log = structlog.get_logger()
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "video/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


def receive(
    gateway: Gateway, native: Native[Any], channel: Channel, head: Callable[[], RawInbound]
) -> Response:
    """Take the body of the current request as one file; the answer tells its verdict.

    `head` copies the request but for its body. Raises what the door's channel raises, TooLarge,
    TooManyRequests and Overloaded.
    """
    raw = head()
    channel.verify(raw)
    largest = gateway.settings.attachments.largest
    if (request.content_length or 0) > largest:
        raise TooLarge(f"a file may have {largest} bytes")
    native(lambda: count_upload(gateway, raw.client_address, utc_now()))
    request.max_content_length = largest + 1  # another limit than that of texts
    stored = gateway.attachments.receive(
        request.stream, request.args.get("name"), request.content_type
    )
    # What is not there is absent: generators of clients digest no null.
    answer = jsonify({name: of for name, of in asdict(stored).items() if of is not None})
    answer.status_code = 201
    return answer


def count_upload(gateway: Gateway, client_address: str, now: datetime) -> None:
    """Count an upload of this address; TooManyRequests over the day's limit."""
    ref = gateway.identity.of_day("upload", client_address, now.date())
    with gateway.store.write() as connection:
        so_far = connection.scalar(
            upsert(connection, tally)
            .values(ref=ref, day=now.date(), count=1)
            .on_conflict_do_update(index_elements=["ref"], set_={"count": tally.c.count + 1})
            .returning(tally.c.count)
        )
    if so_far > gateway.settings.attachments.uploads_a_day:
        raise TooManyRequests("too many files came from this address today")


def serve(gateway: Gateway, native: Native[Any], sha256: str, *, consumer: str) -> Response | None:
    """Give a complaint's file as a download; None when no complaint has one with this content.

    Raises Overloaded when the reading cannot be written down, or the content not be read.
    """
    if not _SHA256.fullmatch(sha256):
        return None
    found = native(lambda: _find(gateway.store, sha256, consumer, utc_now()))
    if found is None:
        return None
    key, media_type, number = found
    log.info("attachment_read", number=number, consumer=consumer)
    name = f"{sha256[:16]}.{_EXTENSIONS[media_type]}"
    return Response(
        chunks(_open(gateway, key)),
        content_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        },
    )


def _open(gateway: Gateway, key: str) -> BinaryIO:
    try:
        return gateway.attachments.open(key)
    except OSError as exc:
        log.error("attachments_unavailable", error=type(exc).__name__)  # noqa: TRY400 - a trace adds nothing
        raise Overloaded("the file cannot be read now") from exc


def _find(store: Store, sha256: str, consumer: str, now: datetime) -> tuple[str, str, str] | None:
    """Find the file, after it is on disk who reads it."""
    with store.read() as connection:
        found = rows.of_content(connection, sha256)
    if found is None:
        return None
    row = {"id": uuid6.uuid7(), "consumer": consumer, "number": found[2], "at": now}
    try:
        with store.write() as connection:
            connection.execute(insert(audit).values(action="attachment", **row))
    except SQLAlchemyError as exc:
        raise Overloaded("this reading cannot be written down") from exc
    return found
