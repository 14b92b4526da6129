"""For which year a member's membership was last renewed, in our copy."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("member", sa.Column("renewed_for", sa.Integer(), nullable=True))
