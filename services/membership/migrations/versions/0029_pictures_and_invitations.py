"""By which structure an assessment was submitted, and where: present pictures rest on it. Links to one assessment.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
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
    _invite()


def _invite() -> None:
    """Somebody outside reviews, or answers in a group, by a link."""
    op.add_column("assessment_review", sa.Column("author_name", sa.String(), nullable=True))
    op.add_column("assessment_review", sa.Column("until", sa.Date(), nullable=True))
    op.drop_constraint(op.f("ck_assessment_review_kind"), "assessment_review")
    op.create_check_constraint(
        op.f("ck_assessment_review_kind"), "assessment_review", "kind IN ('third_party', 'peer', 'outside')"
    )
    op.create_check_constraint(
        op.f("ck_assessment_review_author_name"), "assessment_review", "author_name IS NULL OR kind = 'outside'"
    )
    op.create_check_constraint(
        op.f("ck_assessment_review_until"), "assessment_review", "(kind = 'outside') = (until IS NOT NULL)"
    )
    op.create_table(
        "assessment_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_invitation")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_invitation_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["assessment_review.id"], name=op.f("fk_assessment_invitation_review_id_assessment_review")
        ),
        sa.UniqueConstraint("key_digest", name=op.f("uq_assessment_invitation_key_digest")),
        sa.CheckConstraint("purpose IN ('answer', 'review')", name=op.f("ck_assessment_invitation_purpose")),
        sa.CheckConstraint(
            "(purpose = 'review') = (review_id IS NOT NULL)", name=op.f("ck_assessment_invitation_review")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (reason IS NULL)",
            name=op.f("ck_assessment_invitation_revoked"),
        ),
    )
    op.create_index("ix_assessment_invitation_assessment", "assessment_invitation", ["assessment_id", "id"])
