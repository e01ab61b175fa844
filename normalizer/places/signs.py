"""What the words around a name say of it: a place, a road, a person, a place not meant."""

from __future__ import annotations

from collections.abc import Sequence

from normalizer.gazetteer import DISTRICT, gazetteer, is_city
from normalizer.lexicon import area_words, rarity
from normalizer.places import words
from normalizer.places.names import Found, Words
from normalizer.tables import commonness

_KNOWN_WORD = 3.4  # log10 of uses in a thousand million words
_FURTHEST = 5  # words that are looked back over
_NEAR = 3
_LONG_NAME = 6  # letters


def word_before(read: Words, at: int) -> int:
    """Give the index of the word before a name, stops and "adm" left out."""
    before = at - 1
    while read.words[before] in words.FILLERS and before > at - _NEAR:
        before -= 1
    return before


def is_denied(read: Words, found: Found) -> bool:
    """Tell "desa Batu Putih? bukan", "Natar eh Kedaton" and "bukan di Tangerang"."""
    if "deny" not in read.may:
        return False
    follows = read.words[found.after]
    if follows == "eh" or (follows == "?" and read.words[found.after + 1] in words.TAKEN_BACK):
        return True
    at = found.at - 1
    while read.words[at] in words.CUES or read.words[at] in words.LOCATIVE:
        at -= 1
    return read.words[at] in words.NOT


def is_person(read: Words, at: int) -> bool:
    """Tell a name that belongs to somebody: "nama saya Endang Palembang Susilowati"."""
    if "person" not in read.may:
        return False
    before = at - 1
    while before > at - _FURTHEST and read.words[before].isalpha():
        if not read.is_capital(before) and read.words[before] not in words.OWN:
            break
        before -= 1
    return any(read.words[of] in words.PERSON for of in range(before, at))


def is_elsewhere(read: Words, before: int) -> bool:
    """Tell where somebody lives or something goes to from where something is."""
    if "elsewhere" not in read.may:
        return False
    if read.words[before] in words.FACILITIES:
        before -= 1  # "Kampung Kokonao" is nobody's home
    if read.words[before] not in words.LOCATIVE and not words.AWAY_FROM_HERE.isdisjoint(
        [read.words[of] for of in range(before - _NEAR, before + 1)]
    ):
        return True
    for at in range(before, before - _FURTHEST, -1):
        word = read.words[at]
        if word == "rumah" and read.words[at - 1] in words.BESIDE:
            return False
        if word in words.HOME or word not in words.PASSED_OVER:
            return word in words.HOME
    return False


def is_incident(read: Words, before: int) -> bool:
    """Tell that somebody says where it happened."""
    return "incident" in read.may and any(
        read.words[of] in words.INCIDENT for of in range(before - _NEAR, before + 1)
    )


def is_street(read: Words, before: int) -> bool:
    """Tell the name of a street, a shop or a bus from one of a place."""
    return read.words[before] in words.STREETS and read.words[before - 1] not in words.LIT_OR_GATES


def ends_a_route(read: Words, found: Found) -> bool:
    """Tell the second name of "rute Tual-Dobo" and "jl. Padang - Solok"."""
    first = found.at - 2
    if "route" not in read.may or read.words[first + 1] != "-" or not read.words[first].isalpha():
        return False
    before = [read.words[first - back] for back in range(1, _NEAR + 1)]
    tells = next((word for word in before if word in words.ON_THE_WAY), "")
    if tells not in words.ROUTES:
        return False
    other = gazetteer().codes(read.keys[first])
    return not any(
        one.startswith(two) or two.startswith(one) for one in other for two in found.of.codes
    )


def is_road(read: Words, before: int) -> bool:
    """Tell a road that may lie in what it is called after: "jl raya Kalijambe", "jalan Natar"."""
    if read.words[before] == "raya":
        before -= 1
    return read.words[before] in words.ROADS and read.words[before - 1] not in words.LAMPS


def is_told(read: Words, at: int) -> bool:
    """Tell whether something but a cue says that a name is one."""
    before, second = read.words[at - 1], read.words[at - 2]
    return (
        before in words.LOCATIVE
        or before in words.FACILITIES
        or (before == "tol" and second in words.GATES)
        or (second in words.FACILITIES and (before.isdecimal() or before in words.KINDS))
        or _has_telling_capital(read, at)
    )


def _has_telling_capital(read: Words, at: int) -> bool:
    """Tell a name by its capital, unless it is a known word that begins a sentence."""
    if not read.is_capital(at):
        return False
    is_first = at == 0 or read.words[at - 1] in words.SENTENCE_ENDS
    word = read.words[at]
    return not is_first or word in area_words() or commonness(word) < _KNOWN_WORD


def is_unlike_words(found: Found, codes: Sequence[str]) -> bool:
    """Tell a name of one district alone that is no other word: "bantargebang", "dumai timur"."""
    if not found.of.is_long and (len(found.of.name) < _LONG_NAME or rarity(found.of.name) < 1.0):
        return False
    levels = [code.count(".") for code in codes]
    return levels.count(DISTRICT) == 1 and min(levels) == DISTRICT


def is_alone(found: Found, codes: Sequence[str]) -> bool:
    """Tell a kelurahan of a town whose name no other area bears, and that is no other word."""
    if len(codes) != 1 or not is_city(codes[0][: len("33.74")]):
        return False
    return len(found.of.name) >= _LONG_NAME and rarity(found.of.name) == 1.0


def is_part_of_a_name(read: Words, found: Found) -> bool:
    """Tell the river "Batang Selo" from Batang: another capital follows."""
    after = read.words[found.after]
    return (
        after.isalpha()
        and read.is_capital(found.after)
        and after not in words.CUES
        and after not in area_words()
    )
