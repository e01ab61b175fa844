"""Which six-digit area codes a NIK may begin with: one for each district (kecamatan)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def known_region(code: str) -> bool:
    """Tell whether six digits are the Kemendagri code of a district."""
    return code in _districts()


@cache
def _districts() -> frozenset[str]:
    table = files("normalizer.data").joinpath("regions.txt").read_text(encoding="ascii")
    return frozenset(
        regency + format(number, "02d")
        for regency, *spans in (line.split() for line in table.splitlines() if line[0] != "#")
        for span in spans
        for number in _numbers(span)
    )


def _numbers(span: str) -> range:
    first, _, last = span.partition("-")
    return range(int(first), int(last or first) + 1)
