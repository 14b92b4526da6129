"""The e-invoice of a credit note, as it was at its issue, or the rules that it would break."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("credit", sa.Column("einvoice", JSONB(none_as_null=True), nullable=True))
    op.add_column("credit", sa.Column("einvoice_defects", JSONB(), server_default=sa.text("'[]'"), nullable=False))
