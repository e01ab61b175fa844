"""Ten minutes of steady load on everything: does anything grow that should not?"""

from __future__ import annotations

from collections.abc import Callable

import psutil
import servers
from intake_bench import settle
from load import Round, measure
from report import Table
from servers import Server

SLICE = 60  # seconds
COMMANDS = ("work", "relay", "feedback", "consumer")
MOST_GROWTH = 1.25


def soak(minutes: int, tick: Callable[[], None]) -> Table:
    """Load at a steady pace, minute by minute."""
    table = Table(
        "soak",
        f"{minutes} minutes of steady load, gevent, PostgreSQL and RabbitMQ",
        ("minute", "req/s", "p50 ms", "p99 ms", "web MB", *(f"{name} MB" for name in COMMANDS)),
    )
    with servers.scaled("gevent", *COMMANDS) as server:
        measure(server, 10)  # what is loaded lazily is loaded now
        slices = []
        memory = []
        for minute in range(1, minutes + 1):
            slices.append(measure(server, SLICE, connections=16, pause_ms=100))
            memory.append(_memory(server))
            table.add(str(minute), *_cells(slices[-1]), *memory[-1])
            tick()
        seconds = settle(server)
        table.notes.append(f"Everything was published {seconds:.1f} s after the last request")
        servers.stop(server)
    growth = max(last / first for first, last in zip(memory[0], memory[-1], strict=True))
    table.mark("memory at the end ÷ after a minute, the worst", growth, MOST_GROWTH, most=True)
    return table


def _cells(of: Round) -> tuple[float, float, float]:
    return of.rate, of.p50, of.p99


def _memory(server: Server) -> list[float]:
    processes = [psutil.Process(server.gateway.processes[command].pid) for command in COMMANDS]
    return [server.memory(), *(p.memory_full_info().uss / 2**20 for p in processes)]
