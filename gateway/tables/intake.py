"""What is accepted: deliveries, numbers, the journal, and parts of long messages."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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

# A delivery key was seen: the receipt as first written, so that a redelivery is byte-equal.
delivery = Table(
    "delivery",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("key", String(400), primary_key=True),
    Column("journal_id", Uuid, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("number", String(12)),
    Column("first_number", String(12)),
    Column("command", String(10)),
    Column("status", String(20)),
    Column("payload_digest", String(64)),
    Column("received_at", UtcTime, nullable=False),
)

# Every number ever given. `root` is the complaint it stands for: itself, or another one when it
# is an alias. The state of a complaint is in the row of its root. While it is in process its
# fingerprint is claimed, and the unique index is the rule "one open complaint per identity".
number = Table(
    "number",
    metadata,
    Column("number", String(12), primary_key=True),
    Column("root", String(12), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("reporter", LargeBinary(32)),
    Column("fingerprint", LargeBinary(32)),
    Column("claimed", Boolean, nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("repeats", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # Another reporter's complaint in process about the same matter, which this one supports.
    Column("supports", String(12)),
)
SUPPORTS = text("supports IS NOT NULL")
Index(
    "ix_number_supports",
    number.c.supports,
    sqlite_where=SUPPORTS,
    postgresql_where=SUPPORTS,
)
# What a reporter supports is found by the reporter: one complaint may have very many supporters.
# The predicate is another one on purpose. Where SUPPORTS says the same, PostgreSQL takes the index
# above, since its statistics know of no supporters yet, and reads all of them.
SUPPORTER = text("coalesce(supports, '') <> ''")
Index(
    "ix_number_supporter",
    number.c.reporter,
    sqlite_where=SUPPORTER,
    postgresql_where=SUPPORTER,
)
# A lookup uses a partial index only when it repeats the predicate, literally.
CLAIMED = text("claimed")
Index(
    "uq_number_claimed",
    number.c.fingerprint,
    unique=True,
    sqlite_where=CLAIMED,
    postgresql_where=CLAIMED,
)

# Accepted messages as received. `message` is what the channel decoded (strictly, so the text is
# what was sent); `raw` keeps the request itself where decoding failed.
journal = Table(
    "journal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("number", String(12), index=True),
    Column("message", JSON(none_as_null=True)),
    Column("raw", LargeBinary),
    Column("received_at", UtcTime, nullable=False),
    # What it is for: a complaint, an amendment or the withdrawal of the complaint `about`, or what
    # an exact repeat brings besides its words (supplement). A complaint may be `about` one that
    # was closed.
    Column("intent", String(10), nullable=False),
    Column("about", String(12)),
    Column("outcome", String(10), nullable=False),
    Column("reason", String(300)),
    Column("attempts", Integer, nullable=False),
    Column("lease_token", Uuid),
    Column("lease_until", UtcTime),
)
PENDING = text("outcome = 'pending'")
PARKED = text("outcome = 'parked'")
Index("ix_journal_pending", journal.c.id, sqlite_where=PENDING, postgresql_where=PENDING)
Index("ix_journal_parked", journal.c.id, sqlite_where=PARKED, postgresql_where=PARKED)
ABOUT = text("about IS NOT NULL")
Index("ix_journal_about", journal.c.about, sqlite_where=ABOUT, postgresql_where=ABOUT)

# A long SMS that arrives in parts. It is open until all are there (whole) or the wait is over
# (partial); `number` is then its complaint's, for a part that comes late.
part_set = Table(
    "part_set",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("sender", String(64), nullable=False),
    Column("destination", String(64), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("total", Integer, nullable=False),
    Column("arrived", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("number", String(12)),
    Column("started_at", UtcTime, nullable=False),
    Index("ix_part_set_key", "source", "sender", "destination", "reference", "total"),
)
OPEN = text("state = 'open'")
Index(
    "uq_part_set_open",
    *(part_set.c[name] for name in ("source", "sender", "destination", "reference", "total")),
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)
Index("ix_part_set_waiting", part_set.c.started_at, sqlite_where=OPEN, postgresql_where=OPEN)
part = Table(
    "part",
    metadata,
    Column("set_id", Uuid, ForeignKey("part_set.id", ondelete="CASCADE"), primary_key=True),
    Column("index", Integer, primary_key=True),
    # JSON, because a part may end with half a character.
    Column("text", JSON, nullable=False),
    Column("journal_id", Uuid, nullable=False),
)

# Who else a complaint belongs to: senders that have proved the phone number typed into it.
owner = Table(
    "owner",
    metadata,
    Column("reporter", LargeBinary(32), primary_key=True),
    Column("number", String(12), primary_key=True),
    Column("at", UtcTime, nullable=False),
)
