"""Parked messages: accepted, but nobody could read or process them yet. None is ever dropped."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from channels.base import Channel, ChannelError
from gateway import pending
from gateway.intake import Intake
from gateway.journal import read_raw
from gateway.store import Store
from gateway.tables import PARKED, journal


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked journal row: a request that could not be read, or a message not processed."""

    id: uuid.UUID
    source: str
    number: str | None
    reason: str | None
    received_at: datetime
    raw: bytes | None
    message: dict[str, Any] | None

    def shown(self) -> str:
        """Spell all that is kept, for an operator's eyes."""
        kept = json.loads(self.raw) if self.raw is not None else self.message
        return json.dumps(kept, indent=2, ensure_ascii=False)


def find(store: Store, parked_id: uuid.UUID | None = None) -> list[Parked]:
    """List what is parked, oldest first, or the one with an id."""
    wanted = select(
        journal.c.id,
        journal.c.source,
        journal.c.number,
        journal.c.reason,
        journal.c.received_at,
        journal.c.raw,
        journal.c.message,
    ).where(PARKED)
    if parked_id is not None:
        wanted = wanted.where(journal.c.id == parked_id)
    with store.read() as connection:
        return [Parked(*row) for row in connection.execute(wanted.order_by(journal.c.id))]


def replay(store: Store, intake: Intake, channels: Mapping[str, Channel], parked: Parked) -> str:
    """Try again; says what became of it. What fails again stays parked.

    A processed message goes back into line. A raw request is read anew and its messages accepted
    under their own delivery keys, so dying halfway and replaying again adds nothing twice.
    """
    if parked.raw is None:
        _settle(store, parked, outcome="pending", reason=None)
        return "back in line"
    channel = channels.get(parked.source)
    if channel is None:
        return f"still parked: no source {parked.source!r} is configured"
    try:
        receipts = intake.accept(channel.parse(read_raw(parked.raw)), unheard=True)
    except ChannelError as exc:
        return f"still parked: {exc}"
    _settle(store, parked, outcome="ignored", reason="read and accepted by a replay")
    numbers = ", ".join(receipt.number for receipt in receipts if receipt.number)
    return f"accepted: {numbers or 'nothing in it for us'}"


def _settle(store: Store, parked: Parked, *, outcome: str, reason: str | None) -> None:
    with store.write() as connection:
        connection.execute(
            update(journal)
            .where(PARKED, journal.c.id == parked.id)
            .values(outcome=outcome, reason=reason, attempts=0, lease_token=None, lease_until=None)
        )
        if parked.number:
            pending.wake(connection, parked.number)
