"""Duplicates: the pairs, the merges, the record that a structure is read under, and the same person known twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0017"
down_revision = "0016"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("member", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_member_merged_into_member"), "member", "member", ["merged_into"], ["id"])
    op.create_check_constraint(op.f("ck_member_merged_into"), "member", "merged_into <> id")
    op.drop_index("uq_member_siren", "member")
    op.create_index(
        "uq_member_siren",
        "member",
        ["siren"],
        unique=True,
        postgresql_where=sa.text("siren IS NOT NULL AND merged_into IS NULL"),
    )
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_member_merged_siren", "member", ["siren"], postgresql_where=merged)
    op.create_index("ix_member_merged_into", "member", ["merged_into"], postgresql_where=merged)
    op.create_index(
        "ix_member_entry_contact", "member_entry", ["key", "member_id"], postgresql_where=sa.text("topic = 'contact'")
    )
    op.add_column("contact", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_contact_merged_into_contact"), "contact", "contact", ["merged_into"], ["id"])
    op.create_check_constraint(op.f("ck_contact_merged_into"), "contact", "merged_into <> id")
    op.create_index("ix_contact_merged_into", "contact", ["merged_into"], postgresql_where=merged)
    _create_pairs()
    _create_merges()


def _create_pairs() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", ARRAY(sa.String()), nullable=False),
        sa.Column("found_at", _INSTANT, nullable=False),
        sa.Column("reported_at", _INSTANT, nullable=True),
        sa.Column("reported_by", sa.String(), nullable=True),
        sa.Column("proposed_at", _INSTANT, nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_reason", sa.String(), nullable=True),
        sa.Column("dismissed_at", _INSTANT, nullable=True),
        sa.Column("dismissed_by", sa.String(), nullable=True),
        sa.Column("dismissed_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.ForeignKeyConstraint(["first_id"], ["member.id"], name=op.f("fk_duplicate_pair_first_id_member")),
        sa.ForeignKeyConstraint(["second_id"], ["member.id"], name=op.f("fk_duplicate_pair_second_id_member")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_pair_first_id_second_id")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_pair_order")),
        sa.CheckConstraint("state IN ('suspected', 'dismissed', 'merged')", name=op.f("ck_duplicate_pair_state")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_duplicate_pair_score")),
        sa.CheckConstraint(
            "(state = 'dismissed') = (dismissed_reason IS NOT NULL)", name=op.f("ck_duplicate_pair_dismissed")
        ),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (proposed_reason IS NULL)", name=op.f("ck_duplicate_pair_proposed")
        ),
        sa.CheckConstraint("(reported_at IS NULL) = (reported_by IS NULL)", name=op.f("ck_duplicate_pair_reported")),
    )
    op.create_index("ix_duplicate_pair_state", "duplicate_pair", ["state", "score", "id"])
    op.create_index("ix_duplicate_pair_second", "duplicate_pair", ["second_id"])


def _create_merges() -> None:
    op.create_table(
        "duplicate_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("stays_id", sa.Uuid(), nullable=False),
        sa.Column("goes_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("done_at", _INSTANT, nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("undoable_until", sa.Date(), nullable=False),
        sa.Column("undone_at", _INSTANT, nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_merge")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["duplicate_pair.id"], name=op.f("fk_duplicate_merge_pair_id_duplicate_pair")
        ),
        sa.ForeignKeyConstraint(["stays_id"], ["member.id"], name=op.f("fk_duplicate_merge_stays_id_member")),
        sa.ForeignKeyConstraint(["goes_id"], ["member.id"], name=op.f("fk_duplicate_merge_goes_id_member")),
        sa.CheckConstraint("stays_id <> goes_id", name=op.f("ck_duplicate_merge_another")),
        sa.CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_duplicate_merge_undone")),
    )
    op.create_index(
        "uq_duplicate_merge_goes",
        "duplicate_merge",
        ["goes_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index("ix_duplicate_merge_pair", "duplicate_merge", ["pair_id", "done_at"])
    op.create_table(
        "duplicate_carried",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("row_key", JSONB(), nullable=False),
        sa.Column("kept", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("merge_id", "rank", name=op.f("pk_duplicate_carried")),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["duplicate_merge.id"], name=op.f("fk_duplicate_carried_merge_id_duplicate_merge")
        ),
    )
