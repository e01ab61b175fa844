"""Tidying what was typed. The text as received never changes."""

from __future__ import annotations

import re
import unicodedata

_EDGES = " \n\u200c\u200d"
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
# Not U+200C and U+200D: they join emoji, and mean something in Javanese and Balinese script.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def tidy(text: str) -> str:
    """Normalise to NFC, drop invisible characters, fold blanks; line breaks stay."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub(" ", visible)).strip(_EDGES)
