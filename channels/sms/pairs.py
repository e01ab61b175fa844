"""Names and values as SMS gateways send them: a query, or a form in the body."""

from __future__ import annotations

from urllib.parse import parse_qsl

from channels.base import Malformed

MOST_PARAMETERS = 200


def read_pairs(encoded: bytes) -> list[tuple[str, str]]:
    """Decode in order, blanks and repetitions kept; Malformed on anything not UTF-8."""
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError as exc:
        raise Malformed(f"unreadable parameters: {type(exc).__name__}") from exc
