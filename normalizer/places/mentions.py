"""Names of areas as a text mentions them: the words around decide how much each says."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from normalizer.gazetteer import DISTRICT, REGENCY, ancestors, is_city
from normalizer.lexicon import area_words, kind
from normalizer.places import signs, words
from normalizer.places.aliases import aliases
from normalizer.places.names import Found, Name, Names, Words, name_at, names

MOST_MENTIONS = 40
_HANDLE = re.compile("|".join(words.HANDLES))
_LONG_NAME = 5  # letters; a longer name of a regency is hardly another word
_SHORTEST = 4
_ALONE = 5.2  # before it is lessened as that of a village
_HINT = 1.0


class Mention(NamedTuple):
    """A name in the text, the areas that it may be, and how much speaks for its being a place.

    `start` is the first of its words, a cue included; `after` is the word after the last.
    """

    found: Found
    codes: tuple[str, ...]
    weight: float
    cue: int | None = None
    is_told: bool = True  # something says that it is a place
    is_doubtful: bool = False  # a place only if an area around or within is named beside it
    is_elsewhere: bool = False  # the reporter's home, or where something goes to
    start: int = 0
    after: int = 0

    @property
    def has_twins(self) -> bool:
        """Tell whether a Kota and a Kabupaten of this name may be meant."""
        if len(self.codes) == 1:
            return False
        cities = [is_city(code) for code in self.codes if code.count(".") == REGENCY]
        return any(cities) and not all(cities)


def mentions(read: Words, *, is_place: bool) -> Iterator[Mention]:
    """Find the areas that a text mentions, in order."""
    table, after, count = names(), 0, 0
    beginnings = table.beginnings(read)
    ends = set[int]()
    for at in beginnings:
        if at < after:
            continue
        mention = _handle(read, table, at) if read.words[at - 1] == "@" else None
        if mention is None and (found := name_at(read, table, at)):
            if not is_place and found.of.is_ordinary and _is_lost(read, found, beginnings, ends):
                continue
            mention = _mention(read, found, is_place=is_place)
        if mention is None:
            continue
        yield mention
        if not mention.is_doubtful:
            after, count = mention.after, count + 1
            ends.add(after)
        if count == MOST_MENTIONS:
            return


def _is_lost(read: Words, found: Found, beginnings: Sequence[int], ends: Container[int]) -> bool:
    """Tell quickly that a doubtful name has no cue, and no name beside it."""
    if found.of.level <= REGENCY or read.words[signs.word_before(read, found.at)] in words.CUES:
        return False
    before, after = found.at, found.after
    while read.words[before - 1] in words.BETWEEN:
        before -= 1
    while read.words[after] in words.BETWEEN:
        after += 1
    return before not in ends and after not in beginnings and read.words[after] not in words.CUES


def _handle(read: Words, table: Names, at: int) -> Mention | None:
    """Take "@pemkotsmg" for a hint of Kota Semarang: it helps what is named, and names nothing."""
    for whose in _HANDLE.finditer(read.words[at]):
        name = read.words[at][whose.end() :]
        codes = tuple(code for code in table.codes.get(name, ()) if code.count(".") <= REGENCY)
        if codes:
            of_city = tuple(code for code in codes if is_city(code))
            codes = (of_city if whose[0] == "pemkot" else ()) or codes
            of = Name(name, codes, None, REGENCY, is_long=False, is_ordinary=False)
            return Mention(
                Found(of, at, at + 1), codes, _HINT, is_told=False, start=at, after=at + 1
            )
    return None


def _mention(read: Words, found: Found, *, is_place: bool) -> Mention | None:
    """Judge a name by the words around it; None for what is no place."""
    if found.of.name in kind("stop"):
        return None
    if signs.is_denied(read, found) or signs.is_person(read, found.at):
        return None
    if signs.ends_a_route(read, found):
        return None
    before = signs.word_before(read, found.at)
    cue = words.CUES.get(read.words[before])
    if cue is None and found.of.name in words.CUES:
        return None  # the kota of "Kota Kediri" is no kecamatan Kota
    codes = _fitting(read, found, read.words[before], cue)
    mention: Mention | None
    if cue is not None and codes and codes[0].count(".") == cue:
        mention = Mention(found, codes, 1.5, cue, start=before)
    elif signs.is_road(read, before):
        mention = _on_a_road(read, found, before)
    else:
        mention = _bare(read, found, codes, before, is_place=is_place)
    if mention is None or not mention.codes:
        return None
    return mention._replace(
        weight=mention.weight + (1.0 if signs.is_incident(read, before) else 0.0),
        is_elsewhere=signs.is_elsewhere(read, before),
        after=found.after,
    )


def _on_a_road(read: Words, found: Found, before: int) -> Mention | None:
    """Doubt what a road is called after: it says where it is only beside the area around."""
    if found.of.is_ordinary:
        return None
    codes = highest(code for code in found.of.codes if code.count(".") >= DISTRICT)
    is_rare = found.of.is_long and signs.is_unlike_words(found, codes)
    is_sure = read.words[before] == "raya" or found.of.name.split()[0] in area_words()
    is_doubtful = not (is_rare and is_sure)
    return Mention(found, codes, 1.9, is_doubtful=is_doubtful, start=found.at)


def _bare(
    read: Words, found: Found, codes: tuple[str, ...], before: int, *, is_place: bool
) -> Mention | None:
    """Weigh a name without a cue, and leave the areas that it may be."""
    if signs.is_street(read, before) or found.of.name == "raya":
        return None
    is_told = is_place or signs.is_told(read, found.at)
    if read.words[before] in words.PARKS:
        codes = tuple(code for code in codes if code.count(".") <= DISTRICT)
    if found.of.is_ordinary and not (is_place and read.words[before] not in words.FACILITIES):
        is_told = is_told and (not found.of.known or read.is_capital(found.at))
        high = tuple(code for code in codes if code.count(".") <= REGENCY)
        if not high or not is_told or signs.is_part_of_a_name(read, found):
            return Mention(found, codes, 0.0, is_doubtful=True, start=found.at)
        codes = high
    codes = highest(codes)
    is_told = is_told or signs.is_unlike_words(found, codes)
    weight = _weight(found, codes, is_told=is_told)
    return Mention(found, codes, weight, None, is_told, weight == 0.0, start=found.at)


def _weight(found: Found, codes: Sequence[str], *, is_told: bool) -> float:
    highest = min((code.count(".") for code in codes), default=0)
    if highest <= REGENCY:
        is_sure = is_told or len(found.of.name) > _LONG_NAME or found.of.name in aliases()
        return 2.0 if is_sure else 1.7
    if len(found.of.name) < _SHORTEST:
        return 0.0
    if highest == DISTRICT:
        return 1.9 if is_told else 1.2
    if found.of.is_long:
        return 2.8 if is_told else 2.0
    if is_told and signs.is_alone(found, codes):
        return _ALONE
    return 1.2 if is_told else 0.6


def highest(codes: Iterable[str]) -> tuple[str, ...]:
    """Leave out a district that bears the name of its regency: the regency is meant."""
    some = tuple(codes)
    if len(some) == 1:
        return some
    every = set(some)
    return tuple(code for code in some if every.isdisjoint(ancestors(code)[1:]))


def _fitting(read: Words, found: Found, cue_word: str, cue: int | None) -> tuple[str, ...]:
    """Leave the areas that a cue allows: "kota Bandung" is no Kabupaten, nor is "Bima kota"."""
    codes = found.of.codes
    if cue is None:
        if read.words[found.after] != "kota" or found.of.is_long:
            return codes
        return tuple(code for code in codes if is_city(code)) or codes
    fitting = tuple(code for code in codes if code.count(".") == cue)
    fitting = tuple(code for code in fitting if code != found.of.known) or fitting
    if cue == REGENCY:
        wants_city = cue_word in words.CITY_CUES
        fitting = tuple(code for code in fitting if is_city(code) == wants_city) or fitting
    return fitting or tuple(code for code in codes if code.count(".") <= REGENCY)
