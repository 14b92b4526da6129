"""SEPA direct debit runs: what is collected on a day, line by line, and what becomes of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"

_RUN_STATE = "state IN ('prepared', 'announcing', 'announced', 'presented', 'settling', 'settled', 'cancelled')"
_PRESENTED = "state NOT IN ('presented', 'settling', 'settled') OR filed_on IS NOT NULL"
_LINE_STATE = "state IN ('prepared', 'announced', 'presented', 'settled', 'withdrawn', 'returned')"
_TOLD = "state NOT IN ('announced', 'presented', 'settled') OR notified_on IS NOT NULL"
_WITHDRAWN = (
    "(state = 'withdrawn') = (withdrawn_code IS NOT NULL) AND (withdrawn_code IS NULL) = (withdrawn_why IS NULL)"
)
_RETURNED = "(state = 'returned') = (returned_on IS NOT NULL) AND (returned_on IS NULL) = (return_reason IS NULL)"


def upgrade() -> None:
    op.create_table(
        "collection_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("creditor", JSONB(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("collection_on", sa.Date(), nullable=False),
        sa.Column("last_notice_on", sa.Date(), nullable=False),
        sa.Column("last_file_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("left_out", JSONB(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_RUN_STATE, name=op.f("ck_collection_run_state")),
        sa.CheckConstraint("scheme IN ('core', 'b2b')", name=op.f("ck_collection_run_scheme")),
        sa.CheckConstraint("(file_sha256 IS NULL) = (filed_on IS NULL)", name=op.f("ck_collection_run_filed")),
        sa.CheckConstraint(_PRESENTED, name=op.f("ck_collection_run_presented")),
        sa.CheckConstraint(
            "state NOT IN ('settling', 'settled') OR settled_on IS NOT NULL", name=op.f("ck_collection_run_settled")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_run")),
        sa.UniqueConstraint("reference", name=op.f("uq_collection_run_reference")),
    )
    op.create_index("ix_collection_run_day", "collection_run", ["collection_on", "id"])
    op.create_table(
        "collection_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("end_to_end", sa.String(), nullable=False),
        sa.Column("claim_key", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("member_name", sa.String(), nullable=False),
        sa.Column("calls", JSONB(), nullable=False),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("rum", sa.String(), nullable=False),
        sa.Column("sequence", sa.String(), nullable=False),
        sa.Column("debtor_name", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("notice_sha256", sa.String(), nullable=True),
        sa.Column("withdrawn_code", sa.String(), nullable=True),
        sa.Column("withdrawn_why", sa.String(), nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_LINE_STATE, name=op.f("ck_collection_line_state")),
        sa.CheckConstraint("sequence IN ('FRST', 'RCUR', 'OOFF')", name=op.f("ck_collection_line_sequence")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_collection_line_amount")),
        sa.CheckConstraint("(notified_on IS NULL) = (notice_sha256 IS NULL)", name=op.f("ck_collection_line_notice")),
        sa.CheckConstraint(_TOLD, name=op.f("ck_collection_line_told")),
        sa.CheckConstraint("state <> 'settled' OR receipt_id IS NOT NULL", name=op.f("ck_collection_line_receipt")),
        sa.CheckConstraint(_WITHDRAWN, name=op.f("ck_collection_line_withdrawn")),
        sa.CheckConstraint(_RETURNED, name=op.f("ck_collection_line_returned")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["collection_run.id"], name=op.f("fk_collection_line_run_id_collection_run")
        ),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_collection_line_mandate_id_mandate")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_collection_line_receipt_id_receipt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_line")),
        sa.UniqueConstraint("end_to_end", name=op.f("uq_collection_line_end_to_end")),
        sa.UniqueConstraint("run_id", "rank", name=op.f("uq_collection_line_run_id_rank")),
    )
    op.create_index(
        "uq_collection_line_live",
        "collection_line",
        ["claim_key"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'returned')"),
    )
    op.create_index("ix_collection_line_claim", "collection_line", ["claim_key"])
    op.create_index("ix_collection_line_member", "collection_line", ["member_id", "id"])
    op.create_table(
        "collection_step",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["collection_run.id"], name=op.f("fk_collection_step_run_id_collection_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_collection_step")),
    )
