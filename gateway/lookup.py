"""Asking by number: how a complaint stands, told to whoever may know."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from channels import number
from channels.base import TooManyRequests
from gateway.feedback import Step, history
from gateway.identity import Identity
from gateway.store import Clock, Standing, Store, standing
from gateway.tables import tally
from gateway.upsert import insert

_NOBODYS = "0000-000-000"


@dataclass(frozen=True, slots=True)
class Shown:
    """How a complaint stands, and how it came to that: (status, since when), oldest first."""

    standing: Standing
    history: tuple[tuple[str, datetime], ...]


class Lookup:
    """Finds complaints. Wrong numbers are counted per address and day: nobody tries them all."""

    def __init__(self, store: Store, identity: Identity, *, clock: Clock, wrong_numbers_a_day: int):
        self._store = store
        self._identity = identity
        self._clock = clock
        self._wrong_numbers_a_day = wrong_numbers_a_day

    def find(self, typed: str, secret: str | None, client_address: str) -> Shown | None:
        """Give how a complaint stands; None for an unknown one and for one that is not shown.

        A confidential complaint needs its secret. Unknown, wrong and hidden numbers take the same
        way through here, so that time tells nothing either. Raises TooManyRequests.
        """
        asked = number.parse(typed)
        wrong = self._identity.of_day("lookup", client_address, self._clock().date())
        with self._store.read() as connection:
            tries = connection.scalar(select(tally.c.count).where(tally.c.ref == wrong)) or 0
        if tries >= self._wrong_numbers_a_day:
            raise TooManyRequests("too many unknown numbers were asked for today")
        with self._store.read() as connection:
            found = standing(connection, asked or _NOBODYS)
            steps = history(connection, asked or _NOBODYS)
        knows = hmac.compare_digest(
            self._identity.secret(asked or _NOBODYS).encode(), (secret or "").encode()
        )
        if found is not None and (knows or not found.confidential):
            return Shown(found, _told(found, steps))
        self._count(wrong)
        return None

    def opens(self, typed: str, secret: str, client_address: str) -> str | None:
        """Give the number of a complaint that a secret opens; None, and counted, for others.

        Raises TooManyRequests.
        """
        found = self.find(typed, secret, client_address)
        asked = number.parse(typed)
        if found is None or asked is None:
            return None
        right = self._identity.secret(asked).encode()
        if hmac.compare_digest(right, secret.encode("utf-8", "surrogatepass")):
            return asked
        self._count(self._identity.of_day("lookup", client_address, self._clock().date()))
        return None

    def _count(self, wrong: bytes) -> None:
        again = {"count": tally.c.count + 1}
        with self._store.write() as connection:
            connection.execute(
                insert(connection, tally)
                .values(ref=wrong, day=self._clock().date(), count=1)
                .on_conflict_do_update(index_elements=["ref"], set_=again)
            )


def _told(stands: Standing, steps: Sequence[Step]) -> tuple[tuple[str, datetime], ...]:
    """Leave out what came to nothing; add what the reporter did."""
    told = [(step.status, step.happened_at) for step in steps if step.applied]
    if stands.status == "withdrawn" and "withdrawn" not in dict(told):
        told.append(("withdrawn", stands.updated_at))
    return tuple(told)
