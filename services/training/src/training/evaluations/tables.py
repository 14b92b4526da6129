"""Tables of the evaluations: who was asked and has answered; and, apart, what was answered, counted."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from training.base import Base


class RoundRow(Base, table=True):
    """A session asked hot, or cold. ``block_id``: those shown together, for good; absent while nothing is shown."""

    __tablename__ = "evaluation_round"
    __table_args__ = (
        UniqueConstraint("session_id", "kind"),
        CheckConstraint("kind IN ('hot', 'cold')", name="kind"),
        CheckConstraint("0 <= answers AND answers <= asked", name="answers"),
        CheckConstraint("block_id IS NULL OR closed_on IS NOT NULL", name="block"),
        Index("ix_evaluation_round_programme", "programme_code", "year", "kind"),
        Index("ix_evaluation_round_open", "closes_on", "id", postgresql_where=text("closed_on IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    kind: str
    programme_code: str
    year: int
    questionnaire: date
    closes_on: date
    closed_on: date | None
    asked: int
    answers: int
    block_id: UUID | None


class EvaluationRow(Base, table=True):
    """One person asked once, and whether they answered; never what."""

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "trainee_id", "kind"),
        CheckConstraint("kind IN ('positioning', 'hot', 'cold')", name="kind"),
        CheckConstraint("status IN ('open', 'answered', 'closed')", name="status"),
        CheckConstraint("(status = 'answered') = (answered_on IS NOT NULL)", name="answered"),
        CheckConstraint("(kind = 'positioning') = (round_id IS NULL)", name="round"),
        Index("ix_evaluation_asked_on", "asked_on", "id"),
        Index("ix_evaluation_session", "session_id", "kind"),
        Index("ix_evaluation_round", "round_id"),
        Index("ix_evaluation_next_on", "next_on", "id", postgresql_where=text("status = 'open'")),
        Index("ix_evaluation_closes_on", "closes_on", "id", postgresql_where=text("status = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    enrolment_id: UUID = Field(foreign_key="enrolment.id")
    session_id: UUID = Field(foreign_key="session.id")
    trainee_id: UUID = Field(foreign_key="trainee.id")
    programme_code: str
    programme_number: int
    questionnaire: date
    round_id: UUID | None = Field(foreign_key="evaluation_round.id")
    asked_on: date
    closes_on: date
    next_on: date | None
    chased: int
    status: str
    answered_on: date | None
    version: int


class EvaluationLinkRow(Base, table=True):
    """A secret link to an evaluation: of its key, only a digest."""

    __tablename__ = "evaluation_link"
    __table_args__ = (Index("ix_evaluation_link_evaluation", "evaluation_id"),)

    key_digest: str = Field(primary_key=True)
    evaluation_id: UUID = Field(foreign_key="evaluation.id")


class TallyRow(Base, table=True):
    """How many of a session gave a mark to a question: nothing holds the answers of one person together."""

    __tablename__ = "evaluation_tally"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    round_id: UUID = Field(primary_key=True, foreign_key="evaluation_round.id")
    question: str = Field(primary_key=True)
    mark: int = Field(primary_key=True)
    count: int


class CommentRow(Base, table=True):
    """A text that somebody of a session wrote, under an id that tells no order."""

    __tablename__ = "evaluation_comment"
    __table_args__ = (Index("ix_evaluation_comment_round", "round_id", "id"),)

    id: UUID = Field(primary_key=True)
    round_id: UUID = Field(foreign_key="evaluation_round.id")
    question: str
    text: str


class PositioningRow(Base, table=True):
    """What a person answered before the training, with their name: for who trains them."""

    __tablename__ = "evaluation_positioning"

    evaluation_id: UUID = Field(primary_key=True, foreign_key="evaluation.id")
    marks: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    texts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
