"""Notices: what proves that a structure was told of a renewal proves that it was convened, or reminded, too.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# What the version before this one goes on reading and writing, its columns in their order. A renewal's rows only are
# cast: what reminders are about is no UUID.
_EARLIER = """
CREATE VIEW renewal_notice AS
SELECT id, CASE WHEN purpose = 'renewal' THEN about::uuid END AS renewal_id, member_id, means, contact_id, mail_id,
    posted_on, recipient, subject, text, tracking_number, returned_on, returned_reason, recorded_at, recorded_by
FROM notice WHERE purpose = 'renewal'
"""
# An update and a deletion go through the view by themselves; an insertion gives ``renewal_id``, which is computed.
_WRITTEN = """
CREATE FUNCTION write_renewal_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notice (id, about, member_id, means, contact_id, mail_id, posted_on, recipient, subject, text,
        tracking_number, returned_on, returned_reason, recorded_at, recorded_by)
    VALUES (NEW.id, NEW.renewal_id::text, NEW.member_id, NEW.means, NEW.contact_id, NEW.mail_id, NEW.posted_on,
        NEW.recipient, NEW.subject, NEW.text, NEW.tracking_number, NEW.returned_on, NEW.returned_reason,
        NEW.recorded_at, NEW.recorded_by);
    RETURN NEW;
END $$
"""
_WRITES = """
CREATE TRIGGER write_renewal_notice INSTEAD OF INSERT ON renewal_notice
FOR EACH ROW EXECUTE FUNCTION write_renewal_notice()
"""
_KEPT_NAMES = ("means", "mail", "letter", "letter_kept", "returned")


def upgrade() -> None:
    op.rename_table("renewal_notice", "notice")
    op.add_column("notice", sa.Column("purpose", sa.String(), nullable=False, server_default="renewal"))
    op.add_column("notice", sa.Column("about", sa.String(), nullable=True))
    op.execute("UPDATE notice SET about = renewal_id::text")
    op.alter_column("notice", "about", nullable=False)
    op.add_column("notice", sa.Column("late_reason", sa.String(), nullable=True))
    op.drop_index("ix_renewal_notice_member", "notice")
    op.drop_column("notice", "renewal_id")
    op.create_index("ix_notice_member", "notice", ["purpose", "about", "member_id", "id"])
    op.execute("ALTER INDEX ix_renewal_notice_contact RENAME TO ix_notice_contact")
    op.execute("ALTER TABLE notice RENAME CONSTRAINT pk_renewal_notice TO pk_notice")
    op.execute("ALTER TABLE notice RENAME CONSTRAINT fk_renewal_notice_member_id_member TO fk_notice_member_id_member")
    for name in _KEPT_NAMES:
        op.execute(f"ALTER TABLE notice RENAME CONSTRAINT ck_renewal_notice_{name} TO ck_notice_{name}")
    op.create_check_constraint(op.f("ck_notice_purpose"), "notice", "purpose IN ('renewal', 'convocation', 'reminder')")
    for statement in (_EARLIER, _WRITTEN, _WRITES):
        op.execute(statement)
