"""What a text is recognised by: read once, kept as JSON, compared many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from normalizer.areas import areas
from normalizer.lexicon import kind, matters, stem
from normalizer.moods import moods
from normalizer.recognition import Recognised, capitals
from normalizer.wording import words as canonical_words

MOST_NAMES = 40
MOST_SAID = 160
HEAD = 150  # characters: what an SMS keeps of a longer text
_CUT_FROM = 40
_TAIL = 3  # words near a cut end, which may be less than was written


@dataclass(frozen=True, slots=True)
class Words:
    """What is compared of a complaint; `partial` says that the end is known to be missing."""

    title: str
    body: str
    location: str
    channel: str
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a text is recognised by. Words are canonical, each once, in order of appearance.

    `proper` are names by their place or their capital, `plain` stems of other words, `said` the
    text without the words that tell nothing, `tail` what may be cut, `head` how many of `names`
    are in the beginning; `matters` begin with what is said most; `lasting` are
    numbers of hours, days or years, which grow as time goes by;
    `counts` tell how many of what; `titled` are the stems and matters of the title; `areas` codes
    of districts and villages.
    """

    names: tuple[str, ...] = ()
    proper: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    titled: tuple[str, ...] = ()
    head: int = 0

    def dump(self) -> dict[str, object]:
        """Give what `load` takes: plain JSON, without what is empty."""
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def load(cls, dumped: Mapping[str, object]) -> Fingerprint:
        """Take what `dump` gave, also after it went through JSON."""
        read: dict[str, Any] = {key: _frozen(value) for key, value in dumped.items()}
        return cls(**read)


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return {key: tuple(of) for key, of in value.items()}
    return tuple(value) if isinstance(value, list) else value


def fingerprint(words: Words) -> Fingerprint:
    """Read what a text is recognised by, in one pass over its words."""
    text = f"{words.title}. {words.body}" if words.title else words.body
    said, place = canonical_words(text), canonical_words(words.location)
    title = canonical_words(words.title)
    end = len(said) - 1 if _may_be_cut(words) else None
    found = Recognised(
        (*said, *place),
        capitals(f"{text} {words.location}"),
        end=end,
        written=words.body[-HEAD:].rsplit(maxsplit=1)[-1].casefold() if end else "",
    )
    head = {*canonical_words(text[:HEAD]), *place}
    names = sorted(found.names, key=lambda name: name not in head)[:MOST_NAMES]
    return Fingerprint(
        names=tuple(names),
        proper=tuple(found.proper),
        plain=tuple(found.plain),
        matters=tuple(sorted(found.matters, key=lambda matter: -found.matters[matter])),
        numbers=tuple(found.numbers),
        lasting=tuple(found.lasting),
        counts={name: tuple(values) for name, values in found.counts.items()},
        codes=tuple(found.codes),
        typed={name: tuple(values) for name, values in found.typed.items()},
        dates=tuple(found.dates),
        days=tuple(found.days),
        places={name: tuple(values) for name, values in found.places.items()},
        areas=areas((*said[:end], "", *place), found.proper),
        people=tuple(found.people),
        moods=tuple(dict.fromkeys((*moods(said), *(moods(said[len(title) :]) if title else ())))),
        tail=() if end is None else said[-_TAIL:],
        said=tuple(word for word in said if word not in kind("stop"))[:MOST_SAID],
        titled=_titled(title),
        head=sum(name in head for name in names),
    )


def _titled(title: tuple[str, ...]) -> tuple[str, ...]:
    idle = kind("stop") | kind("generic") | kind("reminding")
    told = [word for word in title if word not in idle]
    return tuple(dict.fromkeys(of for word in told for of in (stem(word), *matters(word))))


def _may_be_cut(words: Words) -> bool:
    body = words.body.rstrip()
    if words.partial:
        return True
    if body[-1:] in {".", "!", "?"}:
        return False
    return len(body) >= _CUT_FROM
