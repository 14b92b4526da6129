"""Every statement of a base is kept, with where it comes from; those before were all entered by hand.

It precedes the first version in production: a version that writes a base without its statement does not run beside.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "base_statement",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=False),
        sa.Column("stated_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "year", "number", name=op.f("pk_base_statement")),
        sa.ForeignKeyConstraint(
            ["member_id", "year"],
            ["declared_base.member_id", "declared_base.year"],
            name=op.f("fk_base_statement_member_id_declared_base"),
        ),
        sa.CheckConstraint("source IN ('declaration', 'entered')", name=op.f("ck_base_statement_source")),
        sa.CheckConstraint(
            "(source = 'declaration') = (revision IS NOT NULL)", name=op.f("ck_base_statement_revision")
        ),
        sa.CheckConstraint("source = 'entered' OR reason IS NULL", name=op.f("ck_base_statement_reason")),
    )
    op.execute(
        "INSERT INTO base_statement (member_id, year, number, amount, source, stated_at, stated_on, stated_by)"
        " SELECT member_id, year, 1, amount, 'entered', declared_on::timestamp AT TIME ZONE 'Europe/Paris',"
        " declared_on, declared_by FROM declared_base"
    )
