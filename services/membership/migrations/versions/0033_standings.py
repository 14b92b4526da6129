"""What dues tells of payments: what is paid and credited of each call, and where each structure stands with a year.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What an older process hears meanwhile has no amounts yet: the next fact of the call brings them.
    for column in ("paid", "credited"):
        op.add_column("dues_call", sa.Column(column, sa.String(), nullable=False, server_default="0.00"))
    op.create_table(
        "dues_standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dues_standing")),
    )
    op.create_index("ix_dues_standing_member", "dues_standing", ["member_id", "year"])
    op.create_index("ix_dues_standing_year", "dues_standing", ["year", "standing", "member_id"])
