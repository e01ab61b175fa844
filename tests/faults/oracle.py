"""Load that remembers every answer, and the check that each one was kept.

The oracle: once processing is idle, every acknowledged number is the subject or an alias of
exactly one complaint (or parked and counted), and a consumer has applied each exactly once.
"""

from __future__ import annotations

import http.client
import re
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from support import ROOT, RealGateway

NUMBER = re.compile(rb"nomor ([0-9A-Z-]{12})")


@dataclass
class Load:
    """Clients that deliver SMS as a carrier does: the same id again until there is an answer.

    Every fifth message repeats the words of the one before it, with an id of its own. Every
    answer of every delivery is kept.
    """

    gateway: RealGateway
    clients: int = 8
    answers: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    expected_repeats: list[tuple[str, str]] = field(default_factory=list)
    retried: int = 0

    def __post_init__(self):
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._deliver_all, args=(client,), daemon=True)
            for client in range(self.clients)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop making messages; what was begun is delivered to its end."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a client never got its answer"

    def numbers(self) -> set[str]:
        """Give every number that was acknowledged."""
        return {_number(answer) for answers in self.answers.values() for answer in answers}

    def _deliver_all(self, client: int) -> None:
        count, before = 0, None
        while not self._stop.is_set():
            sender = f"+6281{client:03d}{count // 5:07d}"
            is_repeat = count % 5 == 4
            text = f"Jalan rusak di RT {client} dekat tiang {count - is_repeat}"
            sid = f"SM{uuid.uuid4().hex}"
            self._deliver(sid, text, sender)
            if is_repeat:
                with self._lock:
                    self.expected_repeats.append((before, sid))
            before, count = sid, count + 1

    def _deliver(self, sid: str, text: str, sender: str) -> None:
        body, headers = self.gateway.signed_sms(text, sender=sender, sid=sid)
        while True:
            try:
                answer = self.gateway.request("POST", "/in/twilio", body, headers)
            except (OSError, http.client.HTTPException):
                answer = None
            if answer is not None and answer.status == 200:
                with self._lock:
                    self.answers[sid].add(answer.body)
                return
            with self._lock:
                self.retried += 1
            threading.Event().wait(0.05)


def start_consumer(gateway: RealGateway, inbox: Path) -> subprocess.Popen[bytes]:
    """Run examples/consumer.py as a downstream team would."""
    with (gateway.var / "consumer.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "examples/consumer.py", f"{gateway.queue_url}?lease=2", str(inbox)],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    gateway.processes["consumer"] = process
    return process


def applied(inbox: Path) -> dict[str, int]:
    """Give how often each number was applied by the consumer."""
    with closing(sqlite3.connect(inbox)) as connection:
        return dict(connection.execute("SELECT number, applied FROM complaint"))


def is_idle(gateway: RealGateway) -> bool:
    """Whether nothing is pending and the queue is empty."""
    with closing(sqlite3.connect(gateway.store_path)) as connection:
        pending = connection.execute("SELECT count(*) FROM journal WHERE outcome = 'pending'")
        queued = connection.execute("SELECT count(*) FROM queue_message")
        return pending.fetchone() == (0,) and queued.fetchone() == (0,)


def check(load: Load, gateway: RealGateway, inbox: Path) -> dict[str, int]:
    """Hold the oracle against what happened; gives the figures of the table."""
    acknowledged = load.numbers()
    twofold = [sid for sid, answers in load.answers.items() if len(answers) != 1]
    assert twofold == [], "one message was answered in two ways"
    for first, again in load.expected_repeats:
        assert _only(load, first) == _only(load, again), "a repeat got a number of its own"
    consumed = applied(inbox)
    missing = acknowledged - set(consumed)
    assert missing == set(), "acknowledged, but never on the queue"
    doubled = [number for number, times in consumed.items() if times != 1]
    assert doubled == [], "applied twice after the consumer's check"
    assert set(consumed) == acknowledged, "on the queue, but acknowledged to nobody"
    gateway.run("reconcile")
    with closing(sqlite3.connect(gateway.store_path)) as connection:
        (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
        (rows,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    assert events == len(acknowledged)
    assert rows == len(load.answers)
    return {
        "messages": len(load.answers),
        "acknowledged": len(acknowledged),
        "retried": load.retried,
        "missing": len(missing),
        "doubled": len(doubled),
    }


def _only(load: Load, sid: str) -> str:
    (answer,) = load.answers[sid]
    return _number(answer)


def _number(answer: bytes) -> str:
    match = NUMBER.search(answer)
    assert match, answer
    return match[1].decode()
