"""The whole story in one command."""

from __future__ import annotations

import json

import click
from rich.panel import Panel
from rich.text import Text

from config.settings import load
from gateway.cli.shared import out, plain_errors, print_event
from gateway.demo import Demo, Step, running_gateway


@click.command()
def demo() -> None:
    """Send one sample through every door, and show what came out."""
    with plain_errors():
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
                print_event(event, as_json=False)
            if events:
                out.print("\n[bold]The first one whole[/]")
                out.print_json(json.dumps(events[0]))
                out.print("\n[bold]And back: what a consumer tells, the citizen hears[/]")
                for step in story.told_back(numbers[0]):
                    _print_step(step)
                    steps.append(step)
    if len(events) < len(numbers) or any(step.status >= 400 for step in steps):  # noqa: PLR2004
        raise click.ClickException("something did not come through")


def _print_step(step: Step) -> None:
    body = Text.assemble(
        ("-> ", "dim"), step.sent, "\n", (f"<- {step.status} ", "dim"), step.answer
    )
    out.print(Panel(body, title=step.title, title_align="left", border_style="dim"))
