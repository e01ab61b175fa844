"""The unified queue: its names and shape, how events get onto it, and how they are consumed.

Here and in the two transports (embedded, confirming) is all that knows kombu.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any

from kombu import Connection, Consumer, Exchange, Producer, Queue
from kombu.exceptions import KombuError
from sqlalchemy import Connection as StoreConnection

import gateway.embedded  # noqa: F401 - registers lapor+sqlite
from gateway import embedded_tables
from gateway.confirming import Unconfirmed
from gateway.envelope import CONTENT_TYPE, Envelope

EXCHANGE = "lapor"
COMPLAINTS = "lapor.complaints"
DEAD = "lapor.complaints.dead"
STATUS = "lapor.status"
STATUS_DEAD = "lapor.status.dead"
EMBEDDED = "lapor+sqlite:///"
WINDOW = 500  # events on their way at once: enough to keep a broker busy
HEARTBEAT = 20  # seconds; a peer that is gone is noticed within two of them
CONNECT_TIMEOUT = 5  # seconds
_EXCHANGE = Exchange(EXCHANGE, type="topic", durable=True)
# Looking at a dead letter counts as a delivery: without this, RabbitMQ 4 drops it after twenty.
_UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as a consumer receives it."""

    message_id: str
    body: str
    content_type: str
    died_of: str | None  # why it is a dead letter, where it is one
    acknowledge: Callable[[], None]
    reject: Callable[[], None]


class _Connection(Connection):  # type: ignore[misc]
    """Ends in good order, or at once when the connection failed.

    kombu would take leave of a peer that is frozen, and wait for its answer twice.
    """

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, (*self.connection_errors, Unconfirmed)) and self.connected:
            self.collect()
        super().__exit__(kind, error, trace)


def connect(url: str, **transport_options: Any) -> Connection:
    """Open a connection as any consumer would: only the URL says which broker."""
    if is_embedded(url):
        return Connection(url, transport_options=transport_options)
    return _Connection(
        url,
        heartbeat=HEARTBEAT,
        connect_timeout=CONNECT_TIMEOUT,
        transport_options={"read_timeout": 10, "write_timeout": 10, **transport_options},
    )


def connect_to_publish(url: str) -> Connection:
    """Open a connection to a broker whose producers publish in confirmed batches."""
    kind = "SSLTransport" if url.startswith("amqps:") else "Transport"
    return _Connection(
        url,
        transport=f"gateway.confirming:{kind}",
        heartbeat=HEARTBEAT,
        connect_timeout=CONNECT_TIMEOUT,
        transport_options={"read_timeout": 10, "write_timeout": 10},
    )


def connect_now(connection: Connection) -> None:
    """Connect or fail: kombu would rest two seconds and try again, and nothing could stop it."""
    connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)


def drain(connection: Connection, seconds: float) -> None:
    """Let come what comes within so many seconds; both sides notice when the other is gone."""
    with suppress(TimeoutError):
        connection.drain_events(timeout=seconds)
    if connection.heartbeat:
        connection.heartbeat_check()


def is_embedded(url: str) -> bool:
    """Tell the queue in the store's file from a broker."""
    return url.startswith("lapor+")


def declare(connection: Connection) -> None:
    """Make the exchange and the queues; nothing changes where they are.

    Quorum queues, so that a confirm means a majority has it; a dead letter is moved only when the
    dead queue has it; a full queue refuses instead of forgetting. All of it is spelled out, since
    the defaults differ between versions of RabbitMQ.
    """
    channel = connection.channel()
    for dead in (DEAD, STATUS_DEAD):
        _quorum(dead, {"x-delivery-limit": _UNLIMITED})(channel).declare()
    _EXCHANGE(channel).declare()
    _quorum(COMPLAINTS, _dying_into(DEAD), exchange=_EXCHANGE, routing_key="#")(channel).declare()
    _quorum(STATUS, _dying_into(STATUS_DEAD))(channel).declare()
    channel.close()


