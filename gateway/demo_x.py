"""The part of the demo that is on X: an event as the webhook gets it, and the reply to it."""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from channels.base import Receipt
from channels.twitter.door import SIGNATURE
from channels.twitter.wording import reply_text
from gateway.assembly import utc_now
from gateway.store import Store
from gateway.tables import delivery

AUTHOR = "17080000000000001"  # invented


def mention(settings: Mapping[str, Any], mark: str) -> tuple[str, str, bytes, dict[str, str]]:
    """Make an event; gives its text, its delivery key, and the body and headers to send."""
    text = f"@{settings.get('handle', 'lapor1708')} Pohon tumbang di Jalan Kenanga ({mark})"
    post_id = str(time.time_ns() // 1_000)
    post = {
        "id": post_id,
        "text": text,
        "author_id": AUTHOR,
        "conversation_id": post_id,
        "created_at": utc_now().isoformat(),
        "edit_history_tweet_ids": [post_id],
    }
    event = {"event_uuid": post_id, "event_type": "post.mention.create", "payload": post}
    body = json.dumps({"data": event}).encode()
    mac = hmac.digest(str(settings["consumer_secrets"][0]).encode(), body, "sha256")
    signature = f"sha256={b64encode(mac).decode()}"
    return text, post_id, body, {"Content-Type": "application/json", SIGNATURE: signature}


def reply_to(store: Store, source: str, key: str) -> tuple[str, str | None]:
    """Give what would be posted under a mention, and its number."""
    with store.read() as connection:
        row = connection.execute(
            select(delivery).where(delivery.c.source == source, delivery.c.key == key)
        ).one_or_none()
    if row is None:
        return "", None
    receipt = Receipt(row.kind, row.number, row.status, row.first_number, row.command)
    return reply_text(receipt, row.received_at), row.number
