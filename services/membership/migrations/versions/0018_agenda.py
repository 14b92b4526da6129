"""The network's agenda, with what the register already had in it, and the secret addresses of its feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0015"


def upgrade() -> None:
    _entries()
    _feeds()


def _entries() -> None:
    op.create_table(
        "agenda_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("normalized", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cancelled_reason", sa.String(), nullable=True),
        sa.Column("participants", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience IN ('public', 'members', 'participants', 'board')", name=op.f("ck_agenda_entry_audience")
        ),
        sa.CheckConstraint("status IN ('tentative', 'confirmed', 'cancelled')", name=op.f("ck_agenda_entry_status")),
        sa.CheckConstraint("mode IN ('on_site', 'remote', 'mixed')", name=op.f("ck_agenda_entry_mode")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_agenda_entry_times")),
        sa.CheckConstraint("NOT all_day OR ends_at IS NOT NULL", name=op.f("ck_agenda_entry_whole_days")),
        sa.CheckConstraint("url ~ '^https://'", name=op.f("ck_agenda_entry_url")),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_agenda_entry_cancelled")
        ),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_agenda_entry_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_entry")),
    )
    op.create_index("ix_agenda_entry_starts", "agenda_entry", ["starts_at", "id"])
    op.create_index(
        "ix_agenda_entry_public",
        "agenda_entry",
        ["starts_at", "id"],
        postgresql_where=sa.text("audience = 'public'"),
    )
    op.create_index("ix_agenda_entry_participants", "agenda_entry", ["participants"], postgresql_using="gin")


def _feeds() -> None:
    op.create_table(
        "agenda_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("roles", ARRAY(sa.String()), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_agenda_feed_token_hash")),
    )
    op.create_index("ix_agenda_feed_subject", "agenda_feed", ["subject", "id"])
