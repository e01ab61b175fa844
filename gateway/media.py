"""Fetches files that came as addresses, into the attachments; `gateway/awaited.py` names them.

What becomes of a file goes into the record in one transaction. Dying in between costs a second
fetch, and leaves an upload that nobody claims, which is collected like any other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Channel, KeepsMedia, Overloaded, TooLarge
from gateway import changes
from gateway.attachments import verdicts
from gateway.attachments.attachments import Attachments
from gateway.attachments.rows import Stored
from gateway.awaited import SHOWN
from gateway.changes import Change
from gateway.counters import Counters
from gateway.fetching import Fetcher, NotFetched, Place
from gateway.publishing import Publisher
from gateway.store import Clock, Store
from gateway.tables import UNFETCHED, attachment, media

log = structlog.get_logger()
LEASE = timedelta(seconds=300)  # longer than any fetch with its inspection
IDLE = 1.0  # seconds between two looks for something to fetch
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that is ours until its lease ends."""

    id: uuid.UUID
    token: uuid.UUID
    journal_id: uuid.UUID
    number: str
    source: str
    url: str
    media_type: str
    name: str | None
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes a file may have, and how long it is tried."""

    largest: int
    give_up_after: timedelta


class Media:
    """Fetches what waits, one file after the other. Any number of threads and processes may."""

    def __init__(
        self,
        store: Store,
        attachments: Attachments,
        publisher: Publisher,
        channels: Mapping[str, Channel],
        fetcher: Fetcher,
        *,
        clock: Clock,
        limits: Limits,
        new_token: Callable[[], uuid.UUID] = uuid.uuid4,
    ):
        self._store = store
        self._attachments = attachments
        self._publisher = publisher
        self._doors = {name: of for name, of in channels.items() if isinstance(of, KeepsMedia)}
        self._places = {
            name: [Place.of(url) for url in of.media_from] for name, of in self._doors.items()
        }
        self._fetcher = fetcher
        self._clock = clock
        self._limits = limits
        self._new_token = new_token
        self._counters = Counters()

    @property
    def sources(self) -> frozenset[str]:
        """Name the sources whose files are fetched."""
        return frozenset(self._doors)

    def run_once(self) -> float:
        """Fetch one file, if one is due; gives how many seconds to rest."""
        taken = self._take()
        if taken is None:
            return IDLE
        try:
            stored = self._fetch(taken)
        except NotFetched as exc:
            self._put_off(taken, exc)
        except TooLarge:
            self._settle(taken, verdicts.TOO_LARGE, None)
        except Overloaded as exc:
            self._put_off(taken, NotFetched(str(exc)))
        except SQLAlchemyError:
            raise  # not this file's fault: its lease ends, and it is fetched again
        except Exception as exc:  # noqa: BLE001 - one bad file must not stop those behind it
            self._put_off(taken, NotFetched(f"failed: {type(exc).__name__}"))
        else:
            self._settle(taken, stored.verdict, stored)
        return 0.0

    def _take(self) -> _Taken | None:
        now, token = self._clock(), self._new_token()
        due = select(media.c.id).where(
            UNFETCHED, media.c.due_at <= now, media.c.source.in_(sorted(self._doors))
        )
        due = due.order_by(media.c.due_at, media.c.id).limit(1)
        with self._store.read() as connection:  # an idle worker takes no lock
            if connection.scalar(due) is None:
                return None
        with self._store.write() as connection:
            of = connection.scalar(due.with_for_update(skip_locked=True))
            row = connection.execute(
                update(media)
                .where(media.c.id == of)
                .values(lease_token=token, due_at=now + LEASE, attempts=media.c.attempts + 1)
                .returning(*(media.c[name] for name in _Taken.__dataclass_fields__ if name in _OWN))
            ).one_or_none()
        return _Taken(token=token, **row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's name for its public mapping

    def _fetch(self, taken: _Taken) -> Stored:
        door = self._doors[taken.source]
        places = self._places[taken.source]
        with self._fetcher.open(taken.url, places, door.media_proof) as body:
            return self._attachments.receive(
                body, taken.name, taken.media_type, self._limits.largest
            )

    def _put_off(self, taken: _Taken, failure: NotFetched) -> None:
        """Try again later, or give up: then the record says that there is nothing to be had."""
        now = self._clock()
        if failure.final or now - taken.created_at > self._limits.give_up_after:
            self._settle(taken, verdicts.UNAVAILABLE, None, failure.reason)
            return
        pause = min(FIRST_PAUSE * 2 ** min(taken.attempts - 1, 20), LONGEST_PAUSE)
        pause = max(pause, timedelta(seconds=failure.retry_after or 0))
        with self._store.write() as connection:
            connection.execute(
                update(media)
                .where(media.c.id == taken.id, media.c.lease_token == taken.token, UNFETCHED)
                .values(lease_token=None, due_at=now + pause, reason=failure.reason)
            )
            self._counters.add(connection, "media", {f"{taken.source}:retried": 1}, now)
        log.info("media_retried", source=taken.source, id=str(taken.id), reason=failure.reason)

    def _settle(
        self, taken: _Taken, verdict: str, stored: Stored | None, reason: str | None = None
    ) -> None:
        """Write into the record what became of it, and tell consumers; one transaction."""
        now, is_lost = self._clock(), verdict == verdicts.UNAVAILABLE
        with self._store.write() as connection:
            mine = update(media).where(
                media.c.id == taken.id, media.c.lease_token == taken.token, UNFETCHED
            )
            settled = connection.execute(
                mine.values(
                    state="given_up" if is_lost else "settled",
                    verdict=verdict,
                    kept_as=uuid.UUID(stored.id) if stored else None,
                    lease_token=None,
                    reason=reason,
                    settled_at=now,
                )
            )
            if not settled.rowcount:
                return  # another took over: the lease had ended
            if stored is not None:
                _claim(connection, stored, taken.journal_id)
            file = _file(taken, verdict, stored)
            change = Change(None, taken.number, "fetching", fetched=file)
            done = changes.apply(connection, [change], now).done
            sealed = [self._publisher.seal(None, "fetching", record, now) for _, record in done]
            self._publisher.publish(connection, sealed, now)
            self._counters.add(connection, "media", {f"{taken.source}:{verdict}": 1}, now)
        level = log.warning if is_lost else log.info
        level("media_settled", source=taken.source, number=taken.number, verdict=verdict)


_OWN = frozenset(_Taken.__dataclass_fields__) - {"token"}


def _claim(connection: Connection, stored: Stored, journal_id: uuid.UUID) -> None:
    """Make the upload the message's; one that was collected meanwhile cannot be."""
    connection.execute(
        update(attachment)
        .where(attachment.c.id == uuid.UUID(stored.id), ~attachment.c.collected)
        .values(journal_id=journal_id)
    )


def _file(taken: _Taken, verdict: str, stored: Stored | None) -> dict[str, Any]:
    told = asdict(stored) if stored else {"media_type": taken.media_type}
    return {
        "id": str(taken.id),
        "verdict": verdict,
        **{name: told.get(name) for name in SHOWN if name != "verdict"},
    }
