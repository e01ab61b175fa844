"""A door that says what it is told to say, and remembers it."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from sqlalchemy import select

from channels.base import Sender, Sent, Unknown
from channels.sms.wording import say
from gateway.speaking import Speaking
from gateway.tables import reply

SOURCES = {"kannel": True, "jasmin": False, "twitter": False}
ON_X = Sender("x", "1700000000000000042", proven=True)


class Door:
    """Speaks like SMS, unless told otherwise by `outcomes`; `finds` are those of look-ups."""

    answers_requests = False
    pace = 0.0

    def __init__(self):
        self.said = []
        self.looked_up = []
        self.outcomes = deque()
        self.finds = deque()

    def speaker(self):
        return self

    def words(self, saying):
        return say(saying)

    def send(self, message, now):
        self.said.append(message)
        outcome = self.outcomes.popleft() if self.outcomes else Sent(f"SM{len(self.said)}")
        return outcome(message) if callable(outcome) else outcome

    def look_up(self, message, now):
        self.looked_up.append(message)
        return self.finds.popleft() if self.finds else Unknown("nobody can tell", for_good=True)

    @property
    def texts(self):
        return [message.text for message in self.said]


def a_speaking(store, door, clock, source="jasmin", **changed):
    given = {"clock": clock, "give_up_after": timedelta(hours=24), "jitter": lambda: 1.0}
    return Speaking(store, source, door, door, **(given | changed))


def say_all(speaking, most=50):
    """Say what is due now."""
    for _ in range(most):
        if speaking.run_once():
            return
    raise AssertionError("there is always more to say")


def rows(store, **where):
    with store.read() as connection:
        found = connection.execute(select(reply).order_by(reply.c.created_at, reply.c.id))
        return [row for row in found if all(getattr(row, name) == of for name, of in where.items())]
