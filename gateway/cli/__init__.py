"""`lapor`: every command of the gateway."""

from __future__ import annotations

import click

from gateway.cli import (
    comparing,
    demo,
    joining,
    looking,
    mending,
    pulling,
    reading,
    running,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lapor-gateway")
def main() -> None:
    """One intake behind every door of SP4N-LAPOR!."""


for _command in (
    running.serve,
    running.work,
    running.relay,
    running.feedback,
    pulling.mentions,
    running.migrate,
    looking.doctor,
    looking.reconcile,
    looking.tail,
    looking.consume,
    mending.parked_group,
    mending.quarantine_group,
    mending.deadletters_group,
    mending.replay,
    joining.merge,
    joining.split,
    joining.reindex,
    reading.normalize,
    reading.explain,
    reading.reprocess,
    demo.demo,
    comparing.compare,
):
    main.add_command(_command)
