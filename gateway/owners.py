"""Who else a complaint belongs to: senders of an SMS who proved the phone number typed into it.

A typed phone number proves nothing. A text from that number does: the carrier vouches for it, it
costs us nothing, and there is no code to intercept.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from channels.sms.senders import e164
from gateway.tables import journal, owner
from gateway.upsert import insert


def add(connection: Connection, number: str, reporter: bytes, now: datetime) -> None:
    """Let a complaint belong to a reporter too; the same again changes nothing."""
    row = insert(connection, owner).values(reporter=reporter, number=number, at=now)
    connection.execute(row.on_conflict_do_nothing(index_elements=["reporter", "number"]))


def has(connection: Connection, number: str | None, reporter: bytes) -> bool:
    """Tell whether a complaint was proved to belong to a reporter."""
    found = select(owner.c.number).where(owner.c.reporter == reporter, owner.c.number == number)
    return connection.scalar(found) is not None


def typed_phone(connection: Connection, number: str | None) -> str | None:
    """Give the phone number typed into a complaint, in E.164; None where there is none."""
    message = connection.scalar(
        select(journal.c.message)
        .where(journal.c.number == number, journal.c.intent == "complaint")
        .order_by(journal.c.id)
        .limit(1)
    )
    reporter = ((message or {}).get("fields") or {}).get("reporter") or {}
    return e164(str(reporter.get("phone") or ""))
