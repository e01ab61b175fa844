"""`make quality`: how well the labelled reports are read, set by set, against the marks.

`make quality WHAT=date` also lists the mistakes of a field; sets are by different authors, and one
that the rules were not made with tells more than one that they were.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from quality import marks, pairs
from quality.scoring import JUDGES, Count, score, sets
from rich.console import Console
from rich.table import Table


def main() -> None:
    named = sys.argv[1:]
    if unknown := sorted(set(named) - set(JUDGES)):
        sys.exit(f"no such field: {unknown[0]}; there are: {', '.join(JUDGES)}")
    console = Console(width=110)
    below: list[str] = []
    for name, rows in sets().items():
        counts = score(rows)
        console.print(_table(f"{name}: {len(rows)} reports", rows, counts), "")
        below += [f"{name}: {what}" for what in marks.missed(rows, counts)]
        for field in named:
            for mistake in counts[field].mistakes:
                console.print(f"  {field}: {mistake}", markup=False, soft_wrap=True)
    share = marks.false_nik()
    console.print(
        f"random 16-digit runs called NIK: {share:.3%} (most: {marks.MOST_FALSE_NIK:.1%})"
    )
    if share > marks.MOST_FALSE_NIK:
        below.append("random runs called NIK")
    for name, of in pairs.sets().items():
        console.print(_pairs_table(name, of), "")
        below += [f"pairs {name}: {what}" for what in pairs.missed(of)]
    for what in below:
        console.print(f"[bold red]below the mark[/] {what}")
    sys.exit(1 if below else 0)


def _table(title: str, rows: list[dict[str, Any]], counts: Mapping[str, Count]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    for head in ("field", "precision", "", "recall", "", "mark", ""):
        table.add_column(head, justify="right" if head in {"precision", "recall"} else "left")
    for field, count in counts.items():
        mark = marks.MARKS[field]
        table.add_row(
            field,
            f"{count.precision:.3f}",
            f"{count.right}/{count.said}",
            f"{count.recall:.3f}",
            f"{count.found}/{count.wanted}",
            mark.shown(),
            "" if mark.is_met(count) else "[bold red]below[/]",
        )
    share = marks.false_abuse(rows, counts["abusive"])
    table.add_row(
        "falsely abusive", f"{share:.3f}", "", "", "", f"at most {marks.MOST_FALSE_ABUSE}"
    )
    return table


def _pairs_table(name: str, of: list[pairs.Pair]) -> Table:
    table = Table(title=f"pairs {name}: {len(of)}", title_justify="left", box=None)
    for head in ("verdict or kind", "precision", "", "recall", "", "F1"):
        table.add_column(head, justify="right" if head in {"precision", "recall", "F1"} else "left")
    counted = pairs.count(of)
    joined = counted.pop("templates joined")
    for what, tally in [*counted.items(), *sorted(pairs.by_kind(of).items())]:
        table.add_row(
            what,
            f"{tally.precision:.3f}",
            f"{tally.right}/{tally.said}",
            f"{tally.recall:.3f}",
            f"{tally.right}/{tally.due}",
            f"{tally.f1:.3f}",
        )
    shared, true, most = pairs.key_recall(of)
    table.add_row("templates joined", "", f"{joined.said}/{joined.due}", "", "", "")
    table.add_row("found by keys", "", "", f"{shared / max(true, 1):.3f}", f"{shared}/{true}", "")
    table.add_row("most keys", "", str(most), "", "", "")
    return table


main()
