"""The words of a post without what X puts around them: mentions at its head, shortened links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LEADING = re.compile(r"\s*@(\w{1,15})\b(?!@)[,:]?")
_SHORTENED = re.compile(r"https?://t\.co/\w+")
_BLANKS = re.compile(r"[ \t]{2,}")


@dataclass(frozen=True, slots=True)
class Entities:
    """What X found in a text: who is mentioned (lower case), hashtags (folded), and links.

    `links` gives for each shortened link where it leads; an empty string for one that only shows
    the post's own media.
    """

    mentions: frozenset[str] = frozenset()
    hashtags: frozenset[str] = frozenset()
    links: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, *told: object) -> Entities:
        """Read `entities` objects; what is not in their shape is not there.

        Positions are not used: the API counts them in characters of the escaped text, the webhook
        does not say. What an entity names is found in the text by itself.
        """
        mentions = {_word(one, "username") for one in _all(told, "mentions")}
        hashtags = {_word(one, "tag") for one in _all(told, "hashtags")}
        links: dict[str, str] = {}
        for one in _all(told, "urls"):
            short, leads_to = one.get("url"), one.get("unwound_url") or one.get("expanded_url")
            if isinstance(short, str) and _SHORTENED.fullmatch(short):
                shows_media = isinstance(one.get("media_key"), str)
                known = isinstance(leads_to, str) and not shows_media
                links.setdefault(short, str(leads_to) if known else "" if shows_media else short)
        return cls(frozenset(mentions - {""}), frozenset(hashtags - {""}), tuple(links.items()))


def plain_text(text: str, entities: Entities, handle: str, *, is_reply: bool) -> str:
    """Give what was said.

    X puts whom a reply answers at its head: those mentions say nothing. At the head of any other
    post only our own name is taken away, since another's may be whom the report is about.
    """
    said = _without_leading(text, entities.mentions | {handle.lower()}, handle, is_reply=is_reply)
    for short, leads_to in sorted(entities.links, key=lambda link: -len(link[0])):
        said = re.sub(rf"{re.escape(short)}(?!\w)", lambda _, to=leads_to: to, said)  # type: ignore[misc]
    lines = (_BLANKS.sub(" ", line).strip() for line in said.split("\n"))
    return "\n".join(lines).strip()


def _without_leading(text: str, known: frozenset[str], handle: str, *, is_reply: bool) -> str:
    at = 0
    while match := _LEADING.match(text, at):
        name = match[1].lower()
        if name not in known or not (is_reply or name == handle.lower()):
            break
        at = match.end()
    return text[at:]


def _all(told: tuple[object, ...], key: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for entities in told:
        some = entities.get(key) if isinstance(entities, Mapping) else None
        if isinstance(some, list):
            found += [one for one in some if isinstance(one, Mapping)]
    return found


def _word(entity: Mapping[str, Any], key: str) -> str:
    value = entity.get(key)
    return value.casefold() if isinstance(value, str) else ""
