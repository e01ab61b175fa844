"""Where two texts surely differ: another house, street, card, date or name on both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from normalizer.features import Fingerprint
from normalizer.lexicon import (
    area_words,
    is_derived,
    kind,
    matters,
    may_name,
    rarity,
    stem,
    weight_of_matter,
)
from normalizer.recognition import places
from normalizer.spelling import is_same

# From these shares of neighbouring words on, one text is filled in like the other.
ALIKE, DAILY, FORM, COPY = 0.2, 0.3, 0.5, 0.8
_LONGEST_RUN = 6
_BOTH = 2
_STARTS = 3
_RARE = 0.8
_TOWN = 4  # letters


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


def sure_differences(
    one: Fingerprint, other: Fingerprint, *, verbatim: float, replaced: Replaced
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
    yield from (f"another in the same place: {what}" for what in replaced.sure)


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
    return any(not _is_start(value, one, other) for value in left - right) and any(
        not _is_start(value, other, one) for value in right - left
    )


def _is_start(value: str, one: Fingerprint, other: Fingerprint) -> bool:
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
    return word.isdecimal() and not _is_start(word, of, other)


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
