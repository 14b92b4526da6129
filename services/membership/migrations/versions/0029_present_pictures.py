"""By which structure an assessment was submitted, and where it was then: present pictures rest on it.

Revision ID: 0029
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessment", sa.Column("submitted_as", sa.Uuid(), nullable=True))
    op.add_column("assessment", sa.Column("submitted_in", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_assessment_submitted_as_member"), "assessment", "member", ["submitted_as"], ["id"])
    op.execute(
        "UPDATE assessment SET submitted_as = member_id, submitted_in = member.delegation FROM member"
        " WHERE member.id = member_id AND submitted_on IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_assessment_signed"), "assessment", "(submitted_on IS NULL) = (submitted_as IS NULL)"
    )
