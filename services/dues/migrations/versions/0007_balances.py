"""What of each call is paid, and what is credited."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_STATUS = "status IN ('issued', 'partly_paid', 'paid', 'credited')"
_BALANCE = "paid >= 0 AND credited >= 0 AND paid + credited <= total"


def upgrade() -> None:
    for name in ("paid", "credited"):  # the default stays: the version still running does not name these columns
        op.add_column("invoice", sa.Column(name, sa.Numeric(12, 2), nullable=False, server_default="0"))
    op.drop_constraint(op.f("ck_invoice_status"), "invoice")
    op.create_check_constraint(op.f("ck_invoice_status"), "invoice", _STATUS)
    op.create_check_constraint(op.f("ck_invoice_balance"), "invoice", _BALANCE)
    op.create_index(
        "ix_invoice_owed", "invoice", ["due_on", "number"], postgresql_where=sa.text("paid + credited < total")
    )
