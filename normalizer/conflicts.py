"""Where two texts surely differ: another house, street, card, date or name on both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from normalizer.features import Fingerprint
from normalizer.lexicon import area_words, kind, stem
from normalizer.spelling import is_same

# From these shares of neighbouring words on, one text is filled in like the other.
ALIKE, DAILY, FORM, COPY = 0.2, 0.3, 0.5, 0.8
_TOWN = 4  # letters


def sure_differences(
    one: Fingerprint, other: Fingerprint, *, verbatim: float, replaced: Iterable[str]
) -> Iterator[str]:
    """Give what makes two texts two complaints, whatever else they share; readable, sorted."""
    counted = sorted(kind("sure") & one.typed.keys() & other.typed.keys())
    yield from (
        f"another {name}"
        for name in counted
        if _apart(one, one.typed[name], other, other.typed[name])
    )
    if _apart(one, one.codes, other, other.codes):
        yield "another code"
    both = sorted(one.places.keys() & other.places.keys())
    yield from (f"another {name}" for name in both if _are_other_places(one, other, name))
    if _are_other(one.people, one, other.people, other):
        yield "another person"
    if verbatim >= ALIKE and _are_other_towns(one, other):
        yield "another town"
    if _are_other_dates(one, other, verbatim):
        yield "another date"
    if verbatim >= DAILY and one.days and other.days and set(one.days).isdisjoint(other.days):
        yield "another day"
    yield from (f"another in the same place: {what}" for what in replaced)


def _are_other_towns(one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether each names a regency or city, and neither that of the other."""
    towns = [
        {name for name in of.proper if name in area_words() and len(name) >= _TOWN} - kind("sides")
        for of in (one, other)
    ]
    if not all(towns) or not towns[0].isdisjoint(towns[1]):
        return False
    return _is_strange(towns[0], one, other) and _is_strange(towns[1], other, one)


def _are_other_dates(one: Fingerprint, other: Fingerprint, verbatim: float) -> bool:
    """Say whether no date of one is one of the other: whole ones, or months and years of a form."""
    is_form = verbatim >= FORM
    if is_form and (_apart_months(one.dates, other.dates) or _apart_years(one, other)):
        return True
    if dates_agree(one.dates, other.dates) is not False:
        return False
    return is_form or (_has_day(one) and _has_day(other))


def _apart_months(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    mine, theirs = ({date.partition("/")[2] for date in of} - {""} for of in (one, other))
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _apart_years(one: Fingerprint, other: Fingerprint) -> bool:
    mine, theirs = (set(of.typed.get("tahun", ())) - set(of.tail) for of in (one, other))
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def name_one_day(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether both name a day of a month that is the same."""
    return any(date in other for date in one if "" not in date.split("/"))


def dates_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool | None:
    """Say whether any date of one may be one of the other; None if either has none."""
    if not one or not other:
        return None
    return any(
        all(x == y or not x or not y for x, y in zip(a.split("/"), b.split("/"), strict=True))
        for a in one
        for b in other
    )


def _has_day(of: Fingerprint) -> bool:
    return any(day and month for day, _, month in (date.partition("/") for date in of.dates))


def _apart(
    one: Fingerprint, mine: Iterable[str], other: Fingerprint, theirs: Iterable[str]
) -> bool:
    """Say whether each has a value that the other has not; a cut one is no value yet."""
    left, right = set(mine), set(theirs)
    return any(not is_start(value, one, other) for value in left - right) and any(
        not is_start(value, other, one) for value in right - left
    )


def is_start(value: str, one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether a value at the cut end of `one` may be the beginning of a value of `other`."""
    if value not in one.tail:
        return False
    digits = _bare(value)
    return value == "0" or any(_bare(number).startswith(digits) for number in _numbers(other))


def _numbers(of: Fingerprint) -> Iterator[str]:
    yield from of.numbers
    yield from of.codes
    for values in of.typed.values():
        yield from values
    for date in of.dates:
        yield from date.split("/")


def _bare(value: str) -> str:
    return "".join(letter for letter in value if letter.isalnum())


def _are_other_places(one: Fingerprint, other: Fingerprint, name: str) -> bool:
    """Compare places of a kind by first words: what follows is often the town of both.

    But Seraya Tengah is not Seraya Timur.
    """
    mine, theirs = one.places.get(name, ()), other.places.get(name, ())
    firsts = [{phrase.split()[0] for phrase in phrases} for phrases in (mine, theirs)]
    if _are_other(firsts[0], one, firsts[1], other):
        return True
    sides = _sides(mine), _sides(theirs)
    both = sides[0].keys() & sides[1].keys()
    return bool(both) and all(sides[0][first].isdisjoint(sides[1][first]) for first in both)


def _sides(phrases: Iterable[str]) -> dict[str, set[str]]:
    """Give first word -> which side of it: seraya -> {tengah}."""
    found: dict[str, set[str]] = {}
    for first, *rest in map(str.split, phrases):
        if rest and rest[0] in kind("sides"):
            found.setdefault(first, set()).add(rest[0])
    return found


def _are_other(
    mine: Collection[str], one: Fingerprint, theirs: Collection[str], other: Fingerprint
) -> bool:
    """Say whether each names something that is nowhere in the other."""
    if not mine or not theirs or _meet(mine, theirs):
        return False
    return _is_strange(mine, one, other) and _is_strange(theirs, other, one)


def _is_strange(firsts: Iterable[str], one: Fingerprint, other: Fingerprint) -> bool:
    """Say whether a place of `one` is nowhere in `other`; the cut end of one may be anywhere."""
    known = (*other.names, *other.plain, *other.tail, *other.numbers)
    glued = "".join(other.names)
    return any(
        first not in glued
        and not (first in one.tail and any(word.startswith(first) for word in known))
        and not any(first.startswith(word) for word in other.tail[-1:])
        and stem(first) not in other.plain
        and not any(is_same(first, word) for word in known)
        for first in firsts
    )


def _meet(one: Iterable[str], other: Iterable[str]) -> bool:
    right = set(other)
    return any(word in right or any(is_same(word, known) for known in right) for word in one)
