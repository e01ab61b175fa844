"""Writes `normalizer/data/frequencies.txt` from wordfreq 3.1.1 (`pip install wordfreq` first).

    python tests/quality/write_frequencies.py

Words of Indonesian by log10 of their uses in a thousand million; what is rarer is left out.
"""

from __future__ import annotations

import re
from math import log10
from pathlib import Path

TABLE = Path(__file__).parents[2] / "normalizer" / "data" / "frequencies.txt"
RAREST = 3.3
HEAD = """\
# How common a word is: log10 of its uses in a thousand million words of Indonesian, then the words.
# From wordfreq 3.1.1 (Robyn Speer; its word lists: CC BY-SA 4.0, https://creativecommons.org/licenses/by-sa/4.0/),
# shortened by tests/quality/write_frequencies.py; this file stays under that licence.
"""


def main() -> None:
    from wordfreq import get_frequency_dict  # noqa: PLC0415 - only who writes it needs it

    bands: dict[float, list[str]] = {}
    for word, share in get_frequency_dict("id").items():
        band = round(log10(share) + 9, 1)
        if band >= RAREST and re.fullmatch("[a-z]{2,}", word):
            bands.setdefault(band, []).append(word)
    lines = [f"{band}: {' '.join(sorted(bands[band]))}" for band in sorted(bands, reverse=True)]
    TABLE.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
