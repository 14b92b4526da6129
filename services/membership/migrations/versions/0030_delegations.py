"""Delegations: the agenda of one structure alone; files of deliverables.

Revision ID: 0030
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_agenda_entry_audience"), "agenda_entry", type_="check")
    op.create_check_constraint(
        op.f("ck_agenda_entry_audience"),
        "agenda_entry",
        "audience IN ('public', 'members', 'participants', 'board', 'structure')",
    )
    op.add_column(
        "accompaniment_deliverable", sa.Column("by_file", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("accompaniment_deliverable", "by_file", server_default=None)
    op.drop_constraint(op.f("ck_accompaniment_deliverable_content"), "accompaniment_deliverable", type_="check")
    op.create_check_constraint(
        op.f("ck_accompaniment_deliverable_content"),
        "accompaniment_deliverable",
        "link IS NOT NULL OR summary IS NOT NULL OR by_file",
    )
    op.create_table(
        "deliverable_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deliverable_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["accompaniment_deliverable.id"],
            name=op.f("fk_deliverable_file_deliverable_id_accompaniment_deliverable"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliverable_file")),
    )
    op.create_index(
        "ix_deliverable_file_deliverable",
        "deliverable_file",
        ["deliverable_id", "sent_at"],
    )
