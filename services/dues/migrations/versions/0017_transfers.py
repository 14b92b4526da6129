"""What the federation pays on: the beneficiaries' accounts, the batches of transfers and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_AMOUNT = sa.Numeric(12, 2)
_APPROVED = "(approved_at IS NULL) = (approved_by IS NULL) AND (approved_at IS NULL) = (file_sha256 IS NULL)"
_EXECUTED = (
    "(status = 'executed') = (executed_on IS NOT NULL)"
    " AND (executed_on IS NULL) = (executed_by IS NULL) AND (executed_on IS NULL) = (bank_reference IS NULL)"
)
_CANCELLED = (
    "(status = 'cancelled') = (cancelled_at IS NOT NULL)"
    " AND (cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancel_reason IS NULL)"
)
_REJECTED = "(rejected_on IS NULL) = (reject_reason IS NULL) AND (rejected_on IS NULL) = (rejected_by IS NULL)"


def upgrade() -> None:
    _payees()
    _batches()
    _lines()
    op.create_table(
        "transfer_movement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("beneficiary", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind = 'transfer' AND amount < 0 OR kind = 'rejected' AND amount > 0",
            name=op.f("ck_transfer_movement_amount"),
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["transfer_line.id"], name=op.f("fk_transfer_movement_line_id_transfer_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_movement")),
        sa.UniqueConstraint("line_id", "kind", name=op.f("uq_transfer_movement_line_id_kind")),
    )
    op.create_index("ix_transfer_movement_beneficiary", "transfer_movement", ["beneficiary", "day", "id"])


def _payees() -> None:
    op.create_table(
        "payee",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_payee")),
    )
    op.create_table(
        "payee_account",
        sa.Column("payee_code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("settled_reason", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'confirmed', 'refused')", name=op.f("ck_payee_account_state")),
        sa.CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name=op.f("ck_payee_account_settled")),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name=op.f("ck_payee_account_settled_by")),
        sa.CheckConstraint("state <> 'confirmed' OR settled_by <> entered_by", name=op.f("ck_payee_account_four_eyes")),
        sa.ForeignKeyConstraint(["payee_code"], ["payee.code"], name=op.f("fk_payee_account_payee_code_payee")),
        sa.PrimaryKeyConstraint("payee_code", "number", name=op.f("pk_payee_account")),
    )
    op.create_index(
        "uq_payee_account_waiting",
        "payee_account",
        ["payee_code"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _batches() -> None:
    op.create_table(
        "transfer_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("up_to", sa.Date(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", _AMOUNT, nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("file_sha256", sa.String(), nullable=True),
        sa.Column("executed_on", sa.Date(), nullable=True),
        sa.Column("executed_by", sa.String(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'executed', 'cancelled')", name=op.f("ck_transfer_batch_status")
        ),
        sa.CheckConstraint("approved_by <> prepared_by", name=op.f("ck_transfer_batch_four_eyes")),
        sa.CheckConstraint(_APPROVED, name=op.f("ck_transfer_batch_approved")),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'executed') OR approved_at IS NOT NULL",
            name=op.f("ck_transfer_batch_approval"),
        ),
        sa.CheckConstraint(_EXECUTED, name=op.f("ck_transfer_batch_executed")),
        sa.CheckConstraint(_CANCELLED, name=op.f("ck_transfer_batch_cancelled")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_batch")),
        sa.UniqueConstraint("reference", name=op.f("uq_transfer_batch_reference")),
    )
    op.create_index("ix_transfer_batch_prepared", "transfer_batch", ["prepared_at", "id"])


def _lines() -> None:
    op.create_table(
        "transfer_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("payee_code", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("account_number", sa.Integer(), nullable=False),
        sa.Column("due", _AMOUNT, nullable=False),
        sa.Column("transferred", _AMOUNT, nullable=False),
        sa.Column("committed", _AMOUNT, nullable=False),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("rejected_on", sa.Date(), nullable=True),
        sa.Column("rejected_by", sa.String(), nullable=True),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.CheckConstraint("purpose IN ('delegation_share')", name=op.f("ck_transfer_line_purpose")),
        sa.CheckConstraint(
            "amount > 0 AND amount <= due - transferred - committed", name=op.f("ck_transfer_line_amount")
        ),
        sa.CheckConstraint(_REJECTED, name=op.f("ck_transfer_line_rejected")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["transfer_batch.id"], name=op.f("fk_transfer_line_batch_id_transfer_batch")
        ),
        sa.ForeignKeyConstraint(
            ["payee_code", "account_number"],
            ["payee_account.payee_code", "payee_account.number"],
            name=op.f("fk_transfer_line_payee_code_payee_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint("reference", name=op.f("uq_transfer_line_reference")),
        sa.UniqueConstraint(
            "batch_id", "purpose", "payee_code", name=op.f("uq_transfer_line_batch_id_purpose_payee_code")
        ),
    )
    op.create_index("ix_transfer_line_payee", "transfer_line", ["payee_code", "id"])
