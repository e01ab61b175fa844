"""The administrative areas of Indonesia: 38 provinces down to 83,762 desa and kelurahan.

Read at the first use, in about a third of a second; some 40 MB. Codes are Kemendagri's: `33`,
`33.74`, `33.74.05`, `33.74.05.1002`.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from normalizer.places.words import FACILITIES, ORDINARY
from normalizer.tables import commonness

Level = Literal["province", "regency", "district", "village"]
LEVELS: tuple[Level, ...] = ("province", "regency", "district", "village")
PROVINCE, REGENCY, DISTRICT, VILLAGE = range(4)  # as many dots has a code
MOST_WORDS = 5  # of a name that is looked for
FIRST_CITY = 71  # the number within a province from which on a regency is a Kota
_WORD = re.compile(r"[a-z0-9']+")
_EAST = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
_MIDDLE = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
_KINDS = frozenset(("kabupaten", "kota", "administrasi"))
_ISLANDS = frozenset(("kepulauan", "pulau"))  # "Anambas" is said of Kepulauan Anambas
# "Purwokerto" is what Purwokerto Utara, Selatan, Barat and Timur have in common.
_SIDES = frozenset(
    "utara selatan barat timur tengah hulu hilir ilir ulu dalam luar kulon wetan lor kidul atas "
    "bawah kota".split()
)
_LEAST_SIDES = 2
_FEW_LETTERS = 5
# How a word within a name may be written for another.
SAME_WORD = {
    "tj": "tanjung",
    "tjg": "tanjung",
    "tg": "tanjung",
    "sei": "sungai",
    "kb": "kebon",
    "kebun": "kebon",
    "pd": "pondok",
    "kp": "kampung",
    "gn": "gunung",
    "lb": "lubuk",
    "i": "satu",
    "ii": "dua",
    "iii": "tiga",
    "iv": "empat",
    "v": "lima",
}
ABBREVIATED = frozenset(word for word, full in SAME_WORD.items() if len(word) < len(full) - 1)


class Gazetteer:
    """Names to codes and back; names are looked for as `key` spells them, without blanks."""

    def __init__(self, lines: list[str]):
        self._names: dict[str, str] = {}
        index: dict[str, list[str]] = defaultdict(list)
        longest: dict[str, int] = {}
        heads: dict[tuple[str, int], list[str]] = defaultdict(list)
        regency: list[str] = []
        for line in lines:
            code, _, name = line.partition("\t")
            self._names[code] = name
            words = [key_word(word) for word in plain(name).split()]
            if len(code) == len("33.74"):
                words = regency = words[_kind_words(words) :]
                if words[0] in _ISLANDS and len(words) > 1:
                    index["".join(words[1:])].append(code)
            index["".join(words)].append(code)
            longest[words[0]] = max(len(words), longest.get(words[0], 0))
            if len(code) == len("33.74.05") and words[0] == "kota" and len(words) > 1:
                index["".join(words[1:])].append(code)
            if len(words) > 1 and len(code) > len("33.74"):
                if words[-1] in _SIDES:
                    heads["".join(words[:-1]), code.count(".")].append(code)
                elif words[:-1] == regency and not commonness(words[-1]):
                    index[words[-1]].append(code)  # "Marelan" is said of Medan Marelan
        _add_heads(index, heads)
        self._index = {name: tuple(codes) for name, codes in index.items()}
        self._longest = {
            word: min(count, MOST_WORDS) for word, count in longest.items() if count > 1
        }

    def __len__(self) -> int:
        return len(self._names)

    def name(self, code: str) -> str:
        """Give the official name of an area; KeyError for an unknown code."""
        return self._names[code]

    def knows(self, code: str) -> bool:
        """Tell whether there is such an area."""
        return code in self._names

    def codes(self, name: str) -> tuple[str, ...]:
        """Give the areas with a name, spelled as by `key` and without Kabupaten or Kota."""
        return self._index.get(name, ())

    def index(self) -> Mapping[str, tuple[str, ...]]:
        """Give all names, as `key` spells them, with their areas."""
        return self._index

    def longest(self) -> Mapping[str, int]:
        """Give how many words the longest name has that begins with a word, if more than one."""
        return self._longest

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


def key_word(word: str) -> str:
    """Spell a word of a name as it is compared: "tj" and "Tanjung" are one."""
    return SAME_WORD.get(word, word)


def key(name: str) -> str:
    """Spell a name as it is compared: without blanks, abbreviations written out."""
    return "".join(key_word(word) for word in plain(name).split())


def _kind_words(words: list[str]) -> int:
    """Count the words before the name of a regency: Kota Administrasi."""
    return next(at for at, word in enumerate(words) if word not in _KINDS)


def _add_heads(index: dict[str, list[str]], heads: Mapping[tuple[str, int], list[str]]) -> None:
    """Let what districts, or villages, of several sides are called stand for the area around."""
    for (head, level), codes in heads.items():
        within = {code.rpartition(".")[0] for code in codes}
        known = index.get(head, ())
        if len(codes) < _LEAST_SIDES or len(within) > 1 or len(head) < _FEW_LETTERS:
            continue
        if head in ORDINARY or head in FACILITIES:
            continue
        if not any(code.count(".") <= max(level, DISTRICT) for code in known):
            index[head].append(within.pop())


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
