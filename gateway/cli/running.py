"""Commands that run the gateway."""

from __future__ import annotations

import os
import sys
from importlib.resources import files

import click

from config import logging as config_logging
from config.settings import load
from gateway import daemon, listen, queue, schema
from gateway import work as worker
from gateway.assembly import PATIENCE, assemble, require_ready, utc_now
from gateway.cli.shared import assembled, out, plain_errors
from gateway.relay import Relay


@click.command()
def serve() -> None:
    """Serve HTTP on PORT (gunicorn; WEB_CONCURRENCY workers)."""
    with plain_errors():
        require_ready(assemble(load()))
    conf = str(files("config").joinpath("gunicorn.conf.py"))
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", conf, "gateway.wsgi:app"])  # noqa: S606 - our own server


@click.command()
def work() -> None:
    """Process accepted messages and publish them; run as many as you like."""
    config_logging.configure()
    with plain_errors():
        gateway = assemble(load(), patience=PATIENCE)
        require_ready(gateway)
    worker.work(gateway)


@click.command()
def relay() -> None:
    """Publish the outbox to the broker; run two, and one takes over when the other dies."""
    config_logging.configure()
    with plain_errors():
        gateway = assemble(load(), patience=PATIENCE)
        require_ready(gateway)
    settings, stop = gateway.settings, daemon.stop_on_signals()
    if queue.is_embedded(settings.queue_url):
        # One Procfile serves both set-ups, and a process that ends ends the others.
        click.echo("the queue is in the store's file: there is nothing to relay")
        stop.wait()
        return
    Relay(
        gateway.store,
        settings.queue_url,
        clock=utc_now,
        most_together=settings.relay.most_together,
        pace=settings.relay.pace_seconds,
        largest=settings.relay.largest,
    ).run(stop)


@click.command()
def feedback() -> None:
    """Take what consumers say of complaints from the queue; run as many as you like."""
    config_logging.configure()
    with plain_errors():
        gateway = assemble(load(), patience=PATIENCE)
        require_ready(gateway)
    listen.work_off(gateway, daemon.stop_on_signals())


@click.command()
def migrate() -> None:
    """Bring the store to the newest schema, and make the broker's queues; safe to repeat."""
    with plain_errors():
        gateway = assembled()
        before = schema.current(gateway.store)
        schema.migrate(gateway.store, gateway.identity)
    after = schema.current(gateway.store)
    out.print(f"store is at {after}" + (" already" if before == after else ""))
    url = gateway.settings.queue_url
    if queue.is_embedded(url):
        return
    try:
        with queue.connect(url) as connection:
            queue.declare(connection)
    except queue.BROKER_ERRORS as exc:
        out.print(f"queues not made, `lapor relay` will: {exc}", markup=False)
    else:
        out.print("queues are on the broker")
