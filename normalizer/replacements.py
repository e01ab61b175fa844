"""What stands between the same words of two texts: a form letter filled in for another street."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.conflicts import ALIKE, COPY, FORM, is_start
from normalizer.features import Fingerprint
from normalizer.lexicon import is_derived, matters, may_name, rarity, stem, weight_of_matter
from normalizer.recognition import places
from normalizer.spelling import is_same

_LONGEST_RUN = 6  # words
_BOTH = 2
_STARTS = 3
_RARE = 0.8


@dataclass(frozen=True, slots=True)
class Replaced:
    """How often there is another name, word or matter in the same place; and what surely is."""

    names: float
    words: float
    matters: float
    sure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of one text that the other does not have, and what stands around them in both."""

    words: tuple[str, ...]
    before: str
    after: str


def replacements(one: Fingerprint, other: Fingerprint, verbatim: float) -> Replaced:
    """Compare what stands between the same words: a form letter filled in for another street.

    One neighbour that is the same counts half.
    """
    names = words = troubles = 0.0
    sure: set[str] = set()
    there = list(_runs(other, one))
    for left in _runs(one, other) if there else ():
        for right in there:
            around = (left.before == right.before != "") + (left.after == right.after != "")
            mine, theirs = _unlike(left.words, right.words) if around else ([], [])
            if not mine or not theirs:
                continue
            called = _called(mine, one), _called(theirs, other)
            if all(called):
                names += around / 2
            else:
                words += around / 2
                troubles += all(map(_is_about, (mine, theirs))) * around / 2
            after = left.before if left.before == right.before else ""
            if _is_sure(one, mine, other, theirs, around=around, after=after, verbatim=verbatim):
                sure.add(" / ".join(sorted((mine[0], theirs[0]))))
    return Replaced(names, words, troubles, tuple(sorted(sure)))


def _is_about(words: list[str]) -> bool:
    """Say whether words tell of a matter, and not one that many speak of."""
    return any(weight_of_matter(of) == 1 for word in words for of in matters(word))


def _runs(of: Fingerprint, other: Fingerprint) -> Iterator[_Run]:
    known, tail = {*other.said, *other.names}, set(of.tail)
    run: list[str] = []
    before = ""
    for word in (*of.said, ""):
        if word and word not in known:
            run.append(word)
            continue
        is_cut = any(cut in tail and not _is_other_number(cut, of, other) for cut in run)
        if run and len(run) <= _LONGEST_RUN and not is_cut:
            yield _Run(tuple(run), before, word)
        run, before = [], word


def _is_other_number(word: str, of: Fingerprint, other: Fingerprint) -> bool:
    """Say whether a number near the end is no beginning of one in the other."""
    return word.isdecimal() and not is_start(word, of, other)


def _called(words: list[str], of: Fingerprint) -> list[str]:
    return [word for word in words if word in of.names or word in of.numbers]


def _is_sure(
    one: Fingerprint,
    mine: list[str],
    other: Fingerprint,
    theirs: list[str],
    *,
    around: int,
    after: str,
    verbatim: float,
) -> bool:
    """Say whether it surely is another number, or another name and no synonym."""
    if verbatim < ALIKE or "".join(mine) == "".join(theirs):
        return False
    if _any(mine, _whole(one)) and _any(theirs, _whole(other)):
        return around == _BOTH or verbatim >= COPY
    if _any(mine, one.proper) and _any(theirs, other.proper):
        is_alike_long = abs(len(mine) - len(theirs)) < _STARTS  # else it is told anew
        return (around == _BOTH and is_alike_long) or verbatim >= FORM
    first = mine[0], theirs[0]
    if verbatim < FORM or any(not word.isalpha() or is_derived(word) for word in first):
        return False
    if after in places() and all(map(may_name, first)):
        return True
    is_proper = first[0] in one.proper or first[1] in other.proper
    return is_proper and around == _BOTH and min(map(rarity, first)) >= _RARE


def _any(words: list[str], known: tuple[str, ...]) -> bool:
    return any(word in known for word in words)


def _unlike(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Leave out what is the same but for spelling, or means the same."""
    alike = [(a, b) for a in one for b in other if _is_alike(a, b)]
    met_one, met_other = {a for a, _ in alike}, {b for _, b in alike}
    return [w for w in one if w not in met_one], [w for w in other if w not in met_other]


def _is_alike(one: str, other: str) -> bool:
    short = min(len(one), len(other))
    if short == 1 or (short > _STARTS and one.isalpha()):
        starts = one.startswith(other) or other.startswith(one)
    else:
        starts = False
    return (
        starts
        or is_same(one, other)
        or _are_thousands(one, other)
        or stem(one) == stem(other)
        or not set(matters(one)).isdisjoint(matters(other))
    )


def _are_thousands(one: str, other: str) -> bool:
    """Take "112" and "112 ribu" for one price."""
    short, long = sorted((one, other), key=len)
    return len(short) > 1 and short.isdecimal() and long == f"{short}000"


def _whole(of: Fingerprint) -> tuple[str, ...]:
    return tuple(number for number in of.numbers if number.isdecimal())
