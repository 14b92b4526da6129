"""Applications that their structure took back before the board decided.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHECKS = {
    "status": "status IN ('open', 'admitted', 'refused', 'withdrawn')",
    "decided": "(status IN ('open', 'withdrawn')) = (decided_on IS NULL)",
    "withdrawn": "(status = 'withdrawn') = (withdrawn_on IS NOT NULL)",
    "withdrawal_reason": "(withdrawn_on IS NULL) = (withdrawal_reason IS NULL)",
}


def upgrade() -> None:
    op.add_column("application", sa.Column("withdrawn_on", sa.Date(), nullable=True))
    op.add_column("application", sa.Column("withdrawal_reason", sa.String(), nullable=True))
    for name in ("status", "decided"):
        op.drop_constraint(op.f(f"ck_application_{name}"), "application")
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_application_{name}"), "application", condition)
