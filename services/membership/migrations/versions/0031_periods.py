"""The register of every day, drawn once: what held of each structure from a day to another, as was known then.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

DRAW = """
WITH told AS (
    SELECT * FROM member_entry WHERE topic NOT IN ('contact', 'mandate')
), instants AS (
    SELECT member_id, recorded_at AS known_from,
        coalesce(lead(recorded_at) OVER (PARTITION BY member_id ORDER BY recorded_at), 'infinity') AS known_until
    FROM (SELECT DISTINCT member_id, recorded_at FROM told) AS recorded
), counting AS (
    SELECT DISTINCT ON (i.member_id, i.known_from, e.topic, e.key, e.effective_on)
        i.member_id, i.known_from, i.known_until, e.topic, e.key, e.effective_on, e.value
    FROM instants i JOIN told e ON e.member_id = i.member_id AND e.recorded_at <= i.known_from
    WHERE e.withdraws IS NULL
        AND NOT EXISTS (SELECT FROM told w WHERE w.withdraws = e.id AND w.recorded_at <= i.known_from)
    ORDER BY i.member_id, i.known_from, e.topic, e.key, e.effective_on, e.recorded_at DESC
), days AS (
    SELECT member_id, known_from, known_until, effective_on AS first_day,
        coalesce(lead(effective_on) OVER (PARTITION BY member_id, known_from ORDER BY effective_on) - 1, 'infinity')
            AS last_day
    FROM (SELECT DISTINCT member_id, known_from, known_until, effective_on FROM counting) AS changed
), latest AS (
    SELECT DISTINCT ON (d.member_id, d.known_from, d.first_day, c.topic, c.key)
        d.*, c.topic, c.key, c.value
    FROM days d JOIN counting c
        ON c.member_id = d.member_id AND c.known_from = d.known_from AND c.effective_on <= d.first_day
    ORDER BY d.member_id, d.known_from, d.first_day, c.topic, c.key, c.effective_on DESC
), topics AS (
    SELECT member_id, known_from, known_until, first_day, last_day, topic, jsonb_object_agg(key, value) AS by_key
    FROM latest WHERE value IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
), held AS (
    SELECT member_id, known_from, known_until, first_day, last_day, jsonb_object_agg(topic, by_key) AS held
    FROM topics GROUP BY 1, 2, 3, 4, 5
)
INSERT INTO member_period (member_id, first_day, last_day, known_from, known_until, name, normalized_name, status,
    category, delegation, department, joined_on, left_on, held)
SELECT member_id, first_day, last_day, known_from, known_until,
    held #>> '{name,"",name}', held #>> '{name,"",normalized}', held #>> '{status,"",status}',
    held #>> '{category,"",category}',
    coalesce(held #>> '{delegation,"",code}', held #>> '{address,"",covering_delegation}'),
    held #>> '{address,"",department}',
    (held #>> '{status,"",joined_on}')::date, (held #>> '{status,"",left_on}')::date, held
FROM held WHERE held ?& ARRAY['name', 'status', 'category'] AND NOT held ?| ARRAY['merged', 'retracted']
"""


def upgrade() -> None:
    op.create_table(
        "member_period",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("normalized_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("delegation", sa.String()),
        sa.Column("department", sa.String()),
        sa.Column("joined_on", sa.Date()),
        sa.Column("left_on", sa.Date()),
        sa.Column("held", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("first_day <= last_day AND known_from < known_until", name=op.f("ck_member_period_bounds")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_period_member_id_member")),
        sa.PrimaryKeyConstraint("member_id", "first_day", "known_from", name=op.f("pk_member_period")),
    )
    op.execute(DRAW)
    op.create_index("ix_member_period_name", "member_period", ["name", "member_id"])
    op.create_index("ix_member_period_status_name", "member_period", ["status", "name", "member_id"])
    op.create_index(
        "ix_member_period_activities", "member_period", [sa.text("(held['activity'])")], postgresql_using="gin"
    )
    op.create_index(
        "ix_member_period_normalized_name",
        "member_period",
        ["normalized_name"],
        postgresql_using="gin",
        postgresql_ops={"normalized_name": "gin_trgm_ops"},
    )
