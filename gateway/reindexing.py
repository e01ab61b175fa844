"""Reindex: what is in process is put under the keys of today's rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select

from gateway import matters
from gateway.duplicates import LOCK
from gateway.journal import read_message
from gateway.matters import Matter
from gateway.statuses import IN_PROCESS
from gateway.store import Store
from gateway.tables import complaint, journal, matter, matter_key, number
from gateway.words import words_of
from normalizer.fingerprint import VERSION, fingerprint

TOGETHER = 100


def count(store: Store) -> int:
    """Count what would be indexed anew."""
    with store.read() as connection:
        counted = select(func.count()).select_from(number).where(_is_open())
        return int(connection.scalar(counted) or 0)


def run(store: Store) -> Iterator[int]:
    """Index anew, by number; gives how many after each transaction.

    First the keys of older rules go, which nobody asks for any more.
    """
    _forget_older(store)
    last = ""
    while rows := _next(store, last):
        made = [
            Matter.of(row.number, fingerprint(words_of(read_message(row.message)))) for row in rows
        ]
        with store.write() as connection:
            store.hold(connection, [LOCK])
            for of in made:
                matters.replace(connection, of)
            still = select(number.c.number).where(
                number.c.number.in_([of.number for of in made]), _is_open()
            )
            matters.put_under_keys(connection, connection.scalars(still).all())
        last = rows[-1].number
        yield len(rows)


def _is_open() -> ColumnElement[bool]:
    return and_(*matters.is_findable(), number.c.status.in_(IN_PROCESS))


def _next(store: Store, after: str) -> Sequence[Any]:
    with store.read() as connection:
        return connection.execute(
            select(number.c.number, journal.c.message)
            .join(complaint, complaint.c.number == number.c.number)
            .join(journal, journal.c.id == complaint.c.journal_id)
            .where(_is_open(), number.c.number > after, journal.c.message.is_not(None))
            .order_by(number.c.number)
            .limit(TOGETHER)
        ).all()


def _forget_older(store: Store) -> None:
    older = select(matter.c.id).where(matter.c.version != VERSION)
    while True:
        with store.write() as connection:
            ids = connection.scalars(
                select(matter_key.c.matter_id)
                .where(matter_key.c.matter_id.in_(older))
                .distinct()
                .limit(TOGETHER)
            ).all()
            if not ids:
                return
            connection.execute(delete(matter_key).where(matter_key.c.matter_id.in_(ids)))
