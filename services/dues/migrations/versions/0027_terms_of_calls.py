"""What calls are written from, on the day they are issued: their papers are written when they are printed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "invoice_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_terms")),
    )
    op.add_column("invoice", sa.Column("terms_id", sa.Uuid(), nullable=True))
    op.add_column("invoice", sa.Column("particulars", postgresql.JSONB(), nullable=True))
    op.create_foreign_key(op.f("fk_invoice_terms_id_invoice_terms"), "invoice", "invoice_terms", ["terms_id"], ["id"])
    op.drop_index("ix_invoice_share_beneficiary", table_name="invoice_share")
    for column in ("explanation", "document"):
        op.alter_column("invoice", column, nullable=True)
    # Calls of before are written already; one that is not yet has all that it is written from.
    op.create_check_constraint(
        op.f("ck_invoice_paper"),
        "invoice",
        "explanation IS NOT NULL AND document IS NOT NULL OR terms_id IS NOT NULL AND particulars IS NOT NULL",
    )
