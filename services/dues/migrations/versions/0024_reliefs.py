"""Solidarity requests: asked, advised, decided; what the mutual fund pays of a call is a receipt of its own kind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"

_EURO = sa.Numeric(12, 2)
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_receipt_method"), "receipt", type_="check")
    methods = "method IN ('transfer', 'cheque', 'debit', 'cash', 'other', 'fund')"
    op.create_check_constraint(op.f("ck_receipt_method"), "receipt", methods)
    _reliefs()
    _calls()
    _steps()
    _attachments()
    op.execute(
        "CREATE TRIGGER relief_step_only_added_to BEFORE UPDATE OR DELETE ON relief_step"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )


def _reliefs() -> None:
    op.create_table(
        "relief",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("asks", sa.String(), nullable=False),
        sa.Column("amount", _EURO, nullable=True),
        sa.Column("wish", JSONB(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("advice_by", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.Column("granted", _EURO, nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("sitting_on", sa.Date(), nullable=True),
        sa.Column("letter", JSONB(none_as_null=True), nullable=True),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief")),
        sa.UniqueConstraint("reference", name=op.f("uq_relief_reference")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_relief_receipt_id_receipt")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_relief_plan_id_plan")),
        *_checks(
            "relief",
            asks="asks IN ('reduction', 'plan')",
            status="status IN ('submitted', 'advised', 'granted', 'granted_in_part', 'granted_as_plan', 'refused',"
            " 'withdrawn', 'revoked')",
            opinion="opinion IN ('favourable', 'reserved', 'unfavourable')",
            amount="amount > 0 AND (asks = 'reduction' OR amount IS NULL)",
            granted="(status IN ('granted', 'granted_in_part', 'revoked')) = (granted IS NOT NULL)"
            " AND (granted IS NULL) = (receipt_id IS NULL) AND granted > 0",
            plan="(status = 'granted_as_plan') = (plan_id IS NOT NULL)",
            decided="(status IN ('submitted', 'advised', 'withdrawn')) = (sitting_on IS NULL)"
            " AND (sitting_on IS NOT NULL OR letter IS NULL) AND (letter IS NULL) = (letter_on IS NULL)",
        ),
    )
    op.create_index(
        "uq_relief_under_study",
        "relief",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('submitted', 'advised')"),
    )
    op.create_index("ix_relief_submitted", "relief", ["submitted_on", "id"])
    op.create_index("ix_relief_member", "relief", ["member_id"])


def _calls() -> None:
    op.create_table(
        "relief_call",
        sa.Column("relief_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("owed", _EURO, nullable=False),
        sa.Column("granted", _EURO, nullable=False),
        sa.PrimaryKeyConstraint("relief_id", "invoice_id", name=op.f("pk_relief_call")),
        _of_a_relief("relief_call"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_relief_call_invoice_id_invoice")),
        *_checks("relief_call", owed="owed > 0", granted="granted >= 0"),
    )
    op.create_index("ix_relief_call_invoice", "relief_call", ["invoice_id"])


def _steps() -> None:
    op.create_table(
        "relief_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("relief_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief_step")),
        _of_a_relief("relief_step"),
        *_checks(
            "relief_step",
            kind="kind IN ('submitted', 'advised', 'decided', 'withdrawn', 'revoked')",
            opinion="(kind = 'advised') = (opinion IS NOT NULL)",
            decided_by="(kind = 'decided') = (decided_by IS NOT NULL)",
        ),
    )
    op.create_index("ix_relief_step_relief", "relief_step", ["relief_id", "id"])


def _attachments() -> None:
    op.create_table(
        "relief_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("relief_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relief_attachment")),
        _of_a_relief("relief_attachment"),
    )
    op.create_index("ix_relief_attachment_relief", "relief_attachment", ["relief_id", "id"])


def _of_a_relief(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["relief_id"], ["relief.id"], name=op.f(f"fk_{table}_relief_id_relief"))


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in conditions.items()]
