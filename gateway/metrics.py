"""What Prometheus reads at `/metrics`.

Counts and gauges come from the store at the time of asking: right under any number of workers and
machines, and the same on each (so take their maximum, not their sum). How long requests took is
counted by the web workers, in files that prometheus_client shares between the workers of one
machine: its folder is in PROMETHEUS_MULTIPROC_DIR, set by gunicorn.conf.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from gateway import counters, cursors, facts, lost, queue, unheard
from gateway.lines import Waiting
from gateway.store import Clock, Store, name_of
from gateway.tables import PARKED, PENDING, REFUSED, UNPUBLISHED, event, journal, quarantine

log = structlog.get_logger()
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_ours = CollectorRegistry()
REQUEST_SECONDS = Histogram(
    "lapor_request_seconds",
    "From a request's last byte to its answer, by source",
    ["source"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_ours,
)
GROUP_SIZE = Histogram(
    "lapor_group_size",
    "Units committed together",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=_ours,
)
REFUSED_REQUESTS = Counter(
    "lapor_refused", "Requests refused, by source and status", ["source", "status"], registry=_ours
)
# Counters in the store: name there, metric, help, and what is before and after the last ":".
_COUNTERS = (
    ("accepted", "lapor_accepted", "Messages accepted", ("source", "kind")),
    ("outcomes", "lapor_outcomes", "Journal rows settled by processing", ("outcome",)),
    ("published", "lapor_published", "Events on the queue, confirmed", ("by",)),
    ("feedback", "lapor_feedback", "Status events of consumers", ("consumer", "verdict")),
    ("mentions_alarms", "lapor_mentions_alarms", "Pulls that may have missed some", ("source",)),
    ("replies", "lapor_replies", "What became of replies said by ourselves", ("source", "result")),
    ("media", "lapor_media", "What became of files at providers", ("source", "result")),
    ("timed_out", "lapor_timed_out", "Complaints closed for want of feedback", ()),
)


def exposition(store: Store, clock: Clock) -> bytes:
    """Write everything in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(store, clock))
    shared = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))  # prometheus_client's own variable
    if shared:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return bytes(generate_latest(registry))
    return bytes(generate_latest(registry) + generate_latest(_ours))


class _StoreCollector:
    def __init__(self, store: Store, clock: Clock):
        self._store = store
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Say nothing before being asked: the store may be away."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read the store once."""
        found: list[Metric] = []
        try:
            with self._store.read() as connection:
                found = [*_counted(connection), *_gauges(connection, self._clock())]
        except (SQLAlchemyError, OSError) as exc:
            log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
        yield _gauge("lapor_store_up", "Whether the store could be read", float(bool(found)))
        yield from found


def _counted(connection: Connection) -> Iterator[Metric]:
    totals = counters.totals(connection)
    for name, metric, said, labels in _COUNTERS:
        family = CounterMetricFamily(metric, said, labels=labels)
        for (of_name, of), value in sorted(totals.items()):
            if of_name == name:
                family.add_metric(of.rsplit(":", 1) if labels else [], value)
        yield family


def _gauges(connection: Connection, now: datetime) -> Iterator[Metric]:
    pending = _waiting(connection, journal, PENDING, "received_at", now)
    outbox = _waiting(connection, event, UNPUBLISHED, "created_at", now)
    for name, what, (count, age) in (
        ("lapor_pending", "Accepted messages waiting for a worker", pending),
        ("lapor_outbox", "Events waiting for publication", outbox),
    ):
        yield _gauge(name, what, count)
        yield _gauge(f"{name}_age_seconds", f"{what}: age of the oldest", age)
    for name, what, table, where in (
        ("lapor_parked", "Messages nobody could read or process", journal, PARKED),
        (
            "lapor_quarantined",
            "Requests in quarantine",
            quarantine,
            quarantine.c.released_at.is_(None),
        ),
    ):
        yield _gauge(name, what, _count(connection, table, where))
    yield from _queues(connection)
    yield _pulled(connection, now)
    yield from _replies(connection, now)
    yield from _in_line("lapor_media", "Files to be fetched", lost.waiting(connection, now))
    account = facts.read_unaccounted(connection)
    if account is not None:
        count, checked_at = account
        yield _gauge("lapor_unaccounted", "Acknowledged numbers that lead nowhere", count)
        yield _gauge(
            "lapor_unaccounted_checked_timestamp_seconds",
            "When that was last checked",
            checked_at.timestamp(),
        )


def _pulled(connection: Connection, now: datetime) -> Metric:
    said = "Seconds since a source that is pulled was last read"
    ages = GaugeMetricFamily("lapor_poll_age_seconds", said, labels=["source"])
    for source, moved_at in cursors.moved_at(connection):
        ages.add_metric([source], max(0.0, (now - moved_at).total_seconds()))
    return ages


def _replies(connection: Connection, now: datetime) -> Iterator[Metric]:
    said = "Replies that wait to be said"
    yield from _in_line("lapor_replies", said, unheard.waiting(connection, now))
    dead = GaugeMetricFamily("lapor_replies_unheard", "Replies nobody heard", labels=["source"])
    for source, count in unheard.counted(connection).items():
        dead.add_metric([source], count)
    yield dead


def _in_line(name: str, said: str, waiting: Sequence[Waiting]) -> Iterator[Metric]:
    counts = GaugeMetricFamily(f"{name}_waiting", said, labels=["source"])
    ages = GaugeMetricFamily(f"{name}_age_seconds", f"{said}: age of the oldest", labels=["source"])
    for one in waiting:
        counts.add_metric([one.source], one.count)
        ages.add_metric([one.source], one.oldest.total_seconds())
    yield from (counts, ages)


def _queues(connection: Connection) -> Iterator[Metric]:
    depths = facts.read_depths(connection)
    waiting = GaugeMetricFamily("lapor_queued", "Messages on the queues", labels=["queue"])
    for name in (queue.COMPLAINTS, queue.STATUS):
        waiting.add_metric([name], depths.get(name, 0))
    yield waiting
    said = "Events that consumers gave up, or that the broker refuses for ever"
    dead = GaugeMetricFamily("lapor_dead_letters", said, labels=["where"])
    dead.add_metric(["outbox"], _count(connection, event, REFUSED))
    for name in (queue.DEAD, queue.STATUS_DEAD):
        dead.add_metric([name], depths.get(name, 0))
    yield dead


def _waiting(
    connection: Connection, table: Table, where: Any, since: str, now: datetime
) -> tuple[float, float]:
    """Count what waits, and tell how many seconds the oldest has waited."""
    oldest = select(table.c[since]).where(where).order_by(table.c.id).limit(1)
    first = connection.scalar(oldest)
    age = max(0.0, (now - first).total_seconds()) if first else 0.0
    return _count(connection, table, where), age


def _count(connection: Connection, table: Table, where: Any) -> float:
    return float(connection.scalar(select(func.count()).select_from(table).where(where)) or 0)


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)
