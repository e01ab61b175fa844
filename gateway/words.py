"""What a message says, as far as near copies are found by it."""

from __future__ import annotations

from typing import Any

from channels.base import InboundMessage
from gateway.parts import PARTIAL
from normalizer.fingerprint import Words


def words_of(message: InboundMessage) -> Words:
    """Give the title, text and place as they were written."""
    return Words(
        title=str(message.fields.get("title") or ""),
        body=message.text,
        location=str(message.fields.get("incident_location") or ""),
        channel=message.channel,
        partial=PARTIAL in message.flags,
    )


def chosen(message: InboundMessage) -> dict[str, Any]:
    """Give what the reporter made of complaints that were shown as alike: `wish`, `differs`."""
    differs = message.fields.get("differs")
    return {
        "wish": message.fields.get("supports"),
        "differs": tuple(differs) if isinstance(differs, list) else (),
    }
