"""Build areas.tsv.gz from the CSV files of the npm package idn-area-data.

    npm pack idn-area-data@4.0.1 && tar xzf idn-area-data-4.0.1.tgz
    python normalizer/data/build_areas.py package/data

One line an area, in the order of the codes: `code<TAB>name`. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

FILES = ("provinces.csv", "regencies.csv", "districts.csv", "villages.csv")
TARGET = Path(__file__).parent / "areas.tsv.gz"


def build(source: Path, target: Path = TARGET) -> int:
    """Write the compact file; gives how many areas it holds."""
    areas: list[tuple[str, str]] = []
    for name in FILES:
        with (source / name).open(newline="", encoding="utf-8") as file:
            areas += [(row["code"], row["name"].strip()) for row in csv.DictReader(file)]
    lines = "".join(f"{code}\t{name}\n" for code, name in sorted(areas))
    target.write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))
    return len(areas)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])), "areas")  # noqa: T201 - a script speaks to its caller
