"""Who sent an SMS: every spelling of an Indonesian number becomes one E.164 key."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from channels.base import Sender

LONGEST_SHORT_CODE = 6
LONGEST_E164 = 15
LONGEST_NAME = 64
_TEL = re.compile(r"(\+|00)?([0-9][0-9 .\-]*)")
_PUNCTUATION = re.compile(r"[ .\-]")


def e164(typed: str) -> str | None:
    """Give `+62812…` for 0812…, 812…, 62812…, +62812… and 0062812…; None if it is no number.

    Other countries keep their code; a short code keeps its digits and has no plus sign.
    """
    match = _TEL.fullmatch(typed.strip())
    if match is None:
        return None
    international, digits = match[1], _PUNCTUATION.sub("", match[2])
    if len(digits) <= LONGEST_SHORT_CODE:
        return digits
    if not international and digits.startswith(("0", "8")):  # 0812… and, of some carriers, 812…
        digits = f"62{digits.removeprefix('0')}"
    return f"+{digits}" if len(digits) <= LONGEST_E164 else None


def e164_set(typed: Iterable[str]) -> frozenset[str]:
    """Read numbers from settings; a ValueError names one that is none."""
    numbers = {number: e164(number) for number in typed}
    wrong = [number for number, read in numbers.items() if read is None]
    if wrong:
        raise ValueError(f"own_numbers: {wrong[0]!r} is not a phone number")
    return frozenset(number for number in numbers.values() if number)


def read_sender(typed: str, own_numbers: Collection[str]) -> tuple[Sender, bool]:
    """Give the sender, and whether a machine sent this (so that it is never answered).

    The carrier vouches for the sender; an alphanumeric one ("BANKABC") proves nobody.
    """
    number = e164(typed)
    if number is None:
        return Sender("tel", typed.strip()[:LONGEST_NAME], proven=False), True
    automatic = not number.startswith("+") or number in own_numbers
    return Sender("tel", number, proven=True), automatic
