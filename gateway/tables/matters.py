"""What complaints are about, and why reports were joined."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from gateway.tables.base import UtcTime, metadata

# What a complaint is about, as far as comparing needs it. The ids follow the order of the commits:
# whoever opens complaints holds one lock, so that what is newer than an id is all that is new.
matter = Table(
    "matter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", String(12), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("fingerprint", JSON, nullable=False),
    Column("found_by", JSON, nullable=False),
    sqlite_autoincrement=True,
)
# Where a near copy may find it: rows of complaints in process that support no other.
matter_key = Table(
    "matter_key",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("matter_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# Why a message was, or was not, joined with a complaint in process. `judged` lists the likeliest
# ones, best first; `record` is what a repeat would have been by itself, should it be separated.
judgement = Table(
    "judgement",
    metadata,
    Column("number", String(12), primary_key=True),
    Column("verdict", String(10), nullable=False),
    Column("root", String(12)),
    Column("version", Integer, nullable=False),
    Column("judged", JSON, nullable=False),
    Column("record", JSON(none_as_null=True)),
    Column("at", UtcTime, nullable=False),
)
