"""Names and values as SMS gateways send them: a query, or a form in the body."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl

from channels.base import Malformed
from channels.submission import clean

MOST_PARAMETERS = 200


def read_pairs(encoded: bytes) -> tuple[tuple[str, str], ...]:
    """Decode in order, blanks and repetitions kept; Malformed on anything not UTF-8."""
    return _pairs(encoded, "utf-8")


def read_octets(encoded: bytes) -> dict[str, bytes]:
    """Undo the percent encoding and leave the octets as they are; of a repeated name, the last.

    For SMS gateways, which put a text in whatever charset, a header, a lone octet into a form.
    """
    # Latin-1 has one character for each octet, so nothing is lost on the way there and back.
    return {name: value.encode("latin-1") for name, value in _pairs(encoded, "latin-1")}


def word(octets: bytes) -> str:
    """Read one value that must be UTF-8 text: a number, an id, a name."""
    try:
        return clean(octets.decode())
    except UnicodeDecodeError as exc:
        raise Malformed("a parameter is not UTF-8") from exc


@lru_cache(maxsize=16)  # a request is read twice: to verify it, and to parse it
def _pairs(encoded: bytes, charset: str) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(
            parse_qsl(
                encoded.decode("ascii"),
                keep_blank_values=True,
                encoding=charset,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        )
    except ValueError as exc:
        raise Malformed(f"unreadable parameters: {type(exc).__name__}") from exc
