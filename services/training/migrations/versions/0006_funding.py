"""Envelopes of money for training, their ledger, the affiliations; the calls that share the solidarity funds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.migrations import only_add_to

revision = "0006"
down_revision = "0005"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _envelope()
    _envelope_reservation()
    _envelope_movement()
    only_add_to(op, "envelope_movement")
    _affiliation()
    _solidarity_call()
    _solidarity_application()
    _solidarity_score()
    _solidarity_spending()
    only_add_to(op, "solidarity_score")
    only_add_to(op, "solidarity_spending")


def _envelope() -> None:
    op.create_table(
        "envelope",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("funder", sa.String(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("member_types", ARRAY(sa.String()), nullable=False),
        sa.Column("hours_ceiling", sa.Numeric(8, 2), nullable=True),
        sa.Column("hourly_ceiling", sa.Numeric(12, 2), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("contributed", sa.Numeric(14, 2), nullable=False),
        sa.Column("reserved", sa.Numeric(14, 2), nullable=False),
        sa.Column("consumed", sa.Numeric(14, 2), nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("moved_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
        sa.CheckConstraint("contributed - reserved - consumed >= 0", name=op.f("ck_envelope_available")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_envelope_dates")),
        sa.CheckConstraint("hourly_ceiling > 0", name=op.f("ck_envelope_hourly_ceiling")),
        sa.CheckConstraint("hours_ceiling > 0", name=op.f("ck_envelope_hours_ceiling")),
        sa.CheckConstraint("kind IN ('group_account', 'solidarity_fund', 'other')", name=op.f("ck_envelope_kind")),
        sa.CheckConstraint("reserved >= 0 AND consumed >= 0", name=op.f("ck_envelope_used")),
    )
    op.create_index("ix_envelope_closes_on", "envelope", ["closes_on", "id"])


def _envelope_reservation() -> None:
    op.create_table(
        "envelope_reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("reserved", sa.Numeric(14, 2), nullable=False),
        sa.Column("released", sa.Numeric(14, 2), nullable=False),
        sa.Column("consumed", sa.Numeric(14, 2), nullable=False),
        sa.Column("returned", sa.Numeric(14, 2), nullable=False),
        sa.Column("reserved_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_reservation")),
        sa.CheckConstraint("released + consumed <= reserved", name=op.f("ck_envelope_reservation_left")),
        sa.CheckConstraint("returned <= consumed", name=op.f("ck_envelope_reservation_returned")),
        sa.CheckConstraint(
            "subject_kind IN ('enrolment', 'session', 'award', 'other')",
            name=op.f("ck_envelope_reservation_subject_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.id"], name=op.f("fk_envelope_reservation_envelope_id_envelope")
        ),
        sa.UniqueConstraint("envelope_id", "subject_kind", "subject_id", name=op.f("uq_envelope_reservation_subject")),
    )
    op.create_index("ix_envelope_reservation_member", "envelope_reservation", ["member_id", "id"])
    op.create_index("ix_envelope_reservation_reserved_on", "envelope_reservation", ["reserved_on", "id"])


def _envelope_movement() -> None:
    op.create_table(
        "envelope_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_movement")),
        sa.CheckConstraint(
            "amount > 0 OR (kind = 'corrected' AND amount <> 0)", name=op.f("ck_envelope_movement_amount")
        ),
        sa.CheckConstraint(
            "(kind = 'contribution') = (happened_on IS NOT NULL)", name=op.f("ck_envelope_movement_happened_on")
        ),
        sa.CheckConstraint(
            "kind IN ('contribution', 'corrected', 'reserved', 'released', 'consumed', 'returned')",
            name=op.f("ck_envelope_movement_kind"),
        ),
        sa.CheckConstraint(
            "(kind IN ('contribution', 'corrected')) = (reservation_id IS NULL)",
            name=op.f("ck_envelope_movement_reservation"),
        ),
        sa.ForeignKeyConstraint(
            ["envelope_id"], ["envelope.id"], name=op.f("fk_envelope_movement_envelope_id_envelope")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["envelope_reservation.id"],
            name=op.f("fk_envelope_movement_reservation_id_envelope_reservation"),
        ),
        sa.UniqueConstraint("envelope_id", "number", name=op.f("uq_envelope_movement_number")),
    )
    op.create_index("ix_envelope_movement_recorded_at", "envelope_movement", ["recorded_at", "id"])
    op.create_index("ix_envelope_movement_reservation", "envelope_movement", ["reservation_id"])


def _affiliation() -> None:
    op.create_table(
        "affiliation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("member_type", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("convention_on", sa.Date(), nullable=False),
        sa.Column("account_on", sa.Date(), nullable=True),
        sa.Column("payroll", sa.Numeric(14, 2), nullable=True),
        sa.Column("due", sa.Numeric(14, 2), nullable=True),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.Numeric(14, 2), nullable=True),
        sa.Column("cora_code", sa.String(), nullable=True),
        sa.Column("difference_reason", sa.String(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
        sa.CheckConstraint("(account_on IS NULL) = (payroll IS NULL)", name=op.f("ck_affiliation_account")),
        sa.CheckConstraint("(paid_on IS NULL) = (cora_code IS NULL)", name=op.f("ck_affiliation_cora_code")),
        sa.CheckConstraint(
            "convention_on <= account_on AND account_on <= paid_on AND paid_on <= confirmed_on",
            name=op.f("ck_affiliation_days"),
        ),
        sa.CheckConstraint("(payroll IS NULL) = (due IS NULL)", name=op.f("ck_affiliation_due")),
        sa.CheckConstraint("member_type IN ('etti', 'aci', 'ai', 'other')", name=op.f("ck_affiliation_member_type")),
        sa.CheckConstraint("(paid_on IS NULL) = (paid IS NULL)", name=op.f("ck_affiliation_paid")),
        sa.CheckConstraint("paid > 0", name=op.f("ck_affiliation_paid_amount")),
        sa.CheckConstraint(
            "step IN ('convention', 'account', 'paid', 'confirmed', 'withdrawn')", name=op.f("ck_affiliation_step")
        ),
        sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name=op.f("fk_affiliation_envelope_id_envelope")),
    )
    op.create_index("ix_affiliation_convention_on", "affiliation", ["convention_on", "id"])
    op.create_index("ix_affiliation_member", "affiliation", ["member_id", "id"])
    op.create_index(
        "uq_affiliation_member",
        "affiliation",
        ["envelope_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("step <> 'withdrawn'"),
    )


def _solidarity_call() -> None:
    op.create_table(
        "solidarity_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("budget", sa.Numeric(14, 2), nullable=False),
        sa.Column("max_award", sa.Numeric(14, 2), nullable=True),
        sa.Column("criteria", JSONB(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("scores_needed", sa.Integer(), nullable=False),
        sa.Column("spread_alarm", sa.Numeric(5, 2), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("ranked_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("awarded", sa.Numeric(14, 2), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solidarity_call")),
        sa.CheckConstraint("awarded >= 0 AND awarded <= budget", name=op.f("ck_solidarity_call_awarded")),
        sa.CheckConstraint("budget > 0", name=op.f("ck_solidarity_call_budget")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_solidarity_call_dates")),
        sa.CheckConstraint("decided_on IS NULL OR ranked_on IS NOT NULL", name=op.f("ck_solidarity_call_decided")),
        sa.CheckConstraint("max_award > 0 AND max_award <= budget", name=op.f("ck_solidarity_call_max_award")),
        sa.CheckConstraint("ranked_on IS NULL OR opened_on IS NOT NULL", name=op.f("ck_solidarity_call_ranked")),
        sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name=op.f("fk_solidarity_call_envelope_id_envelope")),
    )
    op.create_index("ix_solidarity_call_closes_on", "solidarity_call", ["closes_on", "id"])


def _solidarity_application() -> None:
    op.create_table(
        "solidarity_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("partners", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("public", sa.String(), nullable=True),
        sa.Column("trainees", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Numeric(10, 2), nullable=False),
        sa.Column("asked", sa.Numeric(14, 2), nullable=False),
        sa.Column("costs", JSONB(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("score", sa.Numeric(5, 2), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("awarded", sa.Numeric(14, 2), nullable=True),
        sa.Column("awarded_trainees", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solidarity_application")),
        sa.CheckConstraint("awarded > 0 AND awarded <= asked", name=op.f("ck_solidarity_application_awarded")),
        sa.CheckConstraint(
            "awarded_trainees > 0 AND awarded_trainees <= trainees",
            name=op.f("ck_solidarity_application_awarded_trainees"),
        ),
        sa.CheckConstraint(
            "(status IN ('kept', 'reduced', 'refused')) = (decided_on IS NOT NULL)",
            name=op.f("ck_solidarity_application_decided"),
        ),
        sa.CheckConstraint(
            "(status IN ('kept', 'reduced')) = (awarded IS NOT NULL)", name=op.f("ck_solidarity_application_kept")
        ),
        sa.CheckConstraint(
            "public IN ('permanent', 'integration', 'both')", name=op.f("ck_solidarity_application_public")
        ),
        sa.CheckConstraint("(rank IS NULL) = (score IS NULL)", name=op.f("ck_solidarity_application_ranked")),
        sa.CheckConstraint(
            "(awarded IS NULL) = (awarded_trainees IS NULL)", name=op.f("ck_solidarity_application_seats")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'withdrawn', 'kept', 'reduced', 'refused')",
            name=op.f("ck_solidarity_application_status"),
        ),
        sa.CheckConstraint(
            "(submitted_on IS NULL) = (reference IS NULL)", name=op.f("ck_solidarity_application_submitted")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'withdrawn') OR submitted_on IS NOT NULL",
            name=op.f("ck_solidarity_application_waiting"),
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["solidarity_call.id"], name=op.f("fk_solidarity_application_call_id_solidarity_call")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_solidarity_application_reference")),
    )
    op.create_index("ix_solidarity_application_call", "solidarity_application", ["call_id", "id"])
    op.create_index("ix_solidarity_application_created_at", "solidarity_application", ["created_at", "id"])
    op.create_index("ix_solidarity_application_member", "solidarity_application", ["member_id", "id"])


def _solidarity_score() -> None:
    op.create_table(
        "solidarity_score",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("juror", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("marks", JSONB(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application_id", "juror", name=op.f("pk_solidarity_score")),
        sa.CheckConstraint("part IN ('scored', 'recused')", name=op.f("ck_solidarity_score_part")),
        sa.CheckConstraint("part <> 'recused' OR comment <> ''", name=op.f("ck_solidarity_score_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["solidarity_application.id"],
            name=op.f("fk_solidarity_score_application_id_solidarity_application"),
        ),
    )


def _solidarity_spending() -> None:
    op.create_table(
        "solidarity_spending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("trainees", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Numeric(10, 2), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solidarity_spending")),
        sa.CheckConstraint("amount > 0 AND trainees >= 0 AND hours >= 0", name=op.f("ck_solidarity_spending_figures")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["solidarity_application.id"],
            name=op.f("fk_solidarity_spending_application_id_solidarity_application"),
        ),
    )
    op.create_index("ix_solidarity_spending_application", "solidarity_spending", ["application_id", "id"])
