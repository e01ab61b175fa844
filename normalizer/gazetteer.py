"""The administrative areas of Indonesia: 38 provinces down to 83,762 desa and kelurahan.

Read at the first use, in about a fifth of a second; some 40 MB. Codes are Kemendagri's: `33`,
`33.74`, `33.74.05`, `33.74.05.1002`.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

Level = Literal["province", "regency", "district", "village"]
LEVELS: tuple[Level, ...] = ("province", "regency", "district", "village")
MOST_WORDS = 5  # of a name that is looked for
FIRST_CITY = 71  # the number within a province from which on a regency is a Kota
_WORD = re.compile(r"[a-z0-9']+")
_KIND = re.compile(r"^(?:kabupaten|kota)(?: administrasi)? ")
_EAST = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
_MIDDLE = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_LONG_ENOUGH = 8  # letters; "tanjungpandan" is written for "Tanjung Pandan"


class Gazetteer:
    """Names to codes and back."""

    def __init__(self, lines: list[str]):
        self._names: dict[str, str] = {}
        index: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            code, _, name = line.partition("\t")
            self._names[code] = name
            bare = plain(name)
            if len(code) == len("33.74"):
                bare = _KIND.sub("", bare)
            index[bare].append(code)
            if len(code) == len("33.74.05") and bare.startswith("kota "):
                index[bare.removeprefix("kota ")].append(code)
            if " " in bare and len(code) <= len("33.74.05") and len(bare) > _LONG_ENOUGH:
                joined = bare.replace(" ", "")
                if code not in index[joined]:
                    index[joined].append(code)
        self._index = {name: tuple(codes) for name, codes in index.items()}
        longest: dict[str, int] = {}
        for name in self._index:
            first, count = name.partition(" ")[0], name.count(" ") + 1
            longest[first] = max(count, longest.get(first, 0))
        self._longest = longest

    def __len__(self) -> int:
        return len(self._names)

    def name(self, code: str) -> str:
        """Give the official name of an area; KeyError for an unknown code."""
        return self._names[code]

    def knows(self, code: str) -> bool:
        """Tell whether there is such an area."""
        return code in self._names

    def codes(self, name: str) -> tuple[str, ...]:
        """Give the areas with a name, spelled as by `plain` and without Kabupaten or Kota."""
        return self._index.get(name, ())

    def longest_from(self, word: str) -> int:
        """Give how many words the longest name has that begins with a word."""
        return min(self._longest.get(word, 0), MOST_WORDS)

    def codes_of_level(self, level: Level) -> list[str]:
        """Give all codes of a level."""
        dots = LEVELS.index(level)
        return [code for code in self._names if code.count(".") == dots]


@cache
def gazetteer() -> Gazetteer:
    """Give the one gazetteer of this process."""
    packed = files("normalizer.data").joinpath("areas.tsv.gz").read_bytes()
    return Gazetteer(gzip.decompress(packed).decode().splitlines())


def plain(name: str) -> str:
    """Spell a name as it is looked for: lower case, letters, digits and single blanks."""
    return " ".join(_WORD.findall(name.casefold()))


def level_of(code: str) -> Level:
    """Tell the level of a code."""
    return LEVELS[code.count(".")]


@lru_cache(maxsize=10_000)  # most reports name places that others have named
def ancestors(code: str) -> tuple[str, ...]:
    """Give the code and those of the areas around it, the smallest first."""
    found = [code]
    while "." in code:
        code = code.rpartition(".")[0]
        found.append(code)
    return tuple(found)


def is_city(code: str) -> bool:
    """Tell a Kota from a Kabupaten."""
    return code.count(".") == 1 and int(code[3:5]) >= FIRST_CITY


def zone_of(code: str) -> str:
    """Give the time zone (IANA) of an area, by its province."""
    province = code[:2]
    if province in _EAST:
        return "Asia/Jayapura"
    return "Asia/Makassar" if province in _MIDDLE else "Asia/Jakarta"


def known_region(digits: str) -> bool:
    """Tell whether six digits, as a NIK begins, are the code of a district."""
    return gazetteer().knows(f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}")
