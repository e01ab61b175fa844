"""Personal identifiers in a text: found, and masked before anybody downstream reads it."""

from __future__ import annotations

import re

from normalizer.complaint import Identifier

SHOWN_DIGITS = 3
# Ten digits or more are a NIK, a card, an account or a phone number. A hyphen between digits is
# part of a number ("0812-3456-7890"); a dot separates thousands and a space separates words.
_DIGITS = re.compile(r"\+?\d(?:-?\d){9,}")
# 64 is the longest local part (RFC 5321); without a bound a long word costs its square.
_EMAIL = re.compile(r"[\w.+%-]{1,64}@([\w-]+(?:\.[\w-]+)+)")


def mask(text: str) -> tuple[str, tuple[Identifier, ...]]:
    """Give the text with identifiers masked, and what was masked, in order."""
    found: list[tuple[int, Identifier]] = []

    def hide_email(match: re.Match[str]) -> str:
        masked = f"***@{match[1]}"
        found.append((match.start(), Identifier("email", masked)))
        return masked

    def hide_digits(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match[0])
        masked = "*" * (len(digits) - SHOWN_DIGITS) + digits[-SHOWN_DIGITS:]
        found.append((match.start(), Identifier("other", masked)))
        return masked

    hidden = _DIGITS.sub(hide_digits, _EMAIL.sub(hide_email, text))
    return hidden, tuple(identifier for _, identifier in sorted(found, key=lambda pair: pair[0]))
