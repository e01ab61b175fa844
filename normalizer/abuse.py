"""Abusive language, for moderators to look at: the reporter's own, not what they report of others.

Precision first: an animal, a place name, or an insult that somebody is said to have used is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

LONGEST = 10_000  # characters that are looked at
_LEET = str.maketrans("013457@$", "oieastas")
_WORD = re.compile(r"[\w@$]+")
_REPEATED = re.compile(r"(.)\1+")
_QUOTED = re.compile(
    r"\"[^\"\n]{1,200}\"|\u201c[^\u201d\n]{1,200}\u201d"
    r"|(?<!\w)['\u2018][^'\u2019\n]{1,200}['\u2019](?!\w)"
)
# "Guoblok", "juancok": what is shouted in Javanese gets another vowel before its first one.
_SHOUTED = re.compile(r"([^aeiou])[ui](?=[aeio])")
_ALL = frozenset(("semua", "smua", "semuanya", "kabeh", "sadayana"))
_ALL_WITHIN = 8  # words from those who are meant to "semua"
_REPORTED_WITHIN = 4  # words from "bilang" to what was said
_LINKING = frozenset(("tu", "itu", "ini", "emang", "memang", "kayak", "kek", "macam"))
_DASAR_WITHIN = 2
_CRIED_WITHIN = 2


class Abuse:
    """The words and their friends, folded once."""

    def __init__(self, given: Mapping[str, Sequence[str]] | None = None):
        """Take the lists of `abuse.toml` by name; what is not given is empty."""
        lists = {name: [_folded(spelled) for spelled in of] for name, of in (given or {}).items()}
        self._always = frozenset(lists.get("always", ()))
        self._aimed = frozenset(lists.get("aimed", ()))
        self._people = frozenset(lists.get("people", ()))
        self._insults = frozenset(lists.get("insults", ()))
        self._officials = frozenset(lists.get("officials", ()))
        self._cries = frozenset(lists.get("cries", ()))
        self._urging = frozenset(lists.get("urging", ()))
        self._machines = frozenset(lists.get("machines", ()))
        self._machinery = frozenset(lists.get("machinery", ()))
        self._phrases = [tuple(spelled.split()) for spelled in lists.get("phrases", ())]
        self._friends: dict[str, list[tuple[str, ...]]] = {}
        for friend in (tuple(spelled.split()) for spelled in lists.get("friends", ())):
            for word in friend:
                self._friends.setdefault(word, []).append(friend)
        self._said = frozenset(lists.get("said", ()))
        self._telling = (
            self._always | self._aimed | frozenset(phrase[0] for phrase in self._phrases)
        )

    def is_in(self, text: str) -> bool:
        """Tell whether the reporter is abusive."""
        if not self._telling:
            return False
        words = [self._calm(_folded(word)) for word in _WORD.findall(text[:LONGEST])]
        hits = [at for at, word in enumerate(words) if word in self._telling]
        if not hits:
            return False
        matches = list(_WORD.finditer(text[:LONGEST]))
        quoted = [match.span() for match in _QUOTED.finditer(text[:LONGEST])]
        return any(
            self._is_meant(words, at)
            and not any(start <= matches[at].start() < end for start, end in quoted)
            for at in hits
        )

    def _calm(self, word: str) -> str:
        """Give the listed word that is only shouted."""
        if word[1:2] not in ("u", "i") or word in self._telling or not _SHOUTED.match(word):
            return word
        calm = word[0] + word[2:]
        return calm if calm in self._telling else word

    def _is_meant(self, words: Sequence[str], at: int) -> bool:
        if any(self._stands(words, at, friend) for friend in self._friends.get(words[at], ())):
            return False
        if self._said.intersection(words[max(0, at - _REPORTED_WITHIN) : at]):
            return False
        if any(tuple(words[at : at + len(phrase)]) == phrase for phrase in self._phrases):
            return True
        if words[at] in self._always:
            return not self._is_machine(words, at)
        return words[at] in self._aimed and self._is_aimed(words, at)

    def _is_aimed(self, words: Sequence[str], at: int) -> bool:
        """Tell whether the word is thrown at somebody."""
        linked = words[at - 1 : at] and words[at - 1] in _LINKING
        led = words[max(0, at - 1 - bool(linked)) : at]
        beside = (*led, *words[at + 1 : at + 2])
        if "dasar" in words[max(0, at - _DASAR_WITHIN) : at] or not self._people.isdisjoint(beside):
            return True
        if words[at] not in self._insults:
            return False
        if self._has_official(led) or not self._urging.isdisjoint(led):
            return True
        if words[at] in self._cries and self._has_official(words[at + 1 : at + 1 + _CRIED_WITHIN]):
            return True
        spoken_of = words[max(0, at - _ALL_WITHIN) : at]
        is_all = not _ALL.isdisjoint(words[at + 1 : at + 2])
        return is_all and self._has_official(spoken_of)

    def _is_machine(self, words: Sequence[str], at: int) -> bool:
        """Tell whether "bego" is an excavator: dredging is spoken of, and nobody stands beside."""
        if words[at] not in self._machines or self._machinery.isdisjoint(words):
            return False
        beside = (*words[max(0, at - 1) : at], *words[at + 1 : at + 2])
        return self._people.isdisjoint(beside) and not self._has_official(beside)

    def _has_official(self, words: Sequence[str]) -> bool:
        return any(word.removesuffix("nya") in self._officials for word in words)

    def _stands(self, words: Sequence[str], at: int, friend: tuple[str, ...]) -> bool:
        """Tell whether the word belongs to a harmless phrase, thrown at nobody."""
        return any(
            tuple(words[start : start + len(friend)]) == friend
            and self._people.isdisjoint(words[start + len(friend) : start + len(friend) + 1])
            for start in range(max(0, at - len(friend) + 1), at + 1)
        )


@lru_cache(maxsize=20_000)  # most words are common ones
def _folded(word: str) -> str:
    """Undo capitals, digits for letters and letters held down."""
    plain = word.casefold()
    if not plain.isalpha():
        plain = plain.translate(_LEET) if re.search(r"[a-z]", plain) else plain
    return _REPEATED.sub(r"\1", plain)
