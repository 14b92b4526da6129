"""Indexes of what names a person: all that is kept of one is asked by who they are.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NAMED = sa.text("contact_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_board_mandate_contact", "board_mandate", ["contact_id"])
    op.create_index("ix_assembly_attending_contact", "assembly_attending", ["contact_id"], postgresql_where=_NAMED)
    op.create_index("ix_assembly_candidacy_contact", "assembly_candidacy", ["contact_id"])
    op.create_index("ix_renewal_notice_contact", "renewal_notice", ["contact_id"], postgresql_where=_NAMED)
    op.create_index("ix_interview_participants", "interview", ["participants"], postgresql_using="gin")
