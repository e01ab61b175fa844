"""The rows of attachments: who may claim one, and when one is nobody's.

A row is written before its content, so that nothing lies in the store that no row knows of. It is
ready (may be claimed) when its content is on disk. Accept claims it in its own transaction;
collecting marks only what is unclaimed, and what is marked cannot be claimed any more.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from gateway.attachments import verdicts
from gateway.attachments.contents import key
from gateway.entry import Entry
from gateway.tables import attachment, journal

_MOST_COLLECTED = 500
_FREE = attachment.c.journal_id.is_(None) & ~attachment.c.collected
_SHOWN = ("sha256", "media_type", "size", "name", "verdict")
_CLAIM = (
    update(attachment)
    .where(attachment.c.id == bindparam("of"), _FREE, attachment.c.ready)
    .values(journal_id=bindparam("by"))
    .returning(*(attachment.c[name] for name in _SHOWN))
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An upload as it is kept. `sha256` and `size` are those of the copy consumers get.

    Where the verdict is not one to keep, `sha256` is None and `size` that of what was sent.
    """

    id: str
    verdict: str
    sha256: str | None
    size: int
    media_type: str
    name: str | None


def claim(connection: Connection, entries: Sequence[Entry]) -> None:
    """Make the uploads that new entries name theirs, and write what they are into the message.

    An upload belongs to one entry; what is unknown or another's is `missing` and refuses nothing.
    Rows are taken in the order of their ids, so that two committers cannot wait for each other.
    """
    wanted = sorted(
        (uuid.UUID(file["id"]), at, place)
        for at, entry in enumerate(entries)
        for place, file in enumerate(_files(entry))
        if file.get("id")
    )
    for of, at, place in wanted:
        entry = entries[at]
        row = connection.execute(_CLAIM, {"of": of, "by": entry.journal_id}).one_or_none()
        file = _files(entry)[place]
        file.update(row._mapping if row else {"verdict": verdicts.MISSING})  # noqa: SLF001 - SQLAlchemy's name for its public mapping


def _files(entry: Entry) -> list[dict[str, Any]]:
    return (entry.message or {}).get("attachments") or []


_ORDER = ("verdict", "sha256", "size", "media_type", "name")


def find(connection: Connection, ids: Collection[str]) -> list[Stored]:
    """Give those of these uploads that still may be claimed, in the order asked for."""
    rows = connection.execute(
        select(attachment).where(
            attachment.c.id.in_([uuid.UUID(of) for of in ids]), _FREE, attachment.c.ready
        )
    )
    found = {str(row.id): Stored(str(row.id), *(getattr(row, n) for n in _ORDER)) for row in rows}
    return [found[of] for of in map(str, map(uuid.UUID, ids)) if of in found]


def of_content(connection: Connection, sha256: str) -> tuple[str, str, str] | None:
    """Find a complaint's file by its content: its key, media type, and the complaint's number."""
    row = connection.execute(
        select(attachment.c.id, attachment.c.media_type, journal.c.number)
        .join(journal, journal.c.id == attachment.c.journal_id)
        .where(attachment.c.sha256 == sha256, journal.c.number.is_not(None))
        .order_by(attachment.c.id)
        .limit(1)
    ).one_or_none()
    return row and (key(sha256, row.id.hex), row.media_type, row.number)


def mark_collected(connection: Connection, before: datetime) -> list[tuple[uuid.UUID, str | None]]:
    """Mark what nobody claimed since `before`; gives all that is marked: (id, sha256)."""
    old = select(attachment.c.id).where(_FREE, attachment.c.received_at < before)
    old = old.limit(_MOST_COLLECTED).with_for_update(skip_locked=True)
    connection.execute(
        update(attachment).where(attachment.c.id.in_(old), _FREE).values(collected=True)
    )
    marked = select(attachment.c.id, attachment.c.sha256).where(attachment.c.collected)
    return [(row.id, row.sha256) for row in connection.execute(marked.limit(_MOST_COLLECTED))]


def forget(connection: Connection, ids: Collection[uuid.UUID]) -> None:
    """Delete marked rows whose content is gone."""
    connection.execute(delete(attachment).where(attachment.c.id.in_(ids), attachment.c.collected))
