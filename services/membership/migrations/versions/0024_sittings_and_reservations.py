"""Sittings: why more hold office than the register of the board knows; cancelled ones, whose minutes reference is free.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sitting", sa.Column("in_office_reason", sa.String(), nullable=True))
    op.add_column("sitting", sa.Column("cancelled_reason", sa.String(), nullable=True))
    op.add_column("sitting", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("sitting", sa.Column("fallen_votes", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("ck_sitting_status"), "sitting", type_="check")
    op.create_check_constraint(op.f("ck_sitting_status"), "sitting", "status IN ('open', 'closed', 'cancelled')")
    op.create_check_constraint(
        op.f("ck_sitting_cancelled"), "sitting", "(status = 'cancelled') = (cancelled_reason IS NOT NULL)"
    )
    op.drop_constraint(op.f("uq_sitting_minutes_reference"), "sitting", type_="unique")
    op.create_index(
        "uq_sitting_minutes_reference",
        "sitting",
        ["minutes_reference"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
