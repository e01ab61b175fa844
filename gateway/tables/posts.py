"""Public posts, and how far a source that is pulled has been read."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Uuid

from gateway.tables.base import UtcTime, metadata

# Public posts, every version of each: what became of it, so that an edit, a deletion or a reply in
# the same thread finds it. `first_id` names all versions of one post. `part` tells what it is to
# the complaint `number`: its opening, an addition, a supplement
# (files with words that it has already), or other (a repeat, a command). A deletion that
# comes before its post leaves a row, so that the post is not taken when it comes.
post = Table(
    "post",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("post_id", String(20), primary_key=True),
    Column("first_id", String(20), nullable=False),
    Column("conversation_id", String(20)),
    Column("reporter", LargeBinary(32)),
    Column("number", String(12)),
    Column("part", String(10), nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    # The id first: there are a few sources and many posts.
    Index(None, "first_id", "source"),
    Index(None, "conversation_id", "source"),
)

# How far a source that is pulled has been read; written with what was read.
cursor = Table(
    "cursor",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("value", String(1000), nullable=False),
    Column("moved_at", UtcTime, nullable=False),
)
