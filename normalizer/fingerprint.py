"""Whether two complaints are about the same: pure, symmetric, explained.

`fingerprint` reads a text once, `keys` says under which integers a near copy of it is found,
`judge` compares two. Sure differences (another house, another card) veto; the rest is a small sum
of weights, kept as data; tests/quality/fit_weights.py fits them.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import combinations

from normalizer.comparison import Comparison, compare
from normalizer.features import Fingerprint, Words, fingerprint
from normalizer.lexicon import area_words, kind, rarity
from normalizer.spelling import skeleton

__all__ = ["VERSION", "Fingerprint", "Judgement", "Words", "fingerprint", "judge", "keys"]

VERSION = 4
MOST_KEYS = 26
LEAST_ANCHORS = 2
_RAREST = 6
_HEAD = 5
_PROPER = 0.2
_ALONE = 3
_RARE = 0.8
_TOLD = 0.05
_MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of two complaints, and why.

    `verdict` is repeat, supported, suggested or new; `score` a likelihood from 0 to 1; `reasons`
    the vetoes, what keeps them from being joined, and what weighed most, as "same fault +1.3";
    `anchors` what both name; `vetoes` what surely differs.
    """

    verdict: str
    score: float
    reasons: tuple[str, ...]
    anchors: tuple[str, ...]
    vetoes: tuple[str, ...]
    version: int = VERSION


@cache
def weights() -> dict[str, float]:
    """Give what each feature weighs, and the thresholds."""
    read: dict[str, float] = json.loads(
        (files("normalizer.data") / "weights.json").read_text("utf-8")
    )
    return read


def judge(one: Fingerprint, other: Fingerprint, *, same_reporter: bool) -> Judgement:
    """Compare two fingerprints; which is first does not matter."""
    compared = compare(one, other)
    weighed = [
        (name, weights().get(name, 0.0) * value) for name, value in compared.features.items()
    ]
    total = weights()["bias"] + sum(part for _, part in weighed)
    score = 0.0 if compared.vetoes else round(1 / (1 + math.exp(-total)), 4)
    weighed.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    reasons = [f"{name} {part:+.1f}" for name, part in weighed if abs(part) >= _TOLD]
    joined = "repeat" if same_reporter else "supported"
    limits = _limits(compared, same_reporter=same_reporter)
    if not compared.anchors or score < weights()["threshold suggested"]:
        verdict = "new"
    elif limits or score < weights()[f"threshold {joined}"]:
        verdict = "suggested"
    else:
        verdict = joined
    return Judgement(
        verdict,
        score,
        (*compared.vetoes, *limits, *reasons[:_MOST_REASONS]),
        compared.anchors,
        compared.vetoes,
    )


def _limits(compared: Comparison, *, same_reporter: bool) -> tuple[str, ...]:
    """Say why two complaints are not joined, whatever their score is."""
    limits = compared.limits if same_reporter else (*compared.limits, *compared.limits_of_two)
    if len(compared.anchors) < LEAST_ANCHORS:
        return (*limits, "too little that both name")
    return limits


def keys(of: Fingerprint) -> tuple[int, ...]:
    """Give at most 26 signed 64-bit integers; near copies share one.

    They stand for pairs of what is rarest, and for the three names that are rarest of all.
    """
    ranked = sorted(_handles(of, of.names), key=_rank)[:_RAREST]
    head = sorted(_handles(of, of.names[: of.head]), key=_rank)[:_HEAD]
    pairs = dict.fromkeys(
        pair
        for chosen in (ranked, head)
        for pair in combinations(sorted(name for name, _ in chosen), 2)
    )
    alone = sorted({(skeleton(name), _sooner(name, of)) for name in _rare_names(of)}, key=_rank)
    spelled = [*(name for name, _ in alone[:_ALONE]), *(f"{a}|{b}" for a, b in pairs)]
    return tuple(map(_hash, spelled[:MOST_KEYS]))


def _rare_names(of: Fingerprint) -> list[str]:
    return [name for name in of.names if name not in area_words() and rarity(name) >= _RARE]


def _handles(of: Fingerprint, names: tuple[str, ...]) -> dict[tuple[str, float], None]:
    """Give what keys are made of, each with how much sooner it is taken than others."""
    found = {(skeleton(name), _sooner(name, of)): None for name in names}
    found |= {(code, 1.0 + _PROPER): None for code in of.codes}
    for name in sorted(kind("sure") & of.typed.keys()):
        found |= {(f"{name} {value}", 0.5): None for value in of.typed[name]}
    found |= {(matter, 0.3): None for matter in of.matters[:3]}
    return found


def _sooner(name: str, of: Fingerprint) -> float:
    if name in area_words():
        return 1.0 + _PROPER
    return rarity(name) + (_PROPER if name in of.proper else 0.0)


def _rank(handle: tuple[str, float]) -> tuple[float, int]:
    return -handle[1], _hash(handle[0])


def _hash(text: str) -> int:
    digest = hashlib.blake2b(f"{VERSION}:{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
