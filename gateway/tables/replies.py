"""What is said to citizens by ourselves, and what they are asked."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    text,
)

from gateway.tables.base import UtcTime, metadata

# What is said to citizens by ourselves, each once (`occasion`), in answer to a journal row: whom it
# goes to is there alone. What it says is in facts until it is first sent; then `text` stays. Lower
# ranks go first. A state of waiting, sending or unknown is `open`; `due_at` is when it is next
# looked at, and of what is being sent when its sender must be dead.
reply = Table(
    "reply",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("journal_id", Uuid, ForeignKey("journal.id"), nullable=False),
    Column("occasion", String(100), nullable=False, unique=True),
    Column("rank", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("number", String(12), index=True),
    Column("first_number", String(12)),
    Column("status", String(20)),
    Column("command", String(10)),
    Column("asks", String(20)),
    Column("told", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("state", String(10), nullable=False),
    Column("text", String(500)),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease_token", Uuid),
    Column("tried_at", UtcTime),
    Column("provider_id", String(255)),
    Column("reason", String(300)),
    Column("created_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
)
UNSAID = text("state IN ('waiting', 'sending', 'unknown')")
UNHEARD = text("state IN ('given_up', 'unsure')")
Index(
    "ix_reply_unsaid",
    reply.c.source,
    reply.c.rank,
    reply.c.due_at,
    sqlite_where=UNSAID,
    postgresql_where=UNSAID,
)
Index("ix_reply_unheard", reply.c.id, sqlite_where=UNHEARD, postgresql_where=UNHEARD)

# When each source may next be spoken through.
pace = Table(
    "pace",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("next_at", UtcTime, nullable=False),
)

# What a reporter was asked about a complaint, by the reply `reply_id`; `answered_by` is the journal
# row of the first answer.
question = Table(
    "question",
    metadata,
    Column("number", String(12), ForeignKey("number.number"), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("reporter", LargeBinary(32), nullable=False),
    Column("asks", String(20), nullable=False),
    Column("reply_id", Uuid, ForeignKey("reply.id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("answered_by", Uuid),
)
UNANSWERED = text("answered_by IS NULL")
Index(
    "ix_question_unanswered",
    question.c.reporter,
    sqlite_where=UNANSWERED,
    postgresql_where=UNANSWERED,
)
