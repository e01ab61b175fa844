"""Processing: leased journal rows become complaints and events, a batch a transaction.

A worker may die at any point: what it had leased comes back when the lease ends, and what it had
committed is not leased again. A row that was being worked on at two deaths runs alone; at the
third it is parked, so that one poisonous message cannot stop the others.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
import uuid6
from sqlalchemy import Connection, and_, or_, select, text, update

from channels.base import InboundMessage
from gateway import changes
from gateway.changes import Change
from gateway.entry import Intent
from gateway.identity import Identity
from gateway.journal import read_message
from gateway.publishing import Outbox, Publisher
from gateway.store import Clock, Store
from gateway.tables import journal
from normalizer.complaint import Complaint, Related
from normalizer.normalize import normalize
from normalizer.schema import dump

log = structlog.get_logger()
DEATHS_TO_RUN_ALONE = 2
DEATHS_TO_PARK = 3
POSTPONED = timedelta(seconds=2)
_PENDING = text("outcome = 'pending'")  # literally the partial index's predicate


@dataclass(frozen=True, slots=True)
class _Row:
    id: uuid.UUID
    number: str
    document: dict[str, Any]
    intent: Intent
    about: str | None


@dataclass(frozen=True, slots=True)
class _Done:
    """A row with its complaint, its change to one, or the reason why there is neither."""

    row: _Row
    complaint: Complaint | None = None
    change: Change | None = None
    reason: str | None = None


class Processing:
    """Works the journal off. Any number of processes may run it on one store."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        outbox: Outbox,
        *,
        public_url: str,
        clock: Clock,
        most_together: int = 100,
        lease: timedelta = timedelta(seconds=30),
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
        flags: Callable[[InboundMessage], tuple[str, ...]] = lambda _: (),
        read: Callable[..., Complaint] = normalize,
    ):
        self._store = store
        self._identity = identity
        self._publisher = Publisher(outbox, public_url=public_url, new_id=new_id)
        self._clock = clock
        self._most_together = most_together
        self._lease = lease
        self._flags = flags
        self._read = read

    def run_once(self) -> int:
        """Work off one batch; gives how many rows were settled. Zero means idle."""
        token = uuid.uuid4()
        rows = self._claim(token)
        if not rows:
            return 0
        try:
            done = [self._work_off(row) for row in rows]
            return self._settle(token, done)
        except BaseException:
            # Not these rows' fault (a full disk, a signal): they are not a death older for it.
            self._give_back(token)
            raise

    # --- leases --------------------------------------------------------------------------

    def _claim(self, token: uuid.UUID) -> list[_Row]:
        now = self._clock()
        free = and_(_PENDING, or_(journal.c.lease_until.is_(None), journal.c.lease_until < now))
        with self._store.read() as connection:  # an idle worker takes no lock
            if connection.scalar(select(1).select_from(journal).where(free).limit(1)) is None:
                return []
        with self._store.write() as connection:
            self._park_deadly(connection, free)
            suspects = select(journal.c.id).where(free, journal.c.attempts >= DEATHS_TO_RUN_ALONE)
            suspect = connection.scalar(suspects.order_by(journal.c.id).limit(1))
            some = select(journal.c.id).where(free).order_by(journal.c.id)
            mine = [suspect] if suspect else some.limit(self._most_together)
            claimed = connection.execute(
                update(journal)
                .where(journal.c.id.in_(mine))
                .values(
                    lease_token=token,
                    lease_until=now + self._lease,
                    attempts=journal.c.attempts + 1,
                )
                .returning(
                    journal.c.id,
                    journal.c.number,
                    journal.c.message,
                    journal.c.intent,
                    journal.c.about,
                )
            ).all()
        return [_Row(*row) for row in sorted(claimed, key=lambda row: row.id.bytes)]

    def _park_deadly(self, connection: Connection, free: Any) -> None:
        parked = connection.execute(
            update(journal)
            .where(free, journal.c.attempts >= DEATHS_TO_PARK)
            .values(outcome="parked", reason=f"{DEATHS_TO_PARK} workers died over it")
            .returning(journal.c.id)
        )
        for row in parked:
            log.error("parked", journal_id=str(row.id), reason="workers died over it")

    def _give_back(self, token: uuid.UUID) -> None:
        with self._store.write() as connection:
            connection.execute(
                update(journal)
                .where(_PENDING, journal.c.lease_token == token)
                .values(lease_token=None, lease_until=None, attempts=journal.c.attempts - 1)
            )

    # --- work, outside any transaction ------------------------------------------------------

    def _work_off(self, row: _Row) -> _Done:
        try:
            message = read_message(row.document)
            if row.about and row.intent != "complaint":
                said = message.command.text if message.command else message.text
                return _Done(row, change=Change(row.id, row.about, row.intent, said or ""))
            made = self._read(
                replace(message, flags=message.flags + self._flags(message)),
                number=row.number,
                reporter_ref=self._reporter_ref(message, row.number),
            )
        except Exception as exc:  # noqa: BLE001 - a bug in a rule must cost no citizen's message
            reason = f"normalizing: {type(exc).__name__}"  # its message could hold the text
            return _Done(row, reason=reason)
        return _Done(row, replace(made, related=_follows(row.about)) if row.about else made)

    def _reporter_ref(self, message: InboundMessage, of: str) -> str | None:
        anonymous = message.fields.get("anonymous") is True
        return self._identity.reporter_ref(message.sender, of, anonymous=anonymous)

    # --- one transaction a batch ----------------------------------------------------------

    def _settle(self, token: uuid.UUID, done: Sequence[_Done]) -> int:
        now, seal = self._clock(), self._publisher.seal
        new = {item.row.id: dump(item.complaint) for item in done if item.complaint}
        ready = {row_id: seal(row_id, "complaint", record, now) for row_id, record in new.items()}
        with self._store.write() as connection:
            mine = self._still_mine(connection, token)
            kept = [item for item in done if item.row.id in mine]
            opened = [item.row.id for item in kept if item.row.id in new]
            changes.open_complaints(connection, [(of, new[of]) for of in opened], now)
            changed, waiting = changes.apply(connection, [i.change for i in kept if i.change], now)
            publications = [ready[of] for of in opened] + [
                seal(change.journal_id, change.intent, record, now) for change, record in changed
            ]
            self._publisher.publish(connection, publications, now)
            self._park(connection, [item for item in kept if item.reason])
            self._postpone(connection, waiting, now)
        for publication in publications:
            log.info(publication.outcome, number=publication.envelope.number)
        return len(kept) - len(waiting)

    def _still_mine(self, connection: Connection, token: uuid.UUID) -> set[uuid.UUID]:
        """Tell which leases still hold: a slow worker's rows may be another's by now."""
        held = select(journal.c.id).where(_PENDING, journal.c.lease_token == token)
        return set(connection.scalars(held))

    def _postpone(self, connection: Connection, waiting: Sequence[Change], now: datetime) -> None:
        """Look again in a moment at what changes a complaint that is not there yet."""
        if waiting:
            connection.execute(
                update(journal)
                .where(journal.c.id.in_([change.journal_id for change in waiting]))
                .values(
                    lease_token=None, lease_until=now + POSTPONED, attempts=journal.c.attempts - 1
                )
            )

    def _park(self, connection: Connection, items: Sequence[_Done]) -> None:
        for item in items:
            connection.execute(
                update(journal)
                .where(journal.c.id == item.row.id)
                .values(outcome="parked", reason=item.reason, lease_token=None, lease_until=None)
            )
            log.error("parked", journal_id=str(item.row.id), reason=item.reason)


def _follows(closed: str) -> tuple[Related, ...]:
    """Refer to the closed complaint that this one was meant to add to."""
    return (Related(closed, "follows", 1.0, ("reporter added to a closed complaint",)),)