def _dying_into(dead: str) -> dict[str, Any]:
    return {
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def _quorum(name: str, arguments: dict[str, Any], **binding: Any) -> Queue:
    of = {"x-queue-type": "quorum", **arguments}
    return Queue(name, durable=True, queue_arguments=of, **binding)


def publish(producer: Producer, envelopes: Sequence[Envelope]) -> None:
    """Publish events and wait until the broker has them all.

    Raises confirming.PublishRefused with those it did not take, and anything of the connection.
    """
    with producer.batch(max_size=WINDOW):
        for envelope in envelopes:
            producer.publish(
                envelope.body,
                exchange=EXCHANGE,
                routing_key=envelope.type,
                content_type=CONTENT_TYPE,
                content_encoding="utf-8",
                delivery_mode=2,
                mandatory=True,
                message_id=str(envelope.id),
            )


def consume(
    connection: Connection, take: Callable[[Delivery], None], *, name: str = COMPLAINTS
) -> Consumer:
    """Start consuming; `take` must acknowledge or reject. Drive it with `drain_events`."""

    def received(message: Any) -> None:
        take(_delivery(message))

    channel = connection.channel()
    channel.basic_qos(0, 50, False)
    # The queue is declared by a migration, or by whoever owns the broker: a consumer only reads.
    consumer = Consumer(
        channel,
        [Queue(name, no_declare=True)],
        on_message=received,
        # A compression nobody knows: kombu would raise, and the next consumer die of it too.
        on_decode_error=lambda message, _: received(message),
    )
    consumer.consume()
    return consumer


def depths(url: str) -> dict[str, int]:
    """Count what waits in each queue of a broker. Raises one of BROKER_ERRORS."""
    with connect(url) as connection:
        channel = connection.channel()
        return {
            name: channel.queue_declare(name, passive=True).message_count
            for name in (COMPLAINTS, DEAD, STATUS, STATUS_DEAD)
        }


@contextmanager
def peek(url: str, name: str, most: int | None) -> Iterator[Iterator[Delivery]]:
    """Look at the oldest messages of a queue, one after the other; None looks at all.

    What is not acknowledged is given back. What comes to the queue meanwhile is not looked at.
    """
    with connect(url) as connection:
        channel = connection.channel()
        there = channel.queue_declare(name, passive=True).message_count
        found = iter(partial(channel.basic_get, name), None)
        some = islice(found, there if most is None else min(most, there))
        yield (_delivery(channel.message_to_python(message)) for message in some)


@contextmanager
def sending(url: str) -> Iterator[Callable[[str, Delivery], None]]:
    """Give what puts a message on a queue and returns when it is there."""
    connecting = connect(url) if is_embedded(url) else connect_to_publish(url)
    with connecting as connection:
        producer = connection.Producer(auto_declare=False)

        def send(name: str, message: Delivery) -> None:
            with producer.batch(max_size=1):
                producer.publish(
                    message.body,
                    exchange="",
                    routing_key=name,
                    content_type=message.content_type,
                    content_encoding="utf-8",
                    delivery_mode=2,
                    mandatory=True,
                    message_id=message.message_id,
                )

        yield send


def _delivery(message: Any) -> Delivery:
    body = (
        message.body.decode("utf-8", "replace") if isinstance(message.body, bytes) else message.body
    )
    return Delivery(
        message_id=message.properties.get("message_id", ""),
        body=body,
        content_type=message.content_type or CONTENT_TYPE,
        died_of=(message.headers or {}).get("x-first-death-reason"),
        acknowledge=message.ack,
        reject=message.reject,
    )


BROKER_ERRORS: tuple[type[Exception], ...] = (
    *Connection("amqp://").connection_errors,
    *Connection("amqp://").channel_errors,
    KombuError,
)


class RelayedOutbox:
    """Leaves events to the relay: what is not published yet is the outbox."""

    def publish(
        self,
        connection: StoreConnection,  # noqa: ARG002 - the embedded queue needs it
        envelopes: Sequence[Envelope],  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> datetime | None:
        """Do nothing: the log itself is read by the relay."""
        return None


class EmbeddedOutbox:
    """Publishes by the transaction that makes the event: the embedded queue is in the same file."""

    def publish(
        self, connection: StoreConnection, envelopes: Sequence[Envelope], now: datetime
    ) -> datetime | None:
        """Append events to every bound queue; gives the time they count as published."""
        kinds = {envelope.type for envelope in envelopes}
        routes = {kind: embedded_tables.route(connection, EXCHANGE, kind) for kind in kinds}
        embedded_tables.put(
            connection,
            [(name, _message(sealed)) for sealed in envelopes for name in routes[sealed.type]],
        )
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
