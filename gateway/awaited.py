"""Files that came as addresses, until they are fetched: waited for, taken back, found again.

What is said here stands in the transaction that publishes their message, so none is forgotten.
`gateway/media.py` fetches them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from channels.base import InboundMessage
from gateway.attachments import verdicts
from gateway.changes import Applied
from gateway.journal import is_elsewhere
from gateway.tables import UNFETCHED, attachment, media
from gateway.upsert import insert
from normalizer.amend import with_files

SHOWN = ("verdict", "sha256", "media_type", "size")


def follow(
    connection: Connection,
    told: Iterable[tuple[uuid.UUID, str, InboundMessage]],
    became: Mapping[uuid.UUID, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Note what is to be fetched of messages: what the records list that they `became`.

    Each comes with its journal row and its own number, which stays with it when it is separated.
    """
    rows = [
        {
            "id": uuid.UUID(file.id),
            "journal_id": journal_id,
            "number": number,
            "source": message.source,
            "url": file.url,
            "media_type": file.media_type[:100],
            "name": file.name,
            "state": "waiting",
            "attempts": 0,
            "due_at": now,
            "created_at": now,
        }
        for journal_id, number, message in told
        if journal_id in became
        for file in message.attachments
        if file.id and is_elsewhere(file) and file.id in _files_of(became[journal_id])
    ]
    if rows:
        new = insert(connection, media).values(rows)
        connection.execute(new.on_conflict_do_nothing(index_elements=["id"]))


def take_back(connection: Connection, applied: Applied) -> None:
    """Fetch no more what corrections have taken out of records."""
    gone = {
        of
        for change, record in applied.done
        for of in change.former_files.keys() - _files_of(record)
    }
    if gone:
        mine = media.c.id.in_(sorted(map(uuid.UUID, gone)))
        connection.execute(delete(media).where(UNFETCHED, mine))


def refreshed(connection: Connection, record: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record that was put aside with what became of its files meanwhile."""
    pending = [
        uuid.UUID(one["id"])
        for one in record["attachments"]
        if one["id"] and one["verdict"] == verdicts.NOT_FETCHED
    ]
    if not pending:
        return dict(record)
    found = (
        select(media.c.id, media.c.verdict, attachment.c.sha256, *_columns())
        .outerjoin(attachment, attachment.c.id == media.c.kept_as)
        .where(media.c.id.in_(pending), media.c.verdict.is_not(None))
    )
    known = {
        str(row.id): {name: getattr(row, name) for name in SHOWN}
        for row in connection.execute(found)
    }
    return with_files(record, known)


def _columns() -> tuple[Any, ...]:
    told = func.coalesce(attachment.c.media_type, media.c.media_type)
    return told.label("media_type"), attachment.c.size


def _files_of(record: Mapping[str, Any]) -> set[str]:
    return {file["id"] for file in record["attachments"]}
