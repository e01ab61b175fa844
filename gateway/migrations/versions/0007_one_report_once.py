"""One report once: what complaints are about, why they were joined, and who else they belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BUSY = ("matter", "matter_key", "judgement")


def upgrade() -> None:
    """Add tables, and let a number support another."""
    op.add_column("number", sa.Column("supports", sa.String(length=12), nullable=True))
    supports = sa.text("supports IS NOT NULL")
    op.create_index(
        "ix_number_supports",
        "number",
        ["supports", "reporter"],
        sqlite_where=supports,
        postgresql_where=supports,
    )
    op.create_table(
        "owner",
        sa.Column("reporter", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reporter", "number", name=op.f("pk_owner")),
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.JSON(), nullable=False),
        sa.Column("found_by", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("number", name=op.f("uq_matter_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "matter_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matter_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "matter_id", name=op.f("pk_matter_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "judgement",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("root", sa.String(length=12), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("judged", sa.JSON(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_judgement")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in BUSY:
            op.execute(
                f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.01,"
                " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1)"
            )


def downgrade() -> None:
    """Take all of it back: every number stands for itself or its root, as before."""
    for name in ("judgement", "matter_key", "matter", "owner"):
        op.drop_table(name)
    op.drop_index("ix_number_supports", "number")
    op.drop_column("number", "supports")
