"""Commands that look and change nothing, but for `consume`, which is a consumer."""

from __future__ import annotations

import json
import time
from datetime import datetime

import click
from rich.table import Table

from gateway import doctor as examination
from gateway import eventlog, queue
from gateway import reconcile as accounts
from gateway.assembly import utc_now
from gateway.cli.shared import (
    Since,
    assembled,
    out,
    plain_errors,
    print_event,
    ready_gateway,
    settings_lines,
    stop_quietly,
)


@click.command()
def doctor() -> None:
    """Show what is set, and check that it can work."""
    with plain_errors():
        gateway = assembled()
    for line in settings_lines(gateway.settings.shown):
        out.print(line, markup=False)
    out.print()
    findings = list(examination.examine(gateway))
    for finding in findings:
        sign = "[green]ok[/]  " if finding.good else "[bold red]BAD[/] "
        out.print(f"{sign} {finding.what:<11}", end=" ")
        out.print(finding.said, markup=False)
    if not all(finding.good for finding in findings):
        raise SystemExit(1)


@click.command()
def reconcile() -> None:
    """Count what was accepted and published; fails when a number leads nowhere."""
    with plain_errors():
        gateway = ready_gateway()
    account = accounts.reconcile(gateway.store)
    table = Table("what", "how many", box=None)
    for outcome, count in sorted(account.outcomes.items()):
        table.add_row(f"journal: {outcome}", str(count))
    table.add_row("events", str(account.events))
    table.add_row("events not yet published", str(account.outbox))
    for name, count in sorted(account.queued.items()):
        table.add_row(f"in {name}", str(count))
    table.add_row("numbers unaccounted for", str(len(account.unaccounted)))
    out.print(table)
    if account.unaccounted:
        out.print("unaccounted: " + " ".join(account.unaccounted))
        raise SystemExit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One event a line, as published.")
@click.option("--since", type=Since(), help="From a time on, or from e.g. 10m ago.")
def tail(*, as_json: bool, since: datetime | None) -> None:
    """Follow the event log; takes nothing from the queue."""
    with plain_errors():
        gateway = ready_gateway()
    stop_quietly()

    def wait() -> bool:
        time.sleep(0.5)
        return True

    for event in eventlog.follow(gateway.store, since or utc_now(), clock=utc_now, wait=wait):
        print_event(event, as_json=as_json)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One event a line, as published.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
def consume(*, as_json: bool, limit: int | None) -> None:
    """Take complaints from the queue like any consumer, and acknowledge them."""
    with plain_errors():
        settings = ready_gateway().settings
    stop_quietly()
    taken = 0

    def take(delivery: queue.Delivery) -> None:
        nonlocal taken
        if limit is not None and taken >= limit:
            return  # prefetched too much: given back when the connection closes
        print_event(json.loads(delivery.body), as_json=as_json)
        delivery.acknowledge()
        taken += 1

    with (
        plain_errors(),
        queue.connect(settings.queue_url) as connection,
        queue.consume(connection, take),
    ):
        while limit is None or taken < limit:
            queue.drain(connection, 1)


# --- what went wrong ---------------------------------------------------------------------
