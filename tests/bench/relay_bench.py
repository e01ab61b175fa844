"""How fast the relay publishes, against the two ways it could have been done."""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import services
import uuid6
from kombu import Connection
from report import Table
from sqlalchemy import delete, insert
from support import a_message

from gateway import queue, schema
from gateway.envelope import CONTENT_TYPE, RECEIVED, Envelope, seal
from gateway.identity import Identity
from gateway.relay import Relay
from gateway.store import Store
from gateway.tables import event
from normalizer.normalize import normalize
from normalizer.schema import dump

MARK_OF_UNCONFIRMED, MARK_OF_ONE_BY_ONE = 0.6, 10.0
ONE_BY_ONE = 1000  # messages, since it is slow


def relay_alone(rounds: int, events: int, tick: Callable[[], None]) -> Table:
    """Publish the same events in three ways, in turn."""
    rates: dict[str, list[float]] = {"unconfirmed": [], "relay": [], "one by one": []}
    with (
        services.fresh_database(services.postgres_url()) as store_url,
        services.fresh_vhost(services.amqp_url()) as queue_url,
    ):
        store = Store(store_url)
        schema.migrate(store, Identity("an identity key for benches"))
        with queue.connect(queue_url) as connection:
            queue.declare(connection)
        envelopes = [an_envelope() for _ in range(events)]
        ways = {
            "unconfirmed": lambda: _plain(queue_url, envelopes),
            "relay": lambda: _relay(store, queue_url, envelopes),
            "one by one": lambda: _plain(queue_url, envelopes[:ONE_BY_ONE], confirm_publish=True),
        }
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(way())
                services.purge(queue_url, queue.COMPLAINTS)
                tick()
        store.close_engine()
    return _table({name: statistics.median(of) for name, of in rates.items()}, envelopes, rates)


def an_envelope() -> Envelope:
    """Make an event as an SMS makes it."""
    record = dump(normalize(a_message(), number="0000-000-000", reporter_ref=uuid.uuid4().hex * 2))
    return seal(
        record | {"number": uuid.uuid4().hex[:12]},
        kind=RECEIVED,
        event_id=uuid6.uuid7(),
        public_url="https://lapor.example",
        now=datetime.now(UTC),
    )


def _plain(url: str, envelopes: list[Envelope], **options: bool) -> float:
    """Publish with kombu as it comes; gives messages a second."""
    with Connection(url, transport_options=options) as connection:
        producer = connection.Producer(auto_declare=False)
        began = time.perf_counter()
        for sealed in envelopes:
            producer.publish(
                sealed.body,
                exchange=queue.EXCHANGE,
                routing_key=sealed.type,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                delivery_mode=2,
                mandatory=True,
                message_id=str(sealed.id),
            )
        producer.channel.close()  # the broker answers when it has read all of them
        return len(envelopes) / (time.perf_counter() - began)


def _relay(store: Store, url: str, envelopes: list[Envelope]) -> float:
    """Let the relay work off an outbox: reading, publishing, confirms and marks."""
    now = datetime.now(UTC)
    rows = [
        {name: getattr(sealed, name) for name in ("id", "number", "revision", "type", "body")}
        | {"created_at": now}
        for sealed in envelopes
    ]
    with store.write() as connection:
        connection.execute(delete(event))
        connection.execute(insert(event), rows)
    relay = Relay(store, url, clock=lambda: datetime.now(UTC))
    with queue.connect_to_publish(url) as connection:
        producer = connection.Producer(auto_declare=False)
        began = time.perf_counter()
        done = 0
        while more := relay.run_once(producer):
            done += more
        assert done == len(envelopes)
        return done / (time.perf_counter() - began)


def _table(
    median: dict[str, float], envelopes: list[Envelope], rates: dict[str, list[float]]
) -> Table:
    size = len(envelopes[0].body.encode())
    table = Table(
        "relay",
        f"Publishing {len(envelopes):,} events of {size:,} bytes to a quorum queue",
        ("", "events/s", "lowest-highest"),
    )
    said = {
        "unconfirmed": "kombu without confirms (may lose them)",
        "relay": "the relay: from the outbox, confirmed, marked",
        "one by one": "kombu, one confirm a message",
    }
    for name, what in said.items():
        table.add(what, median[name], f"{min(rates[name]):,.0f}-{max(rates[name]):,.0f}")
    table.mark("relay ÷ unconfirmed", median["relay"] / median["unconfirmed"], MARK_OF_UNCONFIRMED)
    table.mark("relay ÷ one by one", median["relay"] / median["one by one"], MARK_OF_ONE_BY_ONE)
    return table
