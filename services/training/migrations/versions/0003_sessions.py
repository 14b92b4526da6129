"""The sessions: half-days that hold a room and trainers, and what was done of each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint

from common.migrations import only_add_to

revision = "0003"
down_revision = "0002"

_INSTANT = sa.DateTime(timezone=True)
_RANGE = (sa.text("tstzrange(starts_at, ends_at)"), "&&")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _sessions()
    _slots()
    _slot_trainers()
    _events()


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("programme_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("hours", sa.Numeric(8, 2), nullable=True),
        sa.Column("access_days", sa.Integer(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=True),
        sa.Column("seats_max", sa.Integer(), nullable=True),
        sa.Column("reserved_for", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("adaptation", sa.String(), nullable=False),
        sa.Column("adapted_hours", sa.Numeric(8, 2), nullable=True),
        sa.Column("remote_url", sa.String(), nullable=True),
        sa.Column("decide_on_set", sa.Date(), nullable=True),
        sa.Column("decide_reason", sa.String(), nullable=False),
        sa.Column("closes_on_set", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("announced_at", _INSTANT, nullable=True),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("costs", JSONB(), nullable=False),
        sa.Column("sort_day", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("decide_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("venue", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("reference", name=op.f("uq_session_reference")),
        sa.ForeignKeyConstraint(
            ["programme_code"], ["programme.code"], name=op.f("fk_session_programme_code_programme")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_session_room_id_room")),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'confirmed', 'cancelled')", name=op.f("ck_session_status")
        ),
        sa.CheckConstraint("mode IN ('on_site', 'remote', 'mixed')", name=op.f("ck_session_mode")),
        sa.CheckConstraint("seats_min > 0 AND seats_max > 0", name=op.f("ck_session_seats")),
        sa.CheckConstraint("remote_url ~ '^https://'", name=op.f("ck_session_remote_url")),
        sa.CheckConstraint(
            "status = 'draft' OR (coalesce(seats_min <= seats_max, false) AND first_day IS NOT NULL)",
            name=op.f("ck_session_announced"),
        ),
        sa.CheckConstraint("(status = 'draft') = (announced_at IS NULL)", name=op.f("ck_session_announced_at")),
        sa.CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("ck_session_confirmed_at")),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_session_cancelled_at")),
        sa.CheckConstraint("(cancelled_at IS NULL) = (reason_code IS NULL)", name=op.f("ck_session_reason_code")),
        sa.CheckConstraint("(decide_on_set IS NULL) = (decide_reason = '')", name=op.f("ck_session_decide_reason")),
    )
    public = sa.text("status IN ('scheduled', 'confirmed') AND cardinality(reserved_for) = 0")
    op.create_index("ix_session_sort_day", "session", ["sort_day", "id"])
    op.create_index("ix_session_programme", "session", ["programme_code", "sort_day"])
    op.create_index("ix_session_calendar", "session", ["first_day", "id"], postgresql_where=public)


def _slots() -> None:
    op.create_table(
        "session_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_slot")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_slot_session_id_session")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_session_slot_room_id_room")),
        # Deferred: two half-days of a session may change places in one move.
        sa.UniqueConstraint(
            "session_id", "day", "half", deferrable=True, initially="DEFERRED",
            name=op.f("uq_session_slot_session_id_day_half"),
        ),
        sa.CheckConstraint("half IN ('morning', 'afternoon')", name=op.f("ck_session_slot_half")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_session_slot_times")),
        ExcludeConstraint(
            (sa.text("room_id"), "="), _RANGE, where=sa.text("held"), using="gist", name="ex_session_slot_room"
        ),
    )  # fmt: skip
    op.create_index("ix_session_slot_session", "session_slot", ["session_id", "starts_at"])
    op.create_index("ix_session_slot_room", "session_slot", ["room_id", "starts_at"])
    op.create_index("ix_session_slot_starts_at", "session_slot", ["starts_at", "id"])


def _slot_trainers() -> None:
    op.create_table(
        "session_slot_trainer",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("slot_id", "trainer_id", name=op.f("pk_session_slot_trainer")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["session_slot.id"], name=op.f("fk_session_slot_trainer_slot_id_session_slot")
        ),
        sa.ForeignKeyConstraint(
            ["trainer_id"], ["trainer.id"], name=op.f("fk_session_slot_trainer_trainer_id_trainer")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_session_slot_trainer_times")),
        ExcludeConstraint(
            (sa.text("trainer_id"), "="), _RANGE, where=sa.text("held"), using="gist",
            name="ex_session_slot_trainer_trainer",
        ),
    )  # fmt: skip
    op.create_index("ix_session_slot_trainer_trainer", "session_slot_trainer", ["trainer_id", "starts_at"])


def _events() -> None:
    op.create_table(
        "session_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("happened_at", _INSTANT, nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_event")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_event_session_id_session")),
        sa.CheckConstraint(
            "kind IN ('announced', 'confirmed', 'moved', 'amended', 'version_adopted', 'cancelled')",
            name=op.f("ck_session_event_kind"),
        ),
    )
    op.create_index("ix_session_event_session", "session_event", ["session_id", "id"])
    only_add_to(op, "session_event")
