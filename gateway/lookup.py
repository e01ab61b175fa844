"""Asking by number: how a complaint stands, told to whoever may know."""

from __future__ import annotations

import hmac

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from channels import number
from channels.base import TooManyRequests
from gateway.identity import Identity
from gateway.store import Clock, Standing, Store
from gateway.tables import tally

_NOBODYS = "0000-000-000"


class Lookup:
    """Finds complaints. Wrong numbers are counted per address and day: nobody tries them all."""

    def __init__(self, store: Store, identity: Identity, *, clock: Clock, wrong_numbers_a_day: int):
        self._store = store
        self._identity = identity
        self._clock = clock
        self._wrong_numbers_a_day = wrong_numbers_a_day

    def find(self, typed: str, secret: str | None, client_address: str) -> Standing | None:
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
        found = self._store.standing(asked or _NOBODYS)
        knows = hmac.compare_digest(
            self._identity.secret(asked or _NOBODYS).encode(), (secret or "").encode()
        )
        if found is not None and (knows or not found.confidential):
            return found
        self._count(wrong)
        return None

    def _count(self, wrong: bytes) -> None:
        again = {"count": tally.c.count + 1}
        with self._store.write() as connection:
            connection.execute(
                insert(tally)
                .values(ref=wrong, day=self._clock().date(), count=1)
                .on_conflict_do_update(index_elements=["ref"], set_=again)
            )
