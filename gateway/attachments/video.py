"""Blanks what a video container tells of person and place, without moving a byte of the film.

ISO base media (mp4, mov, 3gp): ISO/IEC 14496-12 boxes. WebM: EBML elements, RFC 8794 and 9559.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BOXES_WITHIN = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"edts"})
# `udta` and `meta` hold titles, comments and GPS; `uuid` XMP; `free` and `skip` anything at all.
_BOXES_TO_BLANK = frozenset(
    {b"udta", b"meta", b"uuid", b"free", b"skip", b"wide", b"pnot", b"PICT"}
)
_BOXES_KNOWN = _BOXES_WITHIN | _BOXES_TO_BLANK | {b"ftyp", b"mdat", b"styp", b"sidx", b"mfra"}
_BRANDS = {b"qt  ": "video/quicktime"}
_SEGMENT, _INFO = 0x18538067, 0x1549A966
_CLUSTER, _TAGS, _FILES, _VOID, _CRC = 0x1F43B675, 0x1254C367, 0x1941A469, 0xEC, 0xBF
_TITLE, _DATE, _MUXER, _WRITER = 0x7BA9, 0x4461, 0x4D80, 0x5741
_ELEMENTS_TO_BLANK = frozenset({_TAGS, _FILES, _VOID, _TITLE, _DATE})
_ELEMENTS_TO_SPACE = frozenset({_MUXER, _WRITER})  # required by the format, so kept but emptied
_LONG_SIZE = 16


class NotAVideo(ValueError):
    """The bytes are no container of this kind, or a damaged one."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A box or element: `start` of its header, `body`, `end`."""

    name: bytes | int
    start: int
    body: int
    end: int


def media_type(head: bytes) -> str | None:
    """Name the kind of container by its signature."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return _BRANDS.get(brand, "video/3gpp" if brand.startswith(b"3g") else "video/mp4")
    if head[:4] == b"\x1aE\xdf\xa3" and b"webm" in head[:64]:
        return "video/webm"
    return None


def blank(film: bytes, kind: str) -> bytes:
    """Give the container with its metadata blanked; raises NotAVideo when it does not add up."""
    out = bytearray(film)
    if kind == "video/webm":
        _blank_elements(out, 0, len(out))
    else:
        seen = _blank_boxes(out, 0, len(out))
        if not {b"moov", b"mdat"} <= seen:
            raise NotAVideo("no film in it")
    return bytes(out)


def _blank_boxes(out: bytearray, start: int, end: int) -> set[bytes]:
    seen = set()
    for box in _boxes(out, start, end):
        name = bytes(box.name)
        seen.add(name)
        if name in _BOXES_TO_BLANK:
            out[box.start + 4 : box.start + 8] = b"free"
            out[box.body : box.end] = bytes(box.end - box.body)
        elif name in _BOXES_WITHIN:
            _blank_boxes(out, box.body, box.end)
        elif start == 0 and name not in _BOXES_KNOWN:
            out[box.body : box.end] = bytes(box.end - box.body)
    return seen


def _boxes(out: bytearray, start: int, end: int) -> Iterator[_Piece]:
    at = start
    while at < end:
        size, head = int.from_bytes(out[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(out[at + 8 : at + _LONG_SIZE], "big"), _LONG_SIZE
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise NotAVideo("a box is larger than what holds it")
        yield _Piece(bytes(out[at + 4 : at + 8]), at, at + head, at + size)
        at += size


def _blank_elements(out: bytearray, start: int, end: int) -> None:
    for element in list(_elements(out, start, end)):
        if element.name in {_SEGMENT, _INFO}:
            _blank_elements(out, element.body, element.end)
        elif element.name in _ELEMENTS_TO_BLANK:
            out[element.start : element.end] = _void(element.end - element.start)
        elif element.name in _ELEMENTS_TO_SPACE:
            out[element.body : element.end] = b" " * (element.end - element.body)
        elif element.name == _CRC:
            # A checksum of what was there before would call the rest damaged.
            out[element.start : element.end] = _void(element.end - element.start)


def _void(length: int) -> bytes:
    """Spell an element that means nothing, of this length in all."""
    if length <= 0x7E + 2:
        return bytes((_VOID, 0x80 | (length - 2))) + bytes(length - 2)
    return bytes((_VOID, 1)) + (length - 9).to_bytes(7, "big") + bytes(length - 9)


def _elements(out: bytearray, start: int, end: int) -> Iterator[_Piece]:
    at = start
    while at < end:
        name, after = _number(out, at, end, keep_marker=True)
        size, body = _number(out, after, end, keep_marker=False)
        if size == (1 << 7 * (body - after)) - 1:  # unknown: a live stream; up to what holds it
            size = end - body
        if body + size > end:
            raise NotAVideo("an element is larger than what holds it")
        yield _Piece(name, at, body, body + size)
        at = body + size


def _number(out: bytearray, at: int, end: int, *, keep_marker: bool) -> tuple[int, int]:
    """Read a number that tells its own length; gives it and where it ends."""
    first = out[at] if at < end else 0
    length = 9 - first.bit_length()
    if not first or at + length > end:
        raise NotAVideo("an element ends in its head")
    value = int.from_bytes(out[at : at + length], "big")
    return (value if keep_marker else value & ((1 << 7 * length) - 1)), at + length
