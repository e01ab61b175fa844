"""How much speaks for each area that a text mentions, and which of them is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from normalizer.gazetteer import DISTRICT, PROVINCE, REGENCY, VILLAGE, ancestors, is_city
from normalizer.places import words
from normalizer.places.context import in_context
from normalizer.places.mentions import Mention, mentions
from normalizer.places.names import Words

_LEAST = 2.0  # of what speaks for an area, to name it
_AS_LIKELY = 0.15
_BONUS = {PROVINCE: 0.0, REGENCY: 0.3, DISTRICT: 0.2, VILLAGE: 0.0}
_KNOWN = 2.2
_OUTSIDE = 1.5  # against what lies outside the area that a cue names
_OUTSIDE_ALL = 2.5  # against a village outside every regency that is told
_DEEPER = 0.2  # for what lies within the likeliest, and is told
_URBAN = 0.2
_REGENCY_LENGTH = len("33.74")


class Ranked(NamedTuple):
    """An area and what speaks for it."""

    code: str
    score: float


def rank(text: str, *, is_place: bool = False) -> list[Ranked]:
    """Rank the areas that a text may mean, the likeliest first.

    `is_place`: the whole text tells a place, so that no name in it is an ordinary word.
    """
    read = Words(text)
    found = list(in_context(read, list(mentions(read, is_place=is_place))))
    if not found:
        return []
    has_twins = [mention.has_twins for mention in found]
    is_urban = any(has_twins) and _is_urban(read)
    scores = _Scores(found, [is_urban and of for of in has_twins]).all()
    ranked = [Ranked(code, score) for code, score in scores.items()]
    ranked.sort(key=lambda of: (-of.score, of.code.count("."), of.code))
    return ranked


def best(ranked: Sequence[Ranked]) -> Ranked | None:
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


def _is_urban(read: Words) -> bool:
    """Tell a town from the country, where a Kota and a Kabupaten bear one name."""
    if not words.RURAL.isdisjoint(read.all):
        return False
    if not words.URBAN.isdisjoint(read.all) or _names_a_street(read):
        return True
    return "@" in read.all and any(word.startswith("pemkot") for word in read.all)


def _names_a_street(read: Words) -> bool:
    """Tell "Jalan Banda" from "jalan rusak"."""
    return "jalan" in read.all and any(
        word == "jalan" and read.is_capital(at) and read.is_capital(at + 1)
        for at, word in enumerate(read.words)
    )


class _Scores:
    """The scores of all areas that mentions may mean."""

    def __init__(self, found: Sequence[Mention], is_urban: Sequence[bool]) -> None:
        some_here = any(not of.is_elsewhere and of.is_told for of in found)
        self._found = found
        self._is_urban = is_urban
        self._is_away = [of.is_elsewhere and some_here for of in found]
        self._weights = [
            of.weight / 2 if away else of.weight
            for of, away in zip(found, self._is_away, strict=True)
        ]
        self._told_by: dict[str, list[int]] = {}
        for at, mention in enumerate(found):
            for code in mention.codes:
                self._told_by.setdefault(code, []).append(at)
        here = [
            of for of, away in zip(found, self._is_away, strict=True) if of.is_told and not away
        ]
        self._here = here
        self._cued = _above(code for of in here if of.cue is not None for code in of.codes)
        self._regencies = _above(
            code for of in here if len(of.codes[0]) == _REGENCY_LENGTH for code in of.codes
        )

    def all(self) -> dict[str, float]:
        """Give the score of each area."""
        scores: dict[str, float] = {}
        for at, mention in enumerate(self._found):
            levels = [0, 0, 0, 0]
            for code in mention.codes:
                levels[code.count(".")] += 1
            for code in mention.codes:
                score = self._score(code, at, levels)
                if score > scores.get(code, 0.0):
                    scores[code] = score
        for mention in sorted(self._here, key=lambda of: min(map(len, of.codes))):
            _deepen(mention, scores)
        return scores

    def _support(self, code: str, at: int) -> float:
        """Add what the names of the areas around one say for it; each area counts once."""
        around = [of for of in ancestors(code)[1:] if of in self._told_by]
        if not around or len(self._found) == 1:
            return 0.0
        is_away = self._is_away[at]
        others = {other for of in around for other in self._told_by[of] if other != at}
        support, supported = 0.0, set[str]()
        for other in sorted(others):
            if is_away != self._is_away[other]:
                continue
            mention = self._found[other]
            fitting = {of for of in around if of in mention.codes} - supported
            if fitting:
                supported |= fitting
                is_cued = any(of.count(".") == mention.cue for of in fitting)
                support += max(self._weights[other], 0.5) * (1.5 if is_cued else 1.0)
                support += 0.3 * (is_cued and mention.cue == REGENCY)
        return support

    def _score(self, code: str, at: int, levels: Sequence[int]) -> float:
        """Add what speaks for one area: its own name, and the names of the areas around it.

        `levels` counts how many areas of each level bear the name.
        """
        level, support = code.count("."), self._support(code, at)
        own = self._own(code, at, levels, has_support=bool(support))
        if self._is_urban[at] and is_city(code):
            own += _URBAN
        if (above := self._cued[level]) and not code.startswith(above):
            own -= _OUTSIDE
        elif level == VILLAGE and not support:
            regencies = self._regencies[level]
            own -= _OUTSIDE_ALL if regencies and not code.startswith(regencies) else 0.0
        return max(own + support + _BONUS[level], 0.0)

    def _own(self, code: str, at: int, levels: Sequence[int], *, has_support: bool) -> float:
        mention, level, own = self._found[at], code.count("."), self._weights[at]
        if mention.cue is not None and mention.cue == level:
            own += 3.0
        elif mention.found.of.known == code:
            return max(own, _KNOWN / 2 if self._is_away[at] else _KNOWN)
        elif level >= DISTRICT:
            if level == VILLAGE and not has_support:
                own *= 0.75 if mention.found.of.is_long else 0.4
            if levels[PROVINCE] or levels[REGENCY]:
                own *= 0.8
        share = levels[level]
        if not has_support and share > 1 and level >= DISTRICT:
            own /= share**0.5
        return own


def _above(named: Iterable[str]) -> list[tuple[str, ...]]:
    """Give for each level how the codes begin that lie within areas of higher levels."""
    codes = {f"{code}." for code in named}
    return [tuple(code for code in codes if code.count(".") <= level) for level in range(4)]


def _deepen(mention: Mention, scores: dict[str, float]) -> None:
    """Let what is told within a likely area be likelier than that."""
    within = Counter(of for code in mention.codes for of in ancestors(code)[1:] if of in scores)
    if not within:
        return
    for code in mention.codes:
        around = max(
            (
                scores[of]
                for of in ancestors(code)[1:]
                if of in scores and (of.count(".") >= REGENCY or within[of] == 1)
            ),
            default=0.0,
        )
        if around and code in scores:
            scores[code] = max(scores[code], around + _DEEPER + _BONUS[code.count(".")])
