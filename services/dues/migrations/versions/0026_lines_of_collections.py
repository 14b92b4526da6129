"""What a line of the bank says of a collection: its batch, its charges, the run it credits, what it takes back."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("bank_line", sa.Column("batch", sa.String(), nullable=True))
    op.add_column("bank_line", sa.Column("charges", sa.Numeric(17, 2), nullable=True))
    op.add_column("bank_line", sa.Column("run_id", sa.Uuid(), nullable=True))
    op.add_column("bank_line", sa.Column("collection_id", sa.Uuid(), nullable=True))
    for column, table in (("run_id", "collection_run"), ("collection_id", "collection_line")):
        op.create_foreign_key(op.f(f"fk_bank_line_{column}_{table}"), "bank_line", table, [column], ["id"])
    op.create_check_constraint(op.f("ck_bank_line_collected"), "bank_line", "run_id IS NULL OR collection_id IS NULL")
    op.create_index("ix_bank_line_run", "bank_line", ["run_id"], postgresql_where=sa.text("run_id IS NOT NULL"))
    op.create_index("uq_bank_line_collection", "bank_line", ["collection_id"], unique=True)
    op.drop_constraint(op.f("ck_bank_line_act_act"), "bank_line_act", type_="check")
    op.create_check_constraint(
        op.f("ck_bank_line_act_act"),
        "bank_line_act",
        "act IN ('match', 'return', 'recognise', 'set_aside', 'reopen')",
    )
    op.add_column(
        "bank_line_receipt", sa.Column("typed", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.alter_column("bank_line_receipt", "typed", server_default=None)
    op.create_index(
        "uq_bank_line_receipt_typed",
        "bank_line_receipt",
        ["receipt_id"],
        unique=True,
        postgresql_where=sa.text("typed"),
    )
    op.create_index("ix_bank_line_receipt_receipt", "bank_line_receipt", ["receipt_id"])
