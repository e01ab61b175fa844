"""Status comes back: what consumers say of complaints, decided in one transaction.

Said twice, it is done once; said out of order, the highest sequence of a consumer stands. So any
order and any repetition of the same events ends in the same status. A withdrawal is final: it is
never too late, and nothing comes after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import uuid6
from sqlalchemy import ColumnElement, Connection, and_, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway import clusters
from gateway.counters import Counters
from gateway.replies import Replies
from gateway.status_event import GATEWAY, StatusEvent, read_event
from gateway.store import (
    IN_PROCESS,
    TERMINAL,
    Standing,
    Store,
    UnknownNumber,
    close,
    reopen,
    standings,
)
from gateway.tables import number, status_change
from gateway.upsert import insert

__all__ = ["StatusEvent", "Step", "Verdict", "apply", "history", "read_event", "take", "time_out"]

Verdict = Literal["applied", "repeated", "late", "withdrawn"]
NewId = Callable[[], uuid.UUID]
TRIES = 4
TOGETHER = 200
_counters = Counters()
_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was said of a complaint, and whether it became its status then."""

    consumer: str
    status: str
    happened_at: datetime
    received_at: datetime
    applied: bool
    note: str | None
    reference: str | None


def take(
    store: Store,
    event: StatusEvent,
    now: datetime,
    new_id: NewId = uuid6.uuid7,
    *,
    replies: Replies | None = None,
) -> Verdict:
    """Commit what a consumer said, and that the reporter is to be told of it.

    Raises UnknownNumber, and what the store raises.

    Reopening may lose a race for the identity; then the same again finds it taken.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            with store.write() as connection:
                verdict = apply(connection, event, now, new_id, replies)
                said = f"{event.consumer[:60]}:{verdict}"
                _counters.add(connection, "feedback", {said: 1}, now)
                return verdict
        except DBAPIError as exc:
            again = isinstance(exc, IntegrityError) or store.may_succeed_again(exc)
            if not (tries_left and again):
                raise
    raise AssertionError  # pragma: no cover - the last try returns or raises


def apply(
    connection: Connection,
    event: StatusEvent,
    now: datetime,
    new_id: NewId,
    replies: Replies | None = None,
) -> Verdict:
    """Apply what a consumer said inside a transaction, unless it was said before."""
    stands = standings(connection, [event.number], lock=True).get(event.number)
    if stands is None:
        raise UnknownNumber(event.number)
    verdict = _judge(event, stands, _highest(connection, event.consumer, stands.number))
    kept = _keep(connection, event, stands.number, now, new_id, applied=verdict == "applied")
    if not kept:
        return "repeated"
    if verdict == "applied":
        _set(connection, event, stands, now)
        if replies is not None and event.status != stands.status:
            replies.news(connection, [stands.number], event.status, now)
    return verdict


def history(where: Store | Connection, of: str) -> list[Step]:
    """Give all that was said of the complaint behind a number, oldest first."""
    if isinstance(where, Store):
        with where.read() as connection:
            return history(connection, of)
    # What is said of a complaint holds for those that support it.
    asked, own = number.alias("asked"), number.alias("own")
    about = where.execute(
        select(own.c.number, own.c.supports)
        .join(own, own.c.number == asked.c.root)
        .where(asked.c.number == of)
    ).one_or_none()
    rows = where.execute(
        select(
            status_change.c.consumer,
            status_change.c.status,
            status_change.c.happened_at,
            status_change.c.received_at,
            status_change.c.applied,
            status_change.c.note,
            status_change.c.reference,
        )
        .where(status_change.c.number.in_([name for name in about or () if name]))
        .order_by(status_change.c.id)
    )
    return [Step(*row) for row in rows]


def time_out(
    store: Store,
    before: datetime,
    now: datetime,
    new_id: NewId = uuid6.uuid7,
    *,
    replies: Replies | None = None,
) -> int:
    """Archive what nobody has said anything of since `before`; gives how many.

    Any number of processes may do it at once: whether it is still due is decided by the update.
    """
    archived = 0
    while True:
        with store.read() as connection:
            found = select(number.c.number).where(_is_due(before)).limit(_LOOKED_AT)
            due = list(connection.scalars(found))
        for start in range(0, len(due), TOGETHER):
            with store.write() as connection:
                some = due[start : start + TOGETHER]
                closed = _archive(connection, some, before, now, new_id)
                if replies is not None:
                    replies.news(connection, closed, "archived", now)
                archived += len(closed)
        if len(due) < _LOOKED_AT:
            return archived


def _judge(event: StatusEvent, stands: Standing, highest: int | None) -> Verdict:
    if event.status == "withdrawn":
        return "applied"
    if highest is not None and event.sequence <= highest:
        return "late"
    return "withdrawn" if stands.status == "withdrawn" else "applied"


def _highest(connection: Connection, consumer: str, root: str) -> int | None:
    """Give the highest sequence of a consumer that became a complaint's status."""
    highest: int | None = connection.scalar(
        select(func.max(status_change.c.sequence)).where(
            status_change.c.number == root,
            status_change.c.consumer == consumer,
            status_change.c.applied,
        )
    )
    return highest


