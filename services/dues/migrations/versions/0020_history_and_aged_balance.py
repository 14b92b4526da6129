"""Past years of the members; what the aged balance finds its rows by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"

_STATUS = "status IN ('previewing', 'previewed', 'preview_failed', 'applying', 'applied')"
_PAID = "paid >= 0 AND paid <= called AND (state = 'settled') = (paid = called)"


def upgrade() -> None:
    op.create_table(
        "history_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("mark", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_STATUS, name=op.f("ck_history_import_status")),
        sa.CheckConstraint("(status = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_history_import_applied")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_import")),
    )
    op.create_index("ix_history_import_created", "history_import", ["created_at", "id"])
    op.create_table(
        "history_year",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("called", sa.Numeric(12, 2), nullable=False),
        sa.Column("paid", sa.Numeric(12, 2), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("corrected_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('settled', 'owed', 'waived', 'credited')", name=op.f("ck_history_year_state")),
        sa.CheckConstraint(_PAID, name=op.f("ck_history_year_paid")),
        sa.CheckConstraint("corrected_on >= recorded_on", name=op.f("ck_history_year_corrected")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["history_import.id"], name=op.f("fk_history_year_import_id_history_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_year")),
    )
    op.create_index(
        "uq_history_year_standing",
        "history_year",
        ["member_id", "year"],
        unique=True,
        postgresql_where=sa.text("corrected_on IS NULL"),
    )
    op.create_index("ix_history_year_year", "history_year", ["year", "id"])
    op.create_index("ix_history_year_member", "history_year", ["member_id", "year", "recorded_on"])
    op.create_index("ix_receipt_movement_recorded", "receipt_movement", ["recorded_on"])
