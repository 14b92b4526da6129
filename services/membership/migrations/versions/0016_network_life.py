"""The public directory, what it is searched by, and newsletters; headers of a mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from common.migrations import apply_platform_script

revision = "0016"
down_revision = "0015"

_ACTIVE = sa.text("status = 'active'")
_LISTED = sa.text("listed")


def upgrade() -> None:
    _search_in_the_register()
    _directory()
    apply_platform_script(op, 3)
    _newsletters()
    _issues()


def _directory() -> None:
    op.create_table(
        "directory_entry",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("presentation", sa.String(), nullable=True),
        sa.Column("offers", JSONB(), nullable=False),
        sa.Column("sectors", ARRAY(sa.String()), nullable=False),
        sa.Column("territory", ARRAY(sa.String()), nullable=False),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("purchasing", JSONB(), nullable=True),
        sa.Column("filled", ARRAY(sa.String()), nullable=False),
        sa.Column("consented", ARRAY(sa.String()), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("public_sectors", ARRAY(sa.String()), nullable=False),
        sa.Column("public_territory", ARRAY(sa.String()), nullable=False),
        sa.Column("public_words", sa.String(), nullable=False),
        sa.Column(
            "public_stems",
            TSVECTOR(),
            sa.Computed("to_tsvector('french'::regconfig, (public_words)::text)", persisted=True),
            nullable=True,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_directory_entry")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_directory_entry_member_id_member")),
        sa.CheckConstraint("listed = ('listed' = ANY(consented))", name=op.f("ck_directory_entry_listed")),
        sa.CheckConstraint(
            "listed OR (public_words = '' AND public_sectors = '{}')", name=op.f("ck_directory_entry_nothing_unlisted")
        ),
        sa.CheckConstraint(
            "public_sectors = '{}' OR consented && ARRAY['sectors', 'offers']::varchar[]",
            name=op.f("ck_directory_entry_sectors"),
        ),
        sa.CheckConstraint(
            "public_territory = '{}' OR (listed AND 'territory' = ANY(consented))",
            name=op.f("ck_directory_entry_territory"),
        ),
        sa.CheckConstraint(
            "public_words = '' OR consented && ARRAY['presentation', 'offers']::varchar[]",
            name=op.f("ck_directory_entry_words"),
        ),
    )
    _search_in_the_entries()
    op.create_table(
        "directory_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_directory_word")),
    )
    op.create_index(
        "ix_directory_word_like",
        "directory_word",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    op.create_table(
        "directory_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("ending", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_consent")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["directory_entry.member_id"], name=op.f("fk_directory_consent_member_id_directory_entry")
        ),
        sa.CheckConstraint("(signed_on IS NULL) = (reference IS NULL)", name=op.f("ck_directory_consent_written")),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_directory_consent_ended")),
        sa.CheckConstraint("ending IN ('withdrawn', 'changed', 'unmerged')", name=op.f("ck_directory_consent_ending")),
    )
    op.create_index(
        "uq_directory_consent_in_force",
        "directory_consent",
        ["member_id", "field"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_directory_consent_member", "directory_consent", ["member_id", "given_at"])


def _newsletters() -> None:
    op.create_table(
        "newsletter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter")),
    )
    op.create_index(
        "uq_newsletter_name",
        "newsletter",
        [sa.text("coalesce(delegation, '')"), sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "newsletter_subscriber",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("address_key", sa.String(), nullable=True),
        sa.Column("address_digest", sa.LargeBinary(), nullable=True),
        sa.Column("stop_key", sa.String(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter_subscriber")),
        sa.UniqueConstraint("address_key", name=op.f("uq_newsletter_subscriber_address_key")),
        sa.UniqueConstraint("stop_key", name=op.f("uq_newsletter_subscriber_stop_key")),
        sa.CheckConstraint("(address IS NULL) = (address_key IS NULL)", name=op.f("ck_newsletter_subscriber_address")),
        sa.CheckConstraint("(address IS NULL) = (erased_at IS NOT NULL)", name=op.f("ck_newsletter_subscriber_erased")),
    )
    op.create_index("ix_newsletter_subscriber_digest", "newsletter_subscriber", ["address_digest"])
    op.create_table(
        "newsletter_asked",
        sa.Column("address_digest", sa.LargeBinary(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mailed_on", sa.Date(), nullable=True),
        sa.Column("mailed_that_day", sa.Integer(), nullable=False),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_newsletter_asked")),
        sa.CheckConstraint("mails >= 0 AND mailed_that_day >= 0", name=op.f("ck_newsletter_asked_counts")),
    )
    op.create_table(
        "newsletter_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("newsletter_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("confirm_digest", sa.LargeBinary(), nullable=True),
        sa.Column("confirm_until", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter_subscription")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["newsletter_subscriber.id"],
            name=op.f("fk_newsletter_subscription_subscriber_id_newsletter_subscriber"),
        ),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name=op.f("fk_newsletter_subscription_newsletter_id_newsletter")
        ),
        sa.CheckConstraint(
            "(confirm_digest IS NULL) = (confirm_until IS NULL)", name=op.f("ck_newsletter_subscription_mailed")
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_newsletter_subscription_confirmed")
        ),
        sa.CheckConstraint(
            "confirmed_by IN ('link', 'preferences')", name=op.f("ck_newsletter_subscription_confirmed_by")
        ),
        sa.CheckConstraint(
            "(stopped_at IS NULL) = (stopped_by IS NULL)", name=op.f("ck_newsletter_subscription_stopped")
        ),
        sa.CheckConstraint(
            "stopped_by IN ('one_click', 'preferences', 'erased')", name=op.f("ck_newsletter_subscription_stopped_by")
        ),
    )
    op.create_index(
        "uq_newsletter_subscription_live",
        "newsletter_subscription",
        ["subscriber_id", "newsletter_id"],
        unique=True,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_index(
        "ix_newsletter_subscription_confirmed",
        "newsletter_subscription",
        ["newsletter_id", "subscriber_id"],
        postgresql_where=sa.text("confirmed_at IS NOT NULL AND stopped_at IS NULL"),
    )
    op.create_index("ix_newsletter_subscription_confirm", "newsletter_subscription", ["confirm_digest"])
    op.create_index("ix_newsletter_subscription_subscriber", "newsletter_subscription", ["subscriber_id", "asked_at"])


def _issues() -> None:
    op.create_table(
        "newsletter_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("newsletter_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletter_issue")),
        sa.ForeignKeyConstraint(
            ["newsletter_id"], ["newsletter.id"], name=op.f("fk_newsletter_issue_newsletter_id_newsletter")
        ),
        sa.CheckConstraint("(sent_at IS NULL) = (job_id IS NULL)", name=op.f("ck_newsletter_issue_sent")),
    )
    op.create_index("ix_newsletter_issue_newsletter", "newsletter_issue", ["newsletter_id", "created_at", "id"])
    op.create_table(
        "newsletter_delivery",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "subscriber_id", name=op.f("pk_newsletter_delivery")),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["newsletter_issue.id"], name=op.f("fk_newsletter_delivery_issue_id_newsletter_issue")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["newsletter_subscriber.id"],
            name=op.f("fk_newsletter_delivery_subscriber_id_newsletter_subscriber"),
        ),
    )
    op.create_index("ix_newsletter_delivery_subscriber", "newsletter_delivery", ["subscriber_id"])


def _search_in_the_register() -> None:
    town = "translate(lower(city), 'àâäçéèêëîïôöùûüÿ', 'aaaceeeeiioouuuy')"
    op.create_index(
        "ix_member_public_city",
        "member",
        [sa.literal_column(town).label("town")],
        postgresql_using="gin",
        postgresql_ops={"town": "gin_trgm_ops"},
        postgresql_where=_ACTIVE,
    )


def _search_in_the_entries() -> None:
    op.create_index(
        "ix_directory_entry_sectors",
        "directory_entry",
        ["public_sectors"],
        postgresql_using="gin",
        postgresql_where=_LISTED,
    )
    op.create_index(
        "ix_directory_entry_territory",
        "directory_entry",
        ["public_territory"],
        postgresql_using="gin",
        postgresql_where=_LISTED,
    )
    op.create_index(
        "ix_directory_entry_stems",
        "directory_entry",
        ["public_stems"],
        postgresql_using="gin",
        postgresql_where=_LISTED,
    )
