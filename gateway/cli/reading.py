"""Commands about what is read in citizens' words: try the rules, explain and renew records."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

import click
from rich.table import Table
from rich.text import Text

from channels.number import parse as parse_number
from config.settings import load
from gateway import explaining, reading_lines
from gateway.assembly import utc_now
from gateway.cli.shared import Since, nothing, out, plain_errors, progress, ready_gateway
from gateway.reading import Reader
from gateway.reprocessing import TOGETHER, Reprocessing, Summary
from gateway.store import UnknownNumber


@click.command()
@click.argument("messages", type=click.File("rb"), default="-")
def normalize(messages: BinaryIO) -> None:
    """Read messages from JSON lines (a file, or what is piped in), and print their records.

    A line is {"id", "channel", "text", "received_at", "fields"}; the record has the same id.
    Uses no store and no queue. What cannot be read is told on stderr, as a JSON line; then it
    fails, when all others are done.
    """
    with plain_errors():
        settings = load()
        reader = Reader.of(settings)
    failed = 0
    for count, line in enumerate(messages, 1):
        if not line.strip():
            continue
        try:
            record = reading_lines.read(line, reader, settings.time_zone)
        except reading_lines.BadLine as exc:
            failed += 1
            told = {"line": count, "id": exc.of, "error": str(exc)}
            click.echo(json.dumps(told, ensure_ascii=False), err=True)
        else:
            _print_record(record)
    if failed:
        sys.exit(1)


def _print_record(record: Mapping[str, Any]) -> None:
    spelled = json.dumps(record, ensure_ascii=False)
    try:
        spelled.encode()
    except UnicodeEncodeError:  # half a character, which only an escape can spell
        spelled = json.dumps(record)
    click.echo(spelled)


@click.command()
@click.argument("number")
def explain(number: str) -> None:
    """Show each field of a complaint with where it is from, what speaks for it and what else."""
    gateway = ready_gateway()
    try:
        record, fields = explaining.explain(
            gateway.store, gateway.reader, parse_number(number) or ""
        )
    except UnknownNumber:
        nothing(number)
    out.print(f"[bold]{record['number']}[/]  revision {record['revision']}  {record['status']}")
    table = Table("field", "value", "origin", "evidence", "candidates", box=None)
    for of in fields:
        candidates = "\n".join(of.candidates)
        # Not markup: citizens wrote it.
        cells = (of.field, of.value, of.origin, of.evidence, candidates)
        table.add_row(*map(Text, cells))
    out.print(table)


@click.command()
@click.option("--since", type=Since(), help="Only what was received since a time, or e.g. 7d ago.")
@click.option("--dry-run", is_flag=True, help="Only compare. So it is without --publish, too.")
@click.option("--publish", is_flag=True, help="Amend the records that differ, and publish them.")
def reprocess(*, since: datetime | None, dry_run: bool, publish: bool) -> None:
    """Read the journal again with today's rules, and tell which records would differ.

    With --publish they become the next revision, and consumers get an amended.v1 of each. What
    was added, decided or told since is kept. It can be stopped and repeated at any time.
    """
    again = Reprocessing(
        ready_gateway(), clock=utc_now, since=since, publish=publish and not dry_run
    )
    with plain_errors():
        batches = -(-again.count() // TOGETHER)
        for _ in progress(again.run(), "reading again", batches):
            pass
    _print_summary(again.summary, publish=publish, dry_run=dry_run)


def _print_summary(summary: Summary, *, publish: bool, dry_run: bool) -> None:
    table = Table("field", "differs in", box=None)
    for name, count in sorted(summary.fields.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(name, str(count))
    if summary.fields:
        out.print(table)
    click.echo(f"{summary.read} complaints read again, {summary.differing} differ")
    if publish and not dry_run:
        click.echo(f"{summary.published} amended and published")
    elif summary.differing:
        click.echo("nothing was changed; --publish amends them")
    if summary.unreadable:
        raise click.ClickException("not read: " + " ".join(summary.unreadable))
