"""Instalment plans: each with its schedules, their instalments and the calls that they cover."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_ENDED = (
    "(ended_on IS NULL) = (outcome IS NULL) AND (ended_on IS NULL) = (end_reason IS NULL)"
    " AND (ended_on IS NULL) = (ended_by IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("schedule", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("outcome", "end_reason", "ended_by")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("reference", name=op.f("uq_plan_reference")),
        _check("plan", "outcome", "outcome IN ('broken', 'ended')"),
        _check("plan", "ended", _ENDED),
    )
    op.create_index("ix_plan_agreed", "plan", ["agreed_on", "id"])
    op.create_index("ix_plan_member", "plan", ["member_id"])
    op.create_index("ix_plan_standing", "plan", ["id"], postgresql_where=sa.text("ended_on IS NULL"))
    op.create_table(
        "plan_schedule",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_plan_schedule")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_schedule_plan_id_plan")),
    )
    _create_instalment()
    _create_call()


def _create_instalment() -> None:
    op.create_table(
        "plan_instalment",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("id", "plan_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("schedule", "rank")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_instalment")),
        sa.UniqueConstraint("plan_id", "schedule", "rank", name=op.f("uq_plan_instalment_plan_id_schedule_rank")),
        _of_schedule("plan_instalment"),
        _check("plan_instalment", "amount", "amount > 0"),
    )


def _create_call() -> None:
    op.create_table(
        "plan_call",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("schedule", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Numeric(12, 2), nullable=False) for name in ("paid", "credited", "owed")),
        *(sa.Column(f"closed_{name}", sa.Numeric(12, 2), nullable=True) for name in ("paid", "credited")),
        sa.PrimaryKeyConstraint("plan_id", "schedule", "invoice_id", name=op.f("pk_plan_call")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_plan_call_invoice_id_invoice")),
        _of_schedule("plan_call"),
        _check("plan_call", "owed", "owed >= 0"),
        _check("plan_call", "closed", "(closed_paid IS NULL) = (closed_credited IS NULL)"),
    )
    op.create_index(
        "uq_plan_call_standing",
        "plan_call",
        ["invoice_id"],
        unique=True,
        postgresql_where=sa.text("closed_paid IS NULL"),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _of_schedule(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["plan_id", "schedule"],
        ["plan_schedule.plan_id", "plan_schedule.number"],
        name=op.f(f"fk_{table}_plan_id_schedule_plan_schedule"),
    )
