"""Billings and their shares by payer; invoices, credit notes and settlements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import only_add_to

revision = "0012"
down_revision = "0011"

_INSTANT = sa.DateTime(timezone=True)
_EUROS = sa.Numeric(12, 2)


def upgrade() -> None:
    _billings()
    _shares()
    _invoices()
    _credit_notes()
    _settlements()


def _billings() -> None:
    op.create_table(
        "billing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("individual", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("buyer_name", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("total", _EUROS, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("total >= 0 AND seats >= 0", name=op.f("ck_billing_amounts")),
        sa.CheckConstraint("NOT individual OR member_id IS NULL", name=op.f("ck_billing_buyer")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["enrolment_request.id"], name=op.f("fk_billing_request_id_enrolment_request")
        ),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_billing_quote_id_quote")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_billing_session_id_session")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_billing_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing")),
    )
    op.create_index("ix_billing_member", "billing", ["member_id", "id"])
    op.create_index("ix_billing_opened", "billing", ["opened_at", "id"])
    op.create_index("ix_billing_session", "billing", ["session_id", "id"])
    op.create_index("uq_billing_request", "billing", ["request_id"], unique=True)


def _shares() -> None:
    op.create_table(
        "billing_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("billing_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", _EUROS, nullable=False),
        sa.Column("invoiced", _EUROS, nullable=False),
        sa.Column("funder", JSONB(), nullable=True),
        sa.Column("file_reference", sa.String(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('asked', 'agreed', 'refused')", name=op.f("ck_billing_share_status")),
        sa.CheckConstraint(
            "status <> 'agreed' OR kind = 'buyer' OR (file_reference IS NOT NULL AND agreed_on IS NOT NULL)",
            name=op.f("ck_billing_share_agreed"),
        ),
        sa.CheckConstraint("(kind = 'buyer') = (funder IS NULL)", name=op.f("ck_billing_share_funder")),
        sa.CheckConstraint("0 <= invoiced AND invoiced <= amount", name=op.f("ck_billing_share_invoiced")),
        sa.CheckConstraint("kind IN ('buyer', 'opco', 'other')", name=op.f("ck_billing_share_kind")),
        sa.CheckConstraint("status <> 'refused' OR amount = 0", name=op.f("ck_billing_share_refused")),
        sa.CheckConstraint("(kind = 'buyer') = (rank = 1)", name=op.f("ck_billing_share_buyer")),
        sa.ForeignKeyConstraint(["billing_id"], ["billing.id"], name=op.f("fk_billing_share_billing_id_billing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_share")),
    )
    op.create_index(
        "ix_billing_share_left", "billing_share", ["billing_id"], postgresql_where=sa.text("invoiced < amount")
    )
    op.create_index("uq_billing_share_rank", "billing_share", ["billing_id", "rank"], unique=True)


def _invoices() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("billing_id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("individual", sa.Boolean(), nullable=False),
        sa.Column("payer_kind", sa.String(), nullable=False),
        sa.Column("payer_name", sa.String(), nullable=False),
        sa.Column("payer_siren", sa.String(), nullable=True),
        sa.Column("total", _EUROS, nullable=False),
        sa.Column("paid", _EUROS, nullable=False),
        sa.Column("credited", _EUROS, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("einvoice", JSONB(), nullable=True),
        sa.Column("einvoice_defects", JSONB(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_invoice_due")),
        sa.CheckConstraint("payer_kind IN ('buyer', 'opco', 'other')", name=op.f("ck_invoice_payer_kind")),
        sa.CheckConstraint(
            "total > 0 AND paid >= 0 AND credited >= 0 AND paid + credited <= total", name=op.f("ck_invoice_balance")
        ),
        sa.ForeignKeyConstraint(["billing_id"], ["billing.id"], name=op.f("fk_invoice_billing_id_billing")),
        sa.ForeignKeyConstraint(["share_id"], ["billing_share.id"], name=op.f("fk_invoice_share_id_billing_share")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_invoice_session_id_session")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_invoice_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    op.create_index("ix_invoice_billing", "invoice", ["billing_id", "number"])
    op.create_index("ix_invoice_issued", "invoice", ["issued_on", "id"])
    op.create_index("ix_invoice_member", "invoice", ["member_id", "issued_on"])
    op.create_index(
        "ix_invoice_owed", "invoice", ["due_on", "number"], postgresql_where=sa.text("paid + credited < total")
    )
    op.create_index("ix_invoice_session", "invoice", ["session_id", "number"])
    op.create_index("ix_invoice_share", "invoice", ["share_id"])


def _credit_notes() -> None:
    op.create_table(
        "credit_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount", _EUROS, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("einvoice", JSONB(), nullable=True),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_credit_note_amount")),
        sa.CheckConstraint(
            "reason IN ('seat_given_back', 'session_cancelled', 'funding_changed', 'mistake', 'gesture')",
            name=op.f("ck_credit_note_reason"),
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_credit_note_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_note_number")),
    )
    op.create_index("ix_credit_note_invoice", "credit_note", ["invoice_id", "number"])
    op.create_index("ix_credit_note_issued", "credit_note", ["issued_on", "id"])


def _settlements() -> None:
    op.create_table(
        "invoice_settlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount", _EUROS, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_invoice_settlement_amount")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_settlement_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_settlement")),
    )
    op.create_index("ix_invoice_settlement_invoice", "invoice_settlement", ["invoice_id", "id"])
    only_add_to(op, "invoice_settlement")
