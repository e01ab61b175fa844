"""The embedded queue's tables: routing, leases and dead letters, inside the caller's transaction.

Processing writes here in its own transaction, so an event is published by the commit that made
it; the kombu transport in `gateway.embedded` reads the same rows.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from gateway.tables import queue, queue_binding, queue_exchange, queue_message


class Unroutable(Exception):
    """No queue is bound for this routing key: the message would vanish."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that is ours until its lease ends."""

    id: int
    token: uuid.UUID
    until: datetime
    deliveries: int
    payload: dict[str, Any]
    reason: str | None


def route(connection: Connection, exchange: str, routing_key: str) -> list[str]:
    """Name the queues a message goes to. Raises Unroutable when there is none."""
    if not exchange:  # AMQP's default exchange: the routing key is the queue
        found = select(queue.c.name).where(queue.c.name == routing_key)
        queues = list(connection.scalars(found))
    else:
        kind = connection.scalar(
            select(queue_exchange.c.type).where(queue_exchange.c.name == exchange)
        )
        bound = connection.execute(
            select(queue_binding.c.routing_key, queue_binding.c.queue).where(
                queue_binding.c.exchange == exchange
            )
        )
        queues = sorted({row.queue for row in bound if _takes(kind, row.routing_key, routing_key)})
    if not queues:
        raise Unroutable(f"no queue takes {routing_key!r} from exchange {exchange!r}")
    return queues


def put(connection: Connection, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Append messages, each to the queue named with it."""
    rows = [
        {"queue": name, "payload": json.dumps(payload), "deliveries": 0}
        for name, payload in messages
    ]
    if rows:
        connection.execute(insert(queue_message), rows)


def is_ready(connection: Connection, name: str, now: datetime) -> bool:
    """Tell cheaply whether there is anything to lease."""
    return connection.scalar(select(1).where(_free(name, now)).limit(1)) is not None


def lease(
    connection: Connection, name: str, most: int, *, now: datetime, until: datetime, limit: int
) -> list[Leased]:
    """Take up to `most` messages, oldest first; nobody else gets them before `until`.

    One that was delivered `limit` times without an acknowledgement goes to the dead queue.
    """
    token = uuid.uuid4()
    ids = select(queue_message.c.id).where(_free(name, now)).order_by(queue_message.c.id)
    taken = connection.execute(
        update(queue_message)
        .where(queue_message.c.id.in_(ids.limit(most)))
        .values(lease_token=token, lease_until=until, deliveries=queue_message.c.deliveries + 1)
        .returning(
            queue_message.c.id,
            queue_message.c.deliveries,
            queue_message.c.payload,
            queue_message.c.reason,
        )
    ).all()
    leased = [
        Leased(row.id, token, until, row.deliveries, json.loads(row.payload), row.reason)
        for row in sorted(taken)
    ]
    worn = [message for message in leased if message.deliveries > limit]
    if worn and dead_queue(connection, name):
        for message in worn:
            reject(connection, message.id, token, f"delivered {limit} times, never acknowledged")
        leased = [message for message in leased if message not in worn]
    return leased


def acknowledge(connection: Connection, leases: Sequence[tuple[int, uuid.UUID]]) -> None:
    """Delete what was worked off. A lease that ended meanwhile is somebody else's: left alone."""
    for message_id, token in leases:
        connection.execute(delete(queue_message).where(_held(message_id, token)))


def release(
    connection: Connection, leases: Sequence[tuple[int, uuid.UUID]], *, delivered: bool
) -> None:
    """Give messages back at once; one that was never handed over was not delivered."""
    for message_id, token in leases:
        connection.execute(
            update(queue_message)
            .where(_held(message_id, token))
            .values(
                lease_token=None,
                lease_until=None,
                deliveries=queue_message.c.deliveries - (0 if delivered else 1),
            )
        )


def reject(connection: Connection, message_id: int, token: uuid.UUID, reason: str) -> None:
    """Move a message to its queue's dead queue with the reason; without one it is dropped."""
    name = connection.scalar(select(queue_message.c.queue).where(_held(message_id, token)).limit(1))
    dead = dead_queue(connection, name) if name else None
    if dead is None:
        connection.execute(delete(queue_message).where(_held(message_id, token)))
        return
    connection.execute(
        update(queue_message)
        .where(_held(message_id, token))
        .values(queue=dead, reason=reason, deliveries=0, lease_token=None, lease_until=None)
    )


def dead_queue(connection: Connection, name: str) -> str | None:
    """Name the queue where messages of this one end when a consumer gives up."""
    return connection.scalar(select(queue.c.dead).where(queue.c.name == name))


def matches(pattern: str, routing_key: str) -> bool:
    """Match an AMQP topic pattern: `*` is one word, `#` is any number of words."""
    return _match(pattern.split("."), routing_key.split("."))


def _match(pattern: Sequence[str], words: Sequence[str]) -> bool:
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_match(pattern[1:], words[skip:]) for skip in range(len(words) + 1))
    return bool(words) and pattern[0] in {"*", words[0]} and _match(pattern[1:], words[1:])


def _takes(kind: str | None, bound: str, routing_key: str) -> bool:
    if kind == "fanout":
        return True
    return matches(bound, routing_key) if kind == "topic" else bound == routing_key


def _free(name: str, now: datetime) -> Any:
    unleased = or_(queue_message.c.lease_until.is_(None), queue_message.c.lease_until < now)
    return and_(queue_message.c.queue == name, unleased)


def _held(message_id: int, token: uuid.UUID) -> Any:
    return and_(queue_message.c.id == message_id, queue_message.c.lease_token == token)
