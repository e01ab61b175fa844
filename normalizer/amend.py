"""Changes to a complaint that is there already: more words, or its withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from normalizer.identifiers import mask
from normalizer.text import tidy


def amended(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Append what the reporter added, masked like the rest; the next revision."""
    body, identifiers = mask(tidy(text))
    return {
        **record,
        "revision": record["revision"] + 1,
        "body": f"{record['body']}\n\n{body}".strip(),
        "identifiers": [*record["identifiers"], *map(asdict, identifiers)],
    }


def withdrawn(record: Mapping[str, Any]) -> dict[str, Any]:
    """Say that the reporter took it back; the next revision."""
    return {**record, "revision": record["revision"] + 1, "status": "withdrawn"}
