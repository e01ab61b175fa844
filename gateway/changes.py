"""The complaint table: complaints are opened there, and changed by amendments and withdrawals."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gateway.entry import Intent
from gateway.tables import complaint, number
from normalizer.amend import amended, withdrawn


@dataclass(frozen=True, slots=True)
class Change:
    """A journal row that changes the complaint `about`; `text` is what it adds."""

    journal_id: uuid.UUID
    about: str
    intent: Intent
    text: str


def open_complaints(
    connection: Connection, opened: Sequence[tuple[uuid.UUID, dict[str, Any]]], now: datetime
) -> None:
    """Keep the first records of complaints, each with the journal row it comes from."""
    rows = [
        {
            "number": record["number"],
            "revision": record["revision"],
            "record": record,
            "journal_id": journal_id,
            "updated_at": now,
        }
        for journal_id, record in opened
    ]
    if rows:
        connection.execute(insert(complaint), rows)


def apply(
    connection: Connection, changes: Sequence[Change], now: datetime
) -> tuple[list[tuple[Change, dict[str, Any]]], list[Change]]:
    """Change complaints; give each change with the record it makes, and those that must wait.

    A change waits while its complaint is not there yet: another worker may be at it.
    """
    records = _records(connection, {change.about for change in changes})
    done: list[tuple[Change, dict[str, Any]]] = []
    waiting: list[Change] = []
    for change in changes:
        before = records.get(change.about)
        if before is None:
            waiting.append(change)
            continue
        after = amended(before, change.text) if change.intent == "amendment" else withdrawn(before)
        records[change.about] = after
        done.append((change, after))
        connection.execute(
            update(complaint)
            .where(complaint.c.number == change.about)
            .values(revision=after["revision"], record=after, updated_at=now)
        )
    return done, waiting


def _records(connection: Connection, about: set[str]) -> dict[str, dict[str, Any]]:
    """Read records with what accept has counted and decided since they were published."""
    if not about:
        return {}
    rows = connection.execute(
        select(complaint.c.number, complaint.c.record, number.c.status, number.c.repeats)
        .join(number, number.c.number == complaint.c.number)
        .where(complaint.c.number.in_(about))
    )
    return {
        row.number: {**row.record, "status": row.status, "repeats": row.repeats} for row in rows
    }
