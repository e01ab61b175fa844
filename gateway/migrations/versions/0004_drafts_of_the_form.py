"""What is typed into the web form between two steps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of drafts."""
    op.create_table(
        "web_draft",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_draft")),
    )
    op.create_index("ix_web_draft_expires_at", "web_draft", ["expires_at"])


def downgrade() -> None:
    """Take it away with the drafts in it."""
    op.drop_table("web_draft")
