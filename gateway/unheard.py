"""Replies for operators: what waits, what nobody heard, and another try."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from gateway import lines
from gateway.lines import Waiting, in_line_again
from gateway.store import Store
from gateway.tables import UNHEARD, UNSAID, question, reply

KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A reply that was given up, or (`unsure`) of which nobody knows whether it was sent."""

    id: uuid.UUID
    source: str
    number: str
    unsure: bool
    reason: str


def find(store: Store, most: int | None = None) -> list[Unheard]:
    """List what nobody heard, oldest first."""
    wanted = select(reply).where(UNHEARD).order_by(reply.c.id).limit(most)
    with store.read() as connection:
        return [
            Unheard(row.id, row.source, row.number or "", row.state == "unsure", row.reason or "")
            for row in connection.execute(wanted)
        ]


def say_again(store: Store, reply_id: uuid.UUID, now: datetime) -> None:
    """Put one back in line, with as much time as it had at first."""
    with store.write() as connection:
        connection.execute(
            update(reply).where(UNHEARD, reply.c.id == reply_id).values(in_line_again(now))
        )


def waiting(connection: Connection, now: datetime) -> list[Waiting]:
    """Count what is to be said, by source."""
    return lines.waiting(connection, reply, UNSAID, now)


def counted(connection: Connection) -> dict[str, int]:
    """Count what nobody heard, by source."""
    found = select(reply.c.source, func.count()).where(UNHEARD).group_by(reply.c.source)
    return {row[0]: row[1] for row in connection.execute(found.order_by(reply.c.source))}


def forget(connection: Connection, before: datetime) -> None:
    """Forget what was said and answered long ago; the messages themselves stay."""
    connection.execute(delete(question).where(question.c.asked_at < before))
    asked = select(question.c.reply_id)
    connection.execute(
        delete(reply).where(
            reply.c.state.in_(("sent", "dropped")),
            reply.c.settled_at < before,
            reply.c.id.not_in(asked),
        )
    )
