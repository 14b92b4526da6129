"""Tables of self-assessments: the assessment, what was done with it, each person's sheet in a group, the reviews."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from membership.base import Base


class AssessmentRow(Base, table=True):
    """One assessment. Once submitted, its answers and what they came to (``scores``) are not written any more.

    Nor is by which structure (``submitted_as``), and in which delegation it was then (``submitted_in``): what became of
    it since changes no picture.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        CheckConstraint("mode IN ('alone', 'group')", name="mode"),
        CheckConstraint("state IN ('open', 'submitted', 'reviewed', 'closed', 'abandoned')", name="state"),
        CheckConstraint("(state IN ('open', 'abandoned')) = (submitted_on IS NULL)", name="submitted"),
        CheckConstraint("(submitted_on IS NULL) = (scores IS NULL)", name="scored"),
        CheckConstraint("(submitted_on IS NULL) = (submitted_as IS NULL)", name="signed"),
        CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed"),
        CheckConstraint("gathered_on IS NULL OR mode = 'group'", name="gathered"),
        Index("uq_assessment_open", "member_id", "family", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_assessment_member", "member_id", "family", "submitted_on"),
        Index("ix_assessment_opened", "opened_on", "id"),
        Index("ix_assessment_family", "family", "submitted_on"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    bank: str
    family: str
    mode: str
    state: str
    opened_on: date
    gathered_on: date | None
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    submitted_on: date | None
    submitted_as: UUID | None = Field(default=None, foreign_key="member.id")
    submitted_in: str | None = None
    scores: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    closed_on: date | None
    version: int


class EventRow(Base, table=True):
    """One act on an assessment: when, by whom, why. It is only ever added to."""

    __tablename__ = "assessment_event"
    __table_args__ = (Index("ix_assessment_event_assessment", "assessment_id", "id"),)

    id: UUID = Field(primary_key=True)
    assessment_id: UUID = Field(foreign_key="assessment.id")
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str
    act: str
    reason: str | None


class SheetRow(Base, table=True):
    """One person's own answers in a group, known by the token's subject."""

    __tablename__ = "assessment_sheet"
    __table_args__ = (UniqueConstraint("assessment_id", "subject"),)

    id: UUID = Field(primary_key=True)
    assessment_id: UUID = Field(foreign_key="assessment.id")
    subject: str
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    given_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int


class ReviewRow(Base, table=True):
    """One review; an author has one at most, those taken back aside."""

    __tablename__ = "assessment_review"
    __table_args__ = (
        CheckConstraint("kind IN ('third_party', 'peer', 'outside')", name="kind"),
        CheckConstraint("state IN ('proposed', 'open', 'given', 'withdrawn')", name="state"),
        CheckConstraint("(kind = 'peer') = (peer_id IS NOT NULL)", name="peer"),
        CheckConstraint("author_name IS NULL OR kind = 'outside'", name="author_name"),
        CheckConstraint("(kind = 'outside') = (until IS NOT NULL)", name="until"),
        CheckConstraint("state <> 'proposed' OR kind = 'peer'", name="proposed"),
        CheckConstraint("(state = 'given') = (given_on IS NOT NULL)", name="given"),
        CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name="withdrawn"),
        Index(
            "uq_assessment_review_author",
            "assessment_id",
            "author",
            unique=True,
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        Index("ix_assessment_review_peer", "peer_id", "assessment_id"),
    )

    id: UUID = Field(primary_key=True)
    assessment_id: UUID = Field(foreign_key="assessment.id")
    kind: str
    author: str
    author_name: str | None = None
    until: date | None = None
    peer_id: UUID | None = Field(foreign_key="member.id")
    state: str
    remarks: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    conclusion: str | None
    opened_on: date
    given_on: date | None
    reason: str | None
    version: int
