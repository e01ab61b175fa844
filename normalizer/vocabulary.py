"""Replaceable word lists: what they suggest is only ever a suggestion, with a score.

Words are matched whole, in a text cut into words once for all lists. The files are the
configuration's; here they are records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from normalizer.abuse import Abuse

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
LEAST_WITH_NYA = 8  # letters: "banyak" and "hanya" are no words of others
LONGEST = 10_000  # characters that are looked at; no door takes more of a report


def words_of(text: str) -> tuple[str, ...]:
    """Cut a text into words, casefolded and without -nya."""
    return tuple(
        word[:-3] if word.endswith("nya") and len(word) >= LEAST_WITH_NYA else word
        for word in _WORD.findall(text[:LONGEST].casefold())
    )


class Phrases:
    """Phrases of whole words, each with what it stands for."""

    def __init__(self, phrases: Iterable[tuple[str, Any]] = ()):
        self._by_first: dict[str, list[tuple[tuple[str, ...], Any]]] = {}
        for spelled, of in phrases:
            if words := words_of(spelled):
                self._by_first.setdefault(words[0], []).append((words, of))

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...], Any]]:
        """Give where each phrase begins, its words and what it stands for."""
        by_first = self._by_first
        if by_first.keys().isdisjoint(words):
            return
        for at, word in enumerate(words):
            for phrase, of in by_first.get(word, ()):
                if len(phrase) == 1 or tuple(words[at : at + len(phrase)]) == phrase:
                    yield at, phrase, of


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary; `code` where one is known."""

    code: str | None
    label: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term that a text suggests, and how much speaks for it (0 to 1)."""

    term: Term
    score: float
    words: tuple[str, ...]


class Vocabulary:
    """Terms by their words."""

    def __init__(self, given: Mapping[str, Any] | None = None):
        """Take `{"needs": 1, "term": [{"code", "label", "words", "prefixes", "weight"}]}`."""
        given = given or {}
        self.needs: int = given.get("needs", 1)
        phrases, self._prefixes, self._typed = [], dict[str, Term](), dict[str, Term]()
        self._order: dict[Term, int] = {}
        for entry in given.get("term", ()):
            term = Term(entry.get("code"), entry["label"], entry.get("weight", 0))
            self._order[term] = len(self._order)
            phrases += [(spelled, term) for spelled in entry.get("words", ())]
            self._prefixes |= {spelled.casefold(): term for spelled in entry.get("prefixes", ())}
            for name in filter(None, (term.code, term.label)):
                self._typed[name.casefold()] = term
        self._phrases = Phrases(phrases)

    def suggest(self, words: Sequence[str]) -> Suggestion | None:
        """Suggest the term with most points; at a tie the one that stands first."""
        ranked = self.rank(words)
        return ranked[0] if ranked else None

    def rank(self, words: Sequence[str]) -> list[Suggestion]:
        """Give all terms the words speak for, best first."""
        points: dict[Term, int] = {}
        heard: dict[Term, list[str]] = {}
        for _, phrase, term in self._phrases.find(words):
            spelled = " ".join(phrase)
            if spelled not in heard.setdefault(term, []):
                heard[term].append(spelled)
                points[term] = points.get(term, 0) + len(phrase) + term.weight
        total = sum(points.values())
        best_first = sorted(points, key=lambda term: (-points[term], self._order[term]))
        return [
            Suggestion(term, round(points[term] / (total + 1), 2), tuple(heard[term]))
            for term in best_first
            if points[term] >= self.needs
        ]

    def addressed(self, words: Sequence[str]) -> Term | None:
        """Give the term whose keyword is the first word."""
        return self._prefixes.get(words[0]) if self._prefixes and words else None

    def typed(self, name: str) -> Term | None:
        """Give the term that is called so, by its code or its label."""
        return self._typed.get(name.casefold())


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """All word lists. Without files nothing is suggested and nothing is flagged by its words."""

    classification: Vocabulary = field(default_factory=Vocabulary)
    categories: Vocabulary = field(default_factory=Vocabulary)
    agencies: Vocabulary = field(default_factory=Vocabulary)
    danger: Phrases = field(default_factory=Phrases)
    abuse: Abuse = field(default_factory=Abuse)

    @classmethod
    def read(cls, given: Mapping[str, Mapping[str, Any]]) -> Vocabularies:
        """Take what the files hold, by their names."""
        return cls(
            classification=Vocabulary(given["classification"]),
            categories=Vocabulary(given["categories"]),
            agencies=Vocabulary(given["agencies"]),
            danger=Phrases((spelled, None) for spelled in given["danger"]["words"]),
            abuse=Abuse(given["abuse"]),
        )


NO_VOCABULARIES = Vocabularies()
