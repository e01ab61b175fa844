"""When two spellings are one word: a slip of the finger, a cut end, a word without its vowels."""

from __future__ import annotations

import re
from functools import lru_cache

_VOWELS = re.compile("[aiueo]")
_PREFIXES = frozenset(("di", "me", "men", "mem", "meng", "ber", "ter", "ke", "pe", "m", "n", "se"))
_LONG = 6
_WORTH_A_SLIP = 5
_TOO_SHORT = 2
_ENDING = 2


@lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """Give the first letter and the consonants after it, none twice in a row."""
    bare = word[:1] + _VOWELS.sub("", word[1:])
    return re.sub(r"(.)\1+", r"\1", bare)


@lru_cache(maxsize=50_000)
def is_same(one: str, other: str) -> bool:
    """Say whether these are one word; symmetric. Numbers are only ever equal."""
    if one == other:
        return True
    if not (one.isalpha() and other.isalpha()):
        return False
    short, long = sorted((one, other), key=lambda word: (len(word), word))
    return (
        _is_lengthened(short, long)
        or _is_slip(short, long)
        or (short[0] == long[0] and len(short) > _TOO_SHORT and _is_squeezed(short, long))
        or _lacks_a_vowel(short, long)
    )


def _lacks_a_vowel(short: str, long: str) -> bool:
    """Say whether `short` is `long` without one vowel, or one of two equal letters: "rteh"."""
    if len(short) < _WORTH_A_SLIP - 1 or len(long) - len(short) != 1:
        return False
    return skeleton(short) == skeleton(long) and _is_within(short, long)


def _is_within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


def _is_lengthened(short: str, long: str) -> bool:
    """Say whether `long` is `short` with an ending of two letters, or with a common prefix."""
    if long.startswith(short):
        return len(short) >= _WORTH_A_SLIP - 1 and len(long) - len(short) <= _ENDING
    return (
        len(short) >= _WORTH_A_SLIP
        and long.endswith(short)
        and long.removesuffix(short) in _PREFIXES
    )


def _is_squeezed(short: str, long: str) -> bool:
    """Say whether `short` is `long` with (most) vowels left out."""
    vowels = len(_VOWELS.findall(short[1:]))
    if skeleton(short) == skeleton(long):
        return vowels == 0 or len(short) >= _LONG
    if vowels or len(long) - len(short) > _LONG:
        return False
    return short[-1] == long[-1] and _is_within(short, long)


def _is_slip(short: str, long: str) -> bool:
    """Say whether one letter was missed, added, taken for another or swapped with the next."""
    is_swap = sorted(short) == sorted(long)
    if len(short) < _WORTH_A_SLIP and not (is_swap and len(short) == _WORTH_A_SLIP - 1):
        return False
    if short[0] != long[0] and len(short) == _WORTH_A_SLIP and not is_swap:
        return False
    if len(long) - len(short) > 1:
        return False
    while short and short[-1] == long[-1]:
        short, long = short[:-1], long[:-1]
    while short and short[0] == long[0]:
        short, long = short[1:], long[1:]
    return len(long) <= 1 or (is_swap and short == long[::-1])
