"""The first tables: journal, deliveries, identities, numbers, events and the embedded queue."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the tables with every index of the accept and processing path."""
    op.create_table(
        "delivery",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("first_number", sa.String(length=12), nullable=True),
        sa.Column("command", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("payload_digest", sa.String(length=64), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_delivery")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("number", "revision", name=op.f("uq_event_number_revision")),
    )
    op.create_index(
        "ix_event_unpublished",
        "event",
        ["id"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("message", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("intent", sa.String(length=10), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_number", "journal", ["number"], unique=False)
    op.create_index(
        "ix_journal_parked",
        "journal",
        ["id"],
        unique=False,
        sqlite_where=sa.text("outcome = 'parked'"),
        postgresql_where=sa.text("outcome = 'parked'"),
    )
    op.create_index(
        "ix_journal_pending",
        "journal",
        ["id"],
        unique=False,
        sqlite_where=sa.text("outcome = 'pending'"),
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_table(
        "number",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("root", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reporter", sa.LargeBinary(length=32), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_number")),
    )
    op.create_index("ix_number_root", "number", ["root"], unique=False)
    op.create_index(
        "uq_number_claimed",
        "number",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("claimed"),
        postgresql_where=sa.text("claimed"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_quarantine_source_digest")),
    )
    op.create_index("ix_quarantine_expires_at", "quarantine", ["expires_at"], unique=False)
    op.create_table(
        "queue",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("dead", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_queue")),
    )
    op.create_table(
        "queue_binding",
        sa.Column("exchange", sa.String(length=120), nullable=False),
        sa.Column("routing_key", sa.String(length=120), nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("exchange", "routing_key", "queue", name=op.f("pk_queue_binding")),
    )
    op.create_table(
        "queue_exchange",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_queue_exchange")),
    )
    op.create_table(
        "queue_message",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_message")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_queue_message_queue_id", "queue_message", ["queue", "id"], unique=False)
    op.create_table(
        "tally",
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_day", "tally", ["day"], unique=False)
    op.create_table(
        "complaint",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["journal.id"], name=op.f("fk_complaint_journal_id")
        ),
        sa.ForeignKeyConstraint(["number"], ["number.number"], name=op.f("fk_complaint_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_complaint")),
    )
    op.create_table(
        "part_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_set")),
    )
    key = ["source", "sender", "destination", "reference", "total"]
    is_open = sa.text("state = 'open'")
    op.create_index("ix_part_set_key", "part_set", key)
    op.create_index(
        "uq_part_set_open",
        "part_set",
        key,
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "ix_part_set_waiting",
        "part_set",
        ["started_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "part",
        sa.Column("set_id", sa.Uuid(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"], ["part_set.id"], name=op.f("fk_part_set_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("set_id", "index", name=op.f("pk_part")),
    )
    exchange, queue, binding = (
        sa.table("queue_exchange", sa.column("name"), sa.column("type")),
        sa.table("queue", sa.column("name"), sa.column("dead")),
        sa.table(
            "queue_binding", sa.column("exchange"), sa.column("routing_key"), sa.column("queue")
        ),
    )
    op.bulk_insert(exchange, [{"name": "lapor", "type": "topic"}])
    op.bulk_insert(
        queue,
        [
            {"name": "lapor.complaints", "dead": "lapor.complaints.dead"},
            {"name": "lapor.complaints.dead", "dead": None},
            {"name": "lapor.status", "dead": None},
        ],
    )
    op.bulk_insert(
        binding, [{"exchange": "lapor", "routing_key": "#", "queue": "lapor.complaints"}]
    )


def downgrade() -> None:
    """Drop everything, what refers to others first."""
    for name in (
        "part",
        "part_set",
        "complaint",
        "tally",
        "queue_message",
        "queue_exchange",
        "queue_binding",
        "queue",
        "quarantine",
        "number",
        "journal",
        "fact",
        "event",
        "delivery",
    ):
        op.drop_table(name)
