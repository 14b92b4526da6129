"""The register as dated entries; the table of structures becomes what they say of today.

It precedes the first version in production: the version before it cannot write beside it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

# What each structure held so far, told as if it had been so since it was entered: its past was not kept.
_HELD = """
UPDATE member AS m SET
    as_of = (now() AT TIME ZONE 'Europe/Paris')::date,
    held = jsonb_strip_nulls(jsonb_build_object(
        'name', jsonb_build_object('', jsonb_build_object('name', m.name, 'normalized', m.normalized_name)),
        'category', jsonb_build_object('', jsonb_build_object('category', 'active')),
        'status', jsonb_build_object('', jsonb_build_object(
            'status', m.status, 'joined_on', m.joined_on, 'sitting_id', s.id, 'minutes_reference', s.minutes_reference
        ))
    )) || CASE WHEN m.siren IS NULL AND m.siret IS NULL THEN '{}'::jsonb ELSE jsonb_build_object(
        'identifiers', jsonb_build_object('', jsonb_build_object('siren', m.siren, 'siret', m.siret))
    ) END || CASE WHEN coalesce(m.street, m.postcode, m.city, m.department) IS NULL THEN '{}'::jsonb
    ELSE jsonb_build_object(
        'address', jsonb_build_object('', jsonb_build_object(
            'street', m.street, 'postcode', m.postcode, 'city', m.city,
            'department', m.department, 'covering_delegation', m.delegation
        ))
    ) END || CASE WHEN cardinality(m.activities) = 0 THEN '{}'::jsonb ELSE jsonb_build_object(
        'activity', (SELECT jsonb_object_agg(kind, '{}'::jsonb) FROM unnest(m.activities) AS kind),
        'main_activity', jsonb_build_object('', jsonb_build_object('kind', m.activities[1]))
    ) END
FROM member AS known
LEFT JOIN application AS a ON a.member_id = known.id AND a.status = 'admitted'
LEFT JOIN sitting AS s ON s.id = a.sitting_id
WHERE known.id = m.id
"""

# A member held its place from the day it joined, all the rest from the day it was entered. One that was to join on a
# day to come was treated as a member at once: so it stays.
_ENTRIES = """
INSERT INTO member_entry
    (id, member_id, topic, key, effective_on, recorded_at, recorded_by, value, announced, reason)
SELECT
    gen_random_uuid(), m.id, topic.name, subject.key,
    CASE WHEN topic.name = 'status' THEN least(coalesce(m.joined_on, d.entered_on), m.as_of) ELSE d.entered_on END,
    m.created_at, 'migration', subject.value, false, 'repris du registre tel qu''il était tenu'
FROM member AS m
CROSS JOIN LATERAL (SELECT (m.created_at AT TIME ZONE 'Europe/Paris')::date AS entered_on) AS d
CROSS JOIN LATERAL jsonb_each(m.held) AS topic (name, keys)
CROSS JOIN LATERAL jsonb_each(topic.keys) AS subject (key, value)
"""

# ... and was a candidate until then.
_CANDIDATES = """
INSERT INTO member_entry
    (id, member_id, topic, key, effective_on, recorded_at, recorded_by, value, announced, reason)
SELECT gen_random_uuid(), m.id, 'status', '', d.entered_on, m.created_at, 'migration', '{"status": "candidate"}', false,
    'repris du registre tel qu''il était tenu'
FROM member AS m CROSS JOIN LATERAL (SELECT (m.created_at AT TIME ZONE 'Europe/Paris')::date AS entered_on) AS d
WHERE m.joined_on IS NOT NULL AND least(m.joined_on, m.as_of) > d.entered_on
"""

_STRAY = """
SELECT count(*) FROM member WHERE status = 'active' AND held->'status'->''->>'sitting_id' IS NULL
"""


def upgrade() -> None:
    op.add_column("member", sa.Column("category", sa.String(), nullable=False, server_default="active"))
    op.add_column("member", sa.Column("held", JSONB(), nullable=True))
    op.add_column("member", sa.Column("as_of", sa.Date(), nullable=True))
    op.create_check_constraint(op.f("ck_member_category"), "member", "category IN ('active', 'associate')")
    op.create_table(
        "member_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("value", JSONB(none_as_null=True), nullable=True),
        sa.Column("withdraws", sa.Uuid(), nullable=True),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.CheckConstraint("value IS NULL OR withdraws IS NULL", name=op.f("ck_member_entry_withdraws")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_entry_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_entry")),
        sa.UniqueConstraint(
            "member_id",
            "topic",
            "key",
            "effective_on",
            "recorded_at",
            name=op.f("uq_member_entry_member_id_topic_key_effective_on_recorded_at"),
        ),
    )
    op.create_index(
        "ix_member_entry_announced",
        "member_entry",
        ["effective_on", "member_id"],
        unique=False,
        postgresql_where=sa.text("announced"),
    )
    op.create_index("ix_member_siret", "member", ["siret"], postgresql_where=sa.text("siret IS NOT NULL"))
    op.create_index(
        "ix_member_entry_mandate",
        "member_entry",
        ["key", "member_id"],
        unique=False,
        postgresql_where=sa.text("topic = 'mandate'"),
    )
    op.create_index(
        "uq_member_entry_withdraws",
        "member_entry",
        ["withdraws"],
        unique=True,
        postgresql_where=sa.text("withdraws IS NOT NULL"),
    )
    op.execute(_HELD)
    if stray := op.get_bind().scalar(sa.text(_STRAY)):
        raise ValueError(f"{stray} members were admitted by no sitting: say by which before migrating")
    op.execute(_ENTRIES)
    op.execute(_CANDIDATES)
    op.alter_column("member", "category", server_default=None)
    op.alter_column("member", "held", nullable=False)
    op.alter_column("member", "as_of", nullable=False)
