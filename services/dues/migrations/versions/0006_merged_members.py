"""The member that a record turned out to be a duplicate of, as membership tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("member", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_member_merged_into", "member", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
