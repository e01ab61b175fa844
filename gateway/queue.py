"""The unified queue: its names, how events get onto it, and how they are consumed.

Here and in the embedded transport is all that knows kombu.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kombu import Connection, Consumer, Queue
from sqlalchemy import Connection as StoreConnection

import gateway.embedded  # noqa: F401 - registers lapor+sqlite
from gateway import embedded_tables
from gateway.envelope import CONTENT_TYPE, Envelope

EXCHANGE = "lapor"
COMPLAINTS = "lapor.complaints"
DEAD = "lapor.complaints.dead"
STATUS = "lapor.status"
EMBEDDED = "lapor+sqlite:///"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as a consumer receives it."""

    message_id: str
    body: str
    acknowledge: Callable[[], None]
    reject: Callable[[], None]


def connect(url: str, **transport_options: Any) -> Connection:
    """Open a connection as any consumer would: only the URL says which broker."""
    return Connection(url, transport_options=transport_options)


def consume(
    connection: Connection, take: Callable[[Delivery], None], *, name: str = COMPLAINTS
) -> Consumer:
    """Start consuming; `take` must acknowledge or reject. Drive it with `drain_events`."""

    def received(message: Any) -> None:
        body = message.body.decode() if isinstance(message.body, bytes) else message.body
        message_id = message.properties.get("message_id", "")
        take(Delivery(message_id, body, message.ack, message.reject))

    channel = connection.channel()
    channel.basic_qos(0, 50, False)
    # The queue is declared by a migration, or by whoever owns the broker: a consumer only reads.
    consumer = Consumer(channel, [Queue(name, no_declare=True)], on_message=received)
    consumer.consume()
    return consumer


class EmbeddedOutbox:
    """Publishes by the transaction that makes the event: the embedded queue is in the same file."""

    def publish(
        self, connection: StoreConnection, envelopes: Sequence[Envelope], now: datetime
    ) -> datetime | None:
        """Append events to every bound queue; gives the time they count as published."""
        for envelope in envelopes:
            queues = embedded_tables.route(connection, EXCHANGE, envelope.type)
            embedded_tables.put(connection, queues, [_message(envelope)])
        return now


def _message(envelope: Envelope) -> dict[str, Any]:
    """Spell an event as kombu's virtual transports keep a message."""
    return {
        "body": envelope.body,
        "content-encoding": "utf-8",
        "content-type": CONTENT_TYPE,
        "headers": {},
        "properties": {
            "message_id": str(envelope.id),
            "delivery_mode": 2,
            "delivery_info": {"exchange": EXCHANGE, "routing_key": envelope.type},
            "delivery_tag": str(envelope.id),
            "body_encoding": None,
            "priority": 0,
        },
    }
