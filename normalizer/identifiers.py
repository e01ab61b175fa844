"""Personal identifiers in a text: found, and masked before anybody downstream reads it."""

from __future__ import annotations

import re

from normalizer.complaint import Identifier

SHOWN_DIGITS = 3
# Ten digits or more are a NIK, a card, an account or a phone number. A hyphen between digits is
# part of a number ("0812-3456-7890"); a dot separates thousands and a space separates words.
_DIGITS = re.compile(r"\+?\d(?:-?\d){9,}")
# A mobile number written in groups, whatever is between them.
_PHONE = re.compile(r"(?<!\d)(?:\+?62|0)[ .-]?8\d{1,3}(?:[ .-]\d{3,5}){2}(?!\d)")
# 64 is the longest local part (RFC 5321); without a bound a long word costs its square.
_EMAIL = re.compile(r"[\w.+%-]{1,64}@([\w-]+(?:\.[\w-]+)+)")


def mask(text: str) -> tuple[str, tuple[Identifier, ...]]:
    """Give the text with identifiers masked, and what was masked, in order."""
    found: list[tuple[int, Identifier]] = []

    def hide_email(match: re.Match[str]) -> str:
        masked = f"***@{match[1]}"
        found.append((match.start(), Identifier("email", masked)))
        return masked

    def hide_phone(match: re.Match[str]) -> str:
        masked = _hide_digits(match[0])
        found.append((match.start(), Identifier("phone", masked)))
        return masked

    def hide_digits(match: re.Match[str]) -> str:
        masked = _hide_digits(match[0])
        found.append((match.start(), Identifier("other", masked)))
        return masked

    hidden = _EMAIL.sub(hide_email, text)
    hidden = _PHONE.sub(hide_phone, hidden)
    hidden = _DIGITS.sub(hide_digits, hidden)
    return hidden, tuple(identifier for _, identifier in sorted(found, key=lambda pair: pair[0]))


def _hide_digits(written: str) -> str:
    digits = re.sub(r"\D", "", written)
    return "*" * (len(digits) - SHOWN_DIGITS) + digits[-SHOWN_DIGITS:]
