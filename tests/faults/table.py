"""The table that fault tests leave behind: one line a fault and set-up."""

from __future__ import annotations

import io
import statistics
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table as RichTable

HEADS = ("fault", "set-up", "times", "acknowledged", "missing", "doubled", "recovery s", "worst s")


@dataclass
class Line:
    """One fault in one set-up. `said` is what went wrong, if anything."""

    fault: str
    setup: str
    times: int = 0
    acknowledged: int | None = None
    missing: int | None = None
    doubled: int | None = None
    recoveries: list[float] = field(default_factory=list)
    said: str = ""

    def cells(self) -> list[str]:
        counts = (self.acknowledged, self.missing, self.doubled)
        shown = ["?" if count is None else f"{count:,}" for count in counts]
        seconds = (f"{of(self.recoveries):.1f}" for of in (statistics.median, max))
        recovery = list(seconds) if self.recoveries else ["", ""]
        return [self.fault, self.setup, str(self.times), *shown, *recovery]


def as_text(lines: list[Line], width: int, *, is_colourful: bool) -> str:
    table = RichTable(title="Faults under load (recovery: median and worst)")
    for index, head in enumerate(HEADS):
        table.add_column(head, justify="left" if index < 2 else "right", no_wrap=True)
    for line in lines:
        table.add_row(*line.cells(), style="red" if line.said else None)
    console = Console(width=max(width, 120), file=io.StringIO(), force_terminal=is_colourful)
    console.print(table)
    failed = [f"{line.fault} ({line.setup}): {line.said}" for line in lines if line.said]
    return "\n".join([console.file.getvalue(), *failed])


def as_markdown(lines: list[Line]) -> str:
    rule = ["---" if index < 2 else "--:" for index in range(len(HEADS))]
    rows = [HEADS, rule, *(line.cells() for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
