"""Reminders: what was sent of which calls, what stops them for a time, the calls that regions made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"

_OUTCOMES = "outcome IN ('promised', 'reached', 'no_answer', 'disputed', 'difficulty')"
_REASONS = "reason IN ('disputed', 'instalments', 'solidarity', 'difficulty', 'correction', 'other')"
_DISPATCH = "(means IS NULL) = (dispatched_on IS NULL) AND (means IS NULL) = (dispatched_by IS NULL)"
_LIFTED = "(lifted_on IS NULL) = (lifted_by IS NULL) AND (lifted_on IS NULL) = (lifted_reason IS NULL)"


def upgrade() -> None:
    _runs()
    _reminders()
    _holds()
    _region_calls()


def _runs() -> None:
    op.create_table(
        "reminder_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Numeric(14, 2), nullable=False),
        sa.Column("skipped", JSONB(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_run")),
    )
    op.create_index("ix_reminder_run_sent", "reminder_run", ["sent_at", "id"])


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_label", sa.String(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.Column("owed", sa.Numeric(12, 2), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("means", sa.String(), nullable=True),
        sa.Column("dispatched_on", sa.Date(), nullable=True),
        sa.Column("dispatch_reference", sa.String(), nullable=True),
        sa.Column("dispatched_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level > 0", name=op.f("ck_reminder_level")),
        sa.CheckConstraint("owed > 0", name=op.f("ck_reminder_owed")),
        sa.CheckConstraint("means IN ('post', 'registered', 'email')", name=op.f("ck_reminder_means")),
        sa.CheckConstraint(_DISPATCH, name=op.f("ck_reminder_dispatch")),
        sa.ForeignKeyConstraint(["run_id"], ["reminder_run.id"], name=op.f("fk_reminder_run_id_reminder_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("run_id", "member_id", name=op.f("uq_reminder_run_id_member_id")),
    )
    op.create_index("ix_reminder_reminded", "reminder", ["reminded_on", "id"])
    op.create_index("ix_reminder_member", "reminder", ["member_id", "id"])
    op.create_table(
        "reminder_call",
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_label", sa.String(), nullable=False),
        sa.Column("owed", sa.Numeric(12, 2), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.CheckConstraint("owed > 0", name=op.f("ck_reminder_call_owed")),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name=op.f("fk_reminder_call_reminder_id_reminder")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_call_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("reminder_id", "invoice_id", name=op.f("pk_reminder_call")),
        sa.UniqueConstraint("invoice_id", "level", name=op.f("uq_reminder_call_invoice_id_level")),
    )


def _holds() -> None:
    op.create_table(
        "reminder_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_REASONS, name=op.f("ck_reminder_hold_reason")),
        sa.CheckConstraint("since <= until", name=op.f("ck_reminder_hold_days")),
        sa.CheckConstraint(_LIFTED, name=op.f("ck_reminder_hold_lifted")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_hold_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_hold")),
    )
    op.create_index("ix_reminder_hold_member", "reminder_hold", ["member_id", "until"])
    op.create_index("ix_reminder_hold_invoice", "reminder_hold", ["invoice_id", "until"])
    op.create_index("ix_reminder_hold_until", "reminder_hold", ["until", "id"])


def _region_calls() -> None:
    op.create_table(
        "reminder_region_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("promised_for", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.CheckConstraint(_OUTCOMES, name=op.f("ck_reminder_region_call_outcome")),
        sa.CheckConstraint(
            "(outcome = 'promised') = (promised_for IS NOT NULL)", name=op.f("ck_reminder_region_call_promise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_region_call")),
    )
    op.create_index("ix_reminder_region_call_member", "reminder_region_call", ["member_id", "day"])
    op.create_index("ix_reminder_region_call_day", "reminder_region_call", ["day", "id"])
