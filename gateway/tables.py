"""The store's tables. The first migration builds exactly these; a test compares them.

Keys are uuid7 where order matters: new rows go to the end of the index.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in and out; SQLite itself would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, which would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
    # What it is for: a complaint, or an amendment or the withdrawal of the complaint `about`. A
    # complaint may be `about` one that was closed.
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
# outbox.
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
    UniqueConstraint("number", "revision"),
)
UNPUBLISHED = text("published_at IS NULL")
Index("ix_event_unpublished", event.c.id, sqlite_where=UNPUBLISHED, postgresql_where=UNPUBLISHED)

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

# Facts about the store itself, such as which identity key its fingerprints were made with.
fact = Table(
    "fact",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

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
