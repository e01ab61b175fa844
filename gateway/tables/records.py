"""The canonical records, the event log, and what consumers said."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from gateway.tables.base import UtcTime, metadata

# The canonical record as last published, one row a root.
complaint = Table(
    "complaint",
    metadata,
    Column("number", String(12), ForeignKey("number.number"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Column("journal_id", Uuid, ForeignKey("journal.id"), nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# The event log. `body` is the CloudEvent as published; the part without `published_at` is the
# outbox, but for what the broker will never take (`refused` says why).
event = Table(
    "event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String(12), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("published_at", UtcTime),
    Column("refused", String(300)),
    UniqueConstraint("number", "revision"),
)
UNPUBLISHED = text("published_at IS NULL AND refused IS NULL")
REFUSED = text("refused IS NOT NULL")
Index("ix_event_refused", event.c.id, sqlite_where=REFUSED, postgresql_where=REFUSED)
Index("ix_event_unpublished", event.c.id, sqlite_where=UNPUBLISHED, postgresql_where=UNPUBLISHED)

# What consumers said of a complaint, each said once. `number` is its root. `applied` tells whether
# it became the status then: an older sequence of the same consumer that comes late does not.
status_change = Table(
    "status_change",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", String(12), nullable=False, index=True),
    Column("consumer", String(200), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),
    Column("note", String(1000)),
    Column("reference", String(200)),
    Column("happened_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("applied", Boolean, nullable=False),
    UniqueConstraint("consumer", "event_id"),
)
