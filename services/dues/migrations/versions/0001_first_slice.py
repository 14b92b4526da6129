"""The mechanism's tables, and the first slice of the service."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import apply_platform_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    apply_platform_script(op, 1)
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("use_published_medians", sa.Boolean(), nullable=False),
        sa.Column("seller", JSONB(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'running')", name=op.f("ck_campaign_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("year", name=op.f("uq_campaign_year")),
    )
    op.create_table(
        "declared_base",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_declared_base_amount")),
        sa.PrimaryKeyConstraint("member_id", "year", name=op.f("pk_declared_base")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("siren", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("activities", JSONB(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("address", JSONB(none_as_null=True), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index("ix_member_name", "member", ["name", "id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("member_name", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("fixed", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("variable", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("total", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("explanation", JSONB(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('call')", name=op.f("ck_invoice_kind")),
        sa.CheckConstraint("status IN ('issued')", name=op.f("ck_invoice_status")),
        sa.CheckConstraint("fixed + variable = total", name=op.f("ck_invoice_total")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_invoice_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("campaign_id", "member_id", "kind", name=op.f("uq_invoice_campaign_id_member_id_kind")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    op.create_index("ix_invoice_delegation", "invoice", ["delegation", "number"], unique=False)
    op.create_index("ix_invoice_issued", "invoice", ["issued_on", "number"], unique=False)
    op.create_index("ix_invoice_member", "invoice", ["member_id", "year"], unique=False)
    op.create_table(
        "invoice_share",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary", sa.String(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_share_invoice_id_invoice")),
        sa.PrimaryKeyConstraint("invoice_id", "beneficiary", name=op.f("pk_invoice_share")),
    )
    op.create_index("ix_invoice_share_beneficiary", "invoice_share", ["beneficiary"], unique=False)
