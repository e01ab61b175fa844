"""accept(): one unit in, its receipts out, and in between one durable transaction."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
import uuid6
from sqlalchemy.exc import DBAPIError, IntegrityError

from channels import number
from channels.base import (
    ChannelError,
    InboundMessage,
    Overloaded,
    Page,
    RawInbound,
    Receipt,
    Unacceptable,
)
from channels.commands import read_command
from gateway import cursors, parts, threads
from gateway.accept import accept
from gateway.commit import GroupCommit, Run
from gateway.counters import Counters
from gateway.cursors import Move
from gateway.entry import Entry
from gateway.identity import Identity
from gateway.journal import SECRET_NAMES, read_message, write_message, write_raw
from gateway.metrics import GROUP_SIZE
from gateway.replies import Replies, silence
from gateway.store import Store, name_of

log = structlog.get_logger()
NO_SECRETS: Mapping[str, Collection[str]] = {}
ANSWERED = frozenset({"sms", "twitter"})  # doors whose answers reach a sender by themselves
TRIES = 4  # one number in 3.5e13 is taken when a million are; four in a row are a fault


@dataclass(frozen=True, slots=True)
class Limits:
    """How much intake takes at once, and how often a day it answers one sender."""

    replies_a_day: int = 20
    most_together: int = 200
    most_waiting: int = 1000
    patience: float = 10.0
    most_attachments: int = 5


class Unstorable(ChannelError):
    """The store refuses these messages as decoded; the raw request can still be parked."""

    status = 503
    title = "Temporarily unavailable"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is committed together, or not at all.

    `make` makes the entries, afresh for every try: accept changes them. `move` moves the cursor
    of the source that they were pulled from.
    """

    make: Callable[[], list[Entry]]
    move: Move | None = None


def _said(message: InboundMessage, text: str, flags: tuple[str, ...]) -> InboundMessage:
    """Give the message that other words of the same sender, at the same time, would have been."""
    command = read_command(text) if message.channel == "sms" and message.command is None else None
    return replace(message, text=text, part=None, command=command, flags=(*message.flags, *flags))


