"""Trainees, quotes, and the seats of sessions: pools, requests, offers, and the log that proves the order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from common.migrations import only_add_to

revision = "0004"
down_revision = "0003"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _trainees()
    _quotes()
    _acceptances()
    _pools()
    _requests()
    _offers()
    _enrolments()
    _occupants()
    _events()


def _trainees() -> None:
    op.create_table(
        "trainee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "situation IN ('employee', 'apprentice', 'job_seeker', 'individual', 'other')",
            name=op.f("ck_trainee_situation"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_trainee_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainee")),
    )
    op.create_index("ix_trainee_member", "trainee", ["member_id", "name_key", "id"])
    op.create_index("ix_trainee_name_key", "trainee", ["name_key", "id"])


def _quotes() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("programme_number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("buyer_kind", sa.String(), nullable=False),
        sa.Column("buyer_key", sa.String(), nullable=False),
        sa.Column("buyer_name", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("trainee_id", sa.Uuid(), nullable=True),
        sa.Column("organisation", JSONB(none_as_null=True), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("priced", JSONB(), nullable=False),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column("remainder", sa.Numeric(12, 2), nullable=False),
        sa.Column("given", JSONB(none_as_null=True), nullable=True),
        sa.Column("discount", JSONB(none_as_null=True), nullable=True),
        sa.Column("funding", JSONB(), nullable=False),
        sa.Column("proof", JSONB(), nullable=False),
        sa.Column("quoted_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("renews", sa.Uuid(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "CASE buyer_kind WHEN 'member' THEN member_id IS NOT NULL AND organisation IS NULL AND trainee_id IS NULL"
            " WHEN 'organisation' THEN organisation IS NOT NULL AND member_id IS NULL AND trainee_id IS NULL"
            " ELSE trainee_id IS NOT NULL AND organisation IS NULL AND member_id IS NULL END",
            name=op.f("ck_quote_buyer"),
        ),
        sa.CheckConstraint("buyer_kind IN ('member', 'organisation', 'individual')", name=op.f("ck_quote_buyer_kind")),
        sa.CheckConstraint("seats > 0 AND total >= 0 AND remainder >= 0", name=op.f("ck_quote_amounts")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_quote_member_id_member")),
        sa.ForeignKeyConstraint(["programme_code"], ["programme.code"], name=op.f("fk_quote_programme_code_programme")),
        sa.ForeignKeyConstraint(["renews"], ["quote.id"], name=op.f("fk_quote_renews_quote")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_quote_session_id_session")),
        sa.ForeignKeyConstraint(["trainee_id"], ["trainee.id"], name=op.f("fk_quote_trainee_id_trainee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("reference", name=op.f("uq_quote_reference")),
    )
    op.create_index("ix_quote_day", "quote", ["quoted_on", "id"])
    op.create_index("ix_quote_member", "quote", ["member_id", "id"])
    op.create_index("ix_quote_programme", "quote", ["programme_code", "id"])
    op.create_index("ix_quote_session", "quote", ["session_id", "id"])
    only_add_to(op, "quote")


def _acceptances() -> None:
    op.create_table(
        "quote_acceptance",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("accepted_at", _INSTANT, nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_acceptance_quote_id_quote")),
        sa.PrimaryKeyConstraint("quote_id", name=op.f("pk_quote_acceptance")),
    )
    only_add_to(op, "quote_acceptance")


def _pools() -> None:
    op.create_table(
        "seat_pool",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("policy IN ('strict', 'fill', 'one_each_first')", name=op.f("ck_seat_pool_policy")),
        sa.CheckConstraint("0 <= taken AND taken <= capacity", name=op.f("ck_seat_pool_taken")),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_seat_pool_waiting")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_seat_pool_session_id_session")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_seat_pool")),
    )


def _requests() -> None:
    op.create_table(
        "enrolment_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("buyer", sa.String(), nullable=False),
        sa.Column("buyer_name", sa.String(), nullable=False),
        sa.Column("individual", sa.Boolean(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("unit_price", sa.Numeric(12, 2), nullable=False),
        sa.Column("names_by", sa.Date(), nullable=True),
        sa.Column("contact_email", sa.String(), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("seats > 0", name=op.f("ck_enrolment_request_seats")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_enrolment_request_member_id_member")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_enrolment_request_quote_id_quote")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["seat_pool.session_id"], name=op.f("fk_enrolment_request_session_id_seat_pool")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_enrolment_request_reference")),
    )
    op.create_index("ix_enrolment_request_asked", "enrolment_request", ["asked_at", "id"])
    op.create_index("ix_enrolment_request_member", "enrolment_request", ["member_id", "id"])
    op.create_index("ix_enrolment_request_quote", "enrolment_request", ["quote_id"])
    op.create_index("uq_enrolment_request_place", "enrolment_request", ["session_id", "place"], unique=True)


def _offers() -> None:
    op.create_table(
        "seat_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_seat_offer_closed")),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name=op.f("ck_seat_offer_status")
        ),
        sa.CheckConstraint("seats > 0", name=op.f("ck_seat_offer_seats")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["enrolment_request.id"], name=op.f("fk_seat_offer_request_id_enrolment_request")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["seat_pool.session_id"], name=op.f("fk_seat_offer_session_id_seat_pool")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_offer")),
    )
    op.create_index(
        "ix_seat_offer_expires", "seat_offer", ["expires_at", "id"], postgresql_where=sa.text("status = 'open'")
    )
    op.create_index("ix_seat_offer_request", "seat_offer", ["request_id", "id"])
    op.create_index("ix_seat_offer_session", "seat_offer", ["session_id", "opened_at", "id"])


def _enrolments() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("trainee_id", sa.Uuid(), nullable=True),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("cancelled_at", _INSTANT, nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("due", JSONB(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_enrolment_cancelled")),
        sa.CheckConstraint("status <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("ck_enrolment_confirmed")),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'confirmed', 'cancelled')", name=op.f("ck_enrolment_status")
        ),
        sa.CheckConstraint("(cancelled_at IS NULL) = (reason IS NULL)", name=op.f("ck_enrolment_reason")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_enrolment_member_id_member")),
        sa.ForeignKeyConstraint(["offer_id"], ["seat_offer.id"], name=op.f("fk_enrolment_offer_id_seat_offer")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["enrolment_request.id"], name=op.f("fk_enrolment_request_id_enrolment_request")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["seat_pool.session_id"], name=op.f("fk_enrolment_session_id_seat_pool")
        ),
        sa.ForeignKeyConstraint(["trainee_id"], ["trainee.id"], name=op.f("fk_enrolment_trainee_id_trainee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index("ix_enrolment_member", "enrolment", ["member_id", "id"])
    op.create_index("ix_enrolment_programme", "enrolment", ["programme_code", "id"])
    op.create_index("ix_enrolment_request", "enrolment", ["request_id", "rank"])
    op.create_index("ix_enrolment_session", "enrolment", ["session_id", "status", "id"])
    op.create_index("ix_enrolment_trainee", "enrolment", ["trainee_id", "id"])
    op.create_index(
        "uq_enrolment_trainee",
        "enrolment",
        ["session_id", "trainee_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'cancelled' AND trainee_id IS NOT NULL"),
    )


def _occupants() -> None:
    op.create_table(
        "enrolment_occupant",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trainee_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_occupant_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(["trainee_id"], ["trainee.id"], name=op.f("fk_enrolment_occupant_trainee_id_trainee")),
        sa.PrimaryKeyConstraint("enrolment_id", "number", name=op.f("pk_enrolment_occupant")),
    )
    only_add_to(op, "enrolment_occupant")


def _events() -> None:
    op.create_table(
        "seat_event",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("buyer", sa.String(), nullable=True),
        sa.Column("policy", sa.String(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["seat_pool.session_id"], name=op.f("fk_seat_event_session_id_seat_pool")
        ),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_seat_event")),
    )
    only_add_to(op, "seat_event")
