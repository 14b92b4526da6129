"""Our copy of the members and what dues told of them; the trainers and the rooms that sessions are made with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.migrations import only_add_to

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_FACTS = "IN ('yes', 'no', 'unknown')"


def upgrade() -> None:
    _members()
    _trainers()
    _competences()
    _unavailabilities()
    _rooms()


def _members() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("siren", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("address", JSONB(none_as_null=True), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_member_merged_into", "member", ["merged_into"], postgresql_where=merged)
    op.create_table(
        "member_standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", "sequence", name=op.f("pk_member_standing")),
    )
    op.create_index("ix_member_standing_member", "member_standing", ["member_id", "year"])
    only_add_to(op, "member_standing")


def _trainers() -> None:
    op.create_table(
        "trainer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("contractor_name", sa.String(), nullable=True),
        sa.Column("contractor_siret", sa.String(), nullable=True),
        sa.Column("contractor_nda", sa.String(), nullable=True),
        sa.Column("subcontract", sa.String(), nullable=True),
        sa.Column("delegations", ARRAY(sa.String()), nullable=False),
        sa.Column("cost", sa.Numeric(12, 2), nullable=True),
        sa.Column("cost_unit", sa.String(), nullable=True),
        sa.Column("cost_note", sa.String(), nullable=False),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("erasure_reason", sa.String(), nullable=True),
        *_authored(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer")),
        sa.UniqueConstraint("account", name=op.f("uq_trainer_account")),
        sa.CheckConstraint("kind IN ('employee', 'contractor')", name=op.f("ck_trainer_kind")),
        sa.CheckConstraint("(kind = 'contractor') = (contractor_name IS NOT NULL)", name=op.f("ck_trainer_contractor")),
        sa.CheckConstraint(
            "(contractor_name IS NULL) = (contractor_siret IS NULL)", name=op.f("ck_trainer_contractor_whole")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_trainer_cost")),
        sa.CheckConstraint("(cost IS NULL) = (cost_unit IS NULL)", name=op.f("ck_trainer_cost_whole")),
        sa.CheckConstraint("cost_unit IN ('half_day', 'hour')", name=op.f("ck_trainer_cost_unit")),
        sa.CheckConstraint(
            "erased_on IS NULL OR archived_on IS NOT NULL", name=op.f("ck_trainer_erased_after_archived")
        ),
        sa.CheckConstraint("(erased_on IS NULL) = (erasure_reason IS NULL)", name=op.f("ck_trainer_erasure_reason")),
    )
    op.create_index("ix_trainer_name_key", "trainer", ["name_key", "id"])


def _competences() -> None:
    op.create_table(
        "trainer_competence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=True),
        sa.Column("theme", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessed_by", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_competence")),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainer.id"], name=op.f("fk_trainer_competence_trainer_id_trainer")),
        sa.CheckConstraint(
            "(programme_code IS NULL) <> (theme IS NULL)", name=op.f("ck_trainer_competence_one_subject")
        ),
        sa.CheckConstraint(
            "evidence IN ('diploma', 'experience', 'certification', 'peer_evaluation')",
            name=op.f("ck_trainer_competence_evidence"),
        ),
        sa.CheckConstraint("valid_until >= assessed_on", name=op.f("ck_trainer_competence_valid_until")),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawal_reason IS NULL) AND (withdrawn_on IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_trainer_competence_withdrawal_whole"),
        ),
    )
    op.create_index("ix_trainer_competence_trainer", "trainer_competence", ["trainer_id", "assessed_on", "id"])
    op.create_index("ix_trainer_competence_programme", "trainer_competence", ["programme_code", "trainer_id"])
    op.create_index("ix_trainer_competence_theme", "trainer_competence", ["theme", "trainer_id"])
    op.create_index(
        "ix_trainer_competence_valid_until",
        "trainer_competence",
        ["valid_until", "trainer_id"],
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )


def _unavailabilities() -> None:
    op.create_table(
        "trainer_unavailability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("first_half", sa.String(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_half", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_unavailability")),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_trainer_unavailability_trainer_id_trainer")
        ),
        sa.CheckConstraint("first_half IN ('morning', 'afternoon')", name=op.f("ck_trainer_unavailability_first_half")),
        sa.CheckConstraint("last_half IN ('morning', 'afternoon')", name=op.f("ck_trainer_unavailability_last_half")),
        sa.CheckConstraint(
            "(first_day, first_half = 'afternoon') <= (last_day, last_half = 'afternoon')",
            name=op.f("ck_trainer_unavailability_in_order"),
        ),
        sa.CheckConstraint(
            "reason IN ('leave', 'illness', 'other_engagement')", name=op.f("ck_trainer_unavailability_reason")
        ),
    )
    op.create_index("ix_trainer_unavailability_trainer", "trainer_unavailability", ["trainer_id", "first_day", "id"])
    op.create_index("ix_trainer_unavailability_days", "trainer_unavailability", ["last_day", "first_day"])


def _rooms() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("step_free_access", sa.String(), nullable=False),
        sa.Column("accessible_toilet", sa.String(), nullable=False),
        sa.Column("hearing_loop", sa.String(), nullable=False),
        sa.Column("parking", sa.String(), nullable=False),
        sa.Column("accessibility_note", sa.String(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("equipment", ARRAY(sa.String()), nullable=False),
        sa.Column("cost", sa.Numeric(12, 2), nullable=True),
        sa.Column("owner_office", sa.String(), nullable=True),
        sa.Column("owner_email", sa.String(), nullable=True),
        sa.Column("owner_phone", sa.String(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        *_authored(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_room_capacity")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_room_cost")),
        sa.CheckConstraint(f"step_free_access {_FACTS}", name=op.f("ck_room_step_free_access")),
        sa.CheckConstraint(f"accessible_toilet {_FACTS}", name=op.f("ck_room_accessible_toilet")),
        sa.CheckConstraint(f"hearing_loop {_FACTS}", name=op.f("ck_room_hearing_loop")),
        sa.CheckConstraint(f"parking {_FACTS}", name=op.f("ck_room_parking")),
        sa.CheckConstraint(
            "owner_office IS NOT NULL OR (owner_email IS NULL AND owner_phone IS NULL)", name=op.f("ck_room_owner")
        ),
    )
    op.create_index("ix_room_name_key", "room", ["name_key", "id"])
    op.create_index("ix_room_capacity", "room", ["capacity", "id"])


def _authored() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
    )