class Intake:
    """Accepts units of messages. One per process; threads share it."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        secret_names: Mapping[str, Collection[str]] = NO_SECRETS,
        limits: Limits | None = None,
        replies: Replies | None = None,
        run: Run = lambda work: work(),
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
        draw: Callable[[], str] = lambda: number.draw(secrets.token_bytes),
    ):
        self._store = store
        self._identity = identity
        self._secret_names = secret_names
        self._limits = limits or Limits()
        self._replies = replies or silence(identity)
        self._counters = Counters()
        self._new_id = new_id
        self._draw = draw
        self._committer: GroupCommit[Unit, list[Entry]] = GroupCommit(
            self._commit,
            run=run,
            most_together=self._limits.most_together,
            most_waiting=self._limits.most_waiting,
            patience=self._limits.patience,
        )

    def accept(self, messages: Sequence[InboundMessage], *, unheard: bool = False) -> list[Receipt]:
        """Commit the messages of one unit together and give a receipt for each.

        `unheard`: nobody waits for an answer any more, so the receipts are said by ourselves.
        Returns only after the commit is on disk. Raises Overloaded when nothing was kept and a
        retry helps, KeyReused, Unacceptable for too many files, and Unstorable when the store
        cannot hold a message as decoded.
        """
        if not messages:
            return []
        for message in messages:
            self._check(message)
        return self._submit(
            Unit(lambda: [self._entry(message, unheard=unheard) for message in messages])
        )

    def accept_page(self, source: str, page: Page, move: Move | None = None) -> list[Receipt]:
        """Commit what was pulled and how far together; gives receipts like `accept`.

        What cannot be read or stored is parked with the rest, so that no page stops the next.
        """
        unit = Unit(
            lambda: (
                [self._entry(message) for message in page.messages]
                + [self._parked(source, one.raw, one.reason) for one in page.unreadable]
            ),
            move,
        )
        try:
            return self._submit(unit)
        except Unstorable:
            receipts = [self._accept_or_park(message) for message in page.messages]
            rest = Page((), page.cursor, page.unreadable)
            self.accept_page(source, rest, move)
            return receipts

    def _accept_or_park(self, message: InboundMessage) -> Receipt:
        try:
            return self.accept([message])[0]
        except Unstorable as exc:
            body = json.dumps(write_message(message), default=str).encode()
            raw = RawInbound("POST", "", b"", (), body, "", message.received_at)
            return self.park(message.source, raw, str(exc))[0]

    def _check(self, message: InboundMessage) -> None:
        most = self._limits.most_attachments
        if sum(file.id is not None for file in message.attachments) > most:
            problems = {"attachments": [f"Not more than {most} files."]}
            raise Unacceptable("too many files", status=422, problems=problems)

    def accept_overdue_parts(self, before: datetime) -> int:
        """Accept what is there of long SMS whose last part never came; gives how many.

        Parts that wait since `before` are overdue. Safe to run in several processes.
        """
        with self._store.read() as connection:
            found = parts.overdue(connection, before)
        for set_id, document in found:
            message = replace(read_message(document), provider_id=f"parts:{set_id}")
            try:
                self._accept_overdue(set_id, message)
            except Unstorable:
                # Already logged. It stays open and is tried again; the others must not wait for it.
                continue
        return len(found)

    def park(self, source: str, raw: RawInbound, reason: str) -> list[Receipt]:
        """Keep a verified request that could not be read; the same bytes are kept once."""
        return self._submit(Unit(lambda: [self._parked(source, raw, reason)]))

    def _accept_overdue(self, set_id: uuid.UUID, message: InboundMessage) -> None:
        self._submit(
            Unit(lambda: [replace(self._entry(message, unheard=True), overdue_parts=set_id)])
        )

    def _submit(self, unit: Unit) -> list[Receipt]:
        settled = self._committer.submit(unit)
        receipts = []
        for entry in settled:
            if entry.error:
                raise entry.error
            receipts.append(self._complete(entry))
        return receipts

    def _complete(self, entry: Entry) -> Receipt:
        log.info(
            "redelivered" if entry.receipt.redelivered else "accepted",
            source=entry.source,
            kind=entry.receipt.kind,
            outcome=entry.outcome,
            number=entry.receipt.number,
        )
        of = entry.receipt.number
        return replace(
            entry.receipt,
            received_at=entry.received_at,
            secret=self._identity.secret(of) if of else None,
        )

    def _parked(self, source: str, raw: RawInbound, reason: str) -> Entry:
        digest = hashlib.sha256(raw.raw_query + b"\0" + raw.body).hexdigest()
        return Entry(
            source=source,
            key=f"raw:{digest}",
            receipt=Receipt("quiet"),
            outcome="parked",
            received_at=raw.received_at,
            raw=write_raw(raw, self._secret_names.get(source, SECRET_NAMES)),
            reason=reason[:300],
        )

    def _entry(self, message: InboundMessage, *, unheard: bool = False) -> Entry:
        """Work out, outside the transaction, all that does not depend on the store."""
        entry = Entry(
            source=message.source,
            key=message.provider_id,
            receipt=Receipt("quiet"),
            outcome="ignored",
            received_at=message.received_at,
            message=write_message(message),
            payload_digest=message.payload_digest,
            reporter=self._identity.reporter(message.sender),
            post=message.post,
            confidential=message.fields.get("confidential") is True,
            unheard=unheard,
            compose=lambda text, flags: self._entry(_said(message, text, flags)),
        )
        if message.automatic:
            entry.reason = "sent by a machine"
        elif message.part is not None:
            entry.part, entry.outcome, entry.receipt = message.part, "part", Receipt("part")
        elif message.command is not None:
            entry.command, entry.outcome = message.command, "command"
            entry.knows_secret = self._identity.opens(message.command)
            entry.phone = (
                sender.key if (sender := message.sender) and sender.kind == "tel" else None
            )
            entry.receipt = Receipt("command", command=message.command.word)
        else:
            entry.outcome = "pending"
            entry.receipt = Receipt("new", number=self._draw(), status="received")
            entry.fingerprint = self._identity.fingerprint(message)
        if (
            message.channel in ANSWERED
            and message.sender
            and not (message.automatic or message.part)
        ):
            day = message.received_at.date()
            entry.counted = self._identity.of_day("sender", message.sender.key, day)
        return entry

    # --- committing (one thread at a time, never in a request's own time alone) -----------

    def _commit(self, units: Sequence[Unit]) -> Sequence[list[Entry] | Exception]:
        GROUP_SIZE.observe(len(units))
        try:
            return self._write(units)
        except Overloaded as exc:
            return [exc] * len(units)
        except Exception as exc:  # noqa: BLE001 - one bad unit must not fail the others
            if self._store.is_away(exc):
                # Disk full, server away, locked from outside: the same for every unit.
                log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
                return [Overloaded("the store cannot be written")] * len(units)
            if len(units) > 1:
                return [self._commit([unit])[0] for unit in units]
            log.error("unit_refused", error=type(exc).__name__)  # noqa: TRY400 - the trace could hold a text
            return [Unstorable(f"the store refused a message: {type(exc).__name__}")]

    def _write(self, units: Sequence[Unit]) -> Sequence[list[Entry]]:
        """Commit all units in one transaction.

        A number drawn twice is drawn again, and what another transaction or a restarted server
        undid is done again: what was committed all the same is met as a redelivery.
        """
        for tries_left in reversed(range(TRIES)):
            made = [unit.make() for unit in units]
            try:
                with self._store.write() as connection:
                    for wave in threads.waves([entry for entries in made for entry in entries]):
                        accept(
                            connection,
                            wave,
                            hold=self._store.hold,
                            new_id=self._new_id,
                            replies_a_day=self._limits.replies_a_day,
                            replies=self._replies,
                            counters=self._counters,
                        )
                    cursors.move(
                        connection, [unit.move for unit in units if unit.move], self._counters
                    )
            except DBAPIError as exc:
                again = isinstance(exc, IntegrityError) or self._store.may_succeed_again(exc)
                if not (tries_left and again):
                    raise
            else:
                return made
        raise AssertionError  # pragma: no cover - the last try returns or raises
