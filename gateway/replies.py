"""Replies: what is said to citizens by ourselves, written by the transaction that causes it.

Nothing is sent here; `gateway.speaking` does that, from another thread. A row holds facts and
refers to the message that it answers: whom it goes to stands in the journal alone.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid6
from sqlalchemy import Connection, and_, func, or_, select, update

from channels.base import AskedFor, Channel, Receipt, Spoken
from gateway import tallies
from gateway.entry import Entry
from gateway.identity import Identity
from gateway.store import Clock
from gateway.tables import complaint, journal, number, reply
from gateway.upsert import InsertMany, among

# Which goes first when a source has to hurry: who waits for a number, before who would like news.
RECEIPT, QUESTION, NEWS = 0, 1, 2
SAID = frozenset(
    {"new", "repeat", "supported", "command", "answer"}
)  # kinds of receipts that have words
_WRITE = InsertMany(
    reply,
    [column.name for column in reply.columns],
    lambda insert: insert.on_conflict_do_nothing(index_elements=["occasion"]).returning(reply.c.id),
)


@dataclass(frozen=True, slots=True)
class Manners:
    """How citizens are spoken to: how often a day, after what pause, what they are asked."""

    a_day: int = 20
    hold: timedelta = timedelta(seconds=2)
    ask: tuple[AskedFor, ...] = ("incident_location", "incident_date")
    answer_within: timedelta = timedelta(hours=48)


class Replies:
    """Writes down what is to be said, where there is a way to say it.

    `sources` are those that can be spoken through, each with whether its senders hear what its
    requests are answered.
    """

    def __init__(
        self,
        sources: Mapping[str, bool],
        identity: Identity,
        *,
        clock: Clock,
        manners: Manners | None = None,
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
    ):
        self.sources = sources
        self.manners = manners or Manners()
        self._identity = identity
        self._clock = clock
        self._new_id = new_id

    def receipts(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Write the receipts that nobody has heard from an answer to a request."""
        unheard = [entry for entry in entries if self._is_unheard(entry)]
        if not unheard:
            return
        now = self._clock()
        rows = []
        for entry in unheard:
            assert entry.journal_id is not None  # noqa: S101 - accept numbers all
            may_be_asked = entry.receipt.kind == "new" and bool(self.manners.ask)
            due_at = now + self.manners.hold if may_be_asked else now
            occasion = f"receipt:{entry.journal_id}"
            of = (entry.source, entry.journal_id, occasion, RECEIPT)
            row = self.row(of, entry.receipt, now, due_at=due_at)
            rows.append(row | {"confidential": entry.confidential})
        _WRITE.run(connection, rows)

    def joined(
        self, connection: Connection, journal_id: uuid.UUID, receipt: Receipt, now: datetime
    ) -> None:
        """Tell that a message turned out to be about what is in process already.

        Where its number has not been told yet, this is told instead.
        """
        instead = (
            update(reply)
            .where(reply.c.occasion == f"receipt:{journal_id}", *untold())
            .values(kind=receipt.kind, first_number=receipt.first_number)
        )
        if not self.sources or connection.execute(instead).rowcount:
            return
        source = connection.scalar(select(journal.c.source).where(journal.c.id == journal_id))
        own = connection.execute(select(number).where(number.c.number == receipt.number)).one()
        if source is None or source not in self.sources or own.reporter is None:
            return
        if self.within_limit(connection, [own.reporter], now)[own.reporter]:
            of = (source, journal_id, f"joined:{journal_id}", NEWS)
            row = self.row(of, receipt, now)
            _WRITE.run(connection, [row | {"confidential": own.confidential}])

    def news(
        self, connection: Connection, roots: Sequence[str], status: str, now: datetime
    ) -> None:
        """Tell reporters how their complaints stand now, instead of what they were not told yet."""
        if not (self.sources and roots):
            return
        found = [row for row in _reporters(connection, roots) if row.source in self.sources]
        if not found:
            return
        instead = (
            update(reply)
            .where(
                among(connection, reply.c.number, [row.number for row in found]),
                reply.c.rank == NEWS,
                reply.c.kind == "command",
                _is_waiting(),
            )
            .values(status=status, text=None)
            .returning(reply.c.number)
        )
        waited = set(connection.scalars(instead))
        fresh = [row for row in found if row.number not in waited]
        fits = self.within_limit(connection, [row.reporter for row in fresh], now)
        rows = []
        for row in fresh:
            if fits[row.reporter]:
                receipt = Receipt("command", row.number, status=status, command="status")
                of = (row.source, row.journal_id, f"news:{self._new_id()}", NEWS)
                rows.append(self.row(of, receipt, now) | {"confidential": row.confidential})
        if rows:
            _WRITE.run(connection, rows)

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows that `row` made; what was said on the same occasion is not said again."""
        _WRITE.run(connection, rows)

    def row(
        self,
        of: tuple[str, uuid.UUID, str, int],
        receipt: Receipt,
        now: datetime,
        *,
        due_at: datetime | None = None,
    ) -> dict[str, Any]:
        """Make a row of a source, journal row, occasion and rank, and what there is to say."""
        source, journal_id, occasion, rank = of
        return {
            "id": self._new_id(),
            "source": source,
            "journal_id": journal_id,
            "occasion": occasion,
            "rank": rank,
            "kind": receipt.kind,
            "number": receipt.number,
            "first_number": receipt.first_number,
            "status": receipt.status,
            "command": receipt.command,
            "asks": None,
            "told": False,
            "confidential": False,
            "state": "waiting",
            "text": None,
            "attempts": 0,
            "due_at": due_at or now,
            "lease_token": None,
            "tried_at": None,
            "provider_id": None,
            "reason": None,
            "created_at": now,
            "settled_at": None,
        }

    def within_limit(
        self, connection: Connection, reporters: Sequence[bytes], now: datetime
    ) -> dict[bytes, bool]:
        """Count towards what each may be told today; tells whether it is still within."""
        refs = {of: self._identity.of_day("told", of.hex(), now.date()) for of in reporters}
        counts = Counter(refs[of] for of in reporters)
        so_far = tallies.count(connection, counts, now.date())
        return {of: so_far[ref] <= self.manners.a_day for of, ref in refs.items()}

    def _is_unheard(self, entry: Entry) -> bool:
        answers_requests = self.sources.get(entry.source)
        if answers_requests is None or entry.receipt.kind not in SAID or entry.counted is None:
            return False
        return entry.unheard or not answers_requests


def silence(identity: Identity) -> Replies:
    """Say nothing, since there is no way to."""
    return Replies({}, identity, clock=lambda: datetime.now(UTC))


def sources_of(channels: Mapping[str, Channel]) -> dict[str, bool]:
    """Find the sources that can be spoken through."""
    return {
        name: channel.answers_requests
        for name, channel in channels.items()
        if isinstance(channel, Spoken) and channel.speaker() is not None
    }


def untold() -> tuple[Any, Any]:
    """Say that surely nobody has been handed it yet."""
    return _is_waiting(), reply.c.attempts == 0


def _is_waiting() -> Any:
    """Say that a reply waits, so that it is looked up by what else is known of it.

    PostgreSQL takes the index of what is unsaid for nearly empty, as it nearly always is. Said
    plainly, every look-up would read all that waits there when it is not.
    """
    return func.coalesce(reply.c.state, "") == "waiting"


def _supports(roots: Sequence[str]) -> Any:
    """Say that a number supports one of these: what is said of a root holds for it, too."""
    return and_(number.c.supports.is_not(None), number.c.supports.in_(roots))


def _reporters(connection: Connection, roots: Sequence[str]) -> Sequence[Any]:
    """Find whom to tell of complaints: each proven reporter of a root once, by the first message.

    An alias may belong to another reporter, who is told of it under the number they have.
    """
    rows = connection.execute(
        select(
            number.c.number,
            number.c.root,
            number.c.reporter,
            number.c.confidential,
            journal.c.id.label("journal_id"),
            journal.c.source,
        )
        .join(complaint, complaint.c.number == number.c.root)
        .join(journal, journal.c.number == number.c.number)
        .where(
            or_(number.c.root.in_(roots), _supports(roots)),
            number.c.reporter.is_not(None),
            journal.c.intent == "complaint",
            journal.c.outcome.not_in(("command", "ignored", "part", "parked")),
        )
        .order_by(number.c.root, number.c.received_at, number.c.number, journal.c.id)
    )
    told: dict[tuple[str, bytes], Any] = {}
    for row in rows:
        kept = told.setdefault((row.root, row.reporter), row)
        if row.number == row.root and kept.number != row.root:
            told[row.root, row.reporter] = row
    return list(told.values())
