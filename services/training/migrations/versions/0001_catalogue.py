"""The mechanism's tables, and the catalogue: programmes, versions that nobody changes, and what they are found by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from common.migrations import apply_platform_script, only_add_to

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for number in (1, 2, 3):
        apply_platform_script(op, number)
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _programmes()
    _versions()
    _catalogue()


def _programmes() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=True),
        sa.Column("draft", JSONB(none_as_null=True), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
        sa.CheckConstraint("kind IN ('programme', 'pack', 'path')", name=op.f("ck_programme_kind")),
        sa.CheckConstraint("status IN ('in_preparation', 'on_sale', 'retired')", name=op.f("ck_programme_status")),
        sa.CheckConstraint("(status = 'in_preparation') = (current IS NULL)", name=op.f("ck_programme_current")),
        sa.CheckConstraint("draft IS NOT NULL OR current IS NOT NULL", name=op.f("ck_programme_something_said")),
    )
    op.create_index("ix_programme_changed_at", "programme", ["changed_at", "id"])


def _versions() -> None:
    op.create_table(
        "programme_version",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("referential", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("published_at", _INSTANT, nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "number", name=op.f("pk_programme_version")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_version_programme_id_programme")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_programme_version_number")),
    )
    only_add_to(op, "programme_version")


def _catalogue() -> None:
    op.create_table(
        "catalogue_entry",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("modes", ARRAY(sa.String()), nullable=False),
        sa.Column("certifying", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.Numeric(8, 2), nullable=True),
        sa.Column("price", sa.Numeric(12, 2), nullable=True),
        sa.Column("member_price", sa.Numeric(12, 2), nullable=True),
        sa.Column("parts", ARRAY(sa.String()), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_catalogue_entry")),
        sa.UniqueConstraint("code", name=op.f("uq_catalogue_entry_code")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_catalogue_entry_programme_id_programme")
        ),
    )
    # The words of a sheet stay in its row: fetched from elsewhere and unpacked, they cost a search five times its time.
    op.execute("ALTER TABLE catalogue_entry SET (toast_tuple_target = 8160)")
    op.create_index("ix_catalogue_entry_title_key", "catalogue_entry", ["title_key", "programme_id"])
    op.create_index("ix_catalogue_entry_published_on", "catalogue_entry", ["published_on", "programme_id"])
    op.create_index("ix_catalogue_entry_words", "catalogue_entry", ["words"], postgresql_using="gin")
    op.create_index("ix_catalogue_entry_parts", "catalogue_entry", ["parts"], postgresql_using="gin")
    op.create_table(
        "catalogue_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_catalogue_word")),
    )
    op.create_index(
        "ix_catalogue_word_like",
        "catalogue_word",
        ["word"],
        postgresql_using="gist",
        postgresql_ops={"word": "gist_trgm_ops"},
    )
