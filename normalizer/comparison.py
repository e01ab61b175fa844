"""What two fingerprints have in common, as a few numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from normalizer.conflicts import dates_agree, replacements, sure_differences
from normalizer.features import Fingerprint
from normalizer.lexicon import is_fault, rarity, weight_of_matter
from normalizer.spelling import is_same

_MANY_NAMES = 4.0
_MANY = 3
_ALL = 0.95
_MAIN = 2
_ONLY = {"thanks", "asks"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Features by name (0 to 1), what both name, and what surely differs.

    `is_one_complaint` is false where one complains and the other only asks or thanks.
    """

    features: dict[str, float]
    anchors: tuple[str, ...]
    vetoes: tuple[str, ...]
    is_one_complaint: bool


def compare(one: Fingerprint, other: Fingerprint) -> Comparison:
    """Line two fingerprints up; which is first does not matter."""
    verbatim = _verbatim(one.said, other.said)
    replaced = replacements(one, other, verbatim)
    agreed = dates_agree(one.dates, other.dates)
    shared, only_one, only_other = _line_up(one.names, other.names)
    apart = min(_worth(_unseen(only_one, other)), _worth(_unseen(only_other, one)), _MANY_NAMES)
    numbers = set(one.numbers) & set(other.numbers)
    features = {
        "names that agree": min(_worth(shared), _MANY_NAMES) / _MANY_NAMES,
        "other names": apart / _MANY_NAMES,
        "other names in the same sentences": apart * verbatim / _MANY_NAMES,
        "another name in the same place": min(replaced.names, 2) / 2,
        "another word in the same place": min(replaced.words, _MANY) / _MANY * verbatim,
        "same sentences": verbatim,
        "all of it is in the other": float(verbatim >= _ALL),
        "same words": _contained(one.plain, other.plain, rarity),
        "same matter": _contained(one.matters, other.matters, weight_of_matter),
        "other matter": _residue(one.matters, other.matters, weight_of_matter),
        "main matter agrees": _main(one.matters, other.matters),
        **_faults(one.matters, other.matters),
        "numbers that agree": min(len(numbers), _MANY) / _MANY,
        "date agrees": float(agreed is True),
        "another time": float(("again" in one.moods) != ("again" in other.moods)),
    }
    return Comparison(
        features,
        _anchors(one, other, shared, numbers),
        tuple(sure_differences(one, other, verbatim=verbatim, replaced=replaced)),
        _ONLY.intersection(one.moods) == _ONLY.intersection(other.moods),
    )


def _anchors(
    one: Fingerprint, other: Fingerprint, names: Sequence[str], numbers: set[str]
) -> tuple[str, ...]:
    """Give what both name; the number of a card or a letter counts twice, so it is enough."""
    anchors = {*names, *(f"number {number}" for number in numbers if len(number) > 1)}
    for code in set(one.codes) & set(other.codes):
        anchors |= {code, f"code {code}"}
    if dates_agree(one.dates, other.dates):
        anchors.add("date")
    for name in one.typed.keys() & other.typed.keys():
        both = set(one.typed[name]) & set(other.typed[name])
        anchors |= {f"{name} {value}" for value in both}
    return tuple(sorted(anchors))


def _line_up(one: Iterable[str], other: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Give (in both, only in `one`, only in `other`); misspelt ones are in both."""
    left, right = set(one), set(other)
    only_left, only_right = sorted(left - right), sorted(right - left)
    pairs = [(a, b) for a in only_left for b in only_right if is_same(a, b)]
    met_left, met_right = {a for a, _ in pairs}, {b for _, b in pairs}
    return (
        sorted((left & right) | {min(pair) for pair in pairs}),
        [word for word in only_left if word not in met_left],
        [word for word in only_right if word not in met_right],
    )


def _unseen(words: Iterable[str], other: Fingerprint) -> list[str]:
    """Leave out what the other text has as an ordinary word, glued together, or cut."""
    glued = "".join(other.names)
    return [
        word
        for word in words
        if word not in other.plain
        and word not in glued
        and not any(is_same(word, token) for token in other.tail)
    ]


def _worth(words: Iterable[str]) -> float:
    return sum(map(rarity, words))


def _contained(one: Iterable[str], other: Iterable[str], worth: Callable[[str], float]) -> float:
    """Give how much of the shorter is in the longer; a half if one says nothing."""
    left, right = set(one), set(other)
    least = min(_sum(left, worth), _sum(right, worth))
    return min(1.0, _sum(left & right, worth) / least) if least else 0.5


def _residue(one: Iterable[str], other: Iterable[str], worth: Callable[[str], float]) -> float:
    """Give how much of each is not in the other, the lesser of both, by the shorter."""
    left, right = set(one), set(other)
    least = min(_sum(left, worth), _sum(right, worth))
    return min(_sum(left - right, worth), _sum(right - left, worth)) / least if least else 0.0


def _sum(words: set[str], worth: Callable[[str], float]) -> float:
    """Add up in a fixed order, so that a sum does not depend on which text is first."""
    return sum(map(worth, sorted(words)))


def _main(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Give how far what each is mostly about is in the other; a half if one says nothing."""
    mine, theirs = one[:_MAIN], other[:_MAIN]
    if not mine or not theirs:
        return 0.5
    met = sum(matter in other for matter in mine) / len(mine)
    return (met + sum(matter in one for matter in theirs) / len(theirs)) / 2


def _faults(one: Iterable[str], other: Iterable[str]) -> dict[str, float]:
    """Compare what is said to be wrong."""
    left, right = set(filter(is_fault, one)), set(filter(is_fault, other))
    met = left & right
    return {
        "same fault": min(len(met), 2) / 2,
        "another fault": float(bool(left and right) and not met),
        "other faults besides": min(len(left - right), len(right - left), 2) / 2,
    }


def _verbatim(one: Sequence[str], other: Sequence[str]) -> float:
    """Give the share of neighbouring words of the shorter that are neighbours in the longer."""
    left, right = set(pairwise(one)), set(pairwise(other))
    least = min(len(left), len(right))
    return len(left & right) / least if least else 0.0
