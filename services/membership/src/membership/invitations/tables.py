"""Table of invitations."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field

from membership.base import Base


class InvitationRow(Base, table=True):
    """One link; of its key, only a digest. No address: the mail has it, for as long as the link serves."""

    __tablename__ = "assessment_invitation"
    __table_args__ = (
        CheckConstraint("purpose IN ('answer', 'review')", name="purpose"),
        CheckConstraint("(purpose = 'review') = (review_id IS NOT NULL)", name="review"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (reason IS NULL)", name="revoked"
        ),
        Index("ix_assessment_invitation_assessment", "assessment_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    assessment_id: UUID = Field(foreign_key="assessment.id")
    purpose: str
    review_id: UUID | None = Field(foreign_key="assessment_review.id")
    name: str | None
    key_digest: bytes = Field(unique=True)
    until: date
    invited_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    invited_by: str
    mail_id: UUID
    read_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    revoked_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    revoked_by: str | None
    reason: str | None
