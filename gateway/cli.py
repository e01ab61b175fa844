"""`lapor`: every command of the gateway."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, NoReturn

import click
import structlog
from rich.console import Console
from rich.panel import Panel
from rich.progress import track
from rich.table import Column, Table
from rich.text import Text

from channels.base import ChannelError
from config import logging as config_logging
from config.secrets import SettingsError
from config.settings import load
from gateway import doctor as examination
from gateway import eventlog, parked, queue, schema
from gateway import reconcile as accounts
from gateway import work as worker
from gateway.assembly import Gateway, assemble, require_ready, utc_now
from gateway.demo import Demo, Step, running_gateway

_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
out = Console(highlight=False)


class Since(click.ParamType[datetime]):
    """A time (ISO 8601) or how long ago (`30s`, `10m`, `2h`, `1d`)."""

    name = "since"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read either form."""
        if isinstance(value, datetime):
            return value
        if match := _SPAN.fullmatch(value):
            return utc_now() - timedelta(**{_UNITS[match[2]]: int(match[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time nor a span such as 10m", param, ctx)
        return moment if moment.tzinfo else moment.astimezone()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lapor-gateway")
def main() -> None:
    """One intake behind every door of SP4N-LAPOR!."""


# --- running -----------------------------------------------------------------------------


@main.command()
def serve() -> None:
    """Serve HTTP on PORT (gunicorn; WEB_CONCURRENCY workers)."""
    with _plain_errors():
        require_ready(assemble(load()))
    conf = str(files("config").joinpath("gunicorn.conf.py"))
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", conf, "gateway.wsgi:app"])  # noqa: S606 - our own server


@main.command()
def work() -> None:
    """Process accepted messages and publish them; run as many as you like."""
    config_logging.configure()
    with _plain_errors():
        gateway = assemble(load())
        require_ready(gateway)
    worker.work(gateway)


@main.command()
def migrate() -> None:
    """Bring the store to the newest schema; safe to repeat."""
    with _plain_errors():
        gateway = _gateway()
        before = schema.current(gateway.store)
        schema.migrate(gateway.store, gateway.identity)
    after = schema.current(gateway.store)
    out.print(f"store is at {after}" + (" already" if before == after else ""))


# --- looking -----------------------------------------------------------------------------


@main.command()
def doctor() -> None:
    """Show what is set, and check that it can work."""
    with _plain_errors():
        gateway = _gateway()
    for line in _settings_lines(gateway.settings.shown):
        out.print(line, markup=False)
    out.print()
    findings = list(examination.examine(gateway))
    for finding in findings:
        sign = "[green]ok[/]  " if finding.good else "[bold red]BAD[/] "
        out.print(f"{sign} {finding.what:<11}", end=" ")
        out.print(finding.said, markup=False)
    if not all(finding.good for finding in findings):
        raise SystemExit(1)


@main.command()
def reconcile() -> None:
    """Count what was accepted and published; fails when a number leads nowhere."""
    with _plain_errors():
        gateway = _ready_gateway()
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


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One event a line, as published.")
@click.option("--since", type=Since(), help="From a time on, or from e.g. 10m ago.")
def tail(*, as_json: bool, since: datetime | None) -> None:
    """Follow the event log; takes nothing from the queue."""
    with _plain_errors():
        gateway = _ready_gateway()
    _stop_quietly()

    def wait() -> bool:
        time.sleep(0.5)
        return True

    for event in eventlog.follow(gateway.store, since or utc_now(), clock=utc_now, wait=wait):
        _print_event(event, as_json=as_json)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One event a line, as published.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
def consume(*, as_json: bool, limit: int | None) -> None:
    """Take complaints from the queue like any consumer, and acknowledge them."""
    with _plain_errors():
        settings = _ready_gateway().settings
    _stop_quietly()
    taken = 0

    def take(delivery: queue.Delivery) -> None:
        nonlocal taken
        if limit is not None and taken >= limit:
            return  # prefetched too much: given back when the connection closes
        _print_event(json.loads(delivery.body), as_json=as_json)
        delivery.acknowledge()
        taken += 1

    with queue.connect(settings.queue_url) as connection, queue.consume(connection, take):
        while limit is None or taken < limit:
            try:
                connection.drain_events(timeout=1)
            except TimeoutError:
                continue


# --- what went wrong ---------------------------------------------------------------------


@main.group(name="parked")
def parked_group() -> None:
    """Messages that were accepted but could not be read or processed."""


@parked_group.command(name="list")
def parked_list() -> None:
    """List them, oldest first."""
    table = Table(_id(), "source", "number", "received", "reason", box=None)
    for item in parked.find(_ready_gateway().store):
        when = item.received_at.isoformat(timespec="seconds")
        table.add_row(str(item.id), item.source, item.number or "", when, item.reason or "")
    out.print(table)


@parked_group.command(name="show")
@click.argument("parked_id", type=click.UUID)
def parked_show(parked_id: uuid.UUID) -> None:
    """Show one whole: it may hold a citizen's text."""
    for item in parked.find(_ready_gateway().store, parked_id) or _nothing(parked_id):
        click.echo(item.shown())


@parked_group.command(name="replay")
@click.argument("parked_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="Replay everything that is parked.")
@click.option("--dry-run", is_flag=True, help="Only say what would be replayed.")
def parked_replay(parked_id: uuid.UUID | None, *, every: bool, dry_run: bool) -> None:
    """Try one or all again; what fails again stays parked."""
    if (parked_id is None) != every:
        raise click.UsageError("name one id, or --all")
    gateway = _ready_gateway()
    found = parked.find(gateway.store, parked_id) or ([] if every else _nothing(parked_id))
    for item in _progress(found, "replaying"):
        said = (
            "would be replayed"
            if dry_run
            else parked.replay(gateway.store, gateway.intake, gateway.channels, item)
        )
        click.echo(f"{item.id} {said}")


@main.group(name="quarantine")
def quarantine_group() -> None:
    """Requests that did not prove who sent them."""


@quarantine_group.command(name="list")
def quarantine_list() -> None:
    """List them, oldest first."""
    table = Table(_id(), "source", "times", "received", "reason", box=None)
    for item in _ready_gateway().quarantine.find():
        when = item.received_at.isoformat(timespec="seconds")
        table.add_row(str(item.id), item.source, str(item.times), when, item.reason)
    out.print(table)


@quarantine_group.command(name="show")
@click.argument("kept_id", type=click.UUID)
def quarantine_show(kept_id: uuid.UUID) -> None:
    """Show one whole: it may hold a citizen's text, or an attack."""
    for item in _ready_gateway().quarantine.find(kept_id) or _nothing(kept_id):
        click.echo(f"{item.raw.method} {item.raw.raw_path} {item.raw.raw_query!r}")
        for name, value in item.raw.headers:
            click.echo(f"{name}: {value!r}")
        click.echo(repr(item.raw.body))


@quarantine_group.command(name="release")
@click.argument("kept_id", type=click.UUID)
@click.option("--dry-run", is_flag=True, help="Only say whether it can be read.")
def quarantine_release(kept_id: uuid.UUID, *, dry_run: bool) -> None:
    """Vouch for one yourself: read it and accept it as if it had been authentic."""
    gateway = _ready_gateway()
    for item in gateway.quarantine.find(kept_id) or _nothing(kept_id):
        channel = gateway.channels.get(item.source)
        if channel is None:
            raise click.ClickException(f"no source {item.source!r} is configured")
        try:
            messages = channel.parse(item.raw)
        except ChannelError as exc:
            raise click.ClickException(f"cannot be read: {exc}") from exc
        if dry_run:
            click.echo(f"{len(messages)} message(s) would be accepted")
            return
        receipts = gateway.intake.accept(messages)
        gateway.quarantine.mark_released(kept_id)
        click.echo("accepted: " + ", ".join(receipt.number or "-" for receipt in receipts))


# --- showing -----------------------------------------------------------------------------


@main.command()
def demo() -> None:
    """Send one sample through every door, and show what came out."""
    with _plain_errors():
        settings = load()
        with running_gateway(settings) as (of, port):
            where = "the one on PORT" if of is settings else "a private one, thrown away afterwards"
            out.print(f"[bold]Gateway on port {port}[/] ({where})\n")
            story = Demo(of, port)
            steps = []
            for step in story.steps():
                _print_step(step)
                steps.append(step)
            numbers = list(dict.fromkeys(step.number for step in steps if step.number))
            events = story.published(numbers)
            out.print(f"[bold]What consumers of the queue received: {len(events)} complaints[/]")
            for event in events:
                _print_event(event, as_json=False)
            if events:
                out.print("\n[bold]The first one whole[/]")
                out.print_json(json.dumps(events[0]))
    if len(events) < len(numbers) or any(step.status >= 300 for step in steps):  # noqa: PLR2004
        raise click.ClickException("something did not come through")


# --- shared ------------------------------------------------------------------------------


def _gateway() -> Gateway:
    """Assemble for a command: its own output is its log, so events are not shown."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    return assemble(load())


def _ready_gateway() -> Gateway:
    with _plain_errors():
        gateway = _gateway()
        require_ready(gateway)
    return gateway


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (SettingsError, schema.SchemaBehind, schema.WrongIdentityKey, TimeoutError) as exc:
        raise click.ClickException(str(exc)) from exc


def _id() -> Column:
    """Head the ids, which are there to be copied: never cut, however narrow the terminal."""
    return Column("id", no_wrap=True)


def _nothing(wanted: uuid.UUID | None) -> NoReturn:
    raise click.ClickException(f"nothing has the id {wanted}")


def _stop_quietly() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))


def _progress(items: list[parked.Parked], title: str) -> Iterator[parked.Parked]:
    bar = Console(stderr=True)
    if not bar.is_terminal:
        yield from items
        return
    yield from track(items, description=title, console=bar)


def _settings_lines(shown: Any, path: str = "") -> Iterator[str]:
    for key, value in shown.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from _settings_lines(value, here)
        else:
            yield f"{here} = {json.dumps(value, default=str, ensure_ascii=False)}"


def _print_event(event: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(event, ensure_ascii=False))
        return
    record = event["data"]
    what = event["type"].removeprefix("id.lapor.complaint.").removesuffix(".v1")
    title = "(rahasia)" if record["confidential"] else record["title"]["text"]
    line = Text.assemble(
        (event["time"][11:19], "dim"),
        "  ",
        (record["number"], "bold"),
        f"  {what:<9} {record['source']['source']:<8} ",
        title,
    )
    if record["missing"]:
        line.append(f"  missing: {', '.join(record['missing'])}", "dim")
    out.print(line, soft_wrap=True)


def _print_step(step: Step) -> None:
    body = Text.assemble(
        ("-> ", "dim"), step.sent, "\n", (f"<- {step.status} ", "dim"), step.answer
    )
    out.print(Panel(body, title=step.title, title_align="left", border_style="dim"))


if __name__ == "__main__":
    main()
