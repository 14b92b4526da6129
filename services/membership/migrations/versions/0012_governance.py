"""Governance: electoral rolls as they were frozen and contested, general assemblies, the mandates of the board."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"


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
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electoral_roll")),
        sa.ForeignKeyConstraint(
            ["replaces"], ["electoral_roll.id"], name=op.f("fk_electoral_roll_replaces_electoral_roll")
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_electoral_roll_sha256")),
    )
    op.create_index("ix_electoral_roll_as_of", "electoral_roll", ["as_of", "id"])
    op.create_index(
        "uq_electoral_roll_counting",
        "electoral_roll",
        ["as_of"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index("uq_electoral_roll_replaces", "electoral_roll", ["replaces"], unique=True)
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
    op.create_table(
        "assembly",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("second_of", sa.Uuid(), nullable=True),
        sa.Column("agenda", postgresql.JSONB(), nullable=False),
        sa.Column("convened_on", sa.Date(), nullable=True),
        sa.Column("convened_by", sa.String(), nullable=True),
        sa.Column("roll_day", sa.Date(), nullable=True),
        sa.Column("roll_id", sa.Uuid(), nullable=True),
        sa.Column("rule", postgresql.JSONB(), nullable=True),
        sa.Column("waiver", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quorum_failed", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.String(), nullable=True),
        sa.Column("minutes", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly")),
        sa.ForeignKeyConstraint(["second_of"], ["assembly.id"], name=op.f("fk_assembly_second_of_assembly")),
        sa.ForeignKeyConstraint(["roll_id"], ["electoral_roll.id"], name=op.f("fk_assembly_roll_id_electoral_roll")),
        sa.CheckConstraint("kind IN ('ordinary', 'extraordinary')", name=op.f("ck_assembly_kind")),
        sa.CheckConstraint(
            "status IN ('prepared', 'convened', 'open', 'closed', 'cancelled')", name=op.f("ck_assembly_status")
        ),
        sa.CheckConstraint(
            "status = 'cancelled' OR (status = 'prepared') = (convened_on IS NULL)", name=op.f("ck_assembly_convened")
        ),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled IS NOT NULL)", name=op.f("ck_assembly_cancelled")),
        sa.CheckConstraint("(status IN ('open', 'closed')) = (rule IS NOT NULL)", name=op.f("ck_assembly_opened")),
        sa.CheckConstraint("(rule IS NULL) = (roll_id IS NULL)", name=op.f("ck_assembly_roll")),
        sa.CheckConstraint("(status = 'closed') = (minutes IS NOT NULL)", name=op.f("ck_assembly_closed")),
        sa.CheckConstraint("(rule IS NULL) = (opened_at IS NULL)", name=op.f("ck_assembly_opened_at")),
    )
    op.create_index("ix_assembly_held_on", "assembly", ["held_on", "id"])
    op.create_index(
        "uq_assembly_second_of",
        "assembly",
        ["second_of"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled'"),
    )
    op.create_table(
        "assembly_attending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_attending")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assembly.id"], name=op.f("fk_assembly_attending_assembly_id_assembly")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assembly_attending_member_id_member")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_assembly_attending_contact_id_contact")),
        sa.CheckConstraint("(contact_id IS NULL) <> (name IS NULL)", name=op.f("ck_assembly_attending_person")),
        sa.CheckConstraint("arrived_at <= left_at", name=op.f("ck_assembly_attending_stay")),
    )
    op.create_index(
        "uq_assembly_attending_there",
        "assembly_attending",
        ["assembly_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_assembly_attending_assembly", "assembly_attending", ["assembly_id", "arrived_at"])
    op.create_table(
        "assembly_proxy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_proxy")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assembly.id"], name=op.f("fk_assembly_proxy_assembly_id_assembly")),
        sa.ForeignKeyConstraint(["giver_id"], ["member.id"], name=op.f("fk_assembly_proxy_giver_id_member")),
        sa.ForeignKeyConstraint(["holder_id"], ["member.id"], name=op.f("fk_assembly_proxy_holder_id_member")),
        sa.CheckConstraint("giver_id <> holder_id", name=op.f("ck_assembly_proxy_another")),
    )
    op.create_index(
        "uq_assembly_proxy_giver",
        "assembly_proxy",
        ["assembly_id", "giver_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "assembly_candidacy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_candidacy")),
        sa.ForeignKeyConstraint(
            ["assembly_id"], ["assembly.id"], name=op.f("fk_assembly_candidacy_assembly_id_assembly")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assembly_candidacy_member_id_member")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_assembly_candidacy_contact_id_contact")),
    )
    op.create_index("uq_assembly_candidacy", "assembly_candidacy", ["assembly_id", "member_id"], unique=True)
    op.create_table(
        "assembly_result",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.Column("replaced_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_result")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assembly.id"], name=op.f("fk_assembly_result_assembly_id_assembly")),
        sa.CheckConstraint(
            "(replaced_at IS NULL) = (replaced_by IS NULL) AND (replaced_at IS NULL) = (replaced_reason IS NULL)",
            name=op.f("ck_assembly_result_replaced"),
        ),
    )
    op.create_index(
        "uq_assembly_result_item",
        "assembly_result",
        ["assembly_id", "item_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "board_mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("assembly_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_mandate")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_board_mandate_member_id_member")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_board_mandate_contact_id_contact")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assembly.id"], name=op.f("fk_board_mandate_assembly_id_assembly")),
        sa.CheckConstraint("scope IN ('region', 'college')", name=op.f("ck_board_mandate_scope")),
        sa.CheckConstraint("since < until", name=op.f("ck_board_mandate_term")),
        sa.CheckConstraint('(ended_on IS NULL) = ("end" IS NULL)', name=op.f("ck_board_mandate_ended")),
        sa.CheckConstraint("ended_on >= since AND ended_on <= until", name=op.f("ck_board_mandate_ended_within")),
    )
    op.create_index(
        "uq_board_mandate_seat",
        "board_mandate",
        ["scope", "code", "number"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(
        "uq_board_mandate_holder",
        "board_mandate",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index("ix_board_mandate_member", "board_mandate", ["member_id", "since"])
