"""Governance: electoral rolls as they were frozen, what structures contest of them, what was decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "electoral_roll",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_by", sa.String(), nullable=False),
        sa.Column("contest_until", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_roll")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_electoral_roll_sha256")),
    )
    op.create_index("ix_electoral_roll_as_of", "electoral_roll", ["as_of", "id"])
    op.create_table(
        "electoral_roll_line",
        sa.Column("roll_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("college", sa.String(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("remarks", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("roll_id", "member_id", name=op.f("pk_electoral_roll_line")),
        sa.ForeignKeyConstraint(
            ["roll_id"], ["electoral_roll.id"], name=op.f("fk_electoral_roll_line_roll_id_electoral_roll")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_electoral_roll_line_member_id_member")),
        sa.CheckConstraint("(votes = 0) = (reasons <> '[]')", name=op.f("ck_electoral_roll_line_reasons")),
    )
    op.create_table(
        "electoral_roll_contest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roll_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_roll_contest")),
        sa.ForeignKeyConstraint(
            ["roll_id"], ["electoral_roll.id"], name=op.f("fk_electoral_roll_contest_roll_id_electoral_roll")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_electoral_roll_contest_member_id_member")),
        sa.CheckConstraint("status IN ('open', 'upheld', 'rejected')", name=op.f("ck_electoral_roll_contest_status")),
        sa.CheckConstraint(
            "(status = 'open') = (answered_at IS NULL)", name=op.f("ck_electoral_roll_contest_answered")
        ),
    )
    op.create_index(
        "uq_electoral_roll_contest_open",
        "electoral_roll_contest",
        ["roll_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "electoral_roll_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roll_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("college", sa.String(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_roll_correction")),
        sa.ForeignKeyConstraint(
            ["roll_id"], ["electoral_roll.id"], name=op.f("fk_electoral_roll_correction_roll_id_electoral_roll")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_electoral_roll_correction_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["contest_id"],
            ["electoral_roll_contest.id"],
            name=op.f("fk_electoral_roll_correction_contest_id_electoral_roll_contest"),
        ),
        sa.CheckConstraint("kind IN ('added', 'removed', 'changed')", name=op.f("ck_electoral_roll_correction_kind")),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_electoral_roll_correction_votes")),
    )
    op.create_index("ix_electoral_roll_correction_roll", "electoral_roll_correction", ["roll_id", "id"])
