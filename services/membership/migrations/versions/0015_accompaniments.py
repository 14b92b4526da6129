"""The catalogue of accompaniments, its slots, their bookings, what was delivered and what was thought of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # A trusted extension: who owns the database may create it. It lets a text and a range exclude each other.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "accompaniment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('first', 'further')", name=op.f("ck_accompaniment_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accompaniment")),
    )
    op.create_index("ix_accompaniment_delegation", "accompaniment", ["delegation", "kind"])
    op.create_table(
        "accompaniment_edition",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("normalized", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("preparation", sa.String(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("activities", ARRAY(sa.String()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("mode IN ('remote', 'on_site', 'either')", name=op.f("ck_accompaniment_edition_mode")),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_accompaniment_edition_duration")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["accompaniment.id"], name=op.f("fk_accompaniment_edition_offer_id_accompaniment")
        ),
        sa.PrimaryKeyConstraint("offer_id", "edition", name=op.f("pk_accompaniment_edition")),
    )
    op.create_table(
        "accompaniment_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("adviser", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("book_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        ExcludeConstraint(
            (sa.text("adviser"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("cancelled_at IS NULL"),
            using="gist",
            name="ex_accompaniment_slot_adviser",
        ),
        sa.CheckConstraint("link ~ '^https://'", name=op.f("ck_accompaniment_slot_link")),
        sa.CheckConstraint(
            "(cancelled_at IS NULL) = (cancel_reason IS NULL)", name=op.f("ck_accompaniment_slot_cancelled")
        ),
        sa.CheckConstraint("cancelled_at IS NULL OR taken = 0", name=op.f("ck_accompaniment_slot_cancelled_empty")),
        sa.CheckConstraint("place IS NOT NULL OR link IS NOT NULL", name=op.f("ck_accompaniment_slot_where")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_accompaniment_slot_times")),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name=op.f("ck_accompaniment_slot_taken")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["accompaniment.id"], name=op.f("fk_accompaniment_slot_offer_id_accompaniment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accompaniment_slot")),
    )
    op.create_index("ix_accompaniment_slot_offer", "accompaniment_slot", ["offer_id", "starts_at"])
    op.create_index("ix_accompaniment_slot_starts", "accompaniment_slot", ["starts_at", "id"])
    op.create_index(
        "ix_accompaniment_slot_series",
        "accompaniment_slot",
        ["series_id"],
        postgresql_where=sa.text("series_id IS NOT NULL"),
    )
    op.create_table(
        "accompaniment_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by", sa.String(), nullable=False),
        sa.Column("expectation", sa.String(), nullable=True),
        sa.Column("free_year", sa.Integer(), nullable=True),
        sa.Column("allowance_reason", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("cancelled_side", sa.String(), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_by", sa.String(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("reopenings", JSONB(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_accompaniment_booking_cancelled")
        ),
        sa.CheckConstraint(
            "(state IN ('held', 'absent')) = (outcome_at IS NOT NULL)", name=op.f("ck_accompaniment_booking_outcome")
        ),
        sa.CheckConstraint(
            "cancelled_side IN ('structure', 'staff', 'slot')", name=op.f("ck_accompaniment_booking_cancelled_side")
        ),
        sa.CheckConstraint(
            "state IN ('booked', 'cancelled', 'held', 'absent')", name=op.f("ck_accompaniment_booking_state")
        ),
        sa.CheckConstraint("NOT answered OR state = 'held'", name=op.f("ck_accompaniment_booking_answered")),
        sa.CheckConstraint(
            "allowance_reason IS NULL OR free_year IS NULL", name=op.f("ck_accompaniment_booking_allowance")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_accompaniment_booking_member_id_member")),
        sa.ForeignKeyConstraint(
            ["offer_id", "edition"],
            ["accompaniment_edition.offer_id", "accompaniment_edition.edition"],
            name="fk_accompaniment_booking_edition",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["accompaniment_slot.id"], name=op.f("fk_accompaniment_booking_slot_id_accompaniment_slot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accompaniment_booking")),
    )
    op.create_index("ix_accompaniment_booking_booked", "accompaniment_booking", ["booked_at", "id"])
    op.create_index("ix_accompaniment_booking_member", "accompaniment_booking", ["member_id", "id"])
    op.create_index(
        "uq_accompaniment_booking_free",
        "accompaniment_booking",
        ["member_id", "kind", "free_year"],
        unique=True,
        postgresql_where=sa.text("free_year IS NOT NULL AND state IN ('booked', 'held')"),
    )
    op.create_index(
        "uq_accompaniment_booking_slot",
        "accompaniment_booking",
        ["slot_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "accompaniment_deliverable",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("next_offer_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('report', 'action_plan', 'diagnosis', 'other')", name=op.f("ck_accompaniment_deliverable_kind")
        ),
        sa.CheckConstraint("link ~ '^https://'", name=op.f("ck_accompaniment_deliverable_link")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_accompaniment_deliverable_withdrawn")
        ),
        sa.CheckConstraint(
            "link IS NOT NULL OR summary IS NOT NULL", name=op.f("ck_accompaniment_deliverable_content")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["accompaniment_booking.id"],
            name=op.f("fk_accompaniment_deliverable_booking_id_accompaniment_booking"),
        ),
        sa.ForeignKeyConstraint(
            ["next_offer_id"],
            ["accompaniment.id"],
            name=op.f("fk_accompaniment_deliverable_next_offer_id_accompaniment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accompaniment_deliverable")),
    )
    op.create_index("ix_accompaniment_deliverable_booking", "accompaniment_deliverable", ["booking_id", "delivered_on"])
    op.create_table(
        "accompaniment_satisfaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ratings", JSONB(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("quotable", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "booking_id IS NOT NULL OR (comment IS NULL AND answered_at IS NULL AND NOT quotable)",
            name=op.f("ck_accompaniment_satisfaction_anonymous"),
        ),
        sa.CheckConstraint(
            "booking_id IS NULL OR answered_at IS NOT NULL", name=op.f("ck_accompaniment_satisfaction_answered")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["accompaniment_booking.id"],
            name=op.f("fk_accompaniment_satisfaction_booking_id_accompaniment_booking"),
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["accompaniment.id"], name=op.f("fk_accompaniment_satisfaction_offer_id_accompaniment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accompaniment_satisfaction")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_accompaniment_satisfaction_booking_id")),
    )
    op.create_index("ix_accompaniment_satisfaction_answered", "accompaniment_satisfaction", ["answered_at", "id"])
    op.create_index("ix_accompaniment_satisfaction_year", "accompaniment_satisfaction", ["year", "kind", "delegation"])
