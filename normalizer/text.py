"""Tidying what was typed, and finding a line to call it by. The text as received never changes."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TITLE = 100
_EDGES = " \n\u200c\u200d"
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
# Not U+200C and U+200D: they join emoji, and mean something in Javanese and Balinese script.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_WELCOME = (
    r"(?:lapor|yth|kepada|kpd|hal+o+|hai|hi|permisi|mohon\s+maaf|maaf|terima\s*kasih"
    r"|ass?al+am\w*(?:[\s']*al+aikum)?|salam(?:\s+sejahtera)?|wr|wb|warahmatul\w*|wabarakatuh"
    r"|selamat\s+(?:pagi|siang|sore|malam))\b"
)
_ADDRESSED = r"(?:pagi|siang|sore|malam|bapak|ibu|pak|bu|bpk|min|admin|saudara|sdr)\b"
# Every word that could be a greeting, to tell whether a sentence says anything else.
_POLITE = re.compile(rf"^\W*(?:(?:{_WELCOME}|{_ADDRESSED})[\W_]*)+", re.IGNORECASE)
# What surely is one: "Bu," and "Selamat siang Bu", but not the mother of "Ibu saya ditolak".
_GREETING = re.compile(
    rf"^\W*(?:{_WELCOME}(?:\s+{_ADDRESSED})*[\W_]*|{_ADDRESSED}(?!\s*[\w-])[\W_]*)+",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """Normalise to NFC, drop invisible characters, fold blanks; line breaks stay."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub(" ", visible)).strip(_EDGES)


def headline(text: str) -> str:
    """Give the first sentence that is more than a greeting, cut at a word.

    A text that is nothing but a greeting is its own headline; an empty one has none.
    """
    sentences = [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]
    for sentence in sentences:
        if len(re.findall(r"\w+", _POLITE.sub("", sentence))) > 1:
            return _cut(_GREETING.sub("", sentence).strip())
    return _cut(sentences[0]) if sentences else ""


def _cut(sentence: str) -> str:
    whole = sentence.rstrip(" .,;:")
    if len(whole) <= LONGEST_TITLE:
        return whole[:1].upper() + whole[1:]
    short = whole[: LONGEST_TITLE - 1].rsplit(" ", 1)[0].rstrip(" .,;:")
    return f"{short[:1].upper()}{short[1:]}…"
