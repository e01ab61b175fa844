"""What a reporter supports is found by the reporter, however many support the same."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give both columns an index of their own."""
    op.drop_index("ix_number_supports", "number")
    _index("ix_number_supports", ["supports"], "supports IS NOT NULL")
    _index("ix_number_supporter", ["reporter"], "coalesce(supports, '') <> ''")


def downgrade() -> None:
    """Put them into one again."""
    op.drop_index("ix_number_supporter", "number")
    op.drop_index("ix_number_supports", "number")
    _index("ix_number_supports", ["supports", "reporter"], "supports IS NOT NULL")


def _index(name: str, columns: list[str], predicate: str) -> None:
    where = sa.text(predicate)
    op.create_index(name, "number", columns, sqlite_where=where, postgresql_where=where)
