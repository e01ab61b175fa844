"""Long SMS that arrive in parts: reading the header of a part, and joining the texts."""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Part

# Information elements of a user data header (3GPP TS 23.040, 9.2.3.24).
_CONCATENATED_8_BIT, _CONCATENATED_16_BIT = 0x00, 0x08
MOST_PARTS = 255
_LENGTHS = {_CONCATENATED_8_BIT: 3, _CONCATENATED_16_BIT: 4}


def read_udh(header: bytes, destination: str) -> Part | None:
    """Find the concatenation element of a user data header, its length byte first.

    None when there is none, or when it makes no sense: then the text is a message by itself.
    """
    elements = header[1 : 1 + header[0]] if header else b""
    at = 0
    while at + 2 <= len(elements):
        kind, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        if kind in _LENGTHS and len(value) == length == _LENGTHS[kind]:
            reference, total, index = int.from_bytes(value[:-2]), value[-2], value[-1]
            return make_part(f"{kind}:{reference}", index, total, destination)
        at += 2 + length
    return None


def make_part(reference: str, index: int, total: int, destination: str) -> Part | None:
    """Build a part; None for one of one, for too many, and for an index outside its total."""
    is_part = 1 < total <= MOST_PARTS and 1 <= index <= total
    return Part(reference, index, total, destination) if is_part else None


def join(texts: Sequence[str]) -> str:
    """Join parts in their order; a character that was cut in two becomes whole again."""
    halves = "".join(texts).encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "replace")
