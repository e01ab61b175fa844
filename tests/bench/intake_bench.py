"""How fast messages are accepted, against the floor: alone, and with everything running."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

import servers
from load import Round, measure, median
from report import Table
from servers import Server

MARKS_ALONE = {"gthread": 0.18, "gevent": 0.28}
MARKS_SCALED = {"gthread": 0.16, "gevent": 0.25}
P99_MARK = 4.0
COLUMNS = ("", "req/s", "of the floor", "lowest-highest", "p50 ms", "p99 ms", "CPU µs a request")
Start = Callable[[], AbstractContextManager[Server]]
Tick = Callable[[], None]


def alone(worker_class: str, rounds: int, seconds: int, tick: Tick) -> Table:
    """Measure accept alone: nothing processes what comes in."""
    started = [
        lambda: servers.embedded(worker_class),
        lambda: servers.scaled(worker_class),
    ]
    found, table = _against_the_floor(worker_class, started, rounds, seconds, tick)
    table.name = f"accept-{worker_class}"
    table.title = f"Accept alone, {_described(worker_class)}"
    ratio = found["SQLite"].rate / found["floor"].rate
    table.mark("SQLite", ratio, MARKS_ALONE[worker_class])
    return table


def pipeline(worker_class: str, rounds: int, seconds: int, tick: Tick) -> Table:
    """Measure with everything running: worker, relay and consumer beside the web side."""
    started = [
        lambda: servers.scaled(worker_class, "relay", name="PostgreSQL, relay"),
        lambda: servers.scaled(worker_class, "work", "relay", name="PostgreSQL, work, relay"),
        lambda: servers.embedded(worker_class, "work", "consumer", name="SQLite, work, consumer"),
    ]
    found, table = _against_the_floor(worker_class, started, rounds, seconds, tick)
    table.name = f"pipeline-{worker_class}"
    table.title = f"Everything running, {_described(worker_class)}"
    for name in ("PostgreSQL, relay", "PostgreSQL, work, relay"):
        table.mark(name, found[name].rate / found["floor"].rate, MARKS_SCALED[worker_class])
        if worker_class == "gthread":
            p99 = found[name].p99 / found["floor"].p99
            table.mark(f"{name}: p99 ÷ the floor's p99", p99, P99_MARK, most=True)
    return table


def _against_the_floor(
    worker_class: str, started: Sequence[Start], rounds: int, seconds: int, tick: Tick
) -> tuple[dict[str, Round], Table]:
    """Measure in turn, round after round: what disturbs one disturbs all."""
    with ExitStack() as stack:
        running = [stack.enter_context(servers.floor(worker_class))]
        running += [stack.enter_context(start()) for start in started]
        measured: dict[str, list[Round]] = {server.name: [] for server in running}
        backlog: dict[str, float] = {}
        for _ in range(rounds):
            for server in running:
                measured[server.name].append(measure(server, seconds))
                if "work" in server.commands:
                    backlog[server.name] = settle(server)
                tick()
        found = {name: median(of) for name, of in measured.items()}
        table = Table("", "", COLUMNS)
        for server in running:
            _add(table, server, found, measured)
        _note(table, running, backlog)
        for server in running[1:]:
            servers.stop(server)
    return found, table


def settle(server: Server, within: float = 300.0) -> float:
    """Wait until everything accepted is published and consumed; gives the seconds it took."""
    began = time.monotonic()
    while not _is_settled(server):
        if time.monotonic() - began > within:
            raise SystemExit(f"{server.name}: the backlog is not gone after {within} s")
        time.sleep(0.2)
    return time.monotonic() - began


def _is_settled(server: Server) -> bool:
    text = server.gateway.get("/metrics").body.decode()
    waiting = ("lapor_pending 0.0", "lapor_outbox 0.0")
    return all(f"\n{line}\n" in text for line in waiting)


def _add(
    table: Table, server: Server, found: dict[str, Round], measured: dict[str, list[Round]]
) -> None:
    m, floor = found[server.name], found["floor"]
    ratios = [
        mine.rate / theirs.rate
        for mine, theirs in zip(measured[server.name], measured["floor"], strict=True)
    ]
    used = ("web", *server.commands, *_services(server))
    cpu = ", ".join(f"{name} {m.cpu[name]:,.0f}" for name in used)
    table.add(
        server.name,
        m.rate,
        f"{m.rate / floor.rate:.2f}",
        f"{min(ratios):.2f}-{max(ratios):.2f}",
        m.p50,
        m.p99,
        cpu,
    )


def _services(server: Server) -> list[str]:
    if server.gateway.settings.store_url.startswith("sqlite") or server.name == "floor":
        return []
    return ["PostgreSQL", *(["RabbitMQ"] if "relay" in server.commands else [])]


def _note(table: Table, running: Sequence[Server], backlog: dict[str, float]) -> None:
    memory = ", ".join(f"{server.name} {server.memory():.0f}" for server in running)
    table.notes.append(f"Memory of a web worker (USS, MB): {memory}")
    for name, seconds in backlog.items():
        table.notes.append(f"{name}: what waited after the last round was gone in {seconds:.1f} s")


def _described(worker_class: str) -> str:
    threads = " x 8" if worker_class == "gthread" else ""
    return f"{worker_class}{threads}, 2 processes, {servers.CONNECTIONS[worker_class]} connections"
