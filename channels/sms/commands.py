"""Commands in an SMS. Whatever is not clearly a command is a report."""

from __future__ import annotations

import re

from channels import number
from channels.base import Command

LONGEST_COMMAND = 160  # one SMS; a long text of blanks would cost the pattern its square
_STATUS = re.compile(
    r"\W*(?:LAPOR\W+)?(?:CEK|CHECK|STATUS)\b\W*(?:(?:LAPORAN|NOMOR|NO)\b\W*)*(.+?)\W*",
    re.IGNORECASE | re.DOTALL,
)
_GROUPED = re.compile(r"[^\W_]{10}|[^\W_]{4}[\W_]+[^\W_]{3}[\W_]+[^\W_]{3}")


def read_command(text: str) -> Command | None:
    """Read `CEK <nomor>`, forgiving about case, spaces, dashes and a leading LAPOR.

    "CEK jalan macet" and "CEK banjir RT 05" are reports although they have a number's letters:
    what follows must be a right number, or a wrong one that looks typed as such (in a number's
    groups, with a digit). One in 32 such phrases is right by chance ("CEK jalan gelap"), so a
    right one has a digit or a number's groups too.
    """
    match = _STATUS.fullmatch(text) if len(text) <= LONGEST_COMMAND else None
    if match is None:
        return None
    typed = match[1]
    right = number.parse(typed)
    looks = _GROUPED.fullmatch(typed) is not None, any(char.isdigit() for char in typed)
    if right is not None and any(looks):
        return Command("status", right)
    if number.folded(typed) is not None and all(looks):
        return Command("status", typed.upper())
    return None
