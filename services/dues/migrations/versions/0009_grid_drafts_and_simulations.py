"""Whether a member is an associate, in our copy; grids being prepared, and what members would owe under them.

Members known before are taken for active ones, as membership's contract does of a fact that does not say; a replay of
``membership.member`` tells of the others.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    # The default stays: the version still running does not name this column.
    op.add_column("member", sa.Column("category", sa.String(), nullable=False, server_default="active"))
