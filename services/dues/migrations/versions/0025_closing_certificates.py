"""Closing certificates of campaigns: figures frozen as a text with its digest, then signed by another person."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "campaign_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("snapshot", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("pdf_sha256", sa.String(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("key_sha256", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('prepared', 'signed')", name=op.f("ck_campaign_certificate_status")),
        sa.CheckConstraint(
            "(status = 'signed') = (signed_at IS NOT NULL AND signed_by IS NOT NULL AND key_sha256 IS NOT NULL)",
            name=op.f("ck_campaign_certificate_signed"),
        ),
        sa.CheckConstraint("signed_by <> prepared_by", name=op.f("ck_campaign_certificate_four_eyes")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_certificate_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_certificate")),
        sa.UniqueConstraint("reference", name=op.f("uq_campaign_certificate_reference")),
    )
    op.create_index("ix_campaign_certificate_campaign", "campaign_certificate", ["campaign_id", "prepared_at", "id"])
