"""Table of what was done to hear from a structure about its declaration."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field

from membership.base import Base


class NoteRow(Base, table=True):
    """One time a delegation reached a structure about its declaration; never changed."""

    __tablename__ = "declaration_note"
    __table_args__ = (
        CheckConstraint("means IN ('call', 'mail', 'visit')", name="means"),
        Index("ix_declaration_note_member", "year", "member_id", "made_on"),
    )

    id: UUID = Field(primary_key=True)
    year: int = Field(foreign_key="declaration_campaign.year")
    member_id: UUID = Field(foreign_key="member.id")
    means: str
    text: str
    made_on: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
