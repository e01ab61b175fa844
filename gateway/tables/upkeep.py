"""What the house itself needs: audit, leases, counters, quarantine, limits, drafts, facts."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from gateway.tables.base import UtcTime, metadata

# Who read what only an authorised consumer may read.
audit = Table(
    "audit",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("consumer", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("number", String(12), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
)

# What one process at a time does: whoever holds the lease. A dead holder's ends by itself.
lease = Table(
    "lease",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("token", Uuid, nullable=False),
    Column("until", UtcTime, nullable=False),
)

# Counters, one row for each process, so that none waits for another; their sum counts.
counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("of", String(100), primary_key=True),
    Column("process", Uuid, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# Requests that did not prove who sent them, for an operator to look at. They expire.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("times", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("released_at", UtcTime),
    UniqueConstraint("source", "digest"),
)

# Counts a day, by a salted HMAC of what is counted (a sender, an address).
tally = Table(
    "tally",
    metadata,
    Column("ref", LargeBinary(32), primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("count", Integer, nullable=False),
)

# What is typed into the form between two steps. `number` is there once it was sent; then the
# words are in the journal and no longer here.
web_draft = Table(
    "web_draft",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("typed", JSON, nullable=False),
    Column("number", String(12)),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

# Facts about the store itself, such as which identity key its fingerprints were made with.
fact = Table(
    "fact",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)
