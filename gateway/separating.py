"""The reporter's word, from a page or an app, that a report was joined by mistake."""

from __future__ import annotations

from sqlalchemy import case, select

from channels.base import Command, InboundMessage
from channels.web.given import Joined
from gateway import tables
from gateway.store import Clock, Store
from gateway.tables import judgement


def joined(store: Store, of: str) -> Joined | None:
    """Tell what a number is an alias of, or supports; None when it stands alone."""
    asked, first = tables.number.alias("asked"), tables.number.alias("first")
    is_alias = asked.c.root != asked.c.number
    joined_with = case((is_alias, asked.c.root), else_=asked.c.supports)
    with store.read() as connection:
        row = connection.execute(
            select(first.c.number, first.c.confidential, is_alias.label("is_alias"))
            .select_from(asked)
            .join(first, first.c.number == joined_with)
            .where(asked.c.number == of)
        ).one_or_none()
    if row is None:
        return None
    return Joined(None if row.confidential else row.number, not row.is_alias)


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
