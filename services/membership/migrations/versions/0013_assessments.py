"""Self-assessments with their sheets, plans and reviews; labels and certifications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("gathered_on", sa.Date(), nullable=True),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("scores", JSONB(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_assessment_member_id_member")),
        sa.CheckConstraint("mode IN ('alone', 'group')", name=op.f("ck_assessment_mode")),
        sa.CheckConstraint(
            "state IN ('open', 'submitted', 'reviewed', 'closed', 'abandoned')", name=op.f("ck_assessment_state")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'abandoned')) = (submitted_on IS NULL)", name=op.f("ck_assessment_submitted")
        ),
        sa.CheckConstraint("(submitted_on IS NULL) = (scores IS NULL)", name=op.f("ck_assessment_scored")),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_assessment_closed")),
        sa.CheckConstraint("gathered_on IS NULL OR mode = 'group'", name=op.f("ck_assessment_gathered")),
    )
    op.create_index(
        "uq_assessment_open",
        "assessment",
        ["member_id", "family"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_assessment_member", "assessment", ["member_id", "family", "submitted_on"])
    op.create_index("ix_assessment_opened", "assessment", ["opened_on", "id"])
    op.create_index("ix_assessment_family", "assessment", ["family", "submitted_on"])
    op.create_table(
        "assessment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_event")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_event_assessment_id_assessment")
        ),
    )
    op.create_index("ix_assessment_event_assessment", "assessment_event", ["assessment_id", "id"])
    op.create_table(
        "assessment_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_sheet")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_sheet_assessment_id_assessment")
        ),
        sa.UniqueConstraint("assessment_id", "subject", name=op.f("uq_assessment_sheet_assessment_id_subject")),
    )
    op.create_table(
        "assessment_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_action")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_action_assessment_id_assessment")
        ),
        sa.UniqueConstraint("assessment_id", "rank", name=op.f("uq_assessment_action_assessment_id_rank")),
        sa.CheckConstraint(
            "origin IN ('answer', 'review', 'own', 'carried')", name=op.f("ck_assessment_action_origin")
        ),
        sa.CheckConstraint("state IN ('todo', 'doing', 'done', 'dropped')", name=op.f("ck_assessment_action_state")),
        sa.CheckConstraint("(state = 'dropped') = (reason IS NOT NULL)", name=op.f("ck_assessment_action_dropped")),
    )
    op.create_index("uq_assessment_action_question", "assessment_action", ["assessment_id", "question"], unique=True)
    op.create_table(
        "assessment_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("peer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remarks", JSONB(), nullable=False),
        sa.Column("conclusion", sa.String(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_review")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_review_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["member.id"], name=op.f("fk_assessment_review_peer_id_member")),
        sa.CheckConstraint("kind IN ('third_party', 'peer')", name=op.f("ck_assessment_review_kind")),
        sa.CheckConstraint(
            "state IN ('proposed', 'open', 'given', 'withdrawn')", name=op.f("ck_assessment_review_state")
        ),
        sa.CheckConstraint("state <> 'proposed' OR kind = 'peer'", name=op.f("ck_assessment_review_proposed")),
        sa.CheckConstraint("(kind = 'peer') = (peer_id IS NOT NULL)", name=op.f("ck_assessment_review_peer")),
        sa.CheckConstraint("(state = 'given') = (given_on IS NOT NULL)", name=op.f("ck_assessment_review_given")),
        sa.CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name=op.f("ck_assessment_review_withdrawn")),
    )
    op.create_index(
        "uq_assessment_review_author",
        "assessment_review",
        ["assessment_id", "author"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_index("ix_assessment_review_peer", "assessment_review", ["peer_id", "assessment_id"])
    op.create_table(
        "certification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("certifier", sa.String(), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_by", sa.String(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoked_reason", sa.String(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_certification_member_id_member")),
        sa.CheckConstraint("valid_until IS NULL OR obtained_on <= valid_until", name=op.f("ck_certification_dates")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name=op.f("ck_certification_withdrawn")
        ),
        sa.CheckConstraint("(revoked_on IS NULL) = (revoked_reason IS NULL)", name=op.f("ck_certification_revoked")),
        sa.CheckConstraint(
            "revoked_on IS NULL OR obtained_on <= revoked_on", name=op.f("ck_certification_revoked_later")
        ),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name=op.f("ck_certification_verified")),
    )
    op.create_index(
        "uq_certification_once",
        "certification",
        ["member_id", "label", "title", "obtained_on"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_certification_valid_until", "certification", ["valid_until", "id"])
    op.create_index("ix_certification_obtained_on", "certification", ["obtained_on", "id"])
