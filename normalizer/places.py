"""Where it happened: the deepest administrative area that a text supports for the incident.

Names are looked up in the gazetteer; cue words ("kec", "desa"), other names in the text and the
words around decide which of the many areas of a name is meant. Precision first: a bare name that
several areas share gives what they have in common, or nothing, with the candidates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from normalizer import place_words as words
from normalizer.complaint import IncidentLocation
from normalizer.gazetteer import (
    Gazetteer,
    ancestors,
    gazetteer,
    is_city,
    level_of,
)

LONGEST = 10_000  # characters that are looked at
MOST_MENTIONS = 40
MOST_CANDIDATES = 5
_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[^\w\s]")
_VILLAGE, _DISTRICT, _REGENCY, _PROVINCE = 3, 2, 1, 0
_LEAST = 2.0  # of what speaks for an area, to name it
_AS_LIKELY = 0.15
_BONUS = {_PROVINCE: 0.0, _REGENCY: 0.3, _DISTRICT: 0.2, _VILLAGE: 0.0}


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text, the areas that it may be, and how much speaks for its being a place."""

    name: str
    codes: tuple[str, ...]
    cue: int | None
    weight: float
    is_elsewhere: bool  # the reporter's home, or where something goes to


@dataclass(frozen=True, slots=True)
class Ranked:
    """An area and what speaks for it."""

    code: str
    score: float


def incident_location(text: str, *, typed: str = "") -> IncidentLocation:
    """Read where it happened: `typed` into a field for it, or else in the text. Never raises.

    A typed place is kept as typed; its area is looked for there first, and in the text then.
    """
    if typed:
        ranked = rank(f"{typed} .", is_place=True)
        sure = _best(ranked)
        if sure is None or level_of(sure.code) in {"province", "regency"}:
            in_text = _best(rank(text))
            if in_text and (sure is None or in_text.code.startswith(f"{sure.code}.")):
                sure, ranked = in_text, [in_text, *ranked]
        return _spelled(sure, ranked, typed, "reporter")
    ranked = rank(text)
    sure = _best(ranked)
    return _spelled(sure, ranked, _full_name(sure.code) if sure else None, "extracted")


def rank(text: str, *, is_place: bool = False) -> list[Ranked]:
    """Rank the areas that a text may mean, the likeliest first.

    `is_place`: the whole text tells a place, so that no name in it is an ordinary word.
    """
    found = list(_mentions(text[:LONGEST], is_place=is_place))
    if any(not mention.is_elsewhere for mention in found):
        found = [
            replace(mention, weight=mention.weight / 2) if mention.is_elsewhere else mention
            for mention in found
        ]
    told_by: dict[str, list[int]] = {}
    for at, mention in enumerate(found):
        for code in mention.codes:
            told_by.setdefault(code, []).append(at)
    scores: dict[str, float] = {}
    for at, mention in enumerate(found):
        levels = Counter(code.count(".") for code in mention.codes)
        for code in mention.codes:
            support = _support(code, at, found, told_by)
            score = _score(code, mention, levels, support)
            if score > scores.get(code, 0.0):
                scores[code] = score
    ranked = [Ranked(code, score) for code, score in scores.items()]
    return sorted(ranked, key=lambda of: (-of.score, of.code.count("."), of.code))


def _support(
    code: str, at: int, found: Sequence[Mention], told_by: Mapping[str, Sequence[int]]
) -> float:
    """Add what the names of the areas around one say for it; each area counts once."""
    around = [of for of in ancestors(code)[1:] if of in told_by]
    if not around:
        return 0.0
    others = {other for of in around for other in told_by[of] if other != at}
    support, supported = 0.0, set[str]()
    for other in sorted(others):
        mention = found[other]
        fitting = {of for of in around if of in mention.codes} - supported
        if fitting:
            supported |= fitting
            is_cued = any(of.count(".") == mention.cue for of in fitting)
            support += max(mention.weight, 0.5) * (1.5 if is_cued else 1.0)
            support += 0.3 * (is_cued and mention.cue == _REGENCY)
    return support


