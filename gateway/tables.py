"""The store's tables. The first migration builds exactly these; a test compares them.

Keys are uuid7 where order matters: new rows go to the end of the index.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
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

# Public posts, every version of each: what became of it, so that an edit, a deletion or a reply in
# the same thread finds it. `first_id` names all versions of one post. `part` tells what it is to
# the complaint `number`: its opening, an addition, or other (a repeat, a command). A deletion that
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
