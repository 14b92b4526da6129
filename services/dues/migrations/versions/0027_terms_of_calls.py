"""What calls issued together have in common, once, and to whom each is: their papers are written when printed."""

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
    op.add_column("invoice", sa.Column("buyer", postgresql.JSONB(), nullable=True))
    op.create_foreign_key(op.f("fk_invoice_terms_id_invoice_terms"), "invoice", "invoice_terms", ["terms_id"], ["id"])
    op.alter_column("invoice", "document", nullable=True)
    # Calls of before have their paper already; one that has none yet has all that it is written from.
    op.create_check_constraint(
        op.f("ck_invoice_paper"), "invoice", "document IS NOT NULL OR terms_id IS NOT NULL AND buyer IS NOT NULL"
    )
