"""Indexes of lists: applications by day of receipt and by structure, lines of a frozen roll by name.

Revision ID: 0032
Revises: 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_application_member", "application", ["member_id"])
    op.create_index("ix_application_received", "application", ["received_on", "id"])
    op.create_index("ix_electoral_roll_line_name", "electoral_roll_line", ["roll_id", "name", "member_id"])
