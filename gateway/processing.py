"""Processing: leased journal rows become complaints and events, a batch a transaction.

A worker may die at any point: what it had leased comes back when the lease ends, and what it had
committed is not leased again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
import uuid6
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from channels.base import InboundMessage, Receipt, ReceiptKind
from gateway import awaited, changes, joining, opening, pending, posts, questions, threads
from gateway.changes import Applied, Change
from gateway.counters import Counters
from gateway.duplicates import LOCK, Comparison, Decision, Said
from gateway.entry import Intent
from gateway.identity import Identity
from gateway.journal import named, read_message
from gateway.matters import Matter
from gateway.opening import Made
from gateway.pending import Line, Row
from gateway.publishing import Happened, Outbox, Publication, Publisher
from gateway.replies import Replies, silence
from gateway.store import Clock, Store
from gateway.words import chosen, words_of
from normalizer.complaint import Complaint, Related
from normalizer.fingerprint import fingerprint
from normalizer.normalize import normalize
from normalizer.schema import dump

log = structlog.get_logger()
TRIES = 4
_CHANGING: Mapping[Intent, Happened] = {
    "amendment": "amendment",
    "answer": "answer",
    "correction": "correction",
    "withdrawal": "withdrawal",
}


@dataclass(frozen=True, slots=True)
class _Done:
    """A row with the complaint it makes, what it does to one, or the reason why it does nothing."""

    row: Row
    message: InboundMessage | None = None
    made: Made | None = None
    change: Change | None = None
    separates: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a decision makes of a complaint; a repeat makes no event of its own."""

    made: Made
    decision: Decision
    record: dict[str, Any]
    publication: Publication | None


