"""`make bench`: what the gateway does, as ratios to what a bare Flask does in the same run.

The figures that count are ratios within a run: these machines differ by a factor of three from
day to day. Interleaved rounds, medians; database, broker and load generator on the same cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import duplicates_bench
import growth_bench
import intake_bench
import reading_bench
import relay_bench
import report
import soak_bench
from report import Table
from rich.console import Console
from rich.progress import Progress

Tick = Callable[[], None]
WORKER_CLASSES = ("gthread", "gevent")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("what", nargs="*", metavar="WHAT", default=[])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5, help="of each round")
    arguments.add_argument("--minutes", type=int, default=10, help="of the soak")
    arguments.add_argument("--events", type=int, default=20_000, help="that the relay publishes")
    arguments.add_argument("--sizes", type=int, nargs=2, default=(10_000, 1_000_000))
    arguments.add_argument("--write", action="store_true", help="into docs/performance.md")
    given = arguments.parse_args()
    console = Console()
    console.print(_machine())
    missed = False
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("measuring", total=None)
        for what in given.what or list(_WHAT):
            for table in _WHAT[what](given, lambda: progress.advance(task)):
                table.notes.append(f"{datetime.now(UTC):%Y-%m-%d}, `{_command(what)}`")
                report.show(console, table)
                missed |= table.missed
                if given.write:
                    report.write(table)
    sys.exit(missed)


def _accept(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    for worker_class in WORKER_CLASSES:
        yield intake_bench.alone(worker_class, given.rounds, given.seconds, tick)


def _pipeline(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    for worker_class in WORKER_CLASSES:
        yield intake_bench.pipeline(worker_class, given.rounds, given.seconds, tick)


def _relay(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    yield relay_bench.relay_alone(given.rounds, given.events, tick)


def _reading(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    yield reading_bench.reading(given.rounds, tick)


def _growth(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    yield growth_bench.growth(given.rounds, given.seconds, tuple(given.sizes), tick)


def _duplicates(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    small, large = given.sizes
    sizes = tuple(sorted({small, min(100_000, large), large}))
    yield duplicates_bench.duplicates(given.rounds, sizes, tick)


def _soak(given: argparse.Namespace, tick: Tick) -> Iterator[Table]:
    yield soak_bench.soak(given.minutes, tick)


_WHAT = {
    "accept": _accept,
    "pipeline": _pipeline,
    "relay": _relay,
    "reading": _reading,
    "growth": _growth,
    "duplicates": _duplicates,
    "soak": _soak,
}


def _command(what: str) -> str:
    return f"make bench WHAT={what}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
