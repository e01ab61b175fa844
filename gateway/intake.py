"""accept(): one unit in, its receipts out, and in between one durable transaction."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
import uuid6
from sqlalchemy.exc import IntegrityError, OperationalError

from channels import number
from channels.base import ChannelError, InboundMessage, Overloaded, RawInbound, Receipt
from gateway.accept import Entry, accept
from gateway.commit import GroupCommit, Run
from gateway.identity import Identity
from gateway.journal import write_message, write_raw
from gateway.store import Store

log = structlog.get_logger()
DRAWS = 4  # one number in 3.5e13 is taken when a million are; four in a row are a fault


@dataclass(frozen=True, slots=True)
class Limits:
    """How much intake takes at once, and how often a day it answers one sender."""

    replies_a_day: int = 20
    most_together: int = 200
    most_waiting: int = 1000
    patience: float = 10.0


class Unstorable(ChannelError):
    """The store refuses these messages as decoded; the raw request can still be parked."""

    status = 503
    title = "Temporarily unavailable"


Unit = Sequence[Entry]


class Intake:
    """Accepts units of messages. One per process; threads share it."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        clock: Callable[[], datetime],
        limits: Limits | None = None,
        run: Run = lambda work: work(),
        new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
        draw: Callable[[], str] = lambda: number.draw(secrets.token_bytes),
    ):
        self._store = store
        self._identity = identity
        self._clock = clock
        self._limits = limits or Limits()
        self._new_id = new_id
        self._draw = draw
        self._committer: GroupCommit[Unit, Unit] = GroupCommit(
            self._commit,
            run=run,
            most_together=self._limits.most_together,
            most_waiting=self._limits.most_waiting,
            patience=self._limits.patience,
        )

    def accept(self, messages: Sequence[InboundMessage]) -> list[Receipt]:
        """Commit the messages of one unit together and give a receipt for each.

        Returns only after the commit is on disk. Raises Overloaded when nothing was kept and a
        retry helps, KeyReused, and Unstorable when the store cannot hold a message as decoded.
        """
        return self._submit([self._entry(message) for message in messages])

    def park(self, source: str, raw: RawInbound, reason: str) -> list[Receipt]:
        """Keep a verified request that could not be read; the same bytes are kept once."""
        digest = hashlib.sha256(raw.raw_query + b"\0" + raw.body).hexdigest()
        entry = Entry(
            source=source,
            key=f"raw:{digest}",
            receipt=Receipt("quiet"),
            outcome="parked",
            received_at=raw.received_at,
            raw=write_raw(raw),
            reason=reason[:300],
        )
        return self._submit([entry])

    def _submit(self, unit: Unit) -> list[Receipt]:
        if not unit:
            return []
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

    def _entry(self, message: InboundMessage) -> Entry:
        """Work out, outside the transaction, all that does not depend on the store."""
        reporter = self._identity.reporter(message.sender)
        entry = Entry(
            source=message.source,
            key=message.provider_id,
            receipt=Receipt("quiet"),
            outcome="ignored",
            received_at=message.received_at,
            message=write_message(message),
            payload_digest=message.payload_digest,
            reporter=reporter,
        )
        if message.automatic:
            entry.reason = "sent by a machine"
            return entry
        if message.channel == "sms" and message.sender is not None:
            day = message.received_at.date()
            entry.counted = self._identity.of_day("sender", message.sender.key, day)
        if message.command is not None:
            entry.command, entry.outcome = message.command, "command"
            entry.receipt = Receipt("command")
            return entry
        entry.outcome = "pending"
        entry.receipt = Receipt("new", number=self._draw(), status="received")
        entry.fingerprint = self._identity.fingerprint(message)
        entry.confidential = message.fields.get("confidential") is True
        return entry

    # --- committing (one thread at a time, never in a request's own time alone) -----------

    def _commit(self, units: Sequence[Unit]) -> Sequence[Unit | Exception]:
        try:
            return self._write(units)
        except OperationalError as exc:
            # Disk full, file gone, locked from outside: the same for every unit.
            log.error("store_unavailable", error=type(exc.orig).__name__)  # noqa: TRY400 - a trace adds nothing
            return [Overloaded("the store cannot be written")] * len(units)
        except Exception as exc:  # noqa: BLE001 - one bad unit must not fail the others
            if len(units) > 1:
                return [self._commit([unit])[0] for unit in units]
            log.error("unit_refused", error=type(exc).__name__, source=units[0][0].source)  # noqa: TRY400 - the trace could hold a text
            return [Unstorable(f"the store refused a message: {type(exc).__name__}")]

    def _write(self, units: Sequence[Unit]) -> Sequence[Unit]:
        """Commit all units in one transaction. Only copies are changed: a retry starts afresh."""
        for draws_left in reversed(range(DRAWS)):
            attempt = [[replace(entry) for entry in unit] for unit in units]
            try:
                with self._store.write() as connection:
                    accept(
                        connection,
                        [entry for unit in attempt for entry in unit],
                        new_id=self._new_id,
                        replies_a_day=self._limits.replies_a_day,
                    )
            except IntegrityError:
                if not draws_left:
                    raise
                self._draw_again(units)
            else:
                return attempt
        raise AssertionError  # pragma: no cover - the last draw returns or raises

    def _draw_again(self, units: Sequence[Unit]) -> None:
        for unit in units:
            for entry in unit:
                if entry.outcome == "pending":
                    entry.receipt = replace(entry.receipt, number=self._draw())
