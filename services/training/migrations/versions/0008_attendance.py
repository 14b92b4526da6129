"""Attendance: the ledger of each session, what it says now, links, codes, devices, seals; what rehearsals find."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import only_add_to

revision = "0008"
down_revision = "0007"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _ledger()
    _marks()
    _links()
    _devices()
    _completions()
    _seals()
    _findings()


def _ledger() -> None:
    op.create_table(
        "attendance_head",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("sealed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_attendance_head_session_id_session")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_attendance_head")),
    )
    op.create_table(
        "attendance_entry",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'present', 'partial', 'absent', 'closed')", name=op.f("ck_attendance_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["attendance_head.session_id"],
            name=op.f("fk_attendance_entry_session_id_attendance_head"),
        ),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_attendance_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_attendance_entry_hash")),
    )
    op.create_index("ix_attendance_entry_slot", "attendance_entry", ["slot_id", "number"])
    only_add_to(op, "attendance_entry")
    op.create_table(
        "attendance_stroke",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("drawing", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["attendance_head.session_id"],
            name=op.f("fk_attendance_stroke_session_id_attendance_head"),
        ),
        sa.PrimaryKeyConstraint("session_id", "sha256", name=op.f("pk_attendance_stroke")),
    )


def _marks() -> None:
    op.create_table(
        "attendance_mark",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hours", sa.Numeric(6, 2), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('present', 'partial', 'absent')", name=op.f("ck_attendance_mark_kind")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attendance_mark_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("slot_id", "enrolment_id", name=op.f("pk_attendance_mark")),
    )
    op.create_index("ix_attendance_mark_day", "attendance_mark", ["day", "slot_id", "enrolment_id"])
    op.create_index("ix_attendance_mark_enrolment", "attendance_mark", ["enrolment_id"])
    op.create_index("ix_attendance_mark_session", "attendance_mark", ["session_id", "slot_id"])


def _links() -> None:
    op.create_table(
        "attendance_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("trainee_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_attendance_link_revoked")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attendance_link_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["trainee_id"], ["trainee.id"], name=op.f("fk_attendance_link_trainee_id_trainee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_attendance_link_token_hash")),
    )
    op.create_index("ix_attendance_link_enrolment", "attendance_link", ["enrolment_id"])
    op.create_table(
        "attendance_code",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attendance_code_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("slot_id", "enrolment_id", name=op.f("pk_attendance_code")),
    )


def _devices() -> None:
    op.create_table(
        "attendance_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_attendance_device_session_id_session")),
        sa.ForeignKeyConstraint(["trainer_id"], ["trainer.id"], name=op.f("fk_attendance_device_trainer_id_trainer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_device")),
    )
    op.create_index("ix_attendance_device_session", "attendance_device", ["session_id", "id"])


def _completions() -> None:
    op.create_table(
        "attendance_completion",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("hours", sa.Numeric(8, 2), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("told IN ('completed', 'cancelled')", name=op.f("ck_attendance_completion_told")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_attendance_completion_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_attendance_completion")),
    )


def _seals() -> None:
    op.create_table(
        "attendance_seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_attendance_seal")),
        sa.UniqueConstraint("hash", name=op.f("uq_attendance_seal_hash")),
    )
    only_add_to(op, "attendance_seal")


def _findings() -> None:
    op.create_table(
        "rehearsal_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", _INSTANT, nullable=False),
        sa.Column("explanation", sa.String(), nullable=True),
        sa.Column("explained_at", _INSTANT, nullable=True),
        sa.Column("explained_by", sa.String(), nullable=True),
        sa.Column("corrected_at", _INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'explained', 'corrected')", name=op.f("ck_rehearsal_finding_state")),
        sa.CheckConstraint(
            "(state = 'corrected') = (corrected_at IS NOT NULL)", name=op.f("ck_rehearsal_finding_corrected")
        ),
        sa.CheckConstraint(
            "(explanation IS NULL) = (explained_at IS NULL) AND (explanation IS NULL) = (explained_by IS NULL)",
            name=op.f("ck_rehearsal_finding_explained"),
        ),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_rehearsal_finding_session_id_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal_finding")),
        sa.UniqueConstraint("session_id", "code", "key", name=op.f("uq_rehearsal_finding_session_id_code_key")),
    )
    op.create_index("ix_rehearsal_finding_found", "rehearsal_finding", ["found_at", "id"])
    op.create_index("ix_rehearsal_finding_state", "rehearsal_finding", ["state", "found_at", "id"])
