"""What two fingerprints have in common, as a few numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from normalizer.areas import are_apart
from normalizer.conflicts import FORM, dates_agree, name_one_day, sure_differences
from normalizer.features import Fingerprint
from normalizer.lexicon import area_words, is_fault, kind, rarity, weight_of_matter
from normalizer.replacements import Replaced, replacements
from normalizer.spelling import is_same

_MANY_NAMES = 4.0
_MANY = 3
_ENDS = 3  # words
_ALL = 0.95
_MAIN = 2
_RARE, _UNUSUAL = 0.7, 0.6
_WIDE = frozenset(("village", "district", "regency"))
_ONLY = ("asks", "thanks")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Features by name (0 to 1), what both name, and what surely differs.

    `limits` say why it is not one complaint, however alike they are; `limits_of_two` why it is not
    one by two people, while one person may say so.
    """

    features: dict[str, float]
    anchors: tuple[str, ...]
    vetoes: tuple[str, ...]
    limits: tuple[str, ...]
    limits_of_two: tuple[str, ...]


def compare(one: Fingerprint, other: Fingerprint) -> Comparison:
    """Line two fingerprints up; which is first does not matter."""
    verbatim = _verbatim(one.said, other.said)
    same = _same(one.said, other.said)
    replaced = replacements(one, other, verbatim)
    shared, _, _ = _line_up(one.names, other.names)
    numbers = _counted(one) & _counted(other)
    titles = _other_titles(one, other)
    features = {
        "names that agree": min(_worth(shared), _MANY_NAMES) / _MANY_NAMES,
        "other places": _other_places(one, other),
        "another matter in the same place": min(replaced.matters, 2) / 2 * verbatim,
        "all of it is in the other": float(verbatim >= _ALL),
        "same words": _contained(one.plain, other.plain, rarity),
        "rare words that agree": min(_worth(set(one.plain) & set(other.plain)), _MANY_NAMES)
        / _MANY_NAMES,
        "same matter": _contained(one.matters, other.matters, weight_of_matter),
        "other matter": _residue(one.matters, other.matters, weight_of_matter),
        "main matter agrees": _main(one.matters, other.matters),
        "another title": titles,
        "another title in the same sentences": float(titles > 0) * verbatim,
        **_faults(one.matters, other.matters, verbatim),
        "another thing in the same words": _other_things(one.matters, other.matters) * same,
        "numbers that agree": min(len(numbers), _MANY) / _MANY,
        **_numbers(one, other, verbatim),
        "date agrees": float(dates_agree(one.dates, other.dates) is True),
        **_times(one, other),
    }
    return Comparison(
        features,
        _anchors(one, other, shared, numbers),
        tuple(sure_differences(one, other, verbatim=verbatim, replaced=replaced.sure)),
        tuple(_limits(one, other, replaced, verbatim)),
        tuple(_limits_of_two(one, other, replaced, verbatim)),
    )


def _limits(
    one: Fingerprint, other: Fingerprint, replaced: Replaced, verbatim: float
) -> Iterator[str]:
    yield from (f"one only {mood}" for mood in _ONLY if _is_in_one(one, other, mood))
    if verbatim >= FORM and replaced.matters > 1:
        yield "other matters in the same letter"


def _limits_of_two(
    one: Fingerprint, other: Fingerprint, replaced: Replaced, verbatim: float
) -> Iterator[str]:
    if not set(one.codes).isdisjoint(other.codes):
        return  # who tells of one parcel gives its number
    if are_apart(one.areas, other.areas):
        yield "another village or district of one regency"
    if _is_form(one, other, replaced, verbatim):
        yield "a form letter, filled in otherwise"


def _same(one: Sequence[str], other: Sequence[str]) -> float:
    """Give the share of the words of the shorter that are in the longer."""
    left, right = set(one), set(other)
    least = min(len(left), len(right))
    return len(left & right) / least if least else 0.0


def _is_form(one: Fingerprint, other: Fingerprint, replaced: Replaced, verbatim: float) -> bool:
    is_alike = verbatim >= FORM or _begin_and_end_alike(one.said, other.said)
    return is_alike and replaced.names + replaced.words >= 1


def _begin_and_end_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    left, right = (["#" if word.isdecimal() else word for word in of] for of in (one, other))
    return left[:_ENDS] == right[:_ENDS] and left[-_ENDS:] == right[-_ENDS:]


def _other_places(one: Fingerprint, other: Fingerprint) -> float:
    """Compare what surely is a name: by its place, its capital, or as a town."""
    _, mine, theirs = _line_up(one.proper, other.proper)
    return min(_worth(_unseen(mine, other)), _worth(_unseen(theirs, one)), _MAIN) / _MAIN


def _counted(of: Fingerprint) -> set[str]:
    return {*of.numbers, *of.typed.get("nomor", ())}


