"""Commands that put right what went wrong; each can be repeated."""

from __future__ import annotations

import uuid
from datetime import datetime

import click
from rich.table import Table
from rich.text import Text

from channels.base import ChannelError
from channels.number import parse as parse_number
from gateway import deadletters, parked
from gateway.assembly import utc_now
from gateway.cli.shared import (
    Since,
    id_column,
    nothing,
    out,
    plain_errors,
    progress,
    ready_gateway,
)
from gateway.replay import TOGETHER, Replay


@click.group(name="parked")
def parked_group() -> None:
    """Messages that were accepted but could not be read or processed."""


@parked_group.command(name="list")
def parked_list() -> None:
    """List them, oldest first."""
    table = Table(id_column(), "source", "number", "received", "reason", box=None)
    for item in parked.find(ready_gateway().store):
        when = item.received_at.isoformat(timespec="seconds")
        table.add_row(str(item.id), item.source, item.number or "", when, item.reason or "")
    out.print(table)


@parked_group.command(name="show")
@click.argument("parked_id", type=click.UUID)
def parked_show(parked_id: uuid.UUID) -> None:
    """Show one whole: it may hold a citizen's text."""
    for item in parked.find(ready_gateway().store, parked_id) or nothing(parked_id):
        click.echo(item.shown())


@parked_group.command(name="replay")
@click.argument("parked_id", type=click.UUID, required=False)
@click.option("--all", "every", is_flag=True, help="Replay everything that is parked.")
@click.option("--dry-run", is_flag=True, help="Only say what would be replayed.")
def parked_replay(parked_id: uuid.UUID | None, *, every: bool, dry_run: bool) -> None:
    """Try one or all again; what fails again stays parked."""
    if (parked_id is None) != every:
        raise click.UsageError("name one id, or --all")
    gateway = ready_gateway()
    found = parked.find(gateway.store, parked_id) or ([] if every else nothing(parked_id))
    for item in progress(found, "replaying"):
        said = (
            "would be replayed"
            if dry_run
            else parked.replay(gateway.store, gateway.intake, gateway.channels, item)
        )
        click.echo(f"{item.id} {said}")


@click.group(name="quarantine")
def quarantine_group() -> None:
    """Requests that did not prove who sent them."""


@quarantine_group.command(name="list")
def quarantine_list() -> None:
    """List them, oldest first."""
    table = Table(id_column(), "source", "times", "received", "reason", box=None)
    for item in ready_gateway().quarantine.find():
        when = item.received_at.isoformat(timespec="seconds")
        table.add_row(str(item.id), item.source, str(item.times), when, item.reason)
    out.print(table)


@quarantine_group.command(name="show")
@click.argument("kept_id", type=click.UUID)
def quarantine_show(kept_id: uuid.UUID) -> None:
    """Show one whole: it may hold a citizen's text, or an attack."""
    for item in ready_gateway().quarantine.find(kept_id) or nothing(kept_id):
        click.echo(f"{item.raw.method} {item.raw.raw_path} {item.raw.raw_query!r}")
        for name, value in item.raw.headers:
            click.echo(f"{name}: {value!r}")
        click.echo(repr(item.raw.body))


@quarantine_group.command(name="release")
@click.argument("kept_id", type=click.UUID)
@click.option("--dry-run", is_flag=True, help="Only say whether it can be read.")
def quarantine_release(kept_id: uuid.UUID, *, dry_run: bool) -> None:
    """Vouch for one yourself: read it and accept it as if it had been authentic."""
    gateway = ready_gateway()
    for item in gateway.quarantine.find(kept_id) or nothing(kept_id):
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
        receipts = gateway.intake.accept(messages, unheard=True)
        gateway.quarantine.mark_released(kept_id)
        click.echo("accepted: " + ", ".join(receipt.number or "-" for receipt in receipts))


@click.group(name="deadletters")
def deadletters_group() -> None:
    """Events that consumers gave up or no broker takes, and replies that nobody heard."""


@deadletters_group.command(name="list")
@click.option("--limit", type=click.IntRange(min=1), default=1000, show_default=True)
def deadletters_list(limit: int) -> None:
    """List them; takes nothing away."""
    gateway = ready_gateway()
    table = Table(id_column(), "where", "number", "type", "reason", box=None)
    with plain_errors():
        for letter in deadletters.find(gateway.store, gateway.settings.queue_url, limit):
            kind = letter.type.removeprefix("id.lapor.complaint.")
            cells = (letter.id, letter.where, letter.number, kind, letter.reason)
            table.add_row(*map(Text, cells))  # not markup: others wrote it
    out.print(table)


@deadletters_group.command(name="replay")
@click.argument("letter_id", required=False)
@click.option("--all", "every", is_flag=True, help="All, but replies that may have been sent.")
@click.option("--dry-run", is_flag=True, help="Only say what would be replayed.")
def deadletters_replay(letter_id: str | None, *, every: bool, dry_run: bool) -> None:
    """Send one or all again, to where they were."""
    if (letter_id is None) != every:
        raise click.UsageError("name one id, or --all")
    gateway = ready_gateway()
    of = (gateway.store, gateway.settings.queue_url)

    def wanted(letter: deadletters.DeadLetter) -> bool:
        return letter.id == letter_id or (every and not letter.may_be_done)

    with plain_errors():
        found = (
            filter(wanted, deadletters.find(*of))
            if dry_run
            else deadletters.replay(*of, wanted, utc_now())
        )
        done = 0
        for letter in progress(found, "replaying"):
            click.echo(f"{letter.id} {'would be' if dry_run else 'was'} sent again")
            done += 1
    if not done and not every:
        nothing(letter_id)


@click.command()
@click.option("--number", help="All events of one complaint, by its number or an alias.")
@click.option("--since", type=Since(), help="All events since a time, or since e.g. 2h ago.")
@click.option("--dry-run", is_flag=True, help="Only count what would be sent.")
def replay(number: str | None, since: datetime | None, *, dry_run: bool) -> None:
    """Publish events of the log once more, under their ids: consumers drop what they have."""
    if (number is None) == (since is None):
        raise click.UsageError("say --number or --since")
    gateway = ready_gateway()
    root = None
    if number is not None:
        standing = gateway.store.standing(parse_number(number) or "")
        root = standing.number if standing else nothing(number)
    events = Replay(gateway.store, number=root, since=since)
    with plain_errors():
        count = events.count()
        if dry_run:
            click.echo(f"{count} events would be sent again")
            return
        sent = events.run(gateway.outbox, utc_now)
        done = sum(progress(sent, "replaying", -(-count // TOGETHER)))
    click.echo(f"{done} events are on their way again")
