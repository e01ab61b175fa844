"""Writes docs/schema/complaint-v1.json, the published description of a record."""

from __future__ import annotations

import json
from pathlib import Path

from normalizer.schema import SCHEMA_NAME, json_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / f"{SCHEMA_NAME}.json"


def written() -> str:
    """Give the file's text."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    PUBLISHED.parent.mkdir(parents=True, exist_ok=True)
    PUBLISHED.write_text(written(), "utf-8")
    print(f"wrote {PUBLISHED}")