def _score(code: str, mention: Mention, levels: Mapping[int, int], support: float) -> float:
    """Add what speaks for one area: its own name, and the names of the areas around it.

    `levels` counts how many areas of each level bear the name.
    """
    level, own = code.count("."), mention.weight
    if mention.cue is not None and mention.cue == level:
        own += 3.0
    if mention.cue is None and level >= _DISTRICT:
        if mention.name in words.ORDINARY and (level == _VILLAGE or not support):
            return 0.0
        if level == _VILLAGE and not support:
            own *= 0.75 if " " in mention.name else 0.4
        if not support and (levels.get(_PROVINCE) or levels.get(_REGENCY)):
            own *= 0.8
    share = levels[level]
    if not support and share > 1 and level >= _DISTRICT:
        own /= share**0.5
    return own + support + _BONUS[level]


def _best(ranked: Sequence[Ranked]) -> Ranked | None:
    """Choose: of areas as likely as the first, what they have in common."""
    if not ranked or ranked[0].score < _LEAST:
        return None
    first = ranked[0]
    equal = [of.code for of in ranked if first.score - of.score < _AS_LIKELY]
    deepest = [code for code in equal if not any(o.startswith(f"{code}.") for o in equal)]
    if len(deepest) == 1:
        return Ranked(deepest[0], first.score)
    common = set(ancestors(deepest[0]))
    for code in deepest[1:]:
        common &= set(ancestors(code))
    if not common:
        return None
    return Ranked(max(common, key=len), first.score)


# --- names in the text -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Text:
    shown: list[str]
    words: list[str]
    is_shouted: bool

    def word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def is_capital(self, at: int) -> bool:
        return not self.is_shouted and self.shown[at][:1].isupper()


def _mentions(text: str, *, is_place: bool) -> Iterator[Mention]:
    shown = _TOKEN.findall(text)
    read = _Text(shown, [word.casefold().replace("\u2019", "'") for word in shown], text.isupper())
    areas, at, count = gazetteer(), 0, 0
    while at < len(read.words) and count < MOST_MENTIONS:
        found = _name_at(read, areas, at)
        if found is None:
            at += 1
            continue
        name, codes, after = found
        mention = _mention(read, name, codes, at, after, is_place=is_place)
        if mention is None:
            at += 1
            continue
        yield mention
        count += 1
        at = after


def _name_at(read: _Text, areas: Gazetteer, at: int) -> tuple[str, tuple[str, ...], int] | None:
    """Find the longest name that begins here; a hyphen between two words counts as a blank."""
    word = read.words[at]
    if not word[0].isalpha():
        return None
    longest, places, name = areas.longest_from(word), [at], word
    best: tuple[str, tuple[str, ...], int] | None = None
    alias = words.ALIASES.get(word)
    if alias:
        best = (word, (alias,), at + 1)
    codes = areas.codes(word)
    if codes and not alias:
        best = (word, codes, at + 1)
    follow = at + 1
    while len(places) < longest and follow < len(read.words):
        if read.words[follow] == "-" and follow + 1 < len(read.words):
            follow += 1
        if not read.words[follow][0].isalnum():
            break
        places.append(follow)
        name = f"{name} {read.words[follow]}"
        codes = areas.codes(name)
        if codes:
            best = (name, codes, follow + 1)
        follow += 1
    return best or _joined(read, areas, at)


def _joined(read: _Text, areas: Gazetteer, at: int) -> tuple[str, tuple[str, ...], int] | None:
    """Read "kulon progo" for "kulonprogo"."""
    name = read.word(at) + read.word(at + 1)
    codes = areas.codes(name) if read.word(at + 1) else ()
    return (name, codes, at + 2) if codes else None


