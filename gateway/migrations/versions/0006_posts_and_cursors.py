"""Public posts, and how far sources that are pulled have been read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "post",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=20), nullable=False),
        sa.Column("first_id", sa.String(length=20), nullable=False),
        sa.Column("conversation_id", sa.String(length=20), nullable=True),
        sa.Column("reporter", sa.LargeBinary(length=32), nullable=True),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "post_id", name=op.f("pk_post")),
    )
    op.create_index("ix_post_first_id_source", "post", ["first_id", "source"])
    op.create_index("ix_post_conversation_id_source", "post", ["conversation_id", "source"])
    op.create_table(
        "cursor",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_cursor")),
    )


def downgrade() -> None:
    """Forget both: the posts themselves are in the journal."""
    op.drop_table("cursor")
    op.drop_table("post")
