"""Files: uploads, and those still at a provider."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid, text

from gateway.tables.base import UtcTime, metadata

# Uploads. A complaint's journal row claims one; what nobody claims is collected.
attachment = Table(
    "attachment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sha256", String(64), index=True),
    Column("size", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("name", String(200)),
    Column("verdict", String(20), nullable=False),
    Column("ready", Boolean, nullable=False),
    Column("collected", Boolean, nullable=False),
    Column("journal_id", Uuid),
    Column("received_at", UtcTime, nullable=False),
)
UNCLAIMED = attachment.c.journal_id.is_(None)
Index(
    "ix_attachment_unclaimed",
    attachment.c.received_at,
    sqlite_where=UNCLAIMED,
    postgresql_where=UNCLAIMED,
)

# Files that are still at the provider. `id` is the file's in the record; a worker fetches it, and
# what it kept (`attachment` has a row for that under `kept_as`) or why not goes into the record.
media = Table(
    "media",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("journal_id", Uuid, ForeignKey("journal.id"), nullable=False),
    Column("number", String(12), nullable=False),
    Column("source", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("name", String(200)),
    Column("state", String(10), nullable=False),
    Column("verdict", String(20)),
    Column("kept_as", Uuid),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease_token", Uuid),
    Column("reason", String(300)),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
)
UNFETCHED = text("state = 'waiting'")
LOST = text("state = 'given_up'")
Index("ix_media_unfetched", media.c.due_at, sqlite_where=UNFETCHED, postgresql_where=UNFETCHED)
Index("ix_media_lost", media.c.id, sqlite_where=LOST, postgresql_where=LOST)