def _mention(
    read: _Text, name: str, codes: tuple[str, ...], at: int, after: int, *, is_place: bool
) -> Mention | None:
    """Judge a name by the words around it; None for what is no place."""
    before = at - 1
    while read.word(before) in words.FILLERS and before > at - 3:
        before -= 1
    cue_word = read.word(before)
    cue = words.CUES.get(cue_word)
    if cue_word in words.STREETS or _is_taken_back(read, after):
        return None
    fitting = _fitting(codes, cue, cue_word)
    if not fitting:
        return None
    if cue is not None and fitting[0].count(".") == cue:
        weight = 1.5
    else:
        cue = None
        judged = _bare(read, name, fitting, at, is_place=is_place)
        if judged is None:
            return None
        weight, fitting = judged
    near = {read.word(of) for of in range(before - 3, before + 1)}
    if near & words.INCIDENT:
        weight += 1.0
    is_elsewhere = bool(near & (words.TOWARDS | words.HOME)) and cue_word not in words.LOCATIVE
    return Mention(name, fitting, cue, weight, is_elsewhere)


def _is_taken_back(read: _Text, after: int) -> bool:
    """Tell "desa Batu Putih? bukan" and "Natar eh Kedaton"."""
    follows = read.word(after)
    return follows == "eh" or (follows == "?" and read.word(after + 1) in words.NOT_SO | {","})


def _fitting(codes: tuple[str, ...], cue: int | None, cue_word: str) -> tuple[str, ...]:
    """Leave the areas that a cue allows: "kota Bandung" is no Kabupaten."""
    if cue is None:
        return codes
    fitting = tuple(code for code in codes if code.count(".") == cue)
    if cue == _REGENCY:
        wants_city = cue_word in words.CITY_CUES
        of_kind = tuple(code for code in fitting if is_city(code) == wants_city)
        fitting = of_kind or fitting
    return fitting or tuple(code for code in codes if code.count(".") <= _REGENCY)


def _bare(
    read: _Text, name: str, codes: tuple[str, ...], at: int, *, is_place: bool
) -> tuple[float, tuple[str, ...]] | None:
    """Weigh a name without a cue, and leave the areas that it may be."""
    before = read.word(at - 1)
    is_told = (
        is_place
        or before in words.LOCATIVE
        or before in words.FACILITIES
        or read.word(at - 2) in words.FACILITIES
        or read.is_capital(at)
    )
    if name in words.ORDINARY and not is_place:
        codes = tuple(code for code in codes if code.count(".") <= _REGENCY)
        if not codes or not is_told:
            return None
    # A district that bears the name of its regency: the regency is meant.
    codes = tuple(code for code in codes if not set(ancestors(code)[1:]).intersection(codes))
    if any(code.count(".") <= _REGENCY for code in codes):
        return (2.0 if is_told or len(name) > 5 else 1.7), codes  # noqa: PLR2004
    if len(name) < 4:  # noqa: PLR2004 - too short to be sure of
        return None
    districts = [code for code in codes if code.count(".") == _DISTRICT]
    if before == "raya":  # a road bears the name of where it leads to; only a rare one tells more
        return (1.9, tuple(districts)) if len(codes) == 1 and " " in name and districts else None
    told, untold = (1.9, 1.2) if districts else (2.8, 2.0) if " " in name else (1.2, 0.6)
    return (told if is_told else untold), codes


# --- what is told ------------------------------------------------------------------------


def _full_name(code: str) -> str:
    areas = gazetteer()
    return ", ".join(areas.name(of) for of in ancestors(code))


def _spelled(
    sure: Ranked | None, ranked: Sequence[Ranked], text: str | None, origin: str
) -> IncidentLocation:
    areas = gazetteer()
    candidates = tuple(
        {
            "code": of.code,
            "name": areas.name(of.code),
            "level": level_of(of.code),
            "confidence": _confidence(of.score),
        }
        for of in ranked[:MOST_CANDIDATES]
    )
    if sure is None:
        return IncidentLocation(
            text=text, origin="reporter" if text else None, candidates=candidates
        )
    return IncidentLocation(
        text=text,
        code=sure.code,
        level=level_of(sure.code),
        origin="reporter" if origin == "reporter" else "extracted",
        confidence=_confidence(sure.score),
        candidates=candidates,
    )


def _confidence(score: float) -> float:
    """Turn what speaks for an area into 0 to 1."""
    return round(min(score / (score + 1.5), 0.99), 2)
