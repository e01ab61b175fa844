"""Commands about complaints that were joined, or should have been."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import click
import uuid6
from sqlalchemy import Connection, insert

from channels.number import parse as parse_number
from gateway import joining, reindexing
from gateway.assembly import Gateway, utc_now
from gateway.cli.shared import nothing, plain_errors, progress, ready_gateway
from gateway.counters import Counters
from gateway.duplicates import LOCK
from gateway.joining import Events
from gateway.publishing import Publisher
from gateway.tables import audit

DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say what would happen.")


@click.command()
@click.argument("number")
@click.option("--into", required=True, help="The complaint in process that it is the same as.")
@DRY_RUN
def merge(number: str, *, into: str, dry_run: bool) -> None:
    """Join a complaint with another one: its number becomes an alias. `split` undoes it."""
    gateway, of = _find(number)
    _, target = _find(into)

    def join(connection: Connection) -> Events:
        try:
            return joining.merge(connection, of, target, utc_now())
        except joining.NotPossible as exc:
            raise click.ClickException(str(exc)) from exc

    _carry_out(gateway, "merge", of, join, dry_run=dry_run)


@click.command()
@click.argument("number")
@DRY_RUN
def split(number: str, *, dry_run: bool) -> None:
    """Make an alias, or a complaint that supports another, one of its own again."""
    gateway, of = _find(number)

    def part(connection: Connection) -> Events:
        events = joining.separate(connection, of, utc_now())
        if not events:
            raise click.ClickException(f"{of} is joined with nothing")
        return events

    _carry_out(gateway, "split", of, part, dry_run=dry_run)


@click.command()
@DRY_RUN
def reindex(*, dry_run: bool) -> None:
    """Work out anew, by today's rule, where near copies find what is in process.

    Needed after an upgrade that says so. Safe while everything runs, and to be repeated.
    """
    gateway = ready_gateway()
    with plain_errors():
        left = reindexing.count(gateway.store)
        if dry_run:
            click.echo(f"{left} complaints would be indexed anew")
            return
        batches = reindexing.run(gateway.store)
        done = sum(progress(batches, "reindexing", -(-left // reindexing.TOGETHER)))
    click.echo(f"{done} complaints are indexed anew")


def _find(typed: str) -> tuple[Gateway, str]:
    gateway = ready_gateway()
    number = parse_number(typed)
    if number is None or gateway.store.standing(number) is None:
        nothing(typed)
    return gateway, number


def _carry_out(
    gateway: Gateway,
    action: str,
    of: str,
    change: Callable[[Connection], Events],
    *,
    dry_run: bool,
) -> None:
    """Change, publish and write down who did it, in one transaction."""
    now = utc_now()
    publisher = Publisher(
        gateway.outbox, Counters(), public_url=gateway.settings.public_url, new_id=uuid6.uuid7
    )
    with plain_errors(), gateway.store.write() as connection:
        gateway.store.hold(connection, [LOCK])
        publications = joining.sealed(publisher, None, change(connection), now)
        if dry_run:
            connection.rollback()
        else:
            publisher.publish(connection, publications, now)
            who = {"consumer": f"operator:{getpass.getuser()}", "action": action}
            connection.execute(insert(audit).values(id=uuid6.uuid7(), number=of, at=now, **who))
    for sent in publications:
        said = "would be" if dry_run else "was"
        kind = sent.envelope.type.removeprefix("id.lapor.complaint.").removesuffix(".v1")
        click.echo(f"{sent.envelope.number} {said} {kind}")