def _numbers(one: Fingerprint, other: Fingerprint, verbatim: float) -> dict[str, float]:
    """Compare counts and amounts; how long it lasts grows, and is left out."""
    mine, theirs = (set(of.numbers) - set(of.lasting) for of in (one, other))
    apart = min(len(mine - theirs), len(theirs - mine), _MANY) / _MANY
    return {
        "other numbers": apart,
        "other numbers in the same sentences": apart * verbatim,
        "another count": float(
            any(
                set(one.counts[of]).isdisjoint(other.counts[of])
                for of in one.counts.keys() & other.counts.keys()
            )
        ),
    }


def _times(one: Fingerprint, other: Fingerprint) -> dict[str, float]:
    """Compare when it was, and whether one says that it happened again."""
    hours = one.typed.get("jam", ()), other.typed.get("jam", ())
    # Of two who name one day, each may say that it was not the first.
    is_one_day = name_one_day(one.dates, other.dates) or not set(one.days).isdisjoint(other.days)
    return {
        "another hour": float(all(hours) and not _hours_agree(*hours)),
        "another time": float(_is_in_one(one, other, "later")),
        "again, says one": float(not is_one_day and _is_in_one(one, other, "again")),
    }


def _hours_agree(one: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether an hour is in both; who tells no minutes may mean any."""
    return any(
        a == b or (("." in a) != ("." in b) and a.partition(".")[0] == b.partition(".")[0])
        for a in one
        for b in other
    )


def _is_in_one(one: Fingerprint, other: Fingerprint, mood: str) -> bool:
    return (mood in one.moods) != (mood in other.moods)


def _anchors(
    one: Fingerprint, other: Fingerprint, names: Sequence[str], numbers: set[str]
) -> tuple[str, ...]:
    """Give what both name; the number of a card or a letter counts twice, so it is enough.

    So does the name of a hospital, a market or a street; and where a rare name agrees, so does
    what is wrong, and rare words.
    """
    anchors = {*names, *(f"number {number}" for number in numbers if len(number) > 1)}
    for code in set(one.codes) & set(other.codes):
        anchors |= {code, f"code {code}"}
    if dates_agree(one.dates, other.dates):
        anchors.add("date")
    for name in one.typed.keys() & other.typed.keys() - {"tahun"}:
        both = set(one.typed[name]) & set(other.typed[name])
        anchors |= {f"{name} {value}" for value in both}
    for name in one.places.keys() & other.places.keys() - _WIDE:
        firsts = [{place.split()[0] for place in of.places[name]} for of in (one, other)]
        anchors |= {f"{name} {first}" for first in firsts[0] & firsts[1]}
    least = 1.0
    if any(rarity(name) >= _RARE and name not in area_words() for name in names):
        anchors |= set(filter(is_fault, set(one.matters) & set(other.matters)))
        least = _UNUSUAL
    if names:
        both = (set(one.plain) & set(other.plain)) - kind("generic")
        anchors |= {word for word in both if rarity(word) >= least}
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


def _other_titles(one: Fingerprint, other: Fingerprint) -> float:
    """Give how much of what each is called is nowhere in the other, the lesser of both."""
    if not one.titled or not other.titled or not set(one.titled).isdisjoint(other.titled):
        return 0.0
    return min(_uncalled(one, other), _uncalled(other, one))


def _uncalled(one: Fingerprint, other: Fingerprint) -> float:
    called = [word for word in one.titled if "." not in word]
    known = {*other.plain, *(set(other.names) - set(other.proper))}
    return sum(word not in known for word in called) / max(1, len(called))


def _faults(one: Iterable[str], other: Iterable[str], verbatim: float) -> dict[str, float]:
    """Compare what is said to be wrong."""
    left, right = set(filter(is_fault, one)), set(filter(is_fault, other))
    met = left & right
    apart = min(max(map(weight_of_matter, of), default=0.0) for of in (left - right, right - left))
    return {
        "same fault": min(len(met), 2) / 2,
        "another fault": float(bool(left and right) and not met),
        "another fault in the same sentences": float(bool(left and right) and not met) * verbatim,
        "other faults besides": min(len(left - right), len(right - left), 2) / 2,
        "other faults besides in the same sentences": apart * verbatim,
    }


def _other_things(one: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether something is wrong with nothing that both name."""
    left, right = ({of for of in these if _is_thing(of)} for these in (one, other))
    return bool(left and right) and left.isdisjoint(right)


def _is_thing(matter: str) -> bool:
    return not is_fault(matter) and weight_of_matter(matter) == 1


def _verbatim(one: Sequence[str], other: Sequence[str]) -> float:
    """Give the share of neighbouring words of the shorter that are neighbours in the longer."""
    left, right = set(pairwise(one)), set(pairwise(other))
    least = min(len(left), len(right))
    return len(left & right) / least if least else 0.0
