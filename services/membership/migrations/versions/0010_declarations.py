"""Yearly declarations of activity: campaigns, drafts and revisions, exemptions, notes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _campaigns()
    _declarations()
    _follow_up()


def _campaigns() -> None:
    op.create_table(
        "declaration_campaign",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("questions", ARRAY(sa.String()), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("extensions", JSONB(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_declaration_campaign")),
        sa.CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name=op.f("ck_declaration_campaign_closed")),
    )


def _declarations() -> None:
    op.create_table(
        "activity_declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("draft", JSONB(none_as_null=True), nullable=True),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_declaration")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_activity_declaration_member_id_member")),
        sa.ForeignKeyConstraint(
            ["year"],
            ["declaration_campaign.year"],
            name=op.f("fk_activity_declaration_year_declaration_campaign"),
        ),
        sa.UniqueConstraint("year", "member_id", name=op.f("uq_activity_declaration_year_member_id")),
        sa.CheckConstraint("NOT late OR revisions > 0", name=op.f("ck_activity_declaration_late")),
    )
    op.create_index("ix_activity_declaration_member", "activity_declaration", ["member_id", "year"])
    op.create_table(
        "declaration_revision",
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("explained", JSONB(), nullable=False),
        sa.Column("total_operating_income", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("declaration_id", "number", name=op.f("pk_declaration_revision")),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["activity_declaration.id"],
            name=op.f("fk_declaration_revision_declaration_id_activity_declaration"),
        ),
        sa.CheckConstraint("(number = 1) = (reason IS NULL)", name=op.f("ck_declaration_revision_reason")),
    )
    op.create_table(
        "declaration_figures",
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("amounts", ARRAY(sa.Float()), nullable=False),
        sa.PrimaryKeyConstraint("declaration_id", "activity", name=op.f("pk_declaration_figures")),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["activity_declaration.id"],
            name=op.f("fk_declaration_figures_declaration_id_activity_declaration"),
        ),
    )
    op.create_index("ix_declaration_figures_year", "declaration_figures", ["year", "activity"])


def _follow_up() -> None:
    op.create_table(
        "declaration_exemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_exemption")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_declaration_exemption_member_id_member")),
        sa.ForeignKeyConstraint(
            ["year"],
            ["declaration_campaign.year"],
            name=op.f("fk_declaration_exemption_year_declaration_campaign"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name=op.f("ck_declaration_exemption_withdrawn")
        ),
    )
    op.create_index(
        "uq_declaration_exemption_standing",
        "declaration_exemption",
        ["year", "member_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_declaration_exemption_member", "declaration_exemption", ["member_id", "year"])
    op.create_table(
        "declaration_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_note")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_declaration_note_member_id_member")),
        sa.ForeignKeyConstraint(
            ["year"],
            ["declaration_campaign.year"],
            name=op.f("fk_declaration_note_year_declaration_campaign"),
        ),
        sa.CheckConstraint("means IN ('call', 'mail', 'visit')", name=op.f("ck_declaration_note_means")),
    )
    op.create_index("ix_declaration_note_member", "declaration_note", ["year", "member_id", "made_on"])
