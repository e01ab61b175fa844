"""What the commands share: settings, errors, and how things are printed."""

from __future__ import annotations

import json
import logging
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

import click
import structlog
from rich.console import Console
from rich.progress import track
from rich.table import Column
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from config.secrets import SettingsError
from config.settings import load
from gateway import queue, schema
from gateway.assembly import Gateway, assemble, require_ready, utc_now

_SPAN = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
out = Console(highlight=False)
T = TypeVar("T")


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


def assembled() -> Gateway:
    """Assemble for a command: its own output is its log, so events are not shown."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    return assemble(load())


def ready_gateway() -> Gateway:
    """Assemble, and refuse a store that is behind or another's."""
    with plain_errors():
        gateway = assembled()
        require_ready(gateway)
    return gateway


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what is wrong in a sentence, without a trace."""
    try:
        yield
    except (SettingsError, schema.SchemaBehind, schema.WrongIdentityKey, TimeoutError) as exc:
        raise click.ClickException(str(exc)) from exc
    except queue.BROKER_ERRORS as exc:
        raise click.ClickException(f"the broker: {exc}") from exc
    except SQLAlchemyError as exc:
        raise click.ClickException(f"the store: {getattr(exc, 'orig', exc)}".strip()) from exc


def id_column() -> Column:
    """Head the ids, which are there to be copied: never cut, however narrow the terminal."""
    return Column("id", no_wrap=True)


def nothing(wanted: object) -> NoReturn:
    """Fail: there is no such thing."""
    raise click.ClickException(f"nothing has the id {wanted}")


def stop_quietly() -> None:
    """End at SIGTERM and Ctrl-C without a trace."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))


def progress(items: Iterable[T], title: str, total: int | None = None) -> Iterator[T]:
    """Show a progress bar, on a terminal only."""
    bar = Console(stderr=True)
    if not bar.is_terminal:
        yield from items
        return
    yield from track(items, description=title, total=total, console=bar)


def settings_lines(shown: Any, path: str = "") -> Iterator[str]:
    """Spell settings one a line, with their dotted names."""
    for key, value in shown.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from settings_lines(value, here)
        else:
            yield f"{here} = {json.dumps(value, default=str, ensure_ascii=False)}"


def print_event(event: dict[str, Any], *, as_json: bool) -> None:
    """Print an event whole, or in one line for people."""
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
