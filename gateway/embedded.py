"""A kombu transport over the store's own SQLite file: `lapor+sqlite:////absolute/file.db`.

Importing this module registers it. kombu's own file, table and memory transports lose what a
killed consumer had not acknowledged (measured: 3 to 5 messages a kill), keep their bindings in one
process, and forget rejected messages; here messages are leased, bindings are rows, and a rejected
message goes to the dead queue. At least once: a consumer drops what it has seen, by message id.

Options, in the URL's query or in transport_options: `lease` (seconds, 60) and `delivery_limit`
(20); in transport_options also `polling_interval` (seconds, 0.05).
"""

from __future__ import annotations

import os
import time
import uuid
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from queue import Empty
from typing import Any

import kombu.transport
from kombu.exceptions import ChannelError
from kombu.transport import virtual
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from gateway import embedded_tables as tables
from gateway.embedded_tables import Leased
from gateway.store import Store
from gateway.tables import queue, queue_binding, queue_exchange, queue_message

MOST_LEASED = 100
ACKS_TOGETHER = 50
ACKS_WAIT = 0.2  # seconds
kombu.transport.TRANSPORT_ALIASES["lapor"] = "gateway.embedded:Transport"


class QoS(virtual.QoS):  # type: ignore[misc]
    """Acknowledges by lease; what is not acknowledged comes back when the lease ends."""

    def ack(self, delivery_tag: str) -> None:
        """Note the acknowledgement; it is written with its neighbours, within ACKS_WAIT."""
        self.channel.acknowledge(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give back, or send to the dead queue."""
        if requeue:
            self.channel.release([_lease(delivery_tag)], delivered=True)
        else:
            self.channel.reject(delivery_tag)
        self._quick_ack(delivery_tag)

    def restore_unacked_once(self, stderr: object = None) -> None:
        """Give back what is open. Failing is harmless: leases end.

        kombu's own version would then write the texts to a temporary file.
        """
        self._on_collect.cancel()
        self._flush()
        tags = list(self._delivered)
        self._delivered.clear()
        with suppress(OperationalError):
            self.channel.release([_lease(tag) for tag in tags], delivered=True)


class Channel(virtual.Channel):  # type: ignore[misc]
    """A virtual channel whose broker is a file."""

    QoS = QoS
    body_encoding = None  # the body is text; nothing to wrap

    def __init__(self, connection: Any, **kwargs: Any):
        super().__init__(connection, **kwargs)
        url = make_url(connection.client.hostname)
        options = {**url.query, **connection.client.transport_options}
        self._lease_for = timedelta(seconds=float(options.get("lease", 60)))
        self._delivery_limit = int(options.get("delivery_limit", 20))
        self._url = url.set(query={}).render_as_string(hide_password=False)
        self._opened: Store | None = None
        self._pid = 0
        self._leased: dict[str, deque[Leased]] = {}
        self._acks: list[tuple[int, uuid.UUID]] = []
        self._acks_written = time.monotonic()

    @property
    def store(self) -> Store:
        """Open the file, once in each process."""
        if self._opened is None or self._pid != os.getpid():
            self._opened, self._pid = Store(self._url), os.getpid()
        return self._opened

    # --- what a broker declares ----------------------------------------------------------

    def exchange_declare(
        self,
        exchange: str,
        type: str = "direct",
        passive: bool = False,
        **_: Any,
    ) -> None:
        """Add an exchange, or check the one there is."""
        with self.store.read() as connection:
            found = select(queue_exchange.c.type).where(queue_exchange.c.name == exchange)
            kind = connection.scalar(found)
        if kind is None and passive:
            raise ChannelError(f"NOT_FOUND - no exchange {exchange!r}", (40, 10), "declare", 404)
        if kind not in {None, type}:
            said = f"PRECONDITION_FAILED - exchange {exchange!r} is {kind}, not {type}"
            raise ChannelError(said, (40, 10), "declare", 406)
        if kind is None:
            self._insert(queue_exchange, name=exchange, type=type)

    def queue_bind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        """Bind for every process."""
        self._insert(queue_binding, queue=queue, exchange=exchange, routing_key=routing_key)

    def queue_unbind(self, queue: str, exchange: str = "", routing_key: str = "", **_: Any) -> None:
        """Unbind for every process."""
        of = queue_binding.c
        with self.store.write() as connection:
            connection.execute(
                delete(queue_binding).where(
                    of.queue == queue, of.exchange == exchange, of.routing_key == routing_key
                )
            )

    def queue_delete(
        self,
        queue: str,
        if_unused: bool = False,
        if_empty: bool = False,
        **_: Any,
    ) -> None:
        """Delete a queue with its bindings and messages."""
        if if_empty and self._size(queue):
            return
        with self.store.write() as connection:
            for table, column in _OF_A_QUEUE:
                connection.execute(delete(table).where(column == queue))

    def exchange_delete(self, exchange: str, **_: Any) -> None:
        """Delete an exchange with its bindings."""
        with self.store.write() as connection:
            connection.execute(delete(queue_binding).where(queue_binding.c.exchange == exchange))
            connection.execute(delete(queue_exchange).where(queue_exchange.c.name == exchange))

    def _new_queue(self, name: str, **kwargs: Any) -> None:
        dead = (kwargs.get("arguments") or {}).get("x-dead-letter-routing-key")
        self._insert(queue, name=name, dead=dead)

    def _has_queue(self, name: str, **_: Any) -> bool:
        with self.store.read() as connection:
            return connection.scalar(select(1).where(queue.c.name == name)) is not None

    def _size(self, name: str) -> int:
        with self.store.read() as connection:
            counted = select(func.count()).where(queue_message.c.queue == name)
            return connection.scalar(counted) or 0

    def _purge(self, name: str) -> int:
        with self.store.write() as connection:
            gone = delete(queue_message).where(queue_message.c.queue == name)
            return connection.execute(gone).rowcount

    def _insert(self, table: Any, **row: Any) -> None:
        with self.store.write() as connection:
            connection.execute(insert(table).values(**row).on_conflict_do_nothing())

    # --- publishing ----------------------------------------------------------------------

    def basic_publish(
        self, message: dict[str, Any], exchange: str, routing_key: str, **_: Any
    ) -> None:
        """Append to every bound queue in one transaction; raises Unroutable when there is none."""
        self._inplace_augment_message(message, exchange, routing_key)
        with self.store.write() as connection:
            names = tables.route(connection, exchange, routing_key)
            tables.put(connection, [(name, message) for name in names])

    def encode_body(self, body: Any, encoding: str | None = None) -> tuple[Any, str | None]:
        """Keep text as it is; bytes that are not text go as base64."""
        if isinstance(body, bytes):
            try:
                return body.decode(), None
            except UnicodeDecodeError:
                encoding = "base64"
        result: tuple[Any, str | None] = super().encode_body(body, encoding)
        return result

    # --- consuming -----------------------------------------------------------------------

    def _get(self, name: str, timeout: float | None = None) -> dict[str, Any]:
        waiting = self._leased.setdefault(name, deque())
        while True:
            if not waiting:
                self._write_acks()
                waiting.extend(self._lease_more(name))
            if not waiting:
                raise Empty
            leased = waiting.popleft()
            if leased.until > _now():  # else it is somebody else's by now
                return _message(leased)

    def _lease_more(self, name: str) -> list[Leased]:
        """Lease no more than prefetch allows, and take the write lock only if there is anything."""
        allowed = self.qos.can_consume_max_estimate()
        most = MOST_LEASED if allowed is None else min(allowed, MOST_LEASED)
        now = _now()
        with self.store.read() as connection:
            if not most or not tables.is_ready(connection, name, now):
                return []
        with self.store.write() as connection:
            return tables.lease(
                connection,
                name,
                most,
                now=now,
                until=now + self._lease_for,
                limit=self._delivery_limit,
            )

    def acknowledge(self, delivery_tag: str) -> None:
        """Note an acknowledgement, and write it when it is time."""
        self._acks.append(_lease(delivery_tag))
        if len(self._acks) >= ACKS_TOGETHER or time.monotonic() - self._acks_written > ACKS_WAIT:
            self._write_acks()

    def reject(self, delivery_tag: str) -> None:
        """Send a message to the dead queue."""
        with self.store.write() as connection:
            tables.reject(connection, *_lease(delivery_tag), "rejected by its consumer")

    def release(self, leases: list[tuple[int, uuid.UUID]], *, delivered: bool) -> None:
        """Give messages back at once."""
        if leases:
            with self.store.write() as connection:
                tables.release(connection, leases, delivered=delivered)

    def _restore(self, message: Any) -> None:
        self.release([_lease(message.delivery_tag)], delivered=True)

    _restore_at_beginning = _restore

    def _write_acks(self) -> None:
        self._acks_written = time.monotonic()
        if self._acks:
            acks, self._acks = self._acks, []
            with self.store.write() as connection:
                tables.acknowledge(connection, acks)

    def close(self) -> None:
        """Write what was acknowledged and give back the rest."""
        if not self.closed and self._opened is not None and self._pid == os.getpid():
            self._write_acks()
            unread = [(leased.id, leased.token) for of in self._leased.values() for leased in of]
            self.release(unread, delivered=False)
        super().close()


class Transport(virtual.Transport):  # type: ignore[misc]
    """kombu's way in."""

    Channel = Channel
    can_parse_url = True
    default_port = 0
    driver_type = "sql"
    driver_name = "lapor+sqlite"
    polling_interval = 0.05
    connection_errors = (*virtual.Transport.connection_errors, OperationalError)

    def driver_version(self) -> str:
        """Tell kombu's own version; the driver is this file."""
        return str(kombu.__version__)


_OF_A_QUEUE = (
    (queue_binding, queue_binding.c.queue),
    (queue_message, queue_message.c.queue),
    (queue, queue.c.name),
)


def _message(leased: Leased) -> dict[str, Any]:
    message = leased.payload
    properties = message["properties"]
    properties["delivery_tag"] = f"{leased.id}:{leased.token.hex}"
    properties["delivery_info"]["redelivered"] = leased.deliveries > 1
    if leased.reason:
        message["headers"]["x-first-death-reason"] = leased.reason  # as RabbitMQ names it
    return message


def _lease(delivery_tag: str) -> tuple[int, uuid.UUID]:
    message_id, _, token = delivery_tag.partition(":")
    return int(message_id), uuid.UUID(token)


def _now() -> datetime:
    return datetime.now(UTC)
