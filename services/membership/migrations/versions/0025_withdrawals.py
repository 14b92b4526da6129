"""Who took a candidacy or a proxy back, when and why: a candidacy taken back stays to be read.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assembly_candidacy", sa.Column("received_by", sa.String(), nullable=False, server_default="non consigné")
    )
    op.alter_column("assembly_candidacy", "received_by", server_default=None)
    op.add_column("assembly_candidacy", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("assembly_candidacy", sa.Column("withdrawn_by", sa.String(), nullable=True))
    op.add_column("assembly_candidacy", sa.Column("withdrawn_reason", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_assembly_candidacy_withdrawn"),
        "assembly_candidacy",
        "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_reason IS NULL OR withdrawn_at IS NOT NULL)",
    )
    op.drop_index("uq_assembly_candidacy", "assembly_candidacy")
    op.create_index(
        "uq_assembly_candidacy",
        "assembly_candidacy",
        ["assembly_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_assembly_candidacy_assembly", "assembly_candidacy", ["assembly_id"])
    op.add_column("assembly_proxy", sa.Column("revoked_by", sa.String(), nullable=True))
    op.add_column("assembly_proxy", sa.Column("revoked_reason", sa.String(), nullable=True))
    op.execute("UPDATE assembly_proxy SET revoked_by = 'non consigné' WHERE revoked_at IS NOT NULL")
    op.create_check_constraint(
        op.f("ck_assembly_proxy_revoked"),
        "assembly_proxy",
        "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_reason IS NULL OR revoked_at IS NOT NULL)",
    )
