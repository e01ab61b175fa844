"""`lapor mentions`: what is pulled instead of pushed."""

from __future__ import annotations

from pathlib import Path

import click

from channels.base import Malformed, NotNow
from config import logging as config_logging
from config.settings import load
from gateway import daemon, importing
from gateway.assembly import PATIENCE, Gateway, assemble, build_pollers, require_ready, utc_now
from gateway.cli.shared import out, plain_errors, progress, ready_gateway
from gateway.mentions import Puller, pull

ADAPTER = "twitter"


@click.command()
@click.option("--source", help="Only this source; needed for --import where there are several.")
@click.option(
    "--import",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take mentions from a JSON or JSON-lines file instead of X.",
)
@click.option("--dry-run", is_flag=True, help="Read, and keep nothing.")
def mentions(*, source: str | None, file: Path | None, dry_run: bool) -> None:
    """Pull mentions; run two, and one takes over when the other dies."""
    if file is not None:
        _import(file, source, dry_run=dry_run)
    elif dry_run:
        _look(source)
    else:
        _run(source)


def _run(source: str | None) -> None:
    config_logging.configure()
    with plain_errors():
        gateway = assemble(load(), patience=PATIENCE)
        require_ready(gateway)
    pullers, stop = _pullers(gateway, source), daemon.stop_on_signals()
    if not pullers:
        # One Procfile serves every set-up, and a process that ends ends the others.
        click.echo("no source has a bearer_token: there is nothing to pull")
        stop.wait()
        return
    pull(pullers, stop)


def _look(source: str | None) -> None:
    pullers = _pullers(ready_gateway(), source)
    if not pullers:
        raise click.ClickException("no source has a bearer_token: there is nothing to pull")
    for puller in pullers:
        try:
            page = puller.look()
        except NotNow as exc:
            raise click.ClickException(f"{puller.source}: {exc.reason}") from exc
        more = ", and there are more pages" if page.more else ""
        out.print(f"{puller.source}: {len(page.messages)} on the next page{more}")


def _import(file: Path, source: str | None, *, dry_run: bool) -> None:
    gateway = ready_gateway()
    of = _only(gateway, source)
    done = importing.Imported()
    try:
        bodies = list(importing.read_file(file))
    except (Malformed, UnicodeDecodeError) as exc:
        raise click.ClickException(f"{file}: neither JSON nor a document a line") from exc
    intake = None if dry_run else gateway.intake
    with plain_errors():
        groups = [
            bodies[at : at + importing.TOGETHER] for at in range(0, len(bodies), importing.TOGETHER)
        ]
        for some in progress(groups, "mentions"):
            done.add(importing.take(intake, gateway.channels[of], of, some, utc_now()))
    out.print(
        f"{'would be ' if dry_run else ''}accepted: {done.accepted}, "
        f"there already: {'not looked up' if dry_run else done.known}, "
        f"parked: {done.parked}, not for us: {done.not_for_us}"
    )


def _pullers(gateway: Gateway, source: str | None) -> list[Puller]:
    pollers = build_pollers(gateway.channels)
    if source is not None and source not in gateway.channels:
        raise click.ClickException(f"no source {source!r} is configured")
    return [
        Puller(gateway.store, gateway.intake, name, poller, utc_now)
        for name, poller in pollers.items()
        if source in {None, name}
    ]


def _only(gateway: Gateway, source: str | None) -> str:
    sources = gateway.settings.sources.values()
    names = [one.name for one in sources if one.adapter == ADAPTER and source in {None, one.name}]
    if len(names) != 1:
        raise click.ClickException("name one of the sources of X with --source")
    return names[0]
