"""Long SMS in parts, inside accept: collected, counted, and complete exactly once.

Parts may come in any order, twice, over several processes at once, or never. The part that makes a
set whole becomes the complaint; what is there when the wait is over becomes one too, flagged; a
part that comes after that amends it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from channels.base import Part, Receipt
from channels.sms.parts import join
from channels.submission import clean
from gateway.entry import Entry
from gateway.store import Hold
from gateway.tables import OPEN, journal, part, part_set

PARTIAL = "partial_message"
GAP = " […] "  # stands where a part is missing
# A phone counts its references to 255 and starts again: a part this late is another message's.
LATEST = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)


def collect(
    connection: Connection,
    entries: Sequence[Entry],
    *,
    hold: Hold,
    new_id: Callable[[], uuid.UUID],
) -> None:
    """Put each part to its set; the one that completes it becomes the whole message.

    Where several write at once, the parts of one message still come one after the other.
    """
    hold(connection, {_name(_key(entry, entry.part)) for entry in entries if entry.part})
    for entry in entries:
        if entry.overdue_parts is not None:
            _give_up(connection, entry)
        elif entry.part is not None:
            _take(connection, entry, entry.part, new_id)


def note_numbers(connection: Connection, entries: Sequence[Entry]) -> None:
    """Remember the complaint of a partial set, for parts that come late."""
    for entry in entries:
        connection.execute(
            update(part_set)
            .where(part_set.c.id == entry.overdue_parts)
            .values(number=entry.receipt.number)
        )


def overdue(
    connection: Connection, before: datetime, most: int = 100
) -> list[tuple[uuid.UUID, dict[str, Any]]]:
    """Find sets that have waited too long, each with the message that was its first part."""
    sets = select(part_set.c.id).where(OPEN, part_set.c.started_at < before).limit(most)
    rows = connection.execute(
        select(part.c.set_id, journal.c.message)
        .join(journal, journal.c.id == part.c.journal_id)
        .where(part.c.set_id.in_(sets))
        .order_by(part.c.set_id, part.c.index)
    )
    first: dict[uuid.UUID, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row.set_id, row.message)
    return list(first.items())


def forget(connection: Connection, before: datetime) -> None:
    """Forget sets that are closed; their words are in the journal."""
    connection.execute(
        delete(part_set).where(part_set.c.state != "open", part_set.c.started_at < before)
    )


def _take(connection: Connection, entry: Entry, of: Part, new_id: Callable[[], uuid.UUID]) -> None:
    key = _key(entry, of)
    found = _latest(connection, key, entry.received_at - LATEST)
    if found is not None:
        kept = connection.scalar(
            select(part.c.text).where(part.c.set_id == found.id, part.c.index == of.index)
        )
        if kept == _text(entry):
            return  # the carrier sent it twice under two ids
        if kept is None and found.state == "partial":
            _arrive(connection, entry, of, found.id)
            _come_late(entry, found.number)
            return
        if kept is not None and found.state == "open":
            # Two messages under one reference at once. Nobody can tell their other parts apart.
            _become(entry, _text(entry), (PARTIAL,))
            return
    is_open = found is not None and found.state == "open"
    set_id = found.id if is_open else _begin(connection, key, new_id(), entry.received_at)
    _arrive(connection, entry, of, set_id)
    arrived = connection.scalar(
        update(part_set)
        .where(part_set.c.id == set_id)
        .values(arrived=part_set.c.arrived + 1)
        .returning(part_set.c.arrived)
    )
    if arrived == of.total:
        _close(connection, set_id, "whole")
        _become(entry, join([text for _, text in _texts(connection, set_id)]), ())


def _give_up(connection: Connection, entry: Entry) -> None:
    """Take what is there. Another process may have, or the last part came: then nothing is left."""
    set_id = entry.overdue_parts
    total = set_id and _close(connection, set_id, "partial")
    if not set_id or not total:
        entry.outcome, entry.receipt = "ignored", Receipt("quiet")
        entry.reason = "completed meanwhile"
        entry.overdue_parts = None
        return
    there = dict(_texts(connection, set_id))
    pieces = [there.get(index, GAP) for index in range(1, total + 1)]
    _become(entry, join(pieces), (PARTIAL,))


def _become(entry: Entry, text: str, flags: tuple[str, ...]) -> None:
    if entry.compose is not None:
        entry.become(entry.compose(clean(text), flags))


def _come_late(entry: Entry, number: str | None) -> None:
    if number is not None:
        entry.amend(number)


def _latest(connection: Connection, key: dict[str, Any], after: datetime) -> Any:
    """Find the newest set a part may belong to, open or not."""
    return connection.execute(
        select(part_set.c.id, part_set.c.state, part_set.c.number)
        .where(*(part_set.c[name] == key[name] for name in key), part_set.c.started_at > after)
        .order_by(part_set.c.started_at.desc(), part_set.c.id.desc())
        .limit(1)
    ).one_or_none()


def _begin(
    connection: Connection, key: dict[str, Any], set_id: uuid.UUID, now: datetime
) -> uuid.UUID:
    connection.execute(
        insert(part_set).values(id=set_id, arrived=0, state="open", started_at=now, **key)
    )
    return set_id


def _arrive(connection: Connection, entry: Entry, of: Part, set_id: uuid.UUID) -> None:
    connection.execute(
        insert(part).values(
            set_id=set_id, index=of.index, text=_text(entry), journal_id=entry.journal_id
        )
    )


def _close(connection: Connection, set_id: uuid.UUID, state: str) -> int | None:
    """Close an open set; gives its total, or None when it was closed already."""
    total: int | None = connection.scalar(
        update(part_set)
        .where(part_set.c.id == set_id, OPEN)
        .values(state=state)
        .returning(part_set.c.total)
    )
    return total


def _texts(connection: Connection, set_id: uuid.UUID) -> list[tuple[int, str]]:
    rows = connection.execute(
        select(part.c.index, part.c.text).where(part.c.set_id == set_id).order_by(part.c.index)
    )
    return [(row[0], row[1]) for row in rows]


def _key(entry: Entry, of: Part) -> dict[str, Any]:
    sender = (entry.message or {}).get("sender")
    return {
        "source": entry.source,
        "sender": sender[1][:64] if sender else "",
        "destination": of.destination[:64],
        "reference": of.reference[:64],
        "total": of.total,
    }


def _name(key: dict[str, Any]) -> str:
    return f"part_set {sorted(key.items())}"


def _text(entry: Entry) -> str:
    return str((entry.message or {})["text"])
