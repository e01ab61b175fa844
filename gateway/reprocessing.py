"""Reprocessing: the journal is read again with today's rules, and compared with the records.

Nothing changes unless it is to be published: a stored record is always what consumers were told.
Every batch is one transaction, so that a run that is killed leaves whole batches, and the next one
finds nothing more to do for those.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
import uuid6
from sqlalchemy import ColumnElement, Connection, func, select, update

from gateway import changes
from gateway.assembly import Gateway
from gateway.counters import Counters
from gateway.eventlog import lowest_id
from gateway.journal import read_message
from gateway.publishing import Publisher
from gateway.store import Clock
from gateway.tables import complaint, journal, number
from normalizer.amend import amended
from normalizer.reread import differing, reread
from normalizer.schema import dump

log = structlog.get_logger()
TOGETHER = 100
NewId = Callable[[], uuid.UUID]


@dataclass
class Summary:
    """What a run has seen so far: complaints by what became of them, and differing fields."""

    read: int = 0
    differing: int = 0
    published: int = 0
    unreadable: list[str] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    journal_id: uuid.UUID
    revision: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The messages of a complaint as read today, and the revision they were compared with."""

    row: _Row
    record: Mapping[str, Any]
    is_joined: bool


class Reprocessing:
    """Reads complaints again, all or those received since a time."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        clock: Clock,
        new_id: NewId = uuid6.uuid7,
        since: datetime | None = None,
        publish: bool = False,
    ):
        self._gateway = gateway
        self._store = gateway.store
        self._clock = clock
        self._publish = publish
        self._publisher = Publisher(
            gateway.outbox, Counters(), public_url=gateway.settings.public_url, new_id=new_id
        )
        self._wanted: list[ColumnElement[bool]] = []
        if since is not None:
            # The first narrows by the key; an id is made a moment after the message came.
            self._wanted = [
                complaint.c.journal_id >= lowest_id(since),
                journal.c.received_at >= since,
            ]
        self.summary = Summary()

    def count(self) -> int:
        """Count the complaints that are read again."""
        with self._store.read() as connection:
            found = select(func.count()).select_from(complaint)
            found = found.join(journal, journal.c.id == complaint.c.journal_id)
            return int(connection.scalar(found.where(*self._wanted)) or 0)

    def run(self) -> Iterator[int]:
        """Work through them, oldest first; gives how many after each batch."""
        last = uuid.UUID(int=0)
        while rows := self._next(last):
            waiting: Sequence[_Row] = rows
            while waiting:
                waiting = self._batch(waiting)
            self.summary.read += len(rows)
            last = rows[-1].journal_id
            yield len(rows)

    def _next(self, after: uuid.UUID) -> Sequence[_Row]:
        with self._store.read() as connection:
            return self._rows(
                connection,
                complaint.c.journal_id > after,
                *self._wanted,
            )

    def _rows(self, connection: Connection, *wanted: ColumnElement[bool]) -> list[_Row]:
        found = connection.execute(
            select(
                complaint.c.number, complaint.c.journal_id, complaint.c.revision, journal.c.message
            )
            .join(journal, journal.c.id == complaint.c.journal_id)
            .where(*wanted)
            .order_by(complaint.c.journal_id)
            .limit(TOGETHER)
        )
        return [_Row(*row) for row in found]

    def _batch(self, rows: Sequence[_Row]) -> list[_Row]:
        """Read some again; gives those that somebody changed meanwhile, to be read once more."""
        numbers = [row.number for row in rows]
        with self._store.read() as connection:
            added = _added(connection, numbers)
            joined = _joined(connection, numbers)
            before = changes.current(connection, numbers)
        read = [self._read(row, added.get(row.number, []), row.number in joined) for row in rows]
        fresh = [of for of in read if of is not None]
        changed = [of for of in fresh if self._difference(before.get(of.row.number), of)]
        if not self._publish:
            for of in changed:
                self._note(before[of.row.number], of)
            return []
        return self._publish_changed(changed) if changed else []

    def _read(self, row: _Row, added: Sequence[str], is_joined: bool) -> _Fresh | None:  # noqa: FBT001 - private
        try:
            message = read_message(row.document)
            flags = message.flags + self._gateway.carriers.flags(message)
            made = self._gateway.reader(
                replace(message, flags=flags), number=row.number, reporter_ref=None
            )
            record = dump(made)
            for text in added:
                record = amended(record, text)
        except Exception as exc:  # noqa: BLE001 - a bug in a rule must not end the run
            log.warning("not_read_again", number=row.number, error=type(exc).__name__)
            self.summary.unreadable.append(row.number)
            return None
        return _Fresh(row, json.loads(json.dumps(record)), is_joined)

    @staticmethod
    def _difference(before: Mapping[str, Any] | None, of: _Fresh) -> list[str]:
        if before is None:
            return []  # it became an alias meanwhile
        return differing(before, reread(before, of.record, is_joined=of.is_joined))

    def _note(self, before: Mapping[str, Any], of: _Fresh) -> None:
        self.summary.differing += 1
        self.summary.fields.update(self._difference(before, of))

    def _publish_changed(self, changed: Sequence[_Fresh]) -> list[_Row]:
        now, numbers = self._clock(), [of.row.number for of in changed]
        with self._store.write() as connection:
            records = changes.current(connection, numbers, lock=True)
            still = [
                of
                for of in changed
                if of.row.number in records
                and records[of.row.number]["revision"] == of.row.revision
            ]
            publications = []
            for of in still:
                before = records[of.row.number]
                after = reread(before, of.record, is_joined=of.is_joined)
                after["revision"] = before["revision"] + 1
                self._note(before, of)
                connection.execute(
                    update(complaint)
                    .where(complaint.c.number == of.row.number)
                    .values(revision=after["revision"], record=after, updated_at=now)
                )
                publications.append(self._publisher.seal(None, "amendment", after, now))
            self._publisher.publish(connection, publications, now)
        self.summary.published += len(still)
        done = {of.row.number for of in still}
        again = [of.row.number for of in changed if of.row.number in records.keys() - done]
        if not again:
            return []
        with self._store.read() as connection:
            return self._rows(connection, complaint.c.number.in_(again))


def _added(connection: Connection, numbers: Collection[str]) -> dict[str, list[str]]:
    """Read what reporters added to complaints, in the order in which it came."""
    rows = connection.execute(
        select(journal.c.about, journal.c.message)
        .where(
            journal.c.about.in_(numbers),
            journal.c.intent == "amendment",
            journal.c.outcome == "amended",
        )
        .order_by(journal.c.id)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        message = read_message(row.message)
        said = message.command.text if message.command else message.text
        found.setdefault(row.about, []).append(said or "")
    return found


def _joined(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Tell which complaints other reports were joined to."""
    rows = select(number.c.root).where(number.c.root.in_(numbers), number.c.number != number.c.root)
    return set(connection.scalars(rows))
