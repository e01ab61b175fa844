"""Questions: what a message did not tell is asked for once, and the answer finds its complaint.

An SMS has no threads, so an answer has to be told from a new complaint by what it says; the rule
is in docs/replies.md, its words in `channels.answers`. A reporter has one open question at a time:
which one is answered is never a guess.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from channels.answers import looks_like_answer, says_when_alone
from channels.base import AskedFor, Receipt
from gateway.entry import Entry
from gateway.replies import QUESTION, Replies, untold
from gateway.store import IN_PROCESS, standings
from gateway.tables import CLAIMED, UNANSWERED, delivery, journal, number, question, reply

ANSWERS = "answers"  # in a journal row's message: what it tells
_ASKED = ("sending", "sent", "unknown", "unsure")  # states of a reply that may have been heard


@dataclass(frozen=True, slots=True)
class _Open:
    number: str
    source: str
    reporter: bytes
    asks: AskedFor
    asked_at: datetime


# --- asking, in the transaction that publishes the complaint ---------------------------------


def ask(
    connection: Connection,
    replies: Replies,
    opened: Sequence[tuple[uuid.UUID, dict[str, Any]]],
    now: datetime,
) -> None:
    """Ask for what new complaints do not tell, each with the journal row it comes from."""
    wanted = {
        record["number"]: (journal_id, record["source"]["source"], asks)
        for journal_id, record in opened
        if record["source"]["source"] in replies.sources
        if (asks := _first_missing(record["missing"], replies.manners.ask))
    }
    if not wanted:
        return
    busy = _busy(connection, wanted, now, replies)
    for row in _askable(connection, wanted):
        if row.reporter in busy:
            continue
        journal_id, source, asks = wanted[row.number]
        reply_id = _with_the_receipt(connection, journal_id, asks)
        if reply_id is None:
            if not replies.within_limit(connection, [row.reporter], now)[row.reporter]:
                continue
            of = (source, journal_id, f"question:{row.number}", QUESTION)
            asked = replies.row(of, Receipt("new", row.number, status="received"), now)
            replies.write(connection, [asked | {"asks": asks, "told": True}])
            reply_id = asked["id"]
        busy.add(row.reporter)
        connection.execute(
            insert(question).values(
                number=row.number,
                source=source,
                reporter=row.reporter,
                asks=asks,
                reply_id=reply_id,
                asked_at=now,
            )
        )


def _first_missing(missing: Collection[str], ask_for: Sequence[AskedFor]) -> AskedFor | None:
    return next((name for name in ask_for if name in missing), None)


def _busy(
    connection: Connection, numbers: Collection[str], now: datetime, replies: Replies
) -> set[bytes]:
    """Find the reporters of these numbers who have an open question already."""
    of = select(number.c.reporter).where(number.c.number.in_(numbers))
    still_open = select(question.c.reporter).where(
        UNANSWERED,
        question.c.reporter.in_(of),
        question.c.asked_at > now - replies.manners.answer_within,
    )
    return set(connection.scalars(still_open))


def _askable(connection: Connection, numbers: Collection[str]) -> Sequence[Any]:
    """Give numbers with their reporters: in process, not confidential, and answered at all."""
    quiet = exists().where(
        delivery.c.source == journal.c.source,
        delivery.c.journal_id == journal.c.id,
        delivery.c.key == journal.c.message["provider_id"].as_string(),
        delivery.c.kind == "quiet",
    )
    found = (
        select(number.c.number, number.c.reporter)
        .join(journal, journal.c.number == number.c.number)
        .where(
            number.c.number.in_(numbers),
            number.c.reporter.is_not(None),
            number.c.status.in_(IN_PROCESS),
            ~number.c.confidential,
            journal.c.intent == "complaint",
            ~quiet,
        )
        .order_by(number.c.received_at, number.c.number)
    )
    return list({row.number: row for row in connection.execute(found)}.values())


def _with_the_receipt(
    connection: Connection, journal_id: uuid.UUID, asks: AskedFor
) -> uuid.UUID | None:
    """Ask in the message that tells the number, where it has not gone yet."""
    together = (
        update(reply)
        .where(
            reply.c.occasion == f"receipt:{journal_id}",
            reply.c.kind == "new",
            reply.c.command.is_(None),
            *untold(),
        )
        .values(asks=asks)
        .returning(reply.c.id)
    )
    found: uuid.UUID | None = connection.scalar(together)
    return found


# --- answering, inside accept -----------------------------------------------------------------


def answer(connection: Connection, replies: Replies, entries: Sequence[Entry]) -> None:
    """Take what answers an open question for an amendment of its complaint; the first one counts.

    A message that opens a complaint answers only by the words it has; one that adds to the very
    complaint that was asked about (in its thread, or by TAMBAH) by what it says about the place.
    """
    likely = [entry for entry in entries if entry.reporter and _may_answer(entry)]
    if not likely:
        return
    still_open = _open_questions(connection, replies, likely)
    known = _said_already(connection, likely)
    for entry in likely:
        asked = still_open.get((entry.source, entry.reporter or b""))
        if asked is None or entry.fingerprint in known:
            continue
        if entry.received_at < asked.asked_at or not _is_about(entry, asked):
            continue
        if _claim(connection, asked, entry):
            still_open.pop((asked.source, asked.reporter))
            _become_answer(entry, asked)


def _may_answer(entry: Entry) -> bool:
    message = entry.message or {}
    if entry.opens and (message.get("channel") != "sms" or entry.about):
        return False  # elsewhere an answer stands in the thread
    if not entry.opens and entry.intent != "amendment":
        return False
    return looks_like_answer(_words(entry))


def _words(entry: Entry) -> str:
    if entry.command is not None and entry.command.text:
        return entry.command.text
    return str((entry.message or {}).get("text", ""))


def _is_about(entry: Entry, asked: _Open) -> bool:
    return entry.opens or entry.about == asked.number


def _open_questions(
    connection: Connection, replies: Replies, entries: Sequence[Entry]
) -> dict[tuple[str, bytes], _Open]:
    """Find what these reporters were asked, heard and have not answered, about what is open."""
    since = min(entry.received_at for entry in entries) - replies.manners.answer_within
    found = (
        select(
            question.c.number,
            question.c.source,
            question.c.reporter,
            question.c.asks,
            question.c.asked_at,
        )
        .join(reply, reply.c.id == question.c.reply_id)
        .where(
            UNANSWERED,
            question.c.reporter.in_({entry.reporter for entry in entries}),
            question.c.asked_at > since,
            reply.c.state.in_(_ASKED),
        )
        .order_by(question.c.asked_at)
    )
    asked = [_Open(*row) for row in connection.execute(found)]
    stands = standings(connection, {one.number for one in asked}, lock=True)
    return {
        (one.source, one.reporter): one
        for one in asked
        if stands[one.number].number == one.number and stands[one.number].status in IN_PROCESS
    }


def _said_already(connection: Connection, entries: Sequence[Entry]) -> set[bytes | None]:
    """Find what repeats a complaint in process word for word: that is no answer."""
    prints = [entry.fingerprint for entry in entries if entry.opens and entry.fingerprint]
    held = select(number.c.fingerprint).where(CLAIMED, number.c.fingerprint.in_(prints))
    return set(connection.scalars(held)) if prints else set()


def _claim(connection: Connection, asked: _Open, entry: Entry) -> bool:
    claimed = (
        update(question)
        .where(question.c.number == asked.number, question.c.answered_by.is_(None))
        .values(answered_by=entry.journal_id)
    )
    return connection.execute(claimed).rowcount == 1


def _become_answer(entry: Entry, asked: _Open) -> None:
    entry.amend(asked.number)
    entry.intent = "answer"
    entry.fingerprint = None
    entry.receipt = Receipt("answer", asked.number, status="received")
    told: AskedFor = "incident_date" if says_when_alone(_words(entry)) else asked.asks
    entry.message = {**(entry.message or {}), ANSWERS: told}
