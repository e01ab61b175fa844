"""`lapor feedback`: takes what consumers put on the queue `lapor.status`.

A message is acknowledged after the commit. While the store is away it is kept, and the connection
with it: giving it back each time would count as a delivery, and after twenty it would be dead.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from contextlib import suppress
from itertools import cycle
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Malformed
from gateway import feedback, queue
from gateway.assembly import Gateway, utc_now
from gateway.daemon import Backoff
from gateway.queue import Delivery
from gateway.status_event import LARGEST
from gateway.store import UnknownNumber, name_of

log = structlog.get_logger()
HEARTBEAT_EVERY = 1.0  # seconds
_AWAY: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, *queue.BROKER_ERRORS)
_LOGGABLE = re.compile(r"[\x21-\x7e]{1,200}")


def work_off(gateway: Gateway, stop: threading.Event) -> None:
    """Take status events until told to stop; connects again by itself."""
    backoff = Backoff(stop)
    urls = cycle(gateway.settings.queue_url.split(";"))  # the nodes of a cluster
    while not stop.is_set():
        url = next(urls)
        try:
            with queue.connect(url) as connection:
                if not queue.is_embedded(url):
                    queue.declare(connection)
                log.info("listening")
                _Listener(gateway, connection, backoff).listen(stop)
        except _AWAY as exc:
            log.error(_event_of(exc), error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
            backoff.wait()
    log.info("stopped")


class _Listener:
    """What is done with one connection, until it breaks."""

    def __init__(self, gateway: Gateway, connection: Any, backoff: Backoff):
        self._store = gateway.store
        self._replies = gateway.replies
        self._connection = connection
        self._backoff = backoff
        self._waiting: deque[Delivery] = deque()
        self._beaten = 0.0

    def listen(self, stop: threading.Event) -> None:
        with queue.consume(self._connection, self._waiting.append, name=queue.STATUS):
            while not stop.is_set():
                self._drain()
                while self._waiting and not stop.is_set():
                    if not self._settle(self._waiting[0]):
                        self._backoff.wait()
                        break  # to the heartbeats, and then again
                    self._waiting.popleft()

    def _drain(self) -> None:
        """Read from the connection for a second at most: what comes, and heartbeats."""
        with suppress(TimeoutError):
            self._connection.drain_events(timeout=0.05 if self._waiting else 1.0)
        if not self._waiting:
            self._backoff.reset()
        now = time.monotonic()
        if self._connection.heartbeat and now - self._beaten >= HEARTBEAT_EVERY:
            self._connection.heartbeat_check()
            self._beaten = now

    def _settle(self, delivery: Delivery) -> bool:
        """Take one message, or give it up; false while the store is away."""
        try:
            event = feedback.read_event(delivery.body)
            verdict = feedback.take(self._store, event, utc_now(), replies=self._replies)
        except Malformed as exc:
            _give_up(delivery, str(exc))
        except UnknownNumber:
            _give_up(delivery, "subject: unknown number")
        except Exception as exc:  # noqa: BLE001 - one message must not stop the others
            if self._store.is_away(exc):
                log.error("store_unavailable", error=name_of(exc))  # noqa: TRY400 - a trace adds nothing
                return False
            _give_up(delivery, f"not taken: {name_of(exc)}")
        else:
            delivery.acknowledge()
            log.info("status_told", number=event.number, consumer=event.consumer, verdict=verdict)
            self._backoff.reset()
        return True


def _give_up(delivery: Delivery, reason: str) -> None:
    event_id, consumer = _named(delivery.body)
    log.error("dead_letter", reason=reason, event_id=event_id, consumer=consumer)
    delivery.reject()


def _named(body: str) -> list[str | None]:
    """Tell which event this is and whose, as far as that can be read and may be logged."""
    try:
        document = json.loads(body[:LARGEST])
    except (ValueError, RecursionError):
        document = None
    found = document if isinstance(document, dict) else {}
    told = (found.get("id"), found.get("source"))
    return [of if isinstance(of, str) and _LOGGABLE.fullmatch(of) else None for of in told]


def _event_of(error: Exception) -> str:
    return "store_unavailable" if isinstance(error, SQLAlchemyError) else "broker_unavailable"
