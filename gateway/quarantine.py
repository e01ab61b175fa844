"""Quarantine: requests that did not prove who sent them, kept for an operator to look at.

Bounded in number per source and in bytes per body, expiring, and outside the committer: a flood of
forgeries costs no citizen's message its place.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
import uuid6
from sqlalchemy import delete, func, select, update

from channels.base import RawInbound
from gateway.journal import SECRET_NAMES, read_raw, write_raw
from gateway.store import Clock, Store
from gateway.tables import quarantine
from gateway.upsert import insert

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """One quarantined request; `times` counts how often the same bytes came."""

    id: uuid.UUID
    source: str
    reason: str
    times: int
    received_at: datetime
    expires_at: datetime
    raw: RawInbound


class Quarantine:
    """The quarantine of one store."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        most_per_source: int,
        most_body_bytes: int,
        days: int,
        secret_names: Mapping[str, Collection[str]],
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
    ):
        self._store = store
        self._clock = clock
        self._most_per_source = most_per_source
        self._most_body_bytes = most_body_bytes
        self._secret_names = secret_names
        self._keep_for = timedelta(days=days)
        self._new_id = new_id

    def keep(self, source: str, raw: RawInbound, reason: str) -> None:
        """Keep one copy of a request; the same bytes again only count.

        When the source's room is full, the newest stays out: an attacker cannot push out what an
        operator has yet to see.
        """
        now = self._clock()
        digest = hashlib.sha256(b"\0".join((raw.raw_path.encode(), raw.raw_query, raw.body)))
        row = {
            "id": self._new_id(),
            "source": source,
            "digest": digest.digest(),
            "reason": reason[:300],
            "raw": write_raw(
                raw, self._secret_names.get(source, SECRET_NAMES), self._most_body_bytes
            ),
            "times": 1,
            "received_at": now,
            "expires_at": now + self._keep_for,
        }
        if not self._has_room(source, digest.digest()):
            log.warning("quarantine_full", source=source, reason=reason)
            return
        again = {"times": quarantine.c.times + 1}
        with self._store.write() as connection:
            connection.execute(
                insert(connection, quarantine)
                .values(row)
                .on_conflict_do_update(index_elements=["source", "digest"], set_=again)
            )
        log.warning("quarantined", source=source, reason=reason)

    def _has_room(self, source: str, digest: bytes) -> bool:
        """Look before taking the lock: a flood of forgeries must not hold up the committer.

        Several at once may exceed the bound by as many; it is there to save the disk.
        """
        of_source = quarantine.c.source == source
        with self._store.read() as connection:
            if connection.scalar(select(1).where(of_source, quarantine.c.digest == digest)):
                return True
            held = connection.scalar(select(func.count()).where(of_source)) or 0
        return held < self._most_per_source

    def find(self, kept_id: uuid.UUID | None = None) -> list[Kept]:
        """List what waits for an operator, oldest first, or the one with an id."""
        waiting = quarantine.c.released_at.is_(None)
        wanted = select(quarantine).where(waiting).order_by(quarantine.c.id)
        if kept_id is not None:
            wanted = wanted.where(quarantine.c.id == kept_id)
        with self._store.read() as connection:
            return [
                Kept(
                    row.id,
                    row.source,
                    row.reason,
                    row.times,
                    row.received_at,
                    row.expires_at,
                    read_raw(row.raw),
                )
                for row in connection.execute(wanted)
            ]

    def mark_released(self, kept_id: uuid.UUID) -> None:
        """Note that an operator accepted one: the provider may still be sending it again."""
        with self._store.write() as connection:
            connection.execute(
                update(quarantine)
                .where(quarantine.c.id == kept_id)
                .values(released_at=self._clock())
            )

    def expire(self) -> int:
        """Forget what is too old; gives how many."""
        with self._store.write() as connection:
            old = delete(quarantine).where(quarantine.c.expires_at < self._clock())
            return connection.execute(old).rowcount
