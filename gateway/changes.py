"""The complaint table: complaints are opened there, and changed by amendments and withdrawals."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from channels.base import Attachment
from gateway import clusters
from gateway.publishing import Happened
from gateway.tables import PENDING, complaint, journal, judgement, number, status_change
from normalizer.amend import amended, answered, corrected, fetched, withdrawn
from normalizer.joined import repeated, supplemented


@dataclass(frozen=True, slots=True)
class Change:
    """A journal row that changes the complaint `about`; `text` and `files` are what it adds.

    A correction puts it in the place of `corrects`, and its files in that of `former_files` (ids
    with their URLs); an answer says what it `tells`; `reading` is the record that the new words
    alone would make. A repeat is `again`, the record that it would have been by itself; one in the
    very same words, a `supplement`, brings files or fields alone. `fetched` is what became of a
    file: no journal row tells of that.
    """

    journal_id: uuid.UUID | None
    about: str
    happened: Happened
    text: str = ""
    corrects: str = ""
    former_files: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, Any] | None = None
    files: tuple[Attachment, ...] = ()
    tells: str = ""
    again: Mapping[str, Any] | None = None
    is_still: bool = False
    fetched: Mapping[str, Any] | None = None

    def made_to(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Give the record that this makes of another."""
        if self.again is not None:
            return repeated(record, self.again, is_still=self.is_still)
        reading = self.reading or {}
        made: Mapping[Happened, Callable[[], dict[str, Any]]] = {
            "amendment": lambda: amended(record, self.text, self.files),
            "answer": lambda: answered(record, self.text, self.tells, reading, self.files),
            "correction": lambda: corrected(
                record, self.text, self.corrects, reading, self.files, self.former_files
            ),
            "fetching": lambda: fetched(record, self.fetched or {}),
            "supplement": lambda: supplemented(record, reading),
            "withdrawal": lambda: withdrawn(record),
        }
        return made[self.happened]()


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of changes: done with the record it makes, idle (nothing is new), or waiting."""

    done: list[tuple[Change, dict[str, Any]]]
    idle: list[Change]
    waiting: list[Change]


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


def apply(connection: Connection, changes: Sequence[Change], now: datetime) -> Applied:
    """Change complaints.

    A change waits while its complaint is not there yet, and a correction while something older is
    on its way there: another worker may be at it.
    """
    # What was changed may have been joined with another meanwhile.
    roots = _roots(connection, {change.about for change in changes})
    records = current(connection, set(roots.values()), lock=True)
    applied = Applied([], [], [])
    early = _too_early(connection, changes, roots)
    for change in changes:
        before = records.get(roots.get(change.about, ""))
        if before is None or change in early:
            applied.waiting.append(change)
            continue
        after = change.made_to(before)
        if after is before:
            applied.idle.append(change)
            continue
        records[after["number"]] = after
        applied.done.append((change, after))
        write(connection, after, now)
        if change.happened == "supplement" and change.about != after["number"]:
            _keep_with_alias(connection, change)
    return applied


def _too_early(
    connection: Connection, changes: Sequence[Change], roots: Mapping[str, str]
) -> list[Change]:
    """Find corrections that would overtake what they correct, by whichever number that came."""
    corrections = [change for change in changes if change.happened == "correction"]
    if not corrections:
        return []
    here = {change.journal_id for change in changes}
    coming = connection.execute(
        select(number.c.root, journal.c.id)
        .join(journal, journal.c.about == number.c.number)
        .where(
            PENDING,
            number.c.root.in_({roots.get(change.about) for change in corrections}),
            journal.c.intent != "complaint",
        )
    ).all()
    return [
        change
        for change in corrections
        if any(
            row.root == roots.get(change.about)
            and row.id not in here
            and row.id < change.journal_id
            for row in coming
        )
    ]


def _keep_with_alias(connection: Connection, change: Change) -> None:
    """Keep what an alias's own words brought where it is found should the alias be separated."""
    mine = judgement.c.number == change.about
    kept = connection.scalar(select(judgement.c.record).where(mine))
    if kept is not None:
        connection.execute(update(judgement).where(mine).values(record=change.made_to(kept)))


def write(connection: Connection, record: Mapping[str, Any], now: datetime) -> None:
    """Keep a record that a complaint has become."""
    connection.execute(
        update(complaint)
        .where(complaint.c.number == record["number"])
        .values(revision=record["revision"], record=record, updated_at=now)
    )


def current(
    connection: Connection, about: Collection[str], *, lock: bool = False
) -> dict[str, dict[str, Any]]:
    """Read records with what was counted, decided and told since they were published.

    With `lock`, two that change one complaint do so one after the other, each on what the other
    has made of it.
    """
    if not about:
        return {}
    found = (
        select(complaint.c.number, complaint.c.record, number.c.status)
        .join(number, number.c.number == complaint.c.number)
        .where(complaint.c.number.in_(about))
        .order_by(complaint.c.number)
    )
    rows = connection.execute(found.with_for_update(of=complaint) if lock else found).all()
    references, said = _references(connection, about), _said_again(connection, about)
    supporters = clusters.count_supporters(connection, sorted(about))
    return {
        row.number: {
            **row.record,
            "status": row.status,
            "aliases": said[row.number][0],
            "repeats": said[row.number][1],
            "supporters": supporters.get(row.number, 0),
            "external_refs": references.get(row.number, []),
        }
        for row in rows
    }


def _roots(connection: Connection, numbers: Collection[str]) -> dict[str, str]:
    """Tell which complaint each number stands for."""
    rows = connection.execute(
        select(number.c.number, number.c.root).where(number.c.number.in_(numbers))
    )
    return {row.number: row.root for row in rows}


def _said_again(connection: Connection, roots: Collection[str]) -> dict[str, tuple[list[str], int]]:
    """Give the aliases of complaints, oldest first, and how often each was repeated."""
    rows = connection.execute(
        select(number.c.root, number.c.number, number.c.repeats)
        .where(number.c.root.in_(roots))
        .order_by(number.c.received_at, number.c.number)
    )
    aliases: dict[str, list[str]] = {root: [] for root in roots}
    repeats: dict[str, int] = dict.fromkeys(roots, 0)
    for row in rows:
        repeats[row.root] += row.repeats
        if row.number != row.root:
            aliases[row.root].append(row.number)
            repeats[row.root] += 1
    return {root: (aliases[root], repeats[root]) for root in roots}


def _references(connection: Connection, about: Collection[str]) -> dict[str, list[str]]:
    """Read the consumers' own numbers for complaints, each once, oldest first."""
    rows = connection.execute(
        select(status_change.c.number, status_change.c.consumer, status_change.c.reference)
        .where(status_change.c.number.in_(about), status_change.c.reference.is_not(None))
        .order_by(status_change.c.id)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        of, spelled = found.setdefault(row.number, []), f"{row.consumer}:{row.reference}"
        if spelled not in of:
            of.append(spelled)
    return found
