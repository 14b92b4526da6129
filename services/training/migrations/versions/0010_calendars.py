"""Calendars: their secret addresses, and what they were last told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calendar_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("through", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("reader IN ('trainer', 'trainee', 'structure')", name=op.f("ck_calendar_address_reader")),
        sa.CheckConstraint("through IS NULL OR reader = 'trainee'", name=op.f("ck_calendar_address_through")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_calendar_address_revoked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_address_token_hash")),
    )
    op.create_index("ix_calendar_address_created", "calendar_address", ["created_at", "id"])
    op.create_index("ix_calendar_address_reader", "calendar_address", ["reader", "reader_id", "created_at"])
    op.create_table(
        "calendar_told",
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_calendar_told_sequence")),
        sa.ForeignKeyConstraint(
            ["address_id"],
            ["calendar_address.id"],
            name=op.f("fk_calendar_told_address_id_calendar_address"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("address_id", "slot_id", name=op.f("pk_calendar_told")),
    )
    op.create_index("ix_calendar_told_ends_at", "calendar_told", ["ends_at"])
