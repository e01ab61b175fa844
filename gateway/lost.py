"""Files at a provider, for operators: what waits, what could not be had, and another try."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway import lines
from gateway.lines import Waiting, in_line_again
from gateway.store import Store
from gateway.tables import LOST, UNFETCHED, media


@dataclass(frozen=True, slots=True)
class Lost:
    """A file that could not be had."""

    id: uuid.UUID
    source: str
    number: str
    reason: str


def find(store: Store, most: int | None = None) -> list[Lost]:
    """List what was given up, oldest first."""
    wanted = select(media).where(LOST).order_by(media.c.id).limit(most)
    with store.read() as connection:
        return [
            Lost(row.id, row.source, row.number, row.reason or "")
            for row in connection.execute(wanted)
        ]


def fetch_again(store: Store, media_id: uuid.UUID, now: datetime) -> None:
    """Put one back in line, with as much time as it had at first."""
    with store.write() as connection:
        connection.execute(
            update(media)
            .where(LOST, media.c.id == media_id)
            .values(verdict=None, **in_line_again(now))
        )


def waiting(connection: Connection, now: datetime) -> list[Waiting]:
    """Count what is still to be fetched, by source."""
    return lines.waiting(connection, media, UNFETCHED, now)
