"""What a list of structures is filtered by and no entry of theirs says; the day a measure was entered.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_ANSWERED_FOR = """
UPDATE member SET answered_for = true WHERE id IN (
    SELECT DISTINCT latest.member_id FROM (
        SELECT DISTINCT ON (e.member_id, e.key) e.member_id, e.value
        FROM member_entry e JOIN member m ON m.id = e.member_id
        WHERE e.topic = 'mandate' AND e.key IN ('billing', 'treasurer', 'director', 'president')
            AND e.effective_on <= m.as_of AND e.withdraws IS NULL
            AND NOT EXISTS (SELECT FROM member_entry w WHERE w.withdraws = e.id)
        ORDER BY e.member_id, e.key, e.effective_on DESC, e.recorded_at DESC
    ) latest WHERE latest.value IS NOT NULL
)
"""
_APPLYING = """
UPDATE member SET applying = false
WHERE NOT EXISTS (SELECT FROM application a WHERE a.member_id = member.id AND a.status = 'open')
"""


def upgrade() -> None:
    op.add_column("member", sa.Column("answered_for", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("member", sa.Column("applying", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.execute(_ANSWERED_FOR)
    op.execute(_APPLYING)
    op.create_index("ix_member_answered_for", "member", ["answered_for", "name", "id"])
    today = sa.text("CURRENT_DATE")
    op.add_column("measure", sa.Column("entered_on", sa.Date(), server_default=today, nullable=False))
    op.execute("UPDATE measure SET entered_on = opened_on")
