"""The word tables in normalizer/data: "head: words", going on in lines that begin with a blank."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files


def table(name: str) -> Iterator[tuple[str, list[str]]]:
    """Give (head, words) of a table, in its order; lines that begin with "#" are comments."""
    head, words = "", list[str]()
    for line in (files("normalizer.data") / name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            if head:
                yield head, words
            head, _, line = line.partition(":")  # noqa: PLW2901
            words = []
        words += line.split()
    yield head, words


@cache
def frequencies() -> dict[str, float]:
    """Give word -> log10 of its uses in a thousand million words of Indonesian."""
    return {word: float(band) for band, words in table("frequencies.txt") for word in words}


def commonness(word: str) -> float:
    """Give log10 of a word's uses in a thousand million words; 0.0 for what no list knows."""
    return frequencies().get(word, 0.0)
