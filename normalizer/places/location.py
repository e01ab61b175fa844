"""Where it happened: the deepest administrative area that a text supports for the incident.

Names are looked up in the gazetteer; cue words ("kec", "desa"), other names in the text and the
words around decide which of the many areas of a name is meant. Precision first: a bare name that
several areas share gives what they have in common, or nothing, with the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence

from normalizer.complaint import IncidentLocation
from normalizer.gazetteer import ancestors, gazetteer, level_of
from normalizer.places.scores import Ranked, best, rank

MOST_CANDIDATES = 5


def incident_location(text: str, *, typed: str = "") -> IncidentLocation:
    """Read where it happened: `typed` into a field for it, or else in the text. Never raises.

    A typed place is kept as typed; its area is looked for there first, and in the text then.
    """
    if typed:
        ranked = rank(f"{typed} .", is_place=True)
        sure = best(ranked)
        if sure is None or level_of(sure.code) in {"province", "regency"}:
            in_text = best(rank(text))
            if in_text and (sure is None or in_text.code.startswith(f"{sure.code}.")):
                sure, ranked = in_text, [in_text, *ranked]
        return _spelled(sure, ranked, typed, "reporter")
    ranked = rank(text)
    sure = best(ranked)
    return _spelled(sure, ranked, _full_name(sure.code) if sure else None, "extracted")


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
