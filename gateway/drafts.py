"""What is typed into the form between two steps: kept for a while, by a token only we can make."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from channels.web.form import SOURCE
from channels.web.given import Draft
from gateway.assembly import Native, here
from gateway.identity import Identity
from gateway.store import Clock, Store
from gateway.tables import delivery, tally, web_draft
from gateway.upsert import insert

_DRAFT = (
    select(web_draft.c.typed, delivery.c.number, delivery.c.payload_digest)
    .select_from(
        web_draft.outerjoin(
            delivery, and_(delivery.c.source == SOURCE, delivery.c.key == web_draft.c.id)
        )
    )
    .where(web_draft.c.id == bindparam("key"))
)


class Drafts:
    """The drafts of one store. A token names a draft and is signed for one browser's cookie."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        clock: Clock,
        hours: int,
        native: Native[Any] = here,
    ):
        self._store = store
        self._identity = identity
        self._clock = clock
        self._native = native
        self._keep_for = timedelta(hours=hours)

    def new(self, browser: str) -> str:
        """Give a token for an empty draft; the store learns of it when something is kept."""
        named = f"{secrets.token_urlsafe(16)}.{int(self._clock().timestamp())}"
        return f"{named}.{self._identity.sign(f'{browser}.{named}')}"

    def browser(self, cookie: str | None) -> str:
        """Give the cookie back when we signed it, or a new one."""
        name, _, signature = (cookie or "").partition(".")
        if cookie and _same(signature, self._identity.sign(name)):
            return cookie
        name = secrets.token_urlsafe(16)
        return f"{name}.{self._identity.sign(name)}"

    def read(self, token: str, browser: str) -> Draft | None:
        """Give the draft of a token; None when it is forged, another browser's or expired."""
        named, _, signature = token.rpartition(".")
        if not _same(signature, self._identity.sign(f"{browser}.{named}")):
            return None
        key, _, seconds = named.partition(".")
        issued_at = datetime.fromtimestamp(int(seconds), UTC)
        if self._clock() - issued_at > self._keep_for:
            return None
        row = self._native(lambda: self._row(key))
        if row is None:
            return Draft(key, issued_at, {})
        return Draft(key, issued_at, row.typed, row.number, row.payload_digest)

    def keep(self, draft: Draft, typed: Mapping[str, str]) -> None:
        """Keep what was typed; what was sent stays as it is."""
        row = {
            "id": draft.id,
            "typed": dict(typed),
            "expires_at": draft.issued_at + self._keep_for,
        }
        self._native(lambda: self._write(row))

    def sent(self, draft: Draft, number: str) -> None:
        """Remember the number, and forget the words: the journal has them now."""
        self._native(lambda: self._close(draft.id, number))

    def _row(self, key: str) -> Any:
        """Read a draft and its delivery: that one alone tells whether it was sent.

        A process can die after accept and before `sent`.
        """
        with self._store.read() as connection:
            return connection.execute(_DRAFT, {"key": key}).one_or_none()

    def _write(self, row: Mapping[str, Any]) -> None:
        with self._store.write() as connection:
            connection.execute(
                insert(connection, web_draft)
                .values(row)
                .on_conflict_do_update(
                    index_elements=["id"],
                    set_={"typed": row["typed"]},
                    where=web_draft.c.number.is_(None),
                )
            )

    def _close(self, key: str, number: str) -> None:
        done = {"number": number, "typed": {}}
        with self._store.write() as connection:
            connection.execute(update(web_draft).where(web_draft.c.id == key).values(done))


def expire(connection: Connection, now: datetime) -> None:
    """Forget the drafts whose time is over."""
    connection.execute(delete(web_draft).where(web_draft.c.expires_at < now))


class FormLimit:
    """Counts what one address and one contact send in a day."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        *,
        clock: Clock,
        an_address: int,
        a_contact: int,
        native: Native[Any] = here,
    ):
        self._store = store
        self._identity = identity
        self._clock = clock
        self._native = native
        self._most = {"address": an_address, "contact": a_contact}

    def __call__(self, address: str, typed: Mapping[str, str]) -> bool:
        """Count one more; False when it is too much for today."""
        day = self._clock().date()
        whom = {"address": address, "contact": typed.get("phone") or typed.get("email") or ""}
        refs = {
            self._identity.of_day(f"form {what}", key, day): self._most[what]
            for what, key in whom.items()
            if key
        }
        taken: bool = self._native(lambda: self._count(refs, day))
        return taken

    def _count(self, refs: Mapping[bytes, int], day: date) -> bool:
        with self._store.write() as connection:
            counts = dict(
                connection.execute(
                    select(tally.c.ref, tally.c.count).where(tally.c.ref.in_(refs))
                ).all()
            )
            if any(counts.get(ref, 0) >= most for ref, most in refs.items()):
                return False
            for ref in sorted(refs):
                connection.execute(
                    insert(connection, tally)
                    .values(ref=ref, day=day, count=1)
                    .on_conflict_do_update(
                        index_elements=["ref"], set_={"count": tally.c.count + 1}
                    )
                )
        return True


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
