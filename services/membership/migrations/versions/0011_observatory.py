"""The Observatoire: editions of a year, and their figures, frozen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "observatory_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("indicators", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("responses", JSONB(), nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observatory_edition")),
        sa.CheckConstraint(
            "status IN ('computing', 'published', 'failed')", name=op.f("ck_observatory_edition_status")
        ),
        sa.CheckConstraint("(status = 'published') = (sha256 IS NOT NULL)", name=op.f("ck_observatory_edition_sealed")),
        sa.CheckConstraint(
            "(status = 'published') = (published_on IS NOT NULL)", name=op.f("ck_observatory_edition_published")
        ),
    )
    op.create_index(
        "uq_observatory_edition_computing",
        "observatory_edition",
        ["year"],
        unique=True,
        postgresql_where=sa.text("status = 'computing'"),
    )
    op.create_index(
        "uq_observatory_edition_number",
        "observatory_edition",
        ["year", "number"],
        unique=True,
        postgresql_where=sa.text("status <> 'failed'"),
    )
    op.create_table(
        "observatory_observed",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("values", ARRAY(sa.Float()), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", "kind", "member_id", name=op.f("pk_observatory_observed")),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["observatory_edition.id"],
            name=op.f("fk_observatory_observed_edition_id_observatory_edition"),
        ),
    )
    op.create_table(
        "observatory_cell",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("low", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("median", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("high", sa.Numeric(precision=16, scale=2), nullable=True),
        sa.Column("total", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("hidden", sa.String(), nullable=True),
        sa.Column("total_hidden", sa.String(), nullable=True),
        sa.Column("kept_from", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("edition_id", "kind", "delegation", "indicator", name=op.f("pk_observatory_cell")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["observatory_edition.id"], name=op.f("fk_observatory_cell_edition_id_observatory_edition")
        ),
    )
