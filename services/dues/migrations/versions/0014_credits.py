"""Credit notes, complements, and calls that are voided so that another takes their place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"

_STATUS = "status IN ('issued', 'partly_paid', 'paid', 'credited', 'voided')"
_KIND = "kind = 'call' AND rank = 0 OR kind = 'complement' AND rank > 0"
_REASON = "reason IN ('corrected', 'called_twice', 'mistake', 'solidarity')"
_ISSUED = "(status = 'issued') = (issued_on IS NOT NULL AND issued_by IS NOT NULL AND document IS NOT NULL)"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("voided_on", sa.Date(), nullable=True))
    op.add_column("invoice", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.drop_constraint(op.f("ck_invoice_kind"), "invoice")
    op.create_check_constraint(op.f("ck_invoice_kind"), "invoice", _KIND)
    op.drop_constraint(op.f("ck_invoice_status"), "invoice")
    op.create_check_constraint(op.f("ck_invoice_status"), "invoice", _STATUS)
    op.create_check_constraint(op.f("ck_invoice_voided"), "invoice", "(status = 'voided') = (voided_on IS NOT NULL)")
    op.create_index(
        "uq_invoice_campaign_member_kind",
        "invoice",
        ["campaign_id", "member_id", "kind", "rank"],
        unique=True,
        postgresql_where=sa.text("voided_on IS NULL"),
    )
    op.drop_constraint(op.f("uq_invoice_campaign_id_member_id_kind"), "invoice")
    op.create_table(
        "credit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("fixed", sa.Numeric(12, 2), nullable=False),
        sa.Column("variable", sa.Numeric(12, 2), nullable=False),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("voids", sa.Boolean(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("document", JSONB(none_as_null=True), nullable=True),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'issued')", name=op.f("ck_credit_status")),
        sa.CheckConstraint(_REASON, name=op.f("ck_credit_reason")),
        sa.CheckConstraint(
            "fixed >= 0 AND variable >= 0 AND fixed + variable = total AND total > 0", name=op.f("ck_credit_total")
        ),
        sa.CheckConstraint(_ISSUED, name=op.f("ck_credit_issued")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_credit_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("reference", name=op.f("uq_credit_reference")),
    )
    op.create_index("ix_credit_invoice", "credit", ["invoice_id"])
    op.create_index("ix_credit_issued", "credit", ["issued_on", "reference"])
