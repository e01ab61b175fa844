"""Joined complaints are taken apart, and separate ones joined, by a citizen or an operator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway import awaited, changes, clusters, matters
from gateway.publishing import Happened, Publication, Publisher
from gateway.statuses import IN_PROCESS
from gateway.tables import complaint, event, journal, judgement, number
from gateway.upsert import insert as insert_or
from normalizer.fingerprint import VERSION
from normalizer.joined import parted, related, repeated, unrelated

SEPARATED = "separated"
MERGED = "merged"
# What happened to complaints, in order, with the records that they have become.
Events = list[tuple[Happened, dict[str, Any]]]


class NotPossible(Exception):
    """These complaints cannot be merged; the message says why."""


def separate(connection: Connection, of: str, now: datetime) -> Events:
    """Make an alias or a supporting complaint one of its own again, under its own number.

    Gives what happened; nothing when it stands alone already.
    """
    row = connection.execute(
        select(number).where(number.c.number == of).with_for_update()
    ).one_or_none()
    if row is None:
        return []
    if row.root != of:
        return _take_out(connection, of, row.root, now)
    if row.supports is not None:
        return _stop_supporting(connection, of, row.supports, row.status, now)
    return []


def merge(connection: Connection, of: str, into: str, now: datetime) -> Events:
    """Make a complaint an alias of another one that is in process, with all that joined it.

    Raises NotPossible.
    """
    rows = connection.execute(
        select(number.c.number, number.c.root, number.c.status)
        .where(number.c.number.in_([of, into]))
        .order_by(number.c.number)
        .with_for_update()
    ).all()
    found = {row.number: row for row in rows}
    if len(found) != 2 or any(row.root != row.number for row in rows):  # noqa: PLR2004 - a pair
        raise NotPossible("two different complaints are needed, by their own numbers")
    if found[into].status not in IN_PROCESS:
        raise NotPossible(f"{into} is not in process")
    records = changes.current(connection, [of, into], lock=True)
    if len(records) != 2:  # noqa: PLR2004 - a pair
        raise NotPossible("one of them was not processed yet")
    merged = related(records[of], into, MERGED, 1.0, ["an operator merged it"])
    merged["revision"] += 1
    connection.execute(update(number).where(number.c.root == of).values(root=into))
    connection.execute(
        update(number).where(number.c.number == of).values(supports=None, status="received")
    )
    others = number.c.supports.is_not(None) & (number.c.supports == of)
    connection.execute(update(number).where(others).values(supports=into))
    matters.take_from_keys(connection, [of])
    connection.execute(delete(complaint).where(complaint.c.number == of))
    _decide(connection, of, MERGED, into, now, merged)
    after = changes.current(connection, [into])[into]
    amended = repeated(after, merged, is_still=False)
    changes.write(connection, amended, now)
    return [("merger", merged), ("amendment", amended)]


def sealed(
    publisher: Publisher, journal_id: uuid.UUID | None, events: Events, now: datetime
) -> list[Publication]:
    """Seal what happened; the first settles the journal row that asked for it."""
    return [
        publisher.seal(journal_id if place == 0 else None, happened, record, now)
        for place, (happened, record) in enumerate(events)
    ]


def _take_out(connection: Connection, of: str, root: str, now: datetime) -> Events:
    kept = connection.scalar(select(judgement.c.record).where(judgement.c.number == of))
    if kept is None:
        return []
    kept = awaited.refreshed(connection, kept)
    before = changes.current(connection, [root], lock=True)
    connection.execute(
        update(number)
        .where(number.c.number == of)
        .values(root=of, status="received", updated_at=now)
    )
    _decide(connection, of, SEPARATED, root, now)
    alone = unrelated(kept, root)
    alone |= {"revision": _next_revision(connection, of), "status": "received"}
    source = connection.scalar(
        select(journal.c.id).where(journal.c.number == of).order_by(journal.c.id).limit(1)
    )
    connection.execute(
        insert(complaint).values(
            number=of, revision=alone["revision"], record=alone, journal_id=source, updated_at=now
        )
    )
    clusters.take_back(connection, [of])
    happened: Events = [("separation", changes.current(connection, [of])[of])]
    if root in before:
        after = parted(changes.current(connection, [root])[root], kept)
        changes.write(connection, after, now)
        happened.append(("amendment", after))
    return happened


def _stop_supporting(
    connection: Connection, of: str, root: str, status: str, now: datetime
) -> Events:
    before = changes.current(connection, [of, root], lock=True)
    connection.execute(update(number).where(number.c.number == of).values(supports=None))
    _decide(connection, of, SEPARATED, root, now)
    if status in IN_PROCESS:
        matters.put_under_keys(connection, [of])
    after = changes.current(connection, list(before))
    happened: Events = []
    if of in after:
        happened.append(("separation", _next(unrelated(after[of], root))))
    if root in after:
        happened.append(("amendment", _next(after[root])))
    for _, record in happened:
        changes.write(connection, record, now)
    return happened


def _next(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "revision": record["revision"] + 1}


def _next_revision(connection: Connection, of: str) -> int:
    highest = select(func.max(event.c.revision)).where(event.c.number == of)
    return int(connection.scalar(highest) or 0) + 1


def _decide(
    connection: Connection,
    of: str,
    verdict: str,
    root: str,
    now: datetime,
    record: Mapping[str, Any] | None = None,
) -> None:
    """Note what a person decided over the rule; what the rule said is kept."""
    row = insert_or(connection, judgement).values(
        number=of, verdict=verdict, root=root, version=VERSION, judged=[], record=record, at=now
    )
    again = {"verdict": verdict, "root": root, "record": record, "at": now}
    connection.execute(row.on_conflict_do_update(index_elements=["number"], set_=again))
