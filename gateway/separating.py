"""The reporter's word, from a page or an app, that a report was joined by mistake."""

from __future__ import annotations

from sqlalchemy import case, select

from channels.base import Command, InboundMessage
from channels.web.given import Joined
from gateway import tables
from gateway.store import IN_PROCESS, Clock, Store
from gateway.tables import PENDING, journal, judgement


def joined(store: Store, of: str) -> Joined | None:
    """Tell what a number is an alias of, or supports; None when it stands alone or is closed."""
    asked, first = tables.number.alias("asked"), tables.number.alias("first")
    is_alias = asked.c.root != asked.c.number
    joined_with = case((is_alias, asked.c.root), else_=asked.c.supports)
    status = case((is_alias, first.c.status), else_=asked.c.status)
    parting = select(journal.c.id).where(
        journal.c.about == of, journal.c.intent == "separation", PENDING
    )
    with store.read() as connection:
        row = connection.execute(
            select(
                first.c.number,
                first.c.confidential,
                is_alias.label("is_alias"),
                parting.exists().label("is_parting"),
            )
            .select_from(asked)
            .join(first, first.c.number == joined_with)
            .where(asked.c.number == of, status.in_(IN_PROCESS))
        ).one_or_none()
    if row is None:
        return None
    shown = None if row.confidential else row.number
    return Joined(shown, keeps=not row.is_alias, is_parting=row.is_parting)


def separation(
    store: Store, of: str, secret: str, *, source: str, channel: str, clock: Clock
) -> InboundMessage:
    """Say that it is another matter: once for each time that it was joined, however often."""
    with store.read() as connection:
        decided = connection.scalar(select(judgement.c.at).where(judgement.c.number == of))
    return InboundMessage(
        source=source,
        channel=channel,
        provider=channel,
        provider_id=f"separate:{of}:{decided.isoformat() if decided else ''}",
        sender=None,
        text="",
        received_at=clock(),
        command=Command("separate", of, secret=secret),
    )
