"""Commands in an SMS. Whatever is not clearly a command is a report."""

from __future__ import annotations

import re

from channels import number
from channels.base import Command

_STATUS = re.compile(
    r"\W*(?:LAPOR\W+)?(?:CEK|CHECK|STATUS)\b\W*(?:(?:LAPORAN|NOMOR|NO)\b\W*)*(.+?)\W*",
    re.IGNORECASE | re.DOTALL,
)


def read_command(text: str) -> Command | None:
    """Read `CEK <nomor>`, forgiving about case, spaces, dashes and a leading LAPOR.

    "CEK jalan macet" is a report although its letters have a number's shape: what follows must
    be a right number, or a wrong one that looks typed as such (it has a digit).
    """
    match = _STATUS.fullmatch(text)
    if match is None:
        return None
    typed = match[1]
    right = number.parse(typed)
    if right is not None:
        return Command("status", right)
    if number.folded(typed) is not None and any(char.isdigit() for char in typed):
        return Command("status", typed.upper())
    return None
