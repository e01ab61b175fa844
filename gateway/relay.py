"""The relay: publishes the outbox to the broker, and marks as published what was confirmed.

Any number of relays may run; one works, by a lease, so that events leave in about the order they
were made, and another takes over when it dies. It may die between the confirm and the mark: then
the same events leave again, with the same ids, and consumers drop them.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import cycle

import structlog
from amqp.exceptions import PreconditionFailed
from kombu import Connection, Producer
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from gateway import facts, leases, queue
from gateway.confirming import PublishRefused
from gateway.counters import Counters
from gateway.daemon import Backoff
from gateway.envelope import Envelope
from gateway.store import Clock, Store, name_of
from gateway.tables import UNPUBLISHED, event
from gateway.upsert import among

log = structlog.get_logger()
LEASE = "relay"
LEASE_FOR = timedelta(seconds=10)
COUNT_EVERY = timedelta(seconds=30)
_AWAY: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, *queue.BROKER_ERRORS)

_NEXT = (
    select(event.c.id, event.c.type, event.c.number, event.c.revision, event.c.body)
    .where(UNPUBLISHED, event.c.id > bindparam("after"))
    .order_by(event.c.id)
)
_FIRST = uuid.UUID(int=0)


class NotOurs(Exception):
    """Another relay works."""


class Relay:
    """One relay. `pace` is how many seconds it rests when nothing more waits."""

    def __init__(
        self,
        store: Store,
        queue_url: str,
        *,
        clock: Clock,
        most_together: int = 1000,
        pace: float = 0.05,
        largest: int = 16_000_000,
    ):
        self._store = store
        self._urls = cycle(queue_url.split(";"))  # the nodes of a cluster
        self._clock = clock
        self._most_together = most_together
        self._pace = pace
        self._largest = largest
        self._token = uuid.uuid4()
        self._lease_until: datetime | None = None
        self._url = ""
        self._count_at = clock()
        self._counters = Counters()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="relay")

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; whatever goes wrong, come back by itself."""
        backoff = Backoff(stop)
        while not stop.is_set():
            try:
                self._require_lease()
                with self._connected() as connection:
                    log.info("relaying")
                    self._publish_until(stop, connection, backoff)
            except NotOurs:
                stop.wait(LEASE_FOR.total_seconds() / 3)
            except _AWAY as exc:
                log.error(_event_of(exc), error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
                self._give_up_lease()
                backoff.wait()
        self._give_up_lease()

    def run_once(self, producer: Producer, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Publish what waits; gives how many events went. Asks before each batch.

        While a batch is on its way to the broker, the store marks the one before and reads the one
        after it.
        """
        done, marks = 0, []
        batch = self._next(after=_FIRST)
        while batch and may_go_on():
            is_full = len(batch) == self._most_together
            following = self._beside.submit(self._next, batch[-1].id) if is_full else None
            marks.append(self._beside.submit(self._mark, self._publish(producer, batch)))
            done += len(batch)
            batch = following.result() if following else []
        for mark in marks:
            mark.result()
        return done

    # --- the loop ------------------------------------------------------------------------

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        self._url = next(self._urls)
        with queue.connect_to_publish(self._url) as connection:
            queue.connect_now(connection)
            queue.declare(connection)
            yield connection

    def _publish_until(
        self, stop: threading.Event, connection: Connection, backoff: Backoff
    ) -> None:
        producer = connection.Producer(auto_declare=False)

        def may_go_on() -> bool:
            self._require_lease()
            return not stop.is_set()

        while may_go_on():
            self.run_once(producer, may_go_on)
            queue.drain(connection, self._pace)  # rest where one that goes away is noticed
            self._count_queues()
            backoff.reset()

    def _count_queues(self) -> None:
        """Note for the metrics what waits on the broker: the web side does not know it."""
        now = self._clock()
        if now >= self._count_at:
            self._count_at = now + COUNT_EVERY
            depths = queue.depths(self._url)
            with self._store.write() as connection:
                facts.note_depths(connection, depths, now)

    # --- the lease -----------------------------------------------------------------------

    def _require_lease(self) -> None:
        now = self._clock()
        if self._lease_until is not None and now < self._lease_until - LEASE_FOR / 2:
            return
        until = now + LEASE_FOR
        with self._store.write() as connection:
            is_ours = leases.take(connection, LEASE, self._token, now=now, until=until)
        self._lease_until = until if is_ours else None
        if not is_ours:
            raise NotOurs

    def _give_up_lease(self) -> None:
        """Let another relay try: its way to the broker may be open."""
        self._lease_until = None
        with suppress(SQLAlchemyError), self._store.write() as connection:
            leases.give_up(connection, LEASE, self._token)

    # --- publishing ----------------------------------------------------------------------

    def _next(self, after: uuid.UUID) -> list[Envelope]:
        with self._store.read() as connection:
            rows = connection.execute(_NEXT.limit(self._most_together), {"after": after})
            return [Envelope(*row) for row in rows]

    def _publish(self, producer: Producer, envelopes: Sequence[Envelope]) -> list[uuid.UUID]:
        """Publish, and put aside what will never be taken; gives the ids that are confirmed."""
        small = [envelope for envelope in envelopes if self._fits(envelope)]
        refused: dict[str, str] = {}
        try:
            queue.publish(producer, small)
        except PublishRefused as exc:
            refused = exc.refused
        except PreconditionFailed as exc:
            self._isolate(small, exc)
            raise
        confirmed = [envelope.id for envelope in small if str(envelope.id) not in refused]
        if refused:
            self._mark(confirmed)
            raise PublishRefused(refused)  # they stay in the outbox: a full queue empties again
        return confirmed

    def _fits(self, envelope: Envelope) -> bool:
        size = len(envelope.body.encode())
        if size > self._largest:
            self._refuse(envelope, f"{size} bytes, more than relay.largest ({self._largest})")
        return size <= self._largest

    def _isolate(self, envelopes: Sequence[Envelope], error: PreconditionFailed) -> None:
        """Find the event for which the broker closed the channel, on channels of its own."""
        if len(envelopes) == 1:
            self._refuse(envelopes[0], f"the broker says: {error.reply_text}")
            return
        half = len(envelopes) // 2
        for some in (envelopes[:half], envelopes[half:]):
            with self._connected() as connection:
                try:
                    queue.publish(connection.Producer(auto_declare=False), some)
                except PreconditionFailed as exc:
                    self._isolate(some, exc)
                else:
                    self._mark([envelope.id for envelope in some])

    def _mark(self, ids: Sequence[uuid.UUID]) -> None:
        now = self._clock()
        with self._store.write() as connection:
            confirmed = update(event).where(UNPUBLISHED, among(connection, event.c.id, ids))
            marked = connection.execute(confirmed.values(published_at=now)).rowcount
            self._counters.add(connection, "published", {"relay": marked}, now)

    def _refuse(self, envelope: Envelope, reason: str) -> None:
        """Make it a dead letter, with the reason, for `lapor deadletters`."""
        with self._store.write() as connection:
            connection.execute(
                update(event).where(event.c.id == envelope.id).values(refused=reason[:300])
            )
        log.error("dead_letter", number=envelope.number, reason=reason)


def _event_of(error: Exception) -> str:
    return "store_unavailable" if isinstance(error, SQLAlchemyError) else "broker_unavailable"
