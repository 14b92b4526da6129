"""Renewals: the days of a year's, the notices sent, the exceptions made; the rest is in the register's entries."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("notice_from", sa.Date(), nullable=False),
        sa.Column("notice_until", sa.Date(), nullable=False),
        sa.Column("rule_status", sa.String(), nullable=False),
        sa.Column("rule_source", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal")),
        sa.UniqueConstraint("year", name=op.f("uq_renewal_year")),
        sa.CheckConstraint("notice_from <= notice_until", name=op.f("ck_renewal_window")),
    )
    op.create_table(
        "renewal_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("renewal_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("tracking_number", sa.String(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("returned_reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_notice")),
        sa.ForeignKeyConstraint(["renewal_id"], ["renewal.id"], name=op.f("fk_renewal_notice_renewal_id_renewal")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_renewal_notice_member_id_member")),
        sa.CheckConstraint("means IN ('mail', 'letter')", name=op.f("ck_renewal_notice_means")),
        sa.CheckConstraint("(means = 'mail') = (mail_id IS NOT NULL)", name=op.f("ck_renewal_notice_mail")),
        sa.CheckConstraint("(means = 'letter') = (posted_on IS NOT NULL)", name=op.f("ck_renewal_notice_letter")),
        sa.CheckConstraint(
            "(means = 'letter') = (recipient IS NOT NULL AND subject IS NOT NULL AND text IS NOT NULL)",
            name=op.f("ck_renewal_notice_letter_kept"),
        ),
        sa.CheckConstraint(
            "(returned_on IS NULL) = (returned_reason IS NULL)", name=op.f("ck_renewal_notice_returned")
        ),
    )
    op.create_index("ix_renewal_notice_member", "renewal_notice", ["renewal_id", "member_id", "id"])
    op.create_table(
        "renewal_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("renewal_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewal_exception")),
        sa.ForeignKeyConstraint(["renewal_id"], ["renewal.id"], name=op.f("fk_renewal_exception_renewal_id_renewal")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_renewal_exception_member_id_member")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_renewal_exception_withdrawn")
        ),
    )
    op.create_index(
        "uq_renewal_exception",
        "renewal_exception",
        ["renewal_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
