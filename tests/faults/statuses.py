"""The way back: a ministry that tells the gateway how complaints stand, while everything breaks."""

from __future__ import annotations

import json
import random
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from kombu import Connection
from load import Load
from pausable import Pausable
from sqlalchemy.exc import SQLAlchemyError

from gateway import queue
from gateway.envelope import CONTENT_TYPE

STEPS = ("verified", "forwarded", "in_progress")
_AWAY = (OSError, SQLAlchemyError, *queue.BROKER_ERRORS)


class Ministry(Pausable):
    """Tells the statuses of a complaint in any order, some twice, until the queue has them.

    What came through the app ends resolved; an SMS stays in process, so that its words, said
    again, are still a repeat.
    """

    def __init__(self, load: Load, queue_url: str):
        super().__init__(pause=0.2)
        self.name = "ministry"
        self.newest: dict[str, str] = {}
        self.told: dict[str, float] = {}  # when each was told the first time
        self._load = load
        self._url = queue_url
        self._connection: Connection | None = None
        self.start()

    def step(self) -> None:
        filed = next((it for it in reversed(self._load.filed.copy())), None)
        if filed is None or filed.number in self.newest:
            return
        steps = [*STEPS, *(["resolved"] if filed.by_app else [])]
        events = [_event(filed.number, of, status) for of, status in enumerate(steps, 1)]
        events.append(events[-2])
        random.shuffle(events)
        sent = time.monotonic()
        for event in events:
            if not self._tell(event):
                return
        self.told[filed.number] = sent
        self.newest[filed.number] = steps[-1]

    def told_after(self, moment: float) -> list[str]:
        """Name what was told after a moment, oldest first."""
        return [of for of, at in self.told.copy().items() if at > moment]

    def close(self) -> None:
        self.end()
        self._disconnect()

    def _tell(self, event: dict[str, Any]) -> bool:
        while not self._ends.is_set():
            try:
                self._publish(event)
            except _AWAY:
                self._disconnect()
                time.sleep(0.1)
            else:
                return True
        return False

    def _publish(self, event: dict[str, Any]) -> None:
        if self._connection is None:
            self._connection = queue.connect(self._url, confirm_publish=True)
        self._connection.Producer(auto_declare=False).publish(
            json.dumps(event),
            exchange="",
            routing_key=queue.STATUS,
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            delivery_mode=2,
            mandatory=True,
            message_id=event["id"],
            retry=False,
        )

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_AWAY):
                connection.release()


def _event(number: str, sequence: int, status: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": "id.lapor.complaint.status.v1",
        "source": "kementerian",
        "id": str(uuid.uuid4()),
        "subject": number,
        "sequence": str(sequence),
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "data": {"status": status},
    }
