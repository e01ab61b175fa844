"""The accept transaction: everything a receipt promises is written here, at once.

Fixed order (deliveries, numbers with their claims, uploads, journal) and sorted rows, so that two
committers cannot wait for each other. Every decision is a constraint's: an insert that conflicts
tells what was there first. Nothing is looked up to decide whether to write.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, tuple_, update

from channels.base import KeyReused, Overloaded, Receipt
from gateway import commands, parts, posts, questions, tallies, threads
from gateway.attachments import rows
from gateway.counters import Counters
from gateway.entry import Entry
from gateway.replies import Replies
from gateway.store import Hold
from gateway.tables import CLAIMED, delivery, journal, number
from gateway.upsert import InsertMany

_DELIVER = InsertMany(
    delivery,
    [column.name for column in delivery.columns],
    lambda insert: insert.on_conflict_do_nothing(index_elements=["source", "key"]).returning(
        delivery.c.journal_id
    ),
)
_GIVE_NUMBER = InsertMany(
    number,
    [column.name for column in number.columns],
    lambda insert: insert.on_conflict_do_nothing(
        index_elements=["fingerprint"], index_where=CLAIMED
    ).returning(number.c.number),
)
# Locked, so that it stays claimed until the repeat is counted.
_HELD = (
    select(number.c.fingerprint, number.c.number)
    .where(CLAIMED, number.c.fingerprint.in_(bindparam("fingerprints", expanding=True)))
    .order_by(number.c.number)
    .with_for_update()
)
_TRIES = 10  # to find who holds an identity, before it is given up again
_REPEAT = (
    update(number)
    .where(number.c.number == bindparam("of"))
    .values(repeats=number.c.repeats + bindparam("more"))
)
_WRITE_JOURNAL = InsertMany(
    journal,
    (
        "id",
        "source",
        "number",
        "message",
        "raw",
        "received_at",
        "intent",
        "about",
        "outcome",
        "reason",
        "attempts",
    ),
)
_CORRECT = (
    update(delivery)
    .where(delivery.c.source == bindparam("of"), delivery.c.key == bindparam("as"))
    .values(
        kind=bindparam("is_kind"),
        number=bindparam("is_number"),
        first_number=bindparam("is_first_number"),
        command=bindparam("is_command"),
        status=bindparam("is_status"),
    )
)
_RECALL = select(delivery).where(
    tuple_(delivery.c.source, delivery.c.key).in_(bindparam("keys", expanding=True))
)


def accept(
    connection: Connection,
    entries: Sequence[Entry],
    *,
    hold: Hold,
    new_id: Callable[[], uuid.UUID],
    replies_a_day: int,
    replies: Replies,
    counters: Counters,
) -> None:
    """Write all entries in the open transaction and settle their receipts.

    No two entries are of the same thread (`threads.waves`). A number drawn twice raises
    IntegrityError: the caller rolls back, draws again and retries.
    """
    for entry in entries:
        entry.journal_id = new_id()
    fresh = _deliver(connection, entries)
    expected = {entry.journal_id: entry.receipt for entry in fresh}
    parts.collect(
        connection, [e for e in fresh if e.part or e.overdue_parts], hold=hold, new_id=new_id
    )
    public = [entry for entry in fresh if entry.post]
    if public:
        threads.follow(connection, public, hold=hold)
    commands.answer(connection, [entry for entry in fresh if entry.command])
    questions.answer(connection, replies, fresh)
    _give_numbers(connection, [entry for entry in fresh if entry.opens])
    parts.note_numbers(connection, [entry for entry in fresh if entry.overdue_parts])
    posts.note(connection, public)
    _silence(connection, fresh, replies_a_day)
    rows.claim(connection, fresh)
    if fresh:
        _WRITE_JOURNAL.run(connection, [_journal_row(entry) for entry in fresh])
    replies.receipts(connection, fresh)
    _correct(connection, [e for e in fresh if e.receipt != expected[e.journal_id]])
    _recall(connection, [e for e in entries if e.journal_id not in expected])
    counters.add(connection, "accepted", Counter(map(_counted_as, entries)), _latest(entries))


def _counted_as(entry: Entry) -> str:
    return f"{entry.source}:{'redelivered' if entry.receipt.redelivered else entry.receipt.kind}"


def _latest(entries: Sequence[Entry]) -> datetime:
    return max(entry.received_at for entry in entries)


def _deliver(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Insert delivery rows; give the entries that were not delivered before."""
    rows = [
        {
            "source": entry.source,
            "key": entry.key,
            "journal_id": entry.journal_id,
            "kind": entry.receipt.kind,
            "number": entry.receipt.number,
            "first_number": entry.receipt.first_number,
            "command": entry.receipt.command,
            "status": entry.receipt.status,
            "payload_digest": entry.payload_digest,
            "received_at": entry.received_at,
        }
        for entry in sorted(entries, key=lambda entry: entry.delivered_as)
    ]
    first = set(_DELIVER.run(connection, rows).scalars())
    return [entry for entry in entries if entry.journal_id in first]


