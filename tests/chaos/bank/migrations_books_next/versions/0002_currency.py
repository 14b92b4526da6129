import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Expand: the present version goes on keeping its copy without the column."""
    op.add_column("account_copy", sa.Column("currency", sa.String(), server_default="EUR", nullable=False))
