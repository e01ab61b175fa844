"""Names of areas in a text: its words, and the longest name that begins at one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from normalizer import place_words as words
from normalizer.gazetteer import ABBREVIATED, DISTRICT, REGENCY, Gazetteer, is_city, key, key_word

LONGEST = 10_000  # characters that are looked at
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[^\w\s]")
_SHORTEST_PART = 3  # of a name that is written apart: "kulon progo"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, as written and in small letters."""

    shown: list[str]
    words: list[str]
    is_shouted: bool

    def __len__(self) -> int:
        return len(self.words)

    def word(self, at: int) -> str:
        """Give a word; an empty one before the first and after the last."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def is_capital(self, at: int) -> bool:
        """Tell whether a word has a capital that says something."""
        return not self.is_shouted and self.shown[at][:1].isupper()


@dataclass(frozen=True, slots=True)
class Found:
    """A name, its areas, and where it stands: from word `at` to before word `after`."""

    name: str
    codes: tuple[str, ...]
    at: int
    after: int
    known: str | None = None  # the code of what everybody knows by this name

    @property
    def is_long(self) -> bool:
        """Tell whether the name is of several words; those that are common are mostly of one."""
        return " " in self.name


def read_words(text: str) -> Words:
    """Take a text apart."""
    text = text[:LONGEST]
    shown = _TOKEN.findall(text)
    small = [word.casefold().replace("\u2019", "'") for word in shown]
    return Words(shown, small, text.isupper())


def name_at(read: Words, areas: Gazetteer, at: int) -> Found | None:
    """Find the longest name that begins here, however it is divided.

    A hyphen between two words counts as a blank.
    """
    first = read.words[at]
    if not first[0].isalpha():
        return None
    joined = key_word(first)
    best = _found(areas, first, joined if joined == first else "", at, at + 1)
    most = areas.longest_from(joined)
    name, count, follow = first, 1, _next(read, at)
    while count < max(most, 2) and follow is not None:
        word = read.words[follow]
        joined, name, count = joined + key_word(word), f"{name} {word}", count + 1
        if count <= most or len(word) >= _SHORTEST_PART <= len(first):
            best = _found(areas, name, joined, at, follow + 1) or best
        follow = _next(read, follow)
    if best and (shorter := _cut(read, areas, best)):
        best = shorter
    if best is None or _is_cued_city(read, areas, best) or _is_facility(read, areas, best):
        return None
    return best


def _cut(read: Words, areas: Gazetteer, found: Found) -> Found | None:
    """Leave a last word to the regency that it begins: "Wates Kulon Progo"."""
    last, follow = found.after - 1, _next(read, found.after - 1)
    if last == found.at or follow is None:
        return None
    regency = areas.codes(key_word(read.word(last)) + key_word(read.word(follow)))
    if not any(code.count(".") == REGENCY for code in regency):
        return None
    name = " ".join(word for word in read.words[found.at : last] if word[0].isalnum())
    return _found(areas, name, key(name), found.at, last)


def _found(areas: Gazetteer, name: str, joined: str, at: int, after: int) -> Found | None:
    alias = aliases().get(name, ())
    known = known_places().get(joined)
    codes = alias or areas.codes(joined)
    if known and known not in codes:
        codes = (known, *codes)
    return Found(name, codes, at, after, known) if codes else None


@cache
def known_places() -> dict[str, str]:
    """Give name -> code of the places that everybody knows; names are spelled as by `key`."""
    return {key(name): code for name, code in _table("known_places.txt")}


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """Give short or familiar name -> codes of the areas that it may be."""
    table: dict[str, tuple[str, ...]] = {}
    for name, code in _table("area_aliases.txt"):
        table[name] = (*table.get(name, ()), code)
    return table


def _table(name: str) -> Iterator[tuple[str, str]]:
    """Give (name, code) of a table of lines `code: names`; within a name "_" is a blank."""
    for line in (files("normalizer.data") / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, _, names = line.partition(":")
            yield from ((of.replace("_", " "), code) for of in names.split())


def _next(read: Words, at: int) -> int | None:
    """Give the index of the next word of a name."""
    after = at + 1
    if read.word(after) == "-" or (read.word(after) == "." and read.word(at) in ABBREVIATED):
        after += 1
    return after if read.word(after)[:1].isalnum() else None


def _is_cued_city(read: Words, areas: Gazetteer, found: Found) -> bool:
    """Tell the city of Padang from the kecamatan Kota Padang."""
    if read.word(found.at) not in words.CITY_CUES or found.after == found.at + 1:
        return False
    return any(is_city(code) for code in areas.codes(_rest(read, found)))


def _is_facility(read: Words, areas: Gazetteer, found: Found) -> bool:
    """Tell the market of Senen from the desa Pasar Senen."""
    if read.word(found.at) not in words.FACILITIES or found.after == found.at + 1:
        return False
    if read.word(found.at - 1) in words.CUES:
        return False
    if any(code.count(".") <= DISTRICT for code in found.codes):
        return False
    rest = _rest(read, found)
    if rest in words.ORDINARY:
        return False
    return any(code.count(".") <= DISTRICT for code in areas.codes(rest))


def _rest(read: Words, found: Found) -> str:
    inner = (read.word(at) for at in range(found.at + 1, found.after))
    return "".join(key_word(word) for word in inner if word[0].isalnum())
