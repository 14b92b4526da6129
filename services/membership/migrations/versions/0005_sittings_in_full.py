"""A sitting as data: who took part, the agenda, the reservations, and what its minutes say.

Like 0002, it precedes the first version in production.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table, column in (("sitting", "attendees"), ("sitting", "agenda"), ("sitting_decision", "reservations")):
        op.add_column(table, sa.Column(column, JSONB(), nullable=False, server_default="[]"))
        op.alter_column(table, column, server_default=None)
    op.add_column("sitting", sa.Column("minutes", JSONB(none_as_null=True), nullable=True))
