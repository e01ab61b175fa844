"""Speaking: replies are handed to providers, each at most once where nobody can look it up.

A row says `sending` on disk before the provider is called. Whoever finds it so after the lease has
ended knows that a worker died in the call: then it is looked up (X), or shown and left to a person
(SMS). A refusal that surely said nothing is tried again later, with more and more time between.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from channels.base import (
    Channel,
    Outgoing,
    Receipt,
    Refused,
    Saying,
    Sent,
    Speaker,
    Spoken,
    Unknown,
)
from gateway.counters import Counters
from gateway.journal import read_message
from gateway.store import Clock, Store
from gateway.tables import UNSAID, journal, pace, reply
from gateway.upsert import insert

log = structlog.get_logger()
LEASE = timedelta(seconds=180)  # longer than any call: a look-up on X is several of them
IDLE = 0.5  # seconds between two looks for something to say
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0  # seconds between two tries
_NEVER = ""  # no reason


@dataclass(frozen=True, slots=True)
class _Taken:
    """A reply that is ours until its lease ends: to be sent, or only to be looked up."""

    id: uuid.UUID
    token: uuid.UUID
    attempts: int
    created_at: datetime
    message: Outgoing
    is_new: bool


class Speaking:
    """Says what waits to be said through one source. Any number of processes may."""

    def __init__(
        self,
        store: Store,
        source: str,
        door: Spoken,
        speaker: Speaker,
        *,
        clock: Clock,
        give_up_after: timedelta,
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1),  # noqa: S311 - no secret
    ):
        self._store = store
        self._source = source
        self._door = door
        self._speaker = speaker
        self._clock = clock
        self._give_up_after = give_up_after
        self._jitter = jitter
        self._counters = Counters()

    def run_once(self) -> float:
        """Say one thing, if something is due; gives how many seconds to rest."""
        rest = self._rest()
        if rest:
            return rest
        taken = self._take()
        if taken is None:
            return 0.0
        now = self._clock()
        try:
            if taken.is_new:
                outcome = self._speaker.send(taken.message, now)
            else:
                outcome = self._speaker.look_up(taken.message, now)
        except Exception as exc:  # noqa: BLE001 - whatever it was, it may have been said
            outcome = Unknown(f"the speaker failed: {type(exc).__name__}")
        self._settle(taken, outcome)
        return 0.0

    # --- taking -----------------------------------------------------------------------------

    def _rest(self) -> float:
        """Look without a lock, so that who has nothing to say holds up nobody."""
        now = self._clock()
        with self._store.read() as connection:
            if connection.scalar(select(1).where(self._is_due(now)).limit(1)) is None:
                return IDLE
            return self._must_wait(connection, now)

    def _must_wait(self, connection: Connection, now: datetime) -> float:
        next_at = connection.scalar(select(pace.c.next_at).where(pace.c.source == self._source))
        return max(0.0, (next_at - now).total_seconds()) if next_at else 0.0

    def _is_due(self, now: datetime) -> ColumnElement[bool]:
        return and_(UNSAID, reply.c.source == self._source, reply.c.due_at <= now)

    def _take(self) -> _Taken | None:
        now, token = self._clock(), uuid.uuid4()
        with self._store.write() as connection:
            self._lock_pace(connection, now)
            if self._must_wait(connection, now):
                return None
            row = connection.execute(
                select(reply, journal.c.message)
                .join(journal, journal.c.id == reply.c.journal_id)
                .where(self._is_due(now))
                # As in the index and no further, so that the first one is read and not all of them.
                .order_by(reply.c.rank, reply.c.due_at)
                .limit(1)
                .with_for_update(of=reply, skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            text = row.text or self._words(row)
            if not text:
                self._change(connection, row.id, state="dropped", settled_at=now, reason="no words")
                return None
            is_new = row.state == "waiting"
            self._change(
                connection,
                row.id,
                state="sending" if is_new else "unknown",
                text=text,
                attempts=row.attempts + 1,
                due_at=now + LEASE,
                lease_token=token,
                tried_at=row.tried_at or now,
            )
            self._set_pace(connection, now + timedelta(seconds=self._speaker.pace))
        outgoing = _outgoing(row.message, text, row.tried_at)
        return _Taken(row.id, token, row.attempts + 1, row.created_at, outgoing, is_new)

    def _words(self, row: Any) -> str:
        receipt = Receipt(row.kind, row.number, row.status, row.first_number, row.command)
        saying = Saying(
            receipt, row.created_at, asks=row.asks, told=row.told, confidential=row.confidential
        )
        return self._door.words(saying)

    # --- settling ---------------------------------------------------------------------------

    def _settle(self, taken: _Taken, outcome: Sent | Refused | Unknown) -> None:
        now = self._clock()
        result, values = self._judge(taken, outcome, now)
        if values["state"] in {"sent", "given_up", "unsure"}:
            values["settled_at"] = now
        with self._store.write() as connection:
            mine = reply.c.lease_token == taken.token
            if isinstance(outcome, Sent):  # the lease had ended, but this is known better now
                mine = or_(mine, reply.c.state.in_(("unknown", "unsure")))
            settled = update(reply).where(reply.c.id == taken.id, mine)
            settled = settled.values(lease_token=None, **values)
            if not connection.execute(settled).rowcount:
                return  # another took over: the lease had ended
            if isinstance(outcome, Refused) and outcome.retry_after:
                self._set_pace(connection, now + timedelta(seconds=outcome.retry_after))
            self._counters.add(connection, "replies", {f"{self._source}:{result}": 1}, now)
        level = log.info if result in {"sent", "retried"} else log.warning
        reason = values.get("reason", _NEVER)
        level(f"reply_{result}", source=self._source, id=str(taken.id), reason=reason)

    def _judge(
        self, taken: _Taken, outcome: Sent | Refused | Unknown, now: datetime
    ) -> tuple[str, dict[str, Any]]:
        """Tell what becomes of it, and in which words it is counted."""
        too_old = now - taken.created_at > self._give_up_after
        if isinstance(outcome, Sent):
            told = outcome.provider_id[:255] if outcome.provider_id else None
            return "sent", {"state": "sent", "provider_id": told, "reason": None}
        reason = outcome.reason[:300]
        if isinstance(outcome, Unknown):
            if outcome.for_good or too_old:
                return "unsure", {"state": "unsure", "reason": reason}
            due_at = now + self._pause(taken.attempts)
            return "unknown", {"state": "unknown", "reason": reason, "due_at": due_at}
        if outcome.final or too_old:
            return "given_up", {"state": "given_up", "reason": reason}
        pause = max(self._pause(taken.attempts), timedelta(seconds=outcome.retry_after or 0))
        return "retried", {"state": "waiting", "reason": reason, "due_at": now + pause}

    def _pause(self, attempts: int) -> timedelta:
        longest = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
        return timedelta(seconds=longest * self._jitter())

    def _change(self, connection: Connection, reply_id: uuid.UUID, **values: Any) -> None:
        connection.execute(update(reply).where(reply.c.id == reply_id).values(**values))

    def _lock_pace(self, connection: Connection, now: datetime) -> None:
        """Let one at a time decide whether it may speak."""
        row = insert(connection, pace).values(source=self._source, next_at=now)
        connection.execute(row.on_conflict_do_nothing(index_elements=["source"]))
        mine = select(pace.c.next_at).where(pace.c.source == self._source)
        connection.execute(mine.with_for_update())

    def _set_pace(self, connection: Connection, next_at: datetime) -> None:
        connection.execute(
            update(pace).where(pace.c.source == self._source).values(next_at=next_at)
        )


def speakers(
    store: Store, channels: Mapping[str, Channel], *, clock: Clock, give_up_after: timedelta
) -> list[Speaking]:
    """Make one for each source that can be spoken through."""
    found = []
    for source, door in channels.items():
        speaker = door.speaker() if isinstance(door, Spoken) else None
        if isinstance(door, Spoken) and speaker is not None:
            found.append(
                Speaking(store, source, door, speaker, clock=clock, give_up_after=give_up_after)
            )
    return found


def _outgoing(document: dict[str, Any], text: str, tried_at: datetime | None) -> Outgoing:
    message = read_message(document)
    assert message.sender is not None  # noqa: S101 - nobody else is answered
    answers = message.post.post_id if message.post else message.provider_id
    return Outgoing(message.sender, answers, text, first_tried_at=tried_at)
