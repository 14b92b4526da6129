"""For which years a member's membership was renewed, in our copy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("member", sa.Column("renewed_years", ARRAY(sa.Integer()), nullable=False, server_default="{}"))
