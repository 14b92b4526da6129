"""Decisions on sessions, and the seats that they carry to another session."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import only_add_to

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    _requests()
    _decisions()
    _reseats()


def _requests() -> None:
    """What carries a request on in another session, once in each."""
    op.add_column("enrolment_request", sa.Column("reseats", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_enrolment_request_reseats_enrolment_request"),
        "enrolment_request",
        "enrolment_request",
        ["reseats"],
        ["id"],
    )
    op.create_index("uq_enrolment_request_reseats", "enrolment_request", ["reseats", "session_id"], unique=True)
    op.create_index(
        "ix_session_decide_on",
        "session",
        ["decide_on", "id"],
        postgresql_where=sa.text("status = 'scheduled'"),
    )


def _decisions() -> None:
    op.create_table(
        "session_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("postponed_to", sa.Date(), nullable=True),
        sa.Column("into", JSONB(), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.CheckConstraint("act IN ('confirm', 'cancel', 'merge', 'postpone')", name=op.f("ck_session_decision_act")),
        sa.CheckConstraint(
            "(act = 'postpone') = (postponed_to IS NOT NULL)", name=op.f("ck_session_decision_postponed_to")
        ),
        sa.CheckConstraint(
            "(act IN ('cancel', 'merge')) = (reason_code IS NOT NULL)", name=op.f("ck_session_decision_reason_code")
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_decision_session_id_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_decision")),
    )
    op.create_index("ix_session_decision_session", "session_decision", ["session_id", "id"])
    only_add_to(op, "session_decision")


def _reseats() -> None:
    op.create_table(
        "reseat",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=False),
        sa.Column("from_session_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("decline_by", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["session_decision.id"], name=op.f("fk_reseat_decision_id_session_decision")
        ),
        sa.ForeignKeyConstraint(["from_session_id"], ["session.id"], name=op.f("fk_reseat_from_session_id_session")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_reseat_session_id_session")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_reseat_member_id_member")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_reseat_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["replaces"], ["enrolment.id"], name=op.f("fk_reseat_replaces_enrolment")),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_reseat")),
        sa.UniqueConstraint("replaces", name=op.f("uq_reseat_replaces")),
    )
    op.create_index("ix_reseat_decision", "reseat", ["decision_id"])
    op.create_index("ix_reseat_member", "reseat", ["member_id", "enrolment_id"])
    only_add_to(op, "reseat")
