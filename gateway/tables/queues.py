"""The embedded queue: a broker's state, shared by every process that opens the file."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, Uuid

from gateway.tables.base import UtcTime, metadata

# The embedded queue: a broker's state, shared by every process that opens the file.
queue_exchange = Table(
    "queue_exchange",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("type", String(20), nullable=False),
)
queue = Table(
    "queue",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("dead", String(120)),
)
queue_binding = Table(
    "queue_binding",
    metadata,
    Column("exchange", String(120), primary_key=True),
    Column("routing_key", String(120), primary_key=True),
    Column("queue", String(120), primary_key=True),
)
queue_message = Table(
    "queue_message",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("queue", String(120), nullable=False),
    Column("payload", Text, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("reason", String(300)),
    Column("lease_token", Uuid),
    Column("lease_until", UtcTime),
    Index(None, "queue", "id"),
    sqlite_autoincrement=True,
)
