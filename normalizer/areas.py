"""The regencies, districts and villages that a text names, and whether two texts name the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from normalizer.gazetteer import DISTRICT, REGENCY, gazetteer, key_word

_LONGEST = 3  # words of a name
_MOST = 8  # areas of one name; a name that more have tells nothing


def areas(words: Sequence[str], proper: Collection[str]) -> tuple[str, ...]:
    """Give codes of Kemendagri of what may be meant, sorted.

    Canonical words in order; `proper` are those that surely are names. A name of one word must be
    one of these: many a village is called like a common word.
    """
    found: set[str] = set()
    for name in _names(words, frozenset(proper)):
        codes = gazetteer().codes(name)
        regencies = {code for code in codes if code.count(".") == REGENCY}
        found |= regencies if regencies or len(codes) > _MOST else set(codes)
    return tuple(sorted(code for code in found if code.count(".") >= REGENCY))


def are_apart(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether of a regency that either names each names a part, and not the same."""
    regencies = {code for code in (*one, *other) if code.count(".") == REGENCY}
    mine, theirs = (
        [f"{code}." for code in of if code.count(".") >= DISTRICT and _regency(code) in regencies]
        for of in (one, other)
    )
    is_one = any(a.startswith(b) or b.startswith(a) for a in mine for b in theirs)
    return bool(mine and theirs) and not is_one


def _regency(code: str) -> str:
    return ".".join(code.split(".")[: REGENCY + 1])


def _names(words: Sequence[str], proper: frozenset[str]) -> Iterator[str]:
    for start, word in enumerate(words):
        name = ""
        for index, part in enumerate(words[start : start + _LONGEST]):
            if not part.isalpha():
                break
            name += key_word(part)
            if index or word in proper:
                yield name