class Processing:
    """Works the journal off. Any number of processes may run it on one store."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        outbox: Outbox,
        *,
        public_url: str,
        clock: Clock,
        most_together: int = 100,
        lease: timedelta = timedelta(seconds=30),
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
        flags: Callable[[InboundMessage], tuple[str, ...]] = lambda _: (),
        replies: Replies | None = None,
        read: Callable[..., Complaint] = normalize,
    ):
        self._store = store
        self._identity = identity
        self._counters = Counters()
        self._publisher = Publisher(outbox, self._counters, public_url=public_url, new_id=new_id)
        self._clock = clock
        self._line = Line(store, clock, most_together=most_together, lease=lease)
        self._flags = flags
        self._replies = replies or silence(identity)
        self._read = read

    def run_once(self) -> int:
        """Work off one batch; gives how many rows were settled. Zero means idle."""
        token = uuid.uuid4()
        rows = self._line.claim(token)
        if not rows:
            return 0
        try:
            done = [self._work_off(row) for row in rows]
            return self._try_to_settle(token, done)
        except BaseException:
            # Not these rows' fault (a full disk, a signal): they are not a death older for it.
            self._line.give_back(token)
            raise

    # --- work, outside any transaction ------------------------------------------------------

    def _work_off(self, row: Row) -> _Done:
        try:
            message = named(read_message(row.document), row.id)
            if row.about and row.intent == "separation":
                return _Done(row, separates=row.about)
            if row.about and row.intent != "complaint":
                return _Done(row, message, change=self._change(row, row.about, message))
            return _Done(row, message, self._make(row, message))
        except Exception as exc:  # noqa: BLE001 - a bug in a rule must cost no citizen's message
            reason = f"normalizing: {type(exc).__name__}"  # its message could hold the text
            return _Done(row, reason=reason)

    def _make(self, row: Row, message: InboundMessage) -> Made:
        complaint = self._read(
            replace(message, flags=message.flags + self._flags(message)),
            number=row.number,
            reporter_ref=self._reporter_ref(message, row.number),
        )
        if row.about:
            complaint = replace(complaint, related=_follows(row.about))
        said = Said(
            Matter.of(row.number, fingerprint(words_of(message))),
            self._identity.reporter(message.sender),
            message.received_at,
            **chosen(message),
        )
        return Made(row.id, dump(complaint), said)

    def _change(self, row: Row, about: str, message: InboundMessage) -> Change:
        said = posts.words(row.document)
        if row.intent == "supplement":
            brought = dump(self._read(message, number=about, reporter_ref=None))
            return Change(row.id, about, "supplement", reading=brought)
        if row.intent not in {"answer", "correction"}:
            return Change(row.id, about, _CHANGING[row.intent], said, files=message.attachments)
        alone = self._read(replace(message, text=said), number=about, reporter_ref=None)
        if row.intent == "answer":
            tells, files = row.document[questions.ANSWERS], message.attachments
            reading = dump(alone)
            return Change(row.id, about, "answer", said, reading=reading, files=files, tells=tells)
        return Change(
            row.id,
            about,
            "correction",
            said,
            corrects=row.document[threads.CORRECTS],
            former_files=row.document.get(threads.FORMER_FILES, {}),  # none in older rows
            reading=dump(alone),
            files=message.attachments,
        )

    def _reporter_ref(self, message: InboundMessage, of: str) -> str | None:
        anonymous = message.fields.get("anonymous") is True
        return self._identity.reporter_ref(message.sender, of, anonymous=anonymous)

    def _compare(self, done: Sequence[_Done]) -> Comparison:
        comparison = Comparison([item.made.said for item in done if item.made])
        comparison.look_up(self._store)
        return comparison

    def _try_to_settle(self, token: uuid.UUID, done: Sequence[_Done]) -> int:
        """Settle; what accept or feedback got in the way of is done again at once."""
        for tries_left in reversed(range(TRIES)):
            try:
                return self._settle(token, done, self._compare(done))
            except DBAPIError as exc:
                if not (tries_left and self._store.may_succeed_again(exc)):
                    raise
        raise AssertionError  # pragma: no cover - the last try returns or raises

    # --- one transaction a batch ----------------------------------------------------------

    def _settle(self, token: uuid.UUID, done: Sequence[_Done], comparison: Comparison) -> int:
        now = self._clock()
        ready = {
            item.made.journal_id: self._draft(item.made, decision, now)
            for item in done
            if item.made and (decision := comparison.decisions[item.made.said.number])
        }
        with self._store.write() as connection:
            if ready:
                self._store.hold(connection, [LOCK])
            mine = pending.still_held(connection, token, [item.row.id for item in done])
            kept = [item for item in done if item.row.id in mine]
            made = [item.made for item in kept if item.made]
            decisions = comparison.settle(connection, {of.said.number for of in made})
            for of in made:
                decision = decisions[of.said.number]
                if ready[of.journal_id].decision != decision:
                    ready[of.journal_id] = self._draft(of, decision, now)
            drafts = [ready[of.journal_id] for of in made]
            records = {of.made.journal_id: of.record for of in drafts if of.publication}
            repeats = opening.write(connection, made, decisions, records, now)
            changing = [item.change for item in kept if item.change] + repeats
            changing.sort(key=_arrival)
            applied = changes.apply(connection, changing, now)
            publications = [of.publication for of in drafts if of.publication] + [
                self._publisher.seal(change.journal_id, change.happened, record, now)
                for change, record in applied.done
            ]
            publications += self._separate(connection, kept, now)
            self._publisher.publish(connection, publications, now)
            told = [
                (item.row.id, item.row.number if item.made else str(item.row.about), item.message)
                for item in kept
                if item.message
            ]
            awaited.follow(connection, told, _became(drafts, applied), now)
            awaited.take_back(connection, applied)
            pending.settle(connection, [change.journal_id for change in applied.idle], "repeat")
            unreadable = [item for item in kept if item.reason]
            for item in unreadable:
                pending.park(connection, item.row.id, item.reason)
            outcomes = Counter(of.outcome for of in publications if of.journal_id)
            outcomes.update(parked=len(unreadable), repeat=len(applied.idle))
            self._counters.add(connection, "outcomes", +outcomes, now)
            pending.postpone(connection, [of.journal_id for of in applied.waiting], now)
            self._tell(connection, made, decisions, records, now)
        for publication in publications:
            log.info(publication.outcome, number=publication.envelope.number)
        return len(kept) - len(applied.waiting)

    def _tell(
        self,
        connection: Connection,
        made: Sequence[Made],
        decisions: Mapping[str, Decision],
        records: Mapping[uuid.UUID, dict[str, Any]],
        now: datetime,
    ) -> None:
        """Tell reporters what their message has joined; ask for what it does not say."""
        for of in made:
            decision = decisions[of.said.number]
            if decision.verdict in {"repeat", "supported"} and decision.root:
                kind: ReceiptKind = "repeat" if decision.verdict == "repeat" else "supported"
                receipt = Receipt(kind, of.said.number, first_number=decision.root)
                self._replies.joined(connection, of.journal_id, receipt, now)
        alone = [of for of in made if decisions[of.said.number].root is None]
        opened = [(of.journal_id, records[of.journal_id]) for of in alone]
        questions.ask(connection, self._replies, opened, now)

    def _draft(self, made: Made, decision: Decision, now: datetime) -> _Draft:
        """Make the record and the event of a decision: dear, so before the lock where possible."""
        if decision.verdict == "repeat":
            return _Draft(made, decision, made.record, None)
        record = made.record_as(decision)
        sealed = self._publisher.seal(made.journal_id, made.happened(decision), record, now)
        return _Draft(made, decision, record, sealed)

    def _separate(
        self, connection: Connection, items: Sequence[_Done], now: datetime
    ) -> list[Publication]:
        publications: list[Publication] = []
        for item in items:
            if item.separates is None:
                continue
            events = joining.separate(connection, item.separates, now)
            publications += joining.sealed(self._publisher, item.row.id, events, now)
            if not events:  # said twice: it is separate already
                pending.settle(connection, [item.row.id], "command")
        return publications


def _became(drafts: Sequence[_Draft], applied: Applied) -> dict[uuid.UUID, dict[str, Any]]:
    """Give, by journal row, the records that rows are in now; none of those that wait."""
    changed = {change.journal_id: record for change, record in applied.done if change.journal_id}
    return {of.made.journal_id: of.record for of in drafts} | changed


def _arrival(change: Change) -> bytes:
    """Order changes as their messages came: a retelling may have been edited since."""
    return change.journal_id.bytes if change.journal_id else b""


def _follows(closed: str) -> tuple[Related, ...]:
    """Refer to the closed complaint that this one was meant to add to."""
    return (Related(closed, "follows", 1.0, ("reporter added to a closed complaint",)),)
