"""Past one machine: leases, counters, what consumers say, and events a broker refuses."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Rows here change once or twice soon after they are written. PostgreSQL would wait until a fifth
# of a table of millions is dead before it sweeps; the scans of what is pending slow down long
# before.
BUSY = ("journal", "event", "number", "delivery", "part_set", "tally", "counter", "lease")


def upgrade() -> None:
    """Add tables, and let the outbox leave out what is refused."""
    op.add_column("event", sa.Column("refused", sa.String(length=300), nullable=True))
    _index_of_outbox("published_at IS NULL AND refused IS NULL")
    refused = sa.text("refused IS NOT NULL")
    op.create_index(
        "ix_event_refused", "event", ["id"], sqlite_where=refused, postgresql_where=refused
    )
    about = sa.text("about IS NOT NULL")
    op.create_index(
        "ix_journal_about", "journal", ["about"], sqlite_where=about, postgresql_where=about
    )
    op.create_table(
        "status_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
        sa.UniqueConstraint(
            "consumer", "event_id", name=op.f("uq_status_change_consumer_event_id")
        ),
    )
    op.create_index("ix_status_change_number", "status_change", ["number"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_number", "audit", ["number"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("of", sa.String(length=100), nullable=False),
        sa.Column("process", sa.Uuid(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "of", "process", name=op.f("pk_counter")),
    )
    op.execute("INSERT INTO queue (name) VALUES ('lapor.status.dead')")
    op.execute("UPDATE queue SET dead = 'lapor.status.dead' WHERE name = 'lapor.status'")
    if op.get_bind().dialect.name == "postgresql":
        for table in BUSY:
            op.execute(
                f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.01,"
                " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1)"
            )


def downgrade() -> None:
    """Take all of it back; what was refused is in the outbox again."""
    op.execute("UPDATE queue SET dead = NULL WHERE name = 'lapor.status'")
    op.execute("DELETE FROM queue WHERE name = 'lapor.status.dead'")
    for name in ("counter", "lease", "audit", "status_change"):
        op.drop_table(name)
    op.drop_index("ix_journal_about", "journal")
    op.drop_index("ix_event_refused", "event")
    _index_of_outbox("published_at IS NULL")
    op.drop_column("event", "refused")
    if op.get_bind().dialect.name == "postgresql":
        for table in BUSY[:6]:
            op.execute(
                f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor,"
                " autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay)"
            )


def _index_of_outbox(predicate: str) -> None:
    unpublished = sa.text(predicate)
    op.drop_index("ix_event_unpublished", "event")
    op.create_index(
        "ix_event_unpublished",
        "event",
        ["id"],
        sqlite_where=unpublished,
        postgresql_where=unpublished,
    )
