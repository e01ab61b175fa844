"""Names of areas in a text: its words, and the longest name that begins at one of them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from normalizer.gazetteer import (
    ABBREVIATED,
    DISTRICT,
    REGENCY,
    SAME_WORD,
    Gazetteer,
    gazetteer,
    is_city,
    key,
)
from normalizer.lexicon import area_words, kind
from normalizer.places import words
from normalizer.places.aliases import aliases, known_places
from normalizer.tables import commonness
from normalizer.wording import abbreviations

LONGEST = 10_000  # characters that are looked at
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
_MOST_SEEN = 20_000
_AROUND = [""] * 8
_SIGNS = {
    "deny": words.NOT | {"eh", "?"},
    "person": words.PERSON,
    "elsewhere": words.AWAY,
    "incident": words.INCIDENT,
    "route": frozenset("-"),
}
_COMMON_VILLAGE, _COMMON_DISTRICT = 4.0, 4.8  # log10 of uses in a thousand million words
_SHORTEST_PART = 3  # of a name that is written apart: "kulon progo"


class Words:
    """The words of a text, as written and in small letters.

    `words` ends with a few empty ones: what is before the first and after the last is empty.
    `may` tells which kinds of signs there are at all, so that most need not be looked for.
    """

    __slots__ = ("all", "count", "is_shouted", "keys", "may", "shown", "words")

    def __init__(self, text: str) -> None:
        text = text[:LONGEST].replace("\u2019", "'")
        self.shown: list[str] = _TOKEN.findall(text)
        self.count = len(self.shown)
        self.words = [word.casefold() for word in self.shown] + _AROUND
        self.all = frozenset(self.words)
        self.keys = self.words
        if not self.all.isdisjoint(SAME_WORD):
            self.keys = [SAME_WORD.get(word, word) for word in self.words]
        self.is_shouted = text.isupper()
        self.may = {kind for kind, signs in _SIGNS.items() if not signs.isdisjoint(self.all)}

    def is_capital(self, at: int) -> bool:
        """Tell whether a word has a capital that says something."""
        return not self.is_shouted and at < self.count and self.shown[at][:1].isupper()


class Name(NamedTuple):
    """A name and its areas."""

    name: str
    codes: tuple[str, ...]
    known: str | None  # the code of what everybody knows by this name
    level: int  # the highest of the areas
    is_long: bool  # of several words; names that are common words are mostly of one
    is_ordinary: bool  # mostly another word, unless a cue says what it is


class Found(NamedTuple):
    """A name that stands in a text: from word `at` to before word `after`."""

    of: Name
    at: int
    after: int


class Names:
    """All names that are looked for: of the gazetteer, short ones and what everybody knows."""

    def __init__(self, areas: Gazetteer) -> None:
        self.known = known_places()
        self.codes = {**areas.index(), **{key(name): codes for name, codes in aliases().items()}}
        for name, code in self.known.items():
            codes = self.codes.get(name, ())
            self.codes[name] = codes if code in codes else (code, *codes)
        self.longest = areas.longest()
        self._seen: dict[str, Name] = {}  # the same names come again and again
        self._begin_none = {word for word in kind("stop") if self.longest.get(word, 0) <= 1}

    def found(self, name: str, joined: str, at: int, after: int) -> Found | None:
        """Give what a name may be; `joined` is as `key` spells it."""
        codes = self.codes.get(joined)
        if not codes:
            return None
        return Found(self._seen.get(name) or self._see(name, joined, codes), at, after)

    def _see(self, name: str, joined: str, codes: tuple[str, ...]) -> Name:
        if name.startswith("kota "):  # no Kabupaten Kotabaru
            codes = tuple(of for of in codes if of.count(".") != REGENCY or is_city(of)) or codes
        known, level = self.known.get(joined), min(code.count(".") for code in codes)
        is_ordinary = _is_ordinary(name, level, is_known=known is not None)
        seen = Name(name, codes, known, level, " " in name, is_ordinary)
        if len(self._seen) < _MOST_SEEN:
            self._seen[name] = seen
        return seen

    def beginnings(self, read: Words) -> list[int]:
        """Give the words at which a name may begin, quickly: at most words none does."""
        keys, longest, codes, none = read.keys, self.longest, self.codes, self._begin_none
        found = [
            at
            for at in range(read.count)
            if ((first := keys[at]) not in none and (first in longest or first in codes))
            or first + keys[at + 1] in codes
        ]
        if "-" in read.all:
            divided = (at for at in range(read.count) if keys[at + 1] == "-")
            more = {at for at in divided if keys[at] + keys[at + 2] in codes}
            found = sorted(more.union(found))
        if "@" in read.all:
            handles = (at for at in range(read.count) if read.words[at - 1] == "@")
            found = sorted(set(handles).union(found))
        return found


@cache
def names() -> Names:
    """Give the one table of names of this process."""
    return Names(gazetteer())


def name_at(read: Words, table: Names, at: int) -> Found | None:
    """Find the longest name that begins here, however it is divided.

    A hyphen between two words counts as a blank.
    """
    first = read.words[at]
    if not first[0].isalpha():
        return None
    joined = read.keys[at]
    best = table.found(first, joined, at, at + 1) if joined == first else None
    most = table.longest.get(joined, 0)
    name, count, follow = first, 1, _next(read, at)
    while count < max(most, 2) and follow:
        word = read.words[follow]
        joined, name, count = joined + read.keys[follow], f"{name} {word}", count + 1
        if count <= most or len(word) >= _SHORTEST_PART <= len(first):
            best = table.found(name, joined, at, follow + 1) or best
        follow = _next(read, follow)
    if best is None or best.after == at + 1:
        return best
    best = _cut(read, table, best) or best
    return None if _is_cued_city(read, table, best) or _is_facility(read, table, best) else best


def _cut(read: Words, table: Names, found: Found) -> Found | None:
    """Leave a last word to the regency that it begins: "Wates Kulon Progo"."""
    last, follow = found.after - 1, _next(read, found.after - 1)
    if last == found.at or not follow:
        return None
    regency = table.codes.get(read.keys[last] + read.keys[follow], ())
    if not any(code.count(".") == REGENCY for code in regency):
        return None
    name = " ".join(word for word in read.words[found.at : last] if word[0].isalnum())
    return table.found(name, key(name), found.at, last)


def _is_ordinary(name: str, level: int, *, is_known: bool) -> bool:
    if name in aliases():
        return False
    if not is_known:
        if not words.ORDINARY.isdisjoint((name, name.replace(" ", ""))) or name in abbreviations():
            return True
        if " " in name:
            return level > DISTRICT and name.split(maxsplit=1)[0] in words.BUILDINGS
        if level <= REGENCY or name in area_words():
            return False
    return commonness(name) > (_COMMON_DISTRICT if level == DISTRICT else _COMMON_VILLAGE)


def _next(read: Words, at: int) -> int:
    """Give the index of the next word of a name; 0 for none."""
    after = at + 1
    if read.words[after] == "-" or (read.words[after] == "." and read.words[at] in ABBREVIATED):
        after += 1
    return after if read.words[after][:1].isalnum() else 0


def _is_cued_city(read: Words, table: Names, found: Found) -> bool:
    """Tell the city of Padang from the kecamatan Kota Padang."""
    if read.words[found.at] not in words.CITY_CUES or found.after == found.at + 1:
        return False
    return any(is_city(code) for code in table.codes.get(_rest(read, found), ()))


def _is_facility(read: Words, table: Names, found: Found) -> bool:
    """Tell the market of Senen from the desa Pasar Senen."""
    if read.words[found.at] not in words.BUILDINGS or found.after == found.at + 1:
        return False
    if read.words[found.at - 1] in words.CUES:
        return False
    if found.of.level <= DISTRICT:
        return False
    rest = _rest(read, found)
    if rest in words.ORDINARY:
        return False
    return any(code.count(".") <= DISTRICT for code in table.codes.get(rest, ()))


def _rest(read: Words, found: Found) -> str:
    inner = range(found.at + 1, found.after)
    return "".join(read.keys[at] for at in inner if read.words[at][0].isalnum())
