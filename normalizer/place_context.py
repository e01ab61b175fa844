"""What names in a text say of each other: chains, routes, what a doubtful one stands beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from normalizer import place_words as words
from normalizer.gazetteer import ancestors
from normalizer.place_mentions import Mention, highest
from normalizer.place_names import Words


def in_context(read: Words, found: Sequence[Mention]) -> Iterator[Mention]:
    """Judge doubtful names by those beside them, and let a chain of areas be of one kind."""
    last: Mention | None = None
    for at, mention in enumerate(found):
        judged = _grounded(read, found, at) if mention.is_doubtful else mention
        if judged is None:
            continue
        judged = _within_what_follows(read, judged, found[at + 1 :])
        if last and _is_beside(read, last, judged):
            judged = judged._replace(is_elsewhere=last.is_elsewhere)
        if _is_route(read, found, at):
            judged = judged._replace(is_elsewhere=True)
        yield judged
        last = judged


def _grounded(read: Words, found: Sequence[Mention], at: int) -> Mention | None:
    """Keep of a doubtful name the areas around what is named before it, or within what follows."""
    mention = found[at]
    codes: tuple[str, ...] = ()
    for other in found[:at]:
        if not other.is_doubtful and _is_beside(read, other, mention):
            inner = {of for code in other.codes for of in ancestors(code)[1:]}
            codes = tuple(code for code in mention.codes if code in inner)
    for other in found[at + 1 :] if not codes else ():
        if not other.is_doubtful and _is_beside(read, mention, other):
            codes = highest(
                code for code in mention.codes if set(ancestors(code)[1:]).intersection(other.codes)
            )
    return mention._replace(codes=codes, weight=1.5, is_doubtful=False) if codes else None


def _within_what_follows(read: Words, one: Mention, others: Sequence[Mention]) -> Mention:
    """Take a name for what it is in the area that stands right after it: "Ketapang Banyuwangi"."""
    for other in others if one.cue is None else ():
        if other.is_doubtful or not _is_beside(read, one, other):
            continue
        within = [
            of for of in one.found.of.codes if set(ancestors(of)[1:]).intersection(other.codes)
        ]
        is_same = one.found.of.name == other.found.of.name or one.found.of.known in other.codes
        if within and not is_same:
            is_narrow = set(within).isdisjoint(one.codes)
            codes = highest(within) if is_narrow else one.codes
            return one._replace(codes=codes, is_told=True)
    return one


def _is_route(read: Words, found: Sequence[Mention], at: int) -> bool:
    """Tell the ends of "Sanggau-Pontianak" from "Gemolong - Sragen"."""
    return any(
        one.cue is None
        and other.cue is None
        and other.start == one.after + 1
        and read.words[one.after] == "-"
        and not _are_related(one, other)
        for one, other in pairwise(found[max(at - 1, 0) : at + 2])
    )


def _are_related(one: Mention, other: Mention) -> bool:
    first = {of for code in one.codes for of in ancestors(code)}
    second = {of for code in other.codes for of in ancestors(code)}
    return not first.isdisjoint(other.codes) or not second.isdisjoint(one.codes)


def _is_beside(read: Words, one: Mention, other: Mention) -> bool:
    """Tell whether nothing but a comma or a cue stands between two names."""
    if other.start < one.after:
        return False
    return all(read.words[at] in words.BETWEEN for at in range(one.after, other.start))
