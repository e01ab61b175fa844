"""What a word is worth when two texts share it: its rarity, its stem, the matters it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from normalizer.tables import frequencies, table
from normalizer.wording import abbreviations

_COMMONEST = 5.5  # log10 of uses in a thousand million words: "desa", "jalan"
_RARE_SPAN = 2.5
_LEAST = 0.1
_SHORTEST_STEM = 3
_COMMON_ROOT = 0.7
_COMMON_NAME = 4.85
_UNKNOWN_ROOT = 2.0
_MISLEADING = ("se", "ke", "an")  # "sekali" is not about the river (kali)
_VERBAL = ("di", "me", "ber", "ter", "ke", "pe", "ny", "ng", "m", "n", "se")
_SUFFIXES = ("nya", "lah", "kah", "in", "kan", "an", "i")
_PREFIXES = (
    "memper",
    "diper",
    "di",
    "ter",
    "ber",
    "be",
    "se",
    "ke",
    "me",
    "pe",
    "per",
    "nge",
    "ng",
)
# What a nasal prefix swallows: menumpuk is tumpuk, nyapu is sapu.
_NASAL = {
    "meng": ("", "k"),
    "peng": ("", "k"),
    "meny": ("s",),
    "peny": ("s",),
    "mem": ("p", ""),
    "pem": ("p", ""),
    "men": ("t", ""),
    "pen": ("t", ""),
    "ny": ("s", "c"),
    "ng": ("k",),
    "n": ("t",),
    "m": ("p",),
}
NAME = 0.4  # from this rarity on a word may name something


@cache
def kind(name: str) -> frozenset[str]:
    """Give the words of a kind, such as "stop"."""
    return frozenset(_kinds()[name])


@cache
def _kinds() -> dict[str, list[str]]:
    return dict(table("word_kinds.txt"))


@cache
def area_words() -> frozenset[str]:
    """Give the words in names of provinces, regencies and cities."""
    return frozenset(word for _, words in table("area_words.txt") for word in words)


@cache
def _matters() -> dict[str, tuple[str, ...]]:
    matters: dict[str, dict[str, None]] = {}
    for matter, words in table("concepts.txt"):
        for word in words:
            matters.setdefault(abbreviations().get(word, word), {})[matter] = None
    return {word: tuple(of) for word, of in matters.items()}


@lru_cache(maxsize=50_000)
def rarity(word: str) -> float:
    """Give 0.1 for the commonest words, 1.0 for those no list knows."""
    common = frequencies().get(word)
    if common is None:
        root = stem(word)
        common = frequencies().get(root) if root != word else None
        if common is None:
            return 1.0
    return round(min(1.0, max(_LEAST, (_COMMONEST - common) / _RARE_SPAN)), 2)


@lru_cache(maxsize=50_000)
def may_name(word: str) -> bool:
    """Say whether a word may be a name where one is expected: after "jalan", "desa"."""
    if word in kind("honoured"):
        return True
    return word not in _matters() and frequencies().get(word, 0.0) <= _COMMON_NAME


@lru_cache(maxsize=50_000)
def matters(word: str) -> tuple[str, ...]:
    """Give what a word is about, such as "lampu.lampu"; mostly nothing."""
    table = _matters()
    if word in table:
        return table[word]
    if word.startswith(_MISLEADING) or len(word) <= _SHORTEST_STEM + 1:
        return ()
    return table.get(stem(word), ())


def is_fault(matter: str) -> bool:
    """Say whether a matter is what is wrong, not only what it is wrong with."""
    return matter in kind("faults")


def weight_of_matter(matter: str) -> float:
    """Give less for what many complaints speak of, whatever they are about."""
    return 0.5 if matter in kind("vague") else 1.0


@lru_cache(maxsize=50_000)
def is_derived(word: str) -> bool:
    """Say whether a word is made from a common one ("dibagikan"), and so hardly names anything."""
    root = stem(word)
    if root == word or not word.startswith(_VERBAL):
        return False
    return rarity(root) <= _COMMON_ROOT or (word.startswith("di") and root == word[2:])


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Give the best known root of a word, or the word itself."""
    best, best_common = word, 0.0
    for candidate in _roots(word):
        frequency = _known(candidate)
        if len(candidate) >= _SHORTEST_STEM and frequency > best_common:
            best, best_common = candidate, frequency
    return best


def _known(word: str) -> float:
    return frequencies().get(word, _UNKNOWN_ROOT if word in _matters() else 0.0)


def _roots(word: str) -> Iterator[str]:
    ends = [word]
    for suffix in _SUFFIXES:
        ends += [end.removesuffix(suffix) for end in ends if end.endswith(suffix)]
    for end in ends:
        if end != word:
            yield end
        yield from (end.removeprefix(prefix) for prefix in _PREFIXES if end.startswith(prefix))
        for prefix, swallowed in _NASAL.items():
            if not end.startswith(prefix):
                continue
            roots = [first + end.removeprefix(prefix) for first in swallowed]
            if len(prefix) > 1:
                yield from roots
            elif len(end) > _SHORTEST_STEM + 1:  # "nua" is not tua, Malang no palang
                yield from (root for root in roots if _known(root) > _known(end))
    yield from _clipped(word)


def _clipped(word: str) -> Iterator[str]:
    """Give what Javanese endings were added to: "lampune", "sawahe", "kelasku"."""
    for suffix in ("ne", "e", "ku", "mu"):
        root = word.removesuffix(suffix)
        if root != word and len(root) > _SHORTEST_STEM and _known(root) >= _COMMON_NAME - 1:
            yield root
