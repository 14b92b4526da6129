"""The key figures of the yearly report: copies of what the other services tell of them, and the published editions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _copies()
    op.create_table(
        "yearly_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definitions", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_yearly_edition"),
        sa.UniqueConstraint("year", "number", name="uq_yearly_edition_year_number"),
        sa.CheckConstraint("number > 0", name=op.f("ck_yearly_edition_number")),
        sa.CheckConstraint("number = 1 OR reason IS NOT NULL", name=op.f("ck_yearly_edition_reason")),
    )


def _copies() -> None:
    _copy(
        "training_enrolment",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("action_code", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Numeric(), nullable=True),
    )
    op.create_index("ix_training_enrolment_completed", "training_enrolment", ["completed_on"])
    _copy(
        "legal_question",
        sa.Column("theme_code", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
    )
    op.create_index("ix_legal_question_asked", "legal_question", ["asked_on"])
    _copy(
        "ptce_pole",
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
    )
    _copy(
        "ptce_delivery",
        sa.Column("pole_id", sa.Uuid(), nullable=False),
        sa.Column("service_code", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Numeric(), nullable=False),
    )
    op.create_index("ix_ptce_delivery_delivered", "ptce_delivery", ["delivered_on"])
    _copy(
        "fg2i_guarantee",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("called_on", sa.Date(), nullable=True),
    )


def _copy(name: str, *columns: sa.Column[object]) -> None:
    identified = (sa.Column("id", sa.Uuid(), nullable=False), sa.Column("sequence", sa.BigInteger(), nullable=False))
    op.create_table(name, *identified, *columns, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))
