"""Dead letters: what a consumer gave up, no broker takes, nobody heard or no provider gave.

None is ever dropped: they wait here until an operator replays them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from channels.base import Malformed
from gateway import lost, queue, unheard
from gateway.status_event import read_event
from gateway.store import Store
from gateway.tables import REFUSED, event

OUTBOX, REPLIES, MEDIA = "outbox", "replies", "media"
_ORIGIN = {queue.DEAD: queue.COMPLAINTS, queue.STATUS_DEAD: queue.STATUS}
_REJECTED = "rejected by its consumer"
# What RabbitMQ says of a death, in the words of the embedded queue.
_DEATHS = {"rejected": _REJECTED, "delivery_limit": "delivered too often, never acknowledged"}
_LONGEST = 300  # characters


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What got no further. `where` is a dead queue, the outbox, the replies or the media.

    `may_be_done`: it may have arrived all the same, so it is replayed only by its id.
    """

    id: str
    where: str
    type: str
    number: str
    reason: str
    may_be_done: bool = False


def find(store: Store, queue_url: str, most: int | None = None) -> Iterator[DeadLetter]:
    """List what waits, of each place at most so many; takes nothing away."""
    yield from _refused(store, most)
    yield from map(_of_reply, unheard.find(store, most))
    yield from map(_of_file, lost.find(store, most))
    for name in _ORIGIN:
        with queue.peek(queue_url, name, most) as messages:
            yield from [_dead_letter(store, name, message) for message in messages]


def replay(
    store: Store, queue_url: str, wanted: Callable[[DeadLetter], bool], now: datetime
) -> Iterator[DeadLetter]:
    """Send again what is wanted, to where it was; gives each as it goes.

    Dying halfway leaves a letter where it was, or in both places: the same id, so a consumer
    drops the second. One that dies again meanwhile waits for the next replay.
    """
    yield from _replay_rows(store, wanted, now)
    for name, origin in _ORIGIN.items():
        with queue.peek(queue_url, name, None) as messages, queue.sending(queue_url) as send:
            for message in messages:
                letter = _dead_letter(store, name, message)
                if wanted(letter):
                    send(origin, message)
                    message.acknowledge()
                    yield letter


def _replay_rows(
    store: Store, wanted: Callable[[DeadLetter], bool], now: datetime
) -> Iterator[DeadLetter]:
    """Put back in line what waits in the store itself."""
    for letter in _refused(store, None):
        if wanted(letter):
            with store.write() as connection:
                of = uuid.UUID(letter.id)
                connection.execute(update(event).where(event.c.id == of).values(refused=None))
            yield letter
    for one in unheard.find(store):
        letter = _of_reply(one)
        if wanted(letter):
            unheard.say_again(store, one.id, now)
            yield letter
    for file in lost.find(store):
        letter = _of_file(file)
        if wanted(letter):
            lost.fetch_again(store, file.id, now)
            yield letter


def _refused(store: Store, most: int | None) -> list[DeadLetter]:
    refused = select(event.c.id, event.c.type, event.c.number, event.c.refused).where(REFUSED)
    with store.read() as connection:
        rows = connection.execute(refused.order_by(event.c.id).limit(most))
        return [DeadLetter(str(row.id), OUTBOX, row.type, row.number, row.refused) for row in rows]


def _of_reply(of: unheard.Unheard) -> DeadLetter:
    return DeadLetter(str(of.id), REPLIES, f"reply.{of.source}", of.number, of.reason, of.unsure)


def _of_file(of: lost.Lost) -> DeadLetter:
    return DeadLetter(str(of.id), MEDIA, f"media.{of.source}", of.number, of.reason)


def _dead_letter(store: Store, name: str, message: queue.Delivery) -> DeadLetter:
    said = _read(message.body)
    return DeadLetter(
        _plain(message.message_id or said.get("id", "")),
        name,
        _plain(said.get("type", "?")),
        _plain(said.get("subject", "?")),
        _reason(store, name, message),
    )


def _reason(store: Store, name: str, message: queue.Delivery) -> str:
    """Tell why it got no further; of a status, what feedback would say of it now."""
    died_of = _DEATHS.get(message.died_of or "rejected", message.died_of or "")
    if name != queue.STATUS_DEAD:
        return died_of
    try:
        number = read_event(message.body).number
    except Malformed as exc:
        return str(exc)
    return died_of if store.standing(number) else "subject: unknown number"


def _read(body: str) -> dict[str, Any]:
    """Read as much as can be read: anything may be in a dead queue."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _plain(said: object) -> str:
    """Spell what somebody else wrote so that it can do nothing to a terminal."""
    return "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(said)[:_LONGEST]
    )