def _keep(
    connection: Connection,
    event: StatusEvent,
    root: str,
    now: datetime,
    new_id: NewId,
    *,
    applied: bool,
) -> bool:
    """Keep what was said; tells whether it is new."""
    row = insert(connection, status_change).values(
        id=new_id(),
        number=root,
        consumer=event.consumer,
        event_id=event.event_id,
        sequence=event.sequence,
        status=event.status,
        note=event.note,
        reference=event.reference,
        happened_at=event.happened_at,
        received_at=now,
        applied=applied,
    )
    once = row.on_conflict_do_nothing(index_elements=["consumer", "event_id"])
    return connection.scalar(once.returning(status_change.c.id)) is not None


def _set(connection: Connection, event: StatusEvent, stands: Standing, now: datetime) -> None:
    if event.status in TERMINAL:
        close(connection, stands.number, event.status, now)
    else:
        # Also on what is open: it may have lost its identity to a complaint that is closed by now.
        reopen(connection, stands.number, now, event.status)


def _is_due(before: datetime) -> ColumnElement[bool]:
    return and_(
        number.c.number == number.c.root,
        number.c.supports.is_(None),  # those are closed with what they support
        number.c.status.in_(IN_PROCESS),
        number.c.updated_at < before,
    )


def _archive(
    connection: Connection, numbers: Sequence[str], before: datetime, now: datetime, new_id: NewId
) -> list[str]:
    """Archive those of some complaints that are still due; gives which."""
    due = and_(number.c.number.in_(numbers), _is_due(before))
    locked = select(number.c.number, number.c.updated_at).where(due).order_by(number.c.number)
    since = {row.number: row.updated_at for row in connection.execute(locked.with_for_update())}
    closed = update(number).where(due).values(status="archived", updated_at=now)
    archived = sorted(connection.scalars(closed.returning(number.c.number)))
    if not archived:
        return []
    clusters.leave(connection, archived, "archived", now)
    rows = [
        {
            "id": new_id(),
            "number": of,
            "consumer": GATEWAY,
            # The same in whichever process does it.
            "event_id": f"time-out:{of}:{since[of].isoformat()}",
            "sequence": int(now.timestamp() * 1000),
            "status": "archived",
            "note": f"Diarsipkan otomatis: tidak ada kabar sejak {since[of].date().isoformat()}.",
            "happened_at": now,
            "received_at": now,
            "applied": True,
        }
        for of in archived
    ]
    once = insert(connection, status_change).on_conflict_do_nothing(
        index_elements=["consumer", "event_id"]
    )
    connection.execute(once, rows)
    _counters.add(connection, "timed_out", {"": len(archived)}, now)
    return archived
