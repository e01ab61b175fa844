"""Commands in a message. Whatever is not clearly a command is a report."""

from __future__ import annotations

import re

from channels import number
from channels.base import Command, CommandWord

LONGEST_COMMAND = 160  # a command's word and number stand at the start; a long text is not searched
_WORDS: dict[str, CommandWord] = {
    "cek": "status",
    "check": "status",
    "status": "status",
    "tambah": "add",
    "tambahan": "add",
    "batal": "withdraw",
    "batalkan": "withdraw",
    "beda": "separate",
    "saya": "claim",
    "bantuan": "help",
}
_WITH_A_REASON = frozenset({"withdraw", "separate"})  # whatever reason follows
_HEAD = re.compile(rf"\W*(?:LAPOR\W+)?({'|'.join(_WORDS)})\b", re.IGNORECASE)
_BLANKS = " \t\n,.:;-"
_FILLER = re.compile(r"\A\W*(?:(?:LAPORAN|NOMOR|NO)\b\W*)*", re.IGNORECASE)
# A number as people type it: ten characters, whole or in the groups it is shown in.
_GROUPED = re.compile(r"(?:[^\W_]{10}|[^\W_]{4}[\W_]{1,3}[^\W_]{3}[\W_]{1,3}[^\W_]{3})(?![^\W_])")


def read_command(text: str) -> Command | None:
    """Read CEK, TAMBAH, BATAL, BEDA, SAYA (each with a number) or BANTUAN; None for a report.

    Forgiving about case, spaces, dashes and a leading LAPOR.
    """
    head = _HEAD.match(text[:LONGEST_COMMAND])
    if head is None:
        return None
    word, rest = _WORDS[head[1].lower()], text[head.end() :]
    if word in {"help", "claim"}:
        return _read_alone(word, rest)
    about = _FILLER.sub("", rest[:LONGEST_COMMAND], count=1) + rest[LONGEST_COMMAND:]
    match = _GROUPED.match(about) if word in {"add", *_WITH_A_REASON} else None
    if match is None:
        asked = _read_number(about.rstrip()) if len(text) <= LONGEST_COMMAND else None
        return Command(word, asked) if asked and word != "add" else None
    asked, said = _read_number(match[0]), about[match.end() :].strip(_BLANKS)
    if asked is None:
        return None
    if word in _WITH_A_REASON:
        return Command(word, asked)
    # Nothing to add: then tell how it stands, which shows that the number is right.
    return Command("add", asked, said) if said else Command("status", asked)


def _read_alone(word: CommandWord, rest: str) -> Command | None:
    """Read BANTUAN and SAYA, which reports may begin with: nothing but a right number follows."""
    if word == "help":
        return Command("help") if not re.search(r"\w", rest) else None
    claimed = number.parse(_FILLER.sub("", rest[:LONGEST_COMMAND], count=1).strip(_BLANKS))
    return Command("claim", claimed) if claimed else None


def _read_number(typed: str) -> str | None:
    """Read a number, right or wrong; None for words that only have a number's letters.

    "CEK jalan macet" and "CEK banjir RT 05" are reports: what follows must be a right number, or a
    wrong one that looks typed as such (in a number's groups, with a digit). One in 32 such phrases
    is right by chance ("CEK jalan gelap"), so a right one has a digit or a number's dash too.
    """
    bare = re.sub(r"^\W+|\W+$", "", typed)
    has_digit = any(char.isdigit() for char in bare)
    right = number.parse(bare)
    if right is not None and (has_digit or "-" in bare):
        return right
    is_typed_as_one = has_digit and _GROUPED.fullmatch(bare) is not None
    return bare.upper() if is_typed_as_one and number.folded(bare) is not None else None


def read_short_command(text: str) -> Command | None:
    """Read a word that needs no number where the thread tells which complaint is meant."""
    head = _HEAD.fullmatch(text.strip(_BLANKS + "!?")) if len(text) <= LONGEST_COMMAND else None
    word = _WORDS[head[1].lower()] if head else None
    return Command(word) if word in {"status", "withdraw"} else None
