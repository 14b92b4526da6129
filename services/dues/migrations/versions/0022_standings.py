"""Where members stand with the dues of each year, as it was last told."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("owed", sa.Numeric(14, 2), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "code IN ('up_to_date', 'grace', 'overdue', 'plan', 'exempt')", name=op.f("ck_standing_code")
        ),
        sa.CheckConstraint("owed >= 0", name=op.f("ck_standing_owed")),
        sa.CheckConstraint("(code IS NULL) = (since IS NULL)", name=op.f("ck_standing_told")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("member_id", "year", name=op.f("uq_standing_member_id_year")),
    )
    op.create_index("ix_standing_year", "standing", ["year", "code", "member_id"])
    op.create_index(
        "ix_standing_until", "standing", ["until", "member_id"], postgresql_where=sa.text("until IS NOT NULL")
    )
