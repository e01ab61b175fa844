"""Tables: on the terminal, and between their marks in docs/performance.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable
from support import ROOT

PAGE = ROOT / "docs" / "performance.md"


@dataclass
class Table:
    """One table. `marks` are sentences about marks, with whether they were reached."""

    name: str
    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    marks: list[tuple[str, bool]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        self.rows.append([cell if isinstance(cell, str) else number(cell) for cell in cells])

    def mark(self, what: str, value: float, mark: float, *, most: bool = False) -> None:
        """Hold a value against its mark: at least that much, or at most."""
        reached = value <= mark if most else value >= mark
        bound = "at most" if most else "at least"
        said = f"{what}: {value:.2f}, mark {bound} {mark}"
        self.marks.append((f"{said}: {'reached' if reached else 'MISSED'}", reached))

    @property
    def missed(self) -> bool:
        return not all(reached for _, reached in self.marks)


def number(value: object) -> str:
    """Spell a figure as people read it."""
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(console: Console, table: Table) -> None:
    shown = RichTable(title=table.title, title_justify="left")
    for index, column in enumerate(table.columns):
        shown.add_column(column, justify="right" if index else "left")
    for row in table.rows:
        shown.add_row(*row)
    console.print(shown)
    for said, reached in table.marks:
        console.print(said, style="green" if reached else "bold red", highlight=False)
    for note in table.notes:
        console.print(note, highlight=False)
    console.print()


def write(table: Table, page: Path = PAGE) -> None:
    """Replace what stands between the table's marks."""
    begin, end = f"<!-- {table.name} -->", f"<!-- /{table.name} -->"
    lines = [
        f"**{table.title}**",
        "",
        f"| {' | '.join(table.columns)} |",
        f"|{'---|' * len(table.columns)}",
        *(f"| {' | '.join(row)} |" for row in table.rows),
        "",
        *(f"* {said}" for said, _ in table.marks),
        *(f"* {note}" for note in table.notes),
    ]
    text = page.read_text("utf-8")
    pattern = re.escape(begin) + r".*?" + re.escape(end)
    if not re.search(pattern, text, re.DOTALL):
        raise SystemExit(f"{page.name} has no place for {table.name}: {begin}{end}")
    body = "\n".join(lines).rstrip()
    fresh = re.sub(pattern, lambda _: f"{begin}\n{body}\n{end}", text, flags=re.DOTALL)
    page.write_text(fresh, "utf-8")