def _give_numbers(connection: Connection, entries: Sequence[Entry]) -> None:
    """Give a number to what is said for the first time; the rest repeats whoever said it first.

    The number's row claims "this reporter says this" as long as it is in process.
    """
    left = entries
    for _ in range(_TRIES):
        if not left:
            return
        left = _repeat(connection, _claim(connection, left))
    raise Overloaded("an identity is given up and taken again all the time")


def _claim(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Insert numbers; give the entries whose identity is held by an earlier one."""
    rows = [
        {
            "number": entry.receipt.number,
            "root": entry.receipt.number,
            "status": entry.receipt.status,
            "reporter": entry.reporter,
            "fingerprint": entry.fingerprint,
            "claimed": entry.fingerprint is not None,
            "confidential": entry.confidential,
            "repeats": 0,
            "received_at": entry.received_at,
            "updated_at": entry.received_at,
            "supports": None,
        }
        for entry in sorted(entries, key=lambda entry: entry.fingerprint or b"")
    ]
    given = set(_GIVE_NUMBER.run(connection, rows).scalars())
    return [entry for entry in entries if entry.receipt.number not in given]


def _repeat(connection: Connection, entries: Sequence[Entry]) -> list[Entry]:
    """Count repeats of what is in process; give the entries whose first was closed meanwhile."""
    if not entries:
        return []
    held = connection.execute(_HELD, {"fingerprints": [entry.fingerprint for entry in entries]})
    first = {row.fingerprint: row.number for row in held}
    repeats = [entry for entry in entries if entry.fingerprint in first]
    for entry in repeats:
        entry.repeat(first[entry.fingerprint])
    counts = Counter(entry.receipt.number for entry in repeats)
    if counts:
        connection.execute(
            _REPEAT, [{"of": of, "more": more} for of, more in sorted(counts.items(), key=str)]
        )
    return [entry for entry in entries if entry.fingerprint not in first]


def _silence(connection: Connection, entries: Sequence[Entry], replies_a_day: int) -> None:
    """Answer a sender only so often a day: two machines must not talk to each other for ever."""
    counts = Counter(entry.counted for entry in entries if entry.counted)
    if not counts:
        return
    total = tallies.count(connection, counts, _latest(entries).date())
    so_far = {ref: total[ref] - count for ref, count in counts.items()}
    for entry in entries:
        if entry.counted is None:
            continue
        so_far[entry.counted] += 1
        if so_far[entry.counted] > replies_a_day:
            entry.receipt = replace(entry.receipt, kind="quiet")


def _journal_row(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.journal_id,
        "source": entry.source,
        "number": entry.receipt.number,
        "message": entry.message,
        "raw": entry.raw,
        "received_at": entry.received_at,
        "intent": entry.intent,
        "about": entry.about,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "attempts": 0,
    }


def _correct(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write the receipts that came out differently than expected."""
    if not entries:
        return
    connection.execute(
        _CORRECT,
        [
            {
                "of": entry.source,
                "as": entry.key,
                "is_kind": entry.receipt.kind,
                "is_number": entry.receipt.number,
                "is_first_number": entry.receipt.first_number,
                "is_command": entry.receipt.command,
                "is_status": entry.receipt.status,
            }
            for entry in entries
        ],
    )


def _recall(connection: Connection, entries: Sequence[Entry]) -> None:
    """Give redeliveries the receipt of the first delivery."""
    if not entries:
        return
    rows = connection.execute(_RECALL, {"keys": [entry.delivered_as for entry in entries]})
    first = {(row.source, row.key): row for row in rows}
    for entry in entries:
        row = first[entry.delivered_as]
        if row.payload_digest != entry.payload_digest:
            entry.error = KeyReused("this Idempotency-Key was used for another body")
        entry.receipt = Receipt(
            row.kind,
            number=row.number,
            status=row.status,
            first_number=row.first_number,
            command=row.command,
            redelivered=True,
        )
        entry.received_at = row.received_at
