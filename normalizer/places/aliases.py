"""What areas are called besides their official names, and places that everybody knows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from normalizer.gazetteer import key
from normalizer.tables import table


@cache
def known_places() -> dict[str, str]:
    """Give name -> code of the places that everybody knows; names are spelled as by `key`."""
    return {key(name): code for name, code in _named("known_places.txt")}


@cache
def aliases() -> dict[str, tuple[str, ...]]:
    """Give short or familiar name -> codes of the areas that it may be."""
    found: dict[str, tuple[str, ...]] = {}
    for name, code in _named("area_aliases.txt"):
        found[name] = (*found.get(name, ()), code)
    return found


def _named(name: str) -> Iterator[tuple[str, str]]:
    """Give (name, code) of a table of lines `code: names`; within a name "_" is a blank."""
    for code, names in table(name):
        yield from ((of.replace("_", " "), code) for of in names)
