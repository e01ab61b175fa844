"""Screening: flags for whoever reads the report next. None of them refuses or hides anything."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.base import InboundMessage
from normalizer.complaint import Identifier
from normalizer.vocabulary import Vocabularies

# Flags that come from reading alone, so that reading again may take them back.
READ = frozenset({"abusive", "empty_text", "only_links", "personal_data", "too_short", "urgent"})
LEAST_WORDS = 3
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<!\w)[@#]\w+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# What tells nobody who the reporter is: a plate is mostly that of whom it is about.
_HARMLESS = frozenset({"plate"})


def flags(
    message: InboundMessage,
    said: str,
    words: Sequence[str],
    identifiers: Sequence[Identifier],
    vocabularies: Vocabularies,
) -> tuple[str, ...]:
    """Give the flags of a report; `said` is its text, `words` that text in words."""
    is_empty = not said.strip()
    is_link = not is_empty and _is_only_links(said)
    is_open = not (message.fields.get("anonymous") or message.fields.get("confidential"))
    up = {
        "empty_text": is_empty,
        "only_links": is_link,
        "too_short": not (is_empty or is_link or message.attachments) and len(words) < LEAST_WORDS,
        "urgent": next(vocabularies.danger.find(words), None) is not None,
        "abusive": vocabularies.abuse.is_in(said),
        "personal_data": is_open and any(of.kind not in _HARMLESS for of in identifiers),
        "media_pending": any(file.verdict == "not_fetched" for file in message.attachments),
    }
    return (*message.flags, *(flag for flag, is_up in up.items() if is_up))


def _is_only_links(said: str) -> bool:
    if _LINK.search(said) is None:
        return False
    return _LETTERS.search(_ADDRESS.sub(" ", _LINK.sub(" ", said))) is None
