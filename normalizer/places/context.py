"""What names in a text say of each other: chains, routes, what a doubtful one stands beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from normalizer.gazetteer import ancestors
from normalizer.places import words
from normalizer.places.mentions import Mention, highest
from normalizer.places.names import Words

_NEXT = 3  # names that are looked at after one


def in_context(read: Words, found: Sequence[Mention]) -> Iterator[Mention]:
    """Judge doubtful names by those beside them, and let a chain of areas be of one kind."""
    firm = [mention for mention in found if not mention.is_doubtful]
    seen, last = 0, None
    for at, mention in enumerate(found):
        first, reach = _reach(read, mention)
        judged: Mention | None = mention
        if mention.is_doubtful:
            after = _after(mention, firm[seen : seen + _NEXT], reach)
            before = firm[seen - 1] if seen else None
            is_beside = before is not None and first <= before.after <= mention.start
            judged = _grounded(mention, before if is_beside else None, after)
        else:
            seen += 1
            after = _after(mention, firm[seen : seen + _NEXT], reach)
        if judged is None:
            continue
        judged = _within_what_follows(judged, after)
        if last and first <= last.after <= mention.start:
            judged = judged._replace(is_elsewhere=last.is_elsewhere)
        if _is_route(read, found, at):
            judged = judged._replace(is_elsewhere=True)
        yield judged
        last = judged


def _after(mention: Mention, others: Sequence[Mention], reach: int) -> list[Mention]:
    return [of for of in others if mention.after <= of.start <= reach]


def _grounded(mention: Mention, before: Mention | None, after: Sequence[Mention]) -> Mention | None:
    """Keep of a doubtful name the areas around what is named before it, or within what follows."""
    codes = _around(mention, before) or _within(mention, after)
    return mention._replace(codes=codes, weight=1.5, is_doubtful=False) if codes else None


def _reach(read: Words, mention: Mention) -> tuple[int, int]:
    """Give where a name ends, and where one begins, from which only a comma or a cue divides."""
    first, after = mention.start, mention.after
    while read.words[first - 1] in words.BETWEEN:
        first -= 1
    while read.words[after] in words.BETWEEN:
        after += 1
    return first, after


def _around(mention: Mention, before: Mention | None) -> tuple[str, ...]:
    """Keep the areas around what is named before."""
    if before is None:
        return ()
    inner = {of for code in before.codes for of in ancestors(code)[1:]}
    return tuple(code for code in mention.codes if code in inner)


def _within(mention: Mention, after: Sequence[Mention]) -> tuple[str, ...]:
    """Keep the areas within what is named after."""
    if not after:
        return ()
    outer = set(after[-1].codes)
    return highest(code for code in mention.codes if not outer.isdisjoint(ancestors(code)[1:]))


def _within_what_follows(one: Mention, after: Sequence[Mention]) -> Mention:
    """Take a name for what it is in the area that stands right after it: "Ketapang Banyuwangi"."""
    for other in after if one.cue is None else ():
        name, outer = one.found.of, set(other.codes)
        is_again = name.name == other.found.of.name and other.cue is not None
        if is_again or name.known in outer:
            continue
        within = [of for of in name.codes if not outer.isdisjoint(ancestors(of)[1:])]
        if within:
            codes = highest(within) if set(within).isdisjoint(one.codes) else one.codes
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
