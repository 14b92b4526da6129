"""Money that comes in, the calls that it pays, and who has a part in it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"

_EURO = sa.Numeric(12, 2)


def upgrade() -> None:
    _receipts()
    _movements()
    _acts()
    _cash_parts()
    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$"
    )
    for table in ("receipt_movement", "receipt_act", "cash_part"):
        op.execute(
            f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )


def _receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("amount", _EURO, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("member_name", sa.String(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("payer_reference", sa.String(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("cheque_number", sa.String(), nullable=True),
        sa.Column("cheque_bank", sa.String(), nullable=True),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("allocated", _EURO, nullable=False),
        sa.Column("refunded", _EURO, nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
        *_checks(
            "receipt",
            method="method IN ('transfer', 'cheque', 'debit', 'cash', 'other')",
            status="status IN ('open', 'allocated', 'refunded', 'returned', 'cancelled')",
            amount="amount > 0",
            rest="allocated >= 0 AND refunded >= 0 AND allocated + refunded <= amount",
            member="(member_id IS NULL) = (member_name IS NULL)",
            attributed="member_id IS NOT NULL OR allocated = 0",
            returned="(returned_on IS NULL) = (return_reason IS NULL)",
            ended="(returned_on IS NULL AND cancelled_on IS NULL) OR allocated = 0",
        ),
    )
    op.create_index(
        "ux_receipt_bank_reference",
        "receipt",
        ["entity", "bank_reference"],
        unique=True,
        postgresql_where=sa.text("bank_reference IS NOT NULL AND cancelled_on IS NULL"),
    )
    op.create_index("ix_receipt_received", "receipt", ["received_on", "id"])
    op.create_index("ix_receipt_member", "receipt", ["member_id", "number"])
    op.create_index("ix_receipt_delegation", "receipt", ["delegation", "number"])
    op.create_index("ix_receipt_open", "receipt", ["number"], postgresql_where=sa.text("status = 'open'"))


def _movements() -> None:
    op.create_table(
        "receipt_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount", _EURO, nullable=False),
        sa.Column("paid_after", _EURO, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_movement")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_movement_receipt_id_receipt")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_receipt_movement_invoice_id_invoice")),
        *_checks("receipt_movement", amount="amount <> 0", reason="amount > 0 OR reason IS NOT NULL"),
    )
    op.create_index("ix_receipt_movement_receipt", "receipt_movement", ["receipt_id"])
    op.create_index("ix_receipt_movement_invoice", "receipt_movement", ["invoice_id"])


def _acts() -> None:
    op.create_table(
        "receipt_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", _EURO, nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_act")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_act_receipt_id_receipt")),
        *_checks(
            "receipt_act",
            kind="kind IN ('attributed', 'deposited', 'refunded', 'returned', 'cancelled')",
            amount="(kind = 'refunded') = (amount IS NOT NULL)",
            member="(kind = 'attributed') = (member_id IS NOT NULL)",
        ),
    )
    op.create_index("ix_receipt_act_receipt", "receipt_act", ["receipt_id"])


def _cash_parts() -> None:
    op.create_table(
        "cash_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("movement_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("amount", _EURO, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_number", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("member_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_part")),
        sa.UniqueConstraint("movement_id", "beneficiary", name=op.f("uq_cash_part_movement_id_beneficiary")),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["receipt_movement.id"], name=op.f("fk_cash_part_movement_id_receipt_movement")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_cash_part_invoice_id_invoice")),
        *_checks("cash_part", amount="amount <> 0"),
    )
    op.create_index("ix_cash_part_day", "cash_part", ["day", "id"])
    op.create_index("ix_cash_part_beneficiary", "cash_part", ["beneficiary", "day", "id"])
    op.create_index("ix_cash_part_invoice", "cash_part", ["invoice_id"])


def _checks(table: str, **conditions: str) -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in conditions.items()]
