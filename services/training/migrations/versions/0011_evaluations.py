"""Evaluations: who was asked and has answered; and, apart, what was answered, counted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _rounds()
    _evaluations()
    _answers()


def _rounds() -> None:
    op.create_table(
        "evaluation_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_round")),
        sa.UniqueConstraint("session_id", "kind", name=op.f("uq_evaluation_round_session_id_kind")),
        sa.CheckConstraint("kind IN ('hot', 'cold')", name=op.f("ck_evaluation_round_kind")),
        sa.CheckConstraint("0 <= answers AND answers <= asked", name=op.f("ck_evaluation_round_answers")),
        sa.CheckConstraint("block_id IS NULL OR closed_on IS NOT NULL", name=op.f("ck_evaluation_round_block")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_evaluation_round_session_id_session")),
    )
    op.create_index("ix_evaluation_round_programme", "evaluation_round", ["programme_code", "year", "kind"])
    unclosed = sa.text("closed_on IS NULL")
    op.create_index("ix_evaluation_round_open", "evaluation_round", ["closes_on", "id"], postgresql_where=unclosed)


def _evaluations() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("trainee_id", sa.Uuid(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("programme_number", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.Date(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint(
            "enrolment_id", "trainee_id", "kind", name=op.f("uq_evaluation_enrolment_id_trainee_id_kind")
        ),
        sa.CheckConstraint("kind IN ('positioning', 'hot', 'cold')", name=op.f("ck_evaluation_kind")),
        sa.CheckConstraint("status IN ('open', 'answered', 'closed')", name=op.f("ck_evaluation_status")),
        sa.CheckConstraint("(status = 'answered') = (answered_on IS NOT NULL)", name=op.f("ck_evaluation_answered")),
        sa.CheckConstraint("(kind = 'positioning') = (round_id IS NULL)", name=op.f("ck_evaluation_round")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_evaluation_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_evaluation_session_id_session")),
        sa.ForeignKeyConstraint(["trainee_id"], ["trainee.id"], name=op.f("fk_evaluation_trainee_id_trainee")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["evaluation_round.id"], name=op.f("fk_evaluation_round_id_evaluation_round")
        ),
    )
    still = sa.text("status = 'open'")
    op.create_index("ix_evaluation_asked_on", "evaluation", ["asked_on", "id"])
    op.create_index("ix_evaluation_session", "evaluation", ["session_id", "kind"])
    op.create_index("ix_evaluation_round", "evaluation", ["round_id"])
    op.create_index("ix_evaluation_next_on", "evaluation", ["next_on", "id"], postgresql_where=still)
    op.create_index("ix_evaluation_closes_on", "evaluation", ["closes_on", "id"], postgresql_where=still)
    op.create_table(
        "evaluation_link",
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_evaluation_link")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_link_evaluation_id_evaluation")
        ),
    )
    op.create_index("ix_evaluation_link_evaluation", "evaluation_link", ["evaluation_id"])


def _answers() -> None:
    round_of = ["round_id"], ["evaluation_round.id"]
    op.create_table(
        "evaluation_tally",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "question", "mark", name=op.f("pk_evaluation_tally")),
        sa.CheckConstraint("count > 0", name=op.f("ck_evaluation_tally_count")),
        sa.ForeignKeyConstraint(*round_of, name=op.f("fk_evaluation_tally_round_id_evaluation_round")),
    )
    op.create_table(
        "evaluation_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_comment")),
        sa.ForeignKeyConstraint(*round_of, name=op.f("fk_evaluation_comment_round_id_evaluation_round")),
    )
    op.create_index("ix_evaluation_comment_round", "evaluation_comment", ["round_id", "id"])
    op.create_table(
        "evaluation_positioning",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("marks", JSONB(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_evaluation_positioning")),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_evaluation_positioning_evaluation_id_evaluation")
        ),
    )
