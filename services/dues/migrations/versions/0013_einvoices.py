"""What the e-invoice of each call says, or the rules that it would break."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("einvoice", JSONB(none_as_null=True), nullable=True))
    # the default stays: the version still running does not name this column
    op.add_column("invoice", sa.Column("einvoice_defects", JSONB(), nullable=False, server_default=sa.text("'[]'")))
