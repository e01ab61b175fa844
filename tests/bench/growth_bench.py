"""How much slower accept is with a million complaints in the store than with ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import servers
from load import Round, measure, median
from report import Table
from servers import Server
from sqlalchemy import Connection, text

from gateway.store import Store

MARKS = {"SQLite": 0.8, "PostgreSQL": 0.9}
# Complaints as the gateway would have left them: keys and fingerprints spread over their indexes,
# texts of the usual length. Made by the database itself, or filling would take longer than testing.
_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM s"
    " WHERE n < :last) SELECT n FROM s",
    "postgresql": "SELECT n FROM generate_series(CAST(:first AS bigint), :last) AS s(n)",
}
_RANDOM = {
    "sqlite": {"bytes": "randomblob(32)", "hex": "lower(hex(randomblob(16)))"},
    "postgresql": {
        "bytes": "sha256(CAST(n || random()::text AS bytea))",
        "hex": "md5(n || random()::text)",
    },
}
# uuid7 of increasing times, long ago.
_ID = {
    "sqlite": "printf('0190%08x7000800000000000%04x', n, n % 65536)",
    "postgresql": "CAST('0190' || lpad(to_hex(n), 8, '0') || '70008000'"
    " || lpad(to_hex(n), 12, '0') AS uuid)",
}
_NUMBER = {
    "sqlite": "printf('F%07X-%03X', n, n % 4096)",
    "postgresql": "'F' || lpad(upper(to_hex(n)), 7, '0') || '-' || lpad(to_hex(n % 4096), 3, '0')",
}
_FILL = """
INSERT INTO {table} ({columns}) SELECT {values} FROM ({series}) AS series
"""


def growth(rounds: int, seconds: int, sizes: tuple[int, int], tick: Callable[[], None]) -> Table:
    """Measure both databases at both sizes, in turn."""
    small, large = sizes
    table = Table(
        "growth",
        f"Accept as the store grows, gthread x 8, 2 processes, 32 connections, {rounds} rounds",
        ("", f"req/s at {small:,}", f"req/s at {large:,}", "ratio", "p99 ms small, large"),
    )
    kinds: dict[str, Callable[..., AbstractContextManager[Server]]] = {
        "SQLite": servers.embedded,
        "PostgreSQL": servers.scaled,
    }
    for kind, start in kinds.items():
        at = _measure(start, rounds, seconds, sizes, tick)
        ratio = at[large].rate / at[small].rate
        p99 = f"{at[small].p99:.0f}, {at[large].p99:.0f}"
        table.add(kind, at[small].rate, at[large].rate, f"{ratio:.2f}", p99)
        table.mark(kind, ratio, MARKS[kind])
    return table


def _measure(
    start: Callable[..., AbstractContextManager[Server]],
    rounds: int,
    seconds: int,
    sizes: tuple[int, int],
    tick: Callable[[], None],
) -> dict[int, Round]:
    with ExitStack() as stack:
        running = {}
        for size in sizes:
            server = stack.enter_context(start("gthread", name=f"{size:,}"))
            fill(server.gateway.settings.store_url, size)
            running[size] = server
            tick()
        measured: dict[int, list[Round]] = {size: [] for size in sizes}
        for _ in range(rounds):
            for size, server in running.items():
                measured[size].append(measure(server, seconds))
                tick()
        for server in running.values():
            servers.stop(server)
    return {size: median(of) for size, of in measured.items()}


def fill(store_url: str, rows: int, at_once: int = 100_000) -> None:
    """Put complaints into a store: processed, published, in process."""
    store = Store(store_url, patience=None)
    for first in range(1, rows + 1, at_once):
        with store.write() as connection:
            _fill(connection, first, min(first + at_once - 1, rows))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    store.close_engine()


def _fill(connection: Connection, first: int, last: int) -> None:
    kind = connection.dialect.name
    now = "CURRENT_TIMESTAMP"
    own, number, random = _ID[kind], _NUMBER[kind], _RANDOM[kind]
    message = '\'{"text": "\' || ' + " || ".join([random["hex"]] * 12) + " || '\"}'"
    if kind == "postgresql":
        message = f"CAST({message} AS json)"
    body = " || ".join([random["hex"]] * 50)
    true, false = ("true", "false")
    for table, values in {
        "delivery": {
            "source": "'twilio'",
            "key": f"'SM' || {random['hex']}",
            "journal_id": own,
            "kind": "'new'",
            "number": number,
            "status": "'received'",
            "received_at": now,
        },
        "number": {
            "number": number,
            "root": number,
            "status": "'received'",
            "reporter": random["bytes"],
            "fingerprint": random["bytes"],
            "claimed": true,
            "confidential": false,
            "repeats": "0",
            "received_at": now,
            "updated_at": now,
        },
        "journal": {
            "id": own,
            "source": "'twilio'",
            "number": number,
            "message": message,
            "received_at": now,
            "intent": "'complaint'",
            "outcome": "'published'",
            "attempts": "1",
        },
        "event": {
            "id": own,
            "number": number,
            "revision": "1",
            "type": "'id.lapor.complaint.received.v1'",
            "body": body,
            "created_at": now,
            "published_at": now,
        },
        "complaint": {
            "number": number,
            "revision": "1",
            "record": message,
            "journal_id": own,
            "updated_at": now,
        },
    }.items():
        statement = _FILL.format(
            table=table,
            columns=", ".join(values),
            values=", ".join(values.values()),
            series=_SERIES[kind],
        )
        connection.execute(text(statement), {"first": first, "last": last})
