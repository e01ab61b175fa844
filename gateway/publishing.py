"""Publishing: a record becomes an event, in the log and on the queue, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, insert, update

from gateway import envelope
from gateway.counters import Counters
from gateway.envelope import Envelope
from gateway.tables import event, journal

# What happened to a complaint: the event it makes, and the outcome of its journal row.
Happened = Literal[
    "complaint",
    "support",
    "repeat",
    "supplement",
    "amendment",
    "correction",
    "answer",
    "withdrawal",
    "separation",
    "merger",
    "fetching",
]
_KINDS: Mapping[Happened, tuple[str, str]] = {
    "complaint": (envelope.RECEIVED, "published"),
    "support": (envelope.SUPPORTED, "supported"),
    "repeat": (envelope.AMENDED, "repeat"),
    "supplement": (envelope.AMENDED, "repeat"),
    "amendment": (envelope.AMENDED, "amended"),
    "answer": (envelope.AMENDED, "answer"),
    "correction": (envelope.AMENDED, "amended"),
    "withdrawal": (envelope.WITHDRAWN, "withdrawn"),
    "separation": (envelope.SEPARATED, "separated"),
    "merger": (envelope.MERGED, "merged"),
    "fetching": (envelope.AMENDED, "amended"),
}


class Outbox(Protocol):
    """Where events go from the transaction that makes them."""

    def publish(
        self, connection: Connection, envelopes: Sequence[Envelope], now: datetime
    ) -> datetime | None:
        """Publish within the transaction (and give the time), or leave them to the relay (None)."""


@dataclass(frozen=True, slots=True)
class Publication:
    """An event, ready to publish, and the journal row that it settles, if any."""

    journal_id: uuid.UUID | None
    outcome: str
    envelope: Envelope


class Publisher:
    """Seals records and publishes them."""

    def __init__(
        self,
        outbox: Outbox,
        counters: Counters,
        *,
        public_url: str,
        new_id: Callable[[], uuid.UUID],
    ):
        self._counters = counters
        self._outbox = outbox
        self._public_url = public_url
        self._new_id = new_id

    def seal(
        self,
        journal_id: uuid.UUID | None,
        happened: Happened,
        record: Mapping[str, Any],
        now: datetime,
    ) -> Publication:
        """Make the event of a record; costs more than writing it, so do it before the lock."""
        kind, outcome = _KINDS[happened]
        sealed = envelope.seal(
            record, kind=kind, event_id=self._new_id(), public_url=self._public_url, now=now
        )
        return Publication(journal_id, outcome, sealed)

    def publish(
        self, connection: Connection, publications: Sequence[Publication], now: datetime
    ) -> None:
        """Append to the log, hand to the outbox and settle the journal rows."""
        if not publications:
            return
        envelopes = [publication.envelope for publication in publications]
        published_at = self._outbox.publish(connection, envelopes, now)
        if published_at is not None:
            self._counters.add(connection, "published", {"embedded": len(envelopes)}, now)
        connection.execute(
            insert(event),
            [
                {
                    "id": sealed.id,
                    "number": sealed.number,
                    "revision": sealed.revision,
                    "type": sealed.type,
                    "body": sealed.body,
                    "created_at": now,
                    "published_at": published_at,
                }
                for sealed in envelopes
            ],
        )
        for outcome in sorted({publication.outcome for publication in publications}):
            settled = [p.journal_id for p in publications if p.outcome == outcome and p.journal_id]
            connection.execute(
                update(journal)
                .where(journal.c.id.in_(settled))
                .values(outcome=outcome, lease_token=None, lease_until=None)
            )
