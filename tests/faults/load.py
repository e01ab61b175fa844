"""Load as real as it comes, which remembers every attempt and every answer.

Clients deliver as carriers and phones do: the same message with the same id again until there is
an answer. Each goes round in tens: plain SMS of two carriers, a long one in parts, one through the
app, the words of the one before said again, CEK and TAMBAH on a number given out before. Now and
then what was answered is delivered once more.
"""

from __future__ import annotations

import http.client
import itertools
import random
import re
import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pausable import Ended, Pausable
from support import Answer, RealGateway

NUMBER = re.compile(rb"[0-9A-Z]{4}-[0-9A-Z]{3}-[0-9A-Z]{3}")
SYLLABLES = [consonant + vowel for consonant in "bdgjklmnprstw" for vowel in "aeiou"]
Send = Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver: when, how long it took, and what came of it."""

    at: float
    seconds: float
    status: int | None
    error: str | None
    may_retry: bool  # a 503 said when

    @property
    def is_taken(self) -> bool:
        return self.status in (200, 201)


@dataclass(frozen=True, slots=True)
class Filed:
    """A complaint that got its number: when it was first sent, and when it was acknowledged."""

    number: str
    sent: float
    acknowledged: float
    by_app: bool


@dataclass
class Load:
    """Several clients and all they heard. What is in here only grows."""

    gateway: RealGateway
    clients: int = 8
    pause: float = 0.02
    answers: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    attempts: deque[Attempt] = field(default_factory=deque)
    filed: deque[Filed] = field(default_factory=deque)
    additions: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    ends: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        assert self.gateway.settings.sources  # read once, before threads would
        self._threads = [_Client(self, index) for index in range(self.clients)]
        for thread in self._threads:
            thread.start()

    def start(self) -> None:
        for thread in self._threads:
            thread.go_on()

    def hold(self) -> None:
        """Make no more messages; what was begun is delivered to its end."""
        for thread in self._threads:
            thread.hold()
        for thread in self._threads:
            thread.wait_for_rest(within=60)
        assert all(thread.is_alive() for thread in self._threads), "a client died"

    def close(self) -> None:
        self.ends.set()
        for thread in self._threads:
            thread.end()

    def numbers(self) -> set[str]:
        """Give every number that was acknowledged."""
        return {filed.number for filed in self.filed.copy()}

    def filed_after(self, moment: float) -> list[Filed]:
        """Give what was sent after a moment and has its number, oldest first."""
        recent = itertools.takewhile(lambda it: it.acknowledged > moment, reversed(self._filed()))
        return [it for it in recent if it.sent > moment][::-1]

    def attempts_after(self, moment: float) -> list[Attempt]:
        return [attempt for attempt in self.attempts.copy() if attempt.at > moment]

    def deliver(self, key: str, send: Send) -> bytes:
        """Deliver until there is an answer, and keep it."""
        while not self.ends.is_set():
            attempt, answer = _attempt(send)
            self.attempts.append(attempt)
            if answer is not None and attempt.is_taken:
                self.answers[key].add(answer.body)
                return answer.body
            if answer is not None and not (answer.status == 503 and attempt.may_retry):
                self.wrong.append(f"{answer.status} {answer.body[:200]!r}")
            time.sleep(0.05)
        raise Ended

    def file(self, key: str, send: Send, *, by_app: bool = False) -> str:
        """Deliver something that must get a number of its own."""
        sent = time.monotonic()
        said = NUMBER.search(self.deliver(key, send))
        if said is None:
            self.wrong.append(f"{key} got no number")
            return ""
        self.filed.append(Filed(said[0].decode(), sent, time.monotonic(), by_app))
        return said[0].decode()

    def expect(self, key: str, send: Send, number: str, words: bytes = b"") -> None:
        """Deliver something that must be answered with a number given out before."""
        body = self.deliver(key, send)
        if number.encode() not in body or words not in body:
            self.wrong.append(f"{body!r} instead of {number} {words!r}")

    def _filed(self) -> list[Filed]:
        return list(self.filed.copy())


def _attempt(send: Send) -> tuple[Attempt, Answer | None]:
    started = time.monotonic()
    answer, error = None, None
    try:
        answer = send()
    except (OSError, http.client.HTTPException) as exc:
        error = type(exc).__name__
    seconds = time.monotonic() - started
    status = answer.status if answer else None
    may_retry = answer is not None and "Retry-After" in answer.headers
    return Attempt(started, seconds, status, error, may_retry), answer


class _Client(Pausable):
    """One client, which does ten things in turn."""

    def __init__(self, load: Load, index: int):
        super().__init__(load.pause)
        self.name = f"client {index}"
        self._load = load
        self._random = random.Random(index)  # noqa: S311
        self._senders = itertools.count(index * 10_000_000)
        self._steps = self._tens()

    def step(self) -> None:
        next(self._steps)

    def _tens(self) -> Iterator[None]:
        load = self._load
        while True:
            sender, text = self._sender(), self._text()
            number = load.file(*self._twilio(sender, text))
            yield
            load.expect(*self._kannel(sender, text.upper()), number)  # the same words
            yield
            self._in_parts()
            yield
            self._by_app()
            yield
            load.expect(*self._kannel(sender, f"CEK {number}"), number)
            yield
            load.additions[number] += 1
            added = self._twilio(sender, f"TAMBAH {number} {self._text()}")
            load.expect(*added, number, b"ditambahkan")
            yield
            self._twice(added)
            yield
            first = self._kannel(self._sender(), self._text())
            load.file(*first)
            yield
            self._twice(first)
            yield
            load.file(*self._twilio(sender, self._text()))
            yield

    def _in_parts(self) -> None:
        """Send a long SMS whose parts nobody joined, in any order; one answer has the number."""
        sender, total = self._sender(), self._random.randint(2, 4)
        reference = self._random.getrandbits(16).to_bytes(2)
        sent, answers = time.monotonic(), []
        for index in self._random.sample(range(1, total + 1), total):
            udh = b"\x06\x08\x04" + reference + bytes([total, index])
            answers.append(self._load.deliver(*self._kannel(sender, self._text(), udh)))
        numbers = [found[0] for answer in answers if (found := NUMBER.search(answer))]
        if len(numbers) != 1:
            self._load.wrong.append(f"a message of {total} parts got the numbers {numbers}")
            return
        self._load.filed.append(Filed(numbers[0].decode(), sent, time.monotonic(), by_app=False))

    def _by_app(self) -> None:
        complaint = {
            "title": self._text(3),
            "body": self._text(),
            "incident_date": "2026-11-16",
            "incident_location": f"Desa {self._text(1)}",
        }
        key = str(uuid.uuid4())
        self._load.file(key, lambda: self._load.gateway.file(complaint, key), by_app=True)

    def _twice(self, delivery: tuple[str, Send]) -> None:
        """Deliver again what was answered, as a carrier does whose answer was lost."""
        self._load.deliver(*delivery)

    def _twilio(self, sender: str, text: str) -> tuple[str, Send]:
        gateway, sid = self._load.gateway, f"SM{uuid.uuid4().hex}"
        signed = gateway.signed_sms(text, sender=sender, sid=sid)
        return sid, lambda: gateway.request("POST", "/in/twilio", *signed)

    def _kannel(self, sender: str, text: str, udh: bytes = b"") -> tuple[str, Send]:
        gateway, sms_id = self._load.gateway, str(uuid.uuid4())
        return sms_id, lambda: gateway.kannel(text, sender=sender, sms_id=sms_id, udh=udh)

    def _sender(self) -> str:
        return f"+6281{next(self._senders):09d}"

    def _text(self, words: int = 10) -> str:
        """Make words that nobody has said before."""
        rng = self._random
        return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(words))
