"""What looking for near copies costs, in multiples of one indexed point query, as the store grows.

Complaints in process are invented from templates and places, which share more keys than real ones
do. The first hundred thousand are opened as the gateway does; beyond, these are copied inside the
store, under keys of their own, so that a million take minutes. One lookup reads the keys of one
report, ranks, loads the five likeliest and judges them.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import services
from report import Table
from sqlalchemy import Connection, insert, select, text
from support import NOW

from gateway import matters, schema
from gateway.duplicates import Comparison, Said
from gateway.identity import Identity
from gateway.matters import Matter
from gateway.store import Store
from gateway.tables import number
from normalizer.fingerprint import MOST_KEYS, Words, fingerprint

MOST_GROWTH = 3.0
ASKED = 200
HOT = 64
TOGETHER = 2000
OPENED = 100_000
COPIED_TOGETHER = 20_000
_TEMPLATES = (
    "Lampu jalan di {street} RT {rt} RW {rw} Desa {village} padam {n} hari, mohon diperbaiki",
    "Jalan {street} Kelurahan {village} berlubang sedalam {n} cm, pengendara jatuh di RT {rt}",
    "Sampah menumpuk di {street} RW {rw} {village} tidak diangkut {n} minggu, bau sekali",
    "Air PDAM mati di Perumahan {street} Blok {block} {village} sejak {n} hari yang lalu",
    "Petugas kantor Desa {village} meminta uang {n} ribu untuk surat di {street} RT {rt}",
)
_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "ca",
    "da",
    "de",
    "ga",
    "gu",
    "ja",
    "ka",
    "ki",
    "la",
    "lo",
    "ma",
    "mi",
    "na",
    "ni",
    "pa",
    "ra",
    "ri",
    "sa",
    "su",
    "ta",
    "te",
    "wa",
]


def duplicates(rounds: int, sizes: tuple[int, ...], tick: Callable[[], None]) -> Table:
    """Measure both stores at each size."""
    table = Table(
        "duplicates",
        f"Looking for near copies among what is in process, medians of {ASKED} reports",
        ["store", "in process", "point query µs", "lookup and score µs", "times", "hot bucket µs"],
    )
    most_keys, filled = 0, 0
    times: dict[str, list[float]] = {}
    with _sqlite() as sqlite, _postgresql() as postgresql:
        stores = {"SQLite": sqlite, "PostgreSQL": postgresql}
        for size in sizes:
            opened = min(size, OPENED)
            most_keys = max(most_keys, _fill(stores.values(), filled, opened, tick))
            filled = opened
            for kind, store in stores.items():
                _multiply(store, opened, size, tick)
                _tidy(store)
                point, lookup, hot = _measure(store, opened, rounds, tick)
                times.setdefault(kind, []).append(lookup / point)
                table.add(kind, size, point * 1e6, lookup * 1e6, lookup / point, hot * 1e6)
    for kind, (first, *_, last) in times.items():
        what = f"{kind}: growth {sizes[0]:,} to {sizes[-1]:,}"
        table.mark(what, last / first, MOST_GROWTH, most=True)
    table.mark("key rows a root", most_keys, MOST_KEYS, most=True)
    return table


def _measure(
    store: Store, size: int, rounds: int, tick: Callable[[], None]
) -> tuple[float, float, float]:
    """Give seconds of a point query, of a lookup with scores, and of one in a hot bucket."""
    chance = random.Random(size)  # noqa: S311 - a bench's
    asked = [_report(chance.randrange(size), chance) for _ in range(ASKED)]
    said = [_said(f"Q{n}", words) for n, words in enumerate(asked)]
    hot = [_said(f"H{n}", _hot(n)) for n in range(ASKED)]
    points: list[float] = []
    lookups: list[float] = []
    hots: list[float] = []
    for _ in range(rounds):
        with store.read() as connection:
            points += [_timed(lambda: _point(connection, chance.randrange(size))) for _ in said]
        lookups += [_timed(lambda of=of: Comparison([of]).look_up(store)) for of in said]
        hots += [_timed(lambda of=of: Comparison([of]).look_up(store)) for of in hot]
        tick()
    return statistics.median(points), statistics.median(lookups), statistics.median(hots)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _point(connection: Connection, of: int) -> object:
    return connection.execute(
        select(number.c.status).where(number.c.number == f"N{of:010}")
    ).one_or_none()


def _said(of: str, words: Words) -> Said:
    return Said(Matter.of(of, fingerprint(words)), None, NOW)


# --- what is in process ------------------------------------------------------------------


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(3)).capitalize()


def _report(seed: int, again: random.Random | None = None) -> Words:
    chance = random.Random(seed)  # noqa: S311 - a bench's
    text = chance.choice(_TEMPLATES).format(
        street=f"Jl. {_name(chance)} {_name(chance)}",
        village=_name(chance),
        rt=chance.randrange(1, 20),
        rw=chance.randrange(1, 20),
        block=chance.choice("ABCDEF"),
        n=chance.randrange(2, 90),
    )
    return Words("", f"Tolong {text}" if again else text, "", "sms")


def _hot(seed: int) -> Words:
    chance = random.Random(-1 - seed)  # noqa: S311 - a bench's
    return Words(
        "", f"Banjir di Jl. Merdeka Barat Gambir setinggi {chance.randrange(20, 90)} cm", "", "sms"
    )


def _fill(stores: Collection[Store], first: int, last: int, tick: Callable[[], None]) -> int:
    """Open complaints as the gateway does; gives the most keys of one."""
    most = 0
    for start in range(first, last, TOGETHER):
        some = range(start, min(start + TOGETHER, last))
        made = [Matter.of(f"N{of:010}", fingerprint(_report(of))) for of in some]
        if start == 0:
            made[:HOT] = [Matter.of(f"N{n:010}", fingerprint(_hot(n))) for n in range(HOT)]
        most = max(most, *(len(of.keys) for of in made))
        for store in stores:
            with store.write() as connection:
                _insert(connection, made)
        tick()
    return most


_COPY = (
    """
    INSERT INTO number
        (number, root, status, claimed, confidential, repeats, received_at, updated_at)
    SELECT :name || substr(number, 3), :name || substr(number, 3), status, claimed, confidential,
        repeats, received_at, updated_at
    FROM number WHERE number >= :first AND number < :last
    """,
    """
    INSERT INTO matter (id, number, version, fingerprint, found_by)
    SELECT id + :shift, :name || substr(number, 3), version, fingerprint, found_by
    FROM matter WHERE number >= :first AND number < :last
    """,
    # The difference of OR and AND is XOR, which SQLite does not have.
    """
    INSERT INTO matter_key (key, matter_id)
    SELECT (k.key | :mask) - (k.key & :mask), k.matter_id + :shift
    FROM matter_key k JOIN matter m ON m.id = k.matter_id
    WHERE m.number >= :first AND m.number < :last
    """,
)


def _multiply(store: Store, opened: int, size: int, tick: Callable[[], None]) -> None:
    """Copy what is opened until there are `size`."""
    for copy, start in enumerate(range(opened, size, opened), start=1):
        last = min(opened, size - start)
        for place in range(0, last, COPIED_TOGETHER):
            some = {
                "name": f"C{copy}",
                "shift": copy * 10 * OPENED,
                "mask": copy * 0x0123_4567_89AB,
                "first": f"N{place:010}",
                "last": f"N{min(place + COPIED_TOGETHER, last):010}",
            }
            with store.write() as connection:
                for statement in _COPY:
                    connection.execute(text(statement), some)
            tick()


def _insert(connection: Connection, made: list[Matter]) -> None:
    connection.execute(
        insert(number),
        [
            {
                "number": of.number, "root": of.number, "status": "received", "claimed": False,
                "confidential": False, "repeats": 0, "received_at": NOW, "updated_at": NOW,
            }
            for of in made
        ],
    )  # fmt: skip
    matters.keep(connection, made, [of.number for of in made])


def _tidy(store: Store) -> None:
    """Do at once what a PostgreSQL server does by itself within minutes (autovacuum)."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE")
            )


@contextmanager
def _sqlite() -> Iterator[Store]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield stack.enter_context(_migrated(f"sqlite:///{Path(folder) / 'bench.db'}"))


@contextmanager
def _postgresql() -> Iterator[Store]:
    with ExitStack() as stack:
        url = stack.enter_context(services.fresh_database(services.postgres_url()))
        yield stack.enter_context(_migrated(url))


@contextmanager
def _migrated(url: str) -> Iterator[Store]:
    store = Store(url)
    schema.migrate(store, Identity("an identity key for a bench"))
    try:
        yield store
    finally:
        store.close_engine()
