"""What is said to citizens by ourselves, how fast, and what they are asked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UNSAID = sa.text("state IN ('waiting', 'sending', 'unknown')")
UNHEARD = sa.text("state IN ('given_up', 'unsure')")
UNANSWERED = sa.text("answered_by IS NULL")


def upgrade() -> None:
    """Add the tables."""
    _replies()
    op.create_table(
        "pace",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_pace")),
    )
    op.create_table(
        "question",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("reporter", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asks", sa.String(length=20), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["number.number"], name=op.f("fk_question_number")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_question_reply_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_question")),
    )
    op.create_index(
        "ix_question_unanswered",
        "question",
        ["reporter"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )


def _replies() -> None:
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=100), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("first_number", sa.String(length=12), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("command", sa.String(length=10), nullable=True),
        sa.Column("asks", sa.String(length=20), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(length=255), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_reply_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("occasion", name=op.f("uq_reply_occasion")),
    )
    op.create_index("ix_reply_number", "reply", ["number"])
    op.create_index(
        "ix_reply_unsaid",
        "reply",
        ["source", "rank", "due_at"],
        sqlite_where=UNSAID,
        postgresql_where=UNSAID,
    )
    op.create_index(
        "ix_reply_unheard", "reply", ["id"], sqlite_where=UNHEARD, postgresql_where=UNHEARD
    )


def downgrade() -> None:
    """Forget what was said and asked; the messages themselves are in the journal."""
    op.drop_table("question")
    op.drop_table("pace")
    op.drop_table("reply")
