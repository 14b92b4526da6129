"""Indexes of the lists of structures: of those that stay, by category, by group, by departure.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_member_name", "member")
    op.create_index("ix_member_name", "member", ["name", "id"], postgresql_where=sa.text("merged_into IS NULL"))
    op.create_index("ix_member_category", "member", ["category", "name", "id"])
    op.create_index("ix_member_groups", "member", [sa.text("(held['group'])")], postgresql_using="gin")
    op.create_index("ix_member_left_on", "member", ["left_on"], postgresql_where=sa.text("left_on IS NOT NULL"))
