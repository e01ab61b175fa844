"""Fits `normalizer/data/weights.json` to labelled pairs, and says how well it travels.

PYTHONPATH=tests:. python tests/quality/fit_weights.py          # only says
PYTHONPATH=tests:. python tests/quality/fit_weights.py --write  # writes weights, too

Folds share no author, or no base, with what they are judged on. Logistic regression with a ridge,
by Newton's method; a weight whose sign makes no sense (a difference that speaks for the same) is
left out. The standard library is enough for a few hundred rows of some twenty values.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from quality.pairs import Pair, read_once, sets

from normalizer.comparison import compare
from normalizer.fingerprint import LEAST_ANCHORS

WEIGHTS = Path(__file__).parents[2] / "normalizer" / "data" / "weights.json"
ONLY_JUDGED = {"sixth", "ninth"}  # they tell what weights do that have never seen their authors
RIDGE = 0.4
ROUNDS = 12
FOLDS = 5
# A copy by the same reporter is one by another, too, but forms no half of what is known of those.
COPY = 0.3
AGAINST = ("other", "another", "again")
# Where folds by author have less than two wrong in a hundred; within that range, between the scores
# of single pairs that have been read.
THRESHOLDS = {"threshold repeat": 0.905, "threshold supported": 0.84, "threshold suggested": 0.35}


@dataclass(frozen=True, slots=True)
class Row:
    """A pair in numbers; `may_join` unless something surely differs or too little is named."""

    pair: Pair
    values: tuple[float, ...]
    may_join: bool


def rows_of(pairs: Iterable[Pair]) -> tuple[list[str], list[Row]]:
    names: list[str] = []
    rows: list[Row] = []
    for pair in pairs:
        compared = compare(read_once(pair.one), read_once(pair.other))
        names = list(compared.features)
        is_named = len(compared.anchors) >= LEAST_ANCHORS
        may_join = not compared.vetoes and not compared.limits and is_named
        may_join &= pair.same_reporter or not compared.limits_of_two
        rows.append(Row(pair, tuple(compared.features.values()), may_join))
    return names, rows


def fit(names: list[str], rows: list[Row]) -> list[float]:
    """Give the bias and a weight for each value; what cannot be joined needs none."""
    used = [row for row in rows if row.may_join]
    left_out: set[int] = set()
    while True:
        weights = newton(used, left_out)
        wrong = [
            index
            for index, name in enumerate(names, 1)
            if weights[index] and (weights[index] > 0) == name.startswith(AGAINST)
        ]
        if not wrong:
            return weights
        left_out.add(max(wrong, key=lambda index: abs(weights[index])))


def newton(rows: list[Row], left_out: set[int]) -> list[float]:
    used = [i for i in range(len(rows[0].values) + 1) if i not in left_out]
    weights = [0.0] * (len(rows[0].values) + 1)
    for _ in range(ROUNDS):
        slope = [-RIDGE * weights[i] if i else 0.0 for i in used]
        bend = [[RIDGE * (i == j and i > 0) + 1e-9 * (i == j) for j in used] for i in used]
        for row in rows:
            share = 1 + COPY if row.pair.label == "dup" else 1.0
            whole = (1.0, *row.values)
            x = [whole[i] for i in used]
            p = likelihood(weights, row)
            for i, here in enumerate(x):
                slope[i] += share * here * (row.pair.is_true - p)
                for j, there in enumerate(x if here else ()):
                    bend[i][j] += share * here * there * p * (1 - p)
        for i, step in zip(used, solve(bend, slope), strict=True):
            weights[i] += step
    return weights


def likelihood(weights: list[float], row: Row) -> float:
    total = sum(w * v for w, v in zip(weights, (1.0, *row.values), strict=True))
    return 1 / (1 + math.exp(-total))


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve by Gauss, with pivots."""
    size = len(right)
    rows = [[*matrix[i], right[i]] for i in range(size)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for below in range(i + 1, size):
            factor = rows[below][i] / rows[i][i]
            rows[below] = [a - factor * b for a, b in zip(rows[below], rows[i], strict=True)]
    solved = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(rows[i][j] * solved[j] for j in range(i + 1, size))
        solved[i] = (rows[i][size] - rest) / rows[i][i]
    return solved


Judged = list[tuple[float, Pair]]


def judged(weights: list[float], rows: Iterable[Row]) -> Judged:
    return [(likelihood(weights, row) if row.may_join else 0.0, row.pair) for row in rows]


def by_author(names: list[str], rows: dict[str, list[Row]]) -> Iterator[tuple[str, Judged]]:
    """Judge each set by weights of all others."""
    every: Judged = []
    for unseen, its in rows.items():
        others = rows.keys() - {unseen} - ONLY_JUDGED
        known = [row for name in sorted(others) for row in rows[name]]
        if known:
            scores = judged(fit(names, known), its)
            every += scores
            yield unseen, scores
    yield "all", every


def by_base(names: list[str], rows: dict[str, list[Row]]) -> Iterator[tuple[str, Judged]]:
    """Judge a fifth of the bases of all sets by weights of the other four."""
    parted = [
        (zlib.crc32(f"{name} {row.pair.base}".encode()) % FOLDS, name, row)
        for name, of in rows.items()
        for row in of
    ]
    found: dict[str, Judged] = {name: [] for name in rows}
    for fold in range(FOLDS):
        weights = fit(names, [row for its, _, row in parted if its != fold])
        for name in rows:
            unseen = [row for its, of, row in parted if its == fold and of == name]
            found[name] += judged(weights, unseen)
    yield from found.items()
    yield "all", [one for its in found.values() for one in its]


def shown(name: str, scores: Judged) -> Iterator[str]:
    for verdict, is_same in (("repeat", True), ("supported", False)):
        its = [(score, pair) for score, pair in scores if pair.same_reporter is is_same]
        for threshold in (THRESHOLDS[f"threshold {verdict}"], 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
            said = [pair for score, pair in its if score >= threshold]
            right, due = sum(p.is_true for p in said), sum(pair.is_true for _, pair in its)
            templates = sum(pair.is_template for pair in said)
            yield (
                f"{name:8} {verdict:10} from {threshold:.3f}: precision"
                f" {right / max(1, len(said)):.3f} recall {right / max(1, due):.3f}"
                f" templates joined {templates}/{sum(pair.is_template for _, pair in its)}"
            )


def main() -> None:
    found = {name: rows_of(pairs) for name, pairs in sets().items()}
    names = next(iter(found.values()))[0]
    rows = {name: its for name, (_, its) in found.items()}
    for title, folds in (("by author", by_author), ("by base", by_base)):
        print(title)
        for name, scores in folds(names, rows):
            print("\n".join(shown(name, scores)))
    known = {name: its for name, its in rows.items() if name not in ONLY_JUDGED}
    weights = fit(names, [row for its in known.values() for row in its])
    table = dict(zip(("bias", *names), (round(w, 3) for w in weights), strict=True))
    print(json.dumps(table, indent=1))
    if "--write" in sys.argv:
        kept = {name: weight for name, weight in table.items() if weight} | THRESHOLDS
        WEIGHTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
