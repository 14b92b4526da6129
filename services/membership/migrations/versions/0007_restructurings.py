"""Restructurings: a change of SIRET, a merger, a split; what each carried is in the register's entries."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "restructuring",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("undoable_until", sa.Date(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restructuring")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_restructuring_member_id_member")),
        sa.ForeignKeyConstraint(["other_id"], ["member.id"], name=op.f("fk_restructuring_other_id_member")),
        sa.CheckConstraint("kind IN ('siret_change', 'absorption', 'split')", name=op.f("ck_restructuring_kind")),
        sa.CheckConstraint("(kind = 'siret_change') = (other_id IS NULL)", name=op.f("ck_restructuring_other")),
        sa.CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_restructuring_undone")),
    )
    op.create_index("ix_restructuring_member", "restructuring", ["member_id", "done_at"])
    op.create_index("ix_restructuring_other", "restructuring", ["other_id", "done_at"])
