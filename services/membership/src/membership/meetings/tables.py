"""Tables of the departmental meetings, of the structures called to them and of the people who came."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from membership.base import Base


class MeetingRow(Base, table=True):
    """One meeting of a delegation; cancelled, it stays to be read."""

    __tablename__ = "department_meeting"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="state"),
        CheckConstraint("cardinality(departments) > 0", name="departments"),
        CheckConstraint("starts_at < ends_at", name="hours"),
        CheckConstraint("(state = 'cancelled') = (cancelled_reason IS NOT NULL)", name="cancelled"),
        CheckConstraint("state <> 'held' OR attendance_recorded_on IS NOT NULL", name="held"),
        CheckConstraint("(attendance_recorded_on IS NULL) = (attendance_recorded_by IS NULL)", name="attendance"),
        Index("ix_department_meeting_delegation", "delegation", "day"),
        Index("ix_department_meeting_day", "day", "id"),
    )

    id: UUID = Field(primary_key=True)
    delegation: str
    departments: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    subject: str
    day: date
    first_day: date
    starts_at: time | None
    ends_at: time | None
    place: str | None
    state: str
    moves: int
    notes: str | None
    attendance_recorded_on: date | None
    attendance_recorded_by: str | None
    cancelled_reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int


class InvitationRow(Base, table=True):
    """A structure and a meeting: whether it was called to it (or came without), and whether it came."""

    __tablename__ = "department_meeting_invitation"
    __table_args__ = (
        CheckConstraint("presence IN ('invited', 'present', 'excused', 'absent')", name="presence"),
        CheckConstraint("called OR presence <> 'invited'", name="called"),
        Index("ix_department_meeting_invitation_member", "member_id", "presence"),
    )

    meeting_id: UUID = Field(primary_key=True, foreign_key="department_meeting.id")
    member_id: UUID = Field(primary_key=True, foreign_key="member.id")
    presence: str
    called: bool


class AttendeeRow(Base, table=True):
    """Who came to a meeting: somebody that the register knows, or so many people by what they do."""

    __tablename__ = "department_meeting_attendee"
    __table_args__ = (
        CheckConstraint("(contact_id IS NULL) <> (function IS NULL)", name="who"),
        CheckConstraint("contact_id IS NULL OR (member_id IS NOT NULL AND people = 1)", name="named"),
        CheckConstraint("people > 0", name="people"),
        Index("ix_department_meeting_attendee_meeting", "meeting_id", "rank"),
        Index("ix_department_meeting_attendee_member", "member_id"),
        Index("ix_department_meeting_attendee_contact", "contact_id"),
    )

    id: UUID = Field(primary_key=True)
    meeting_id: UUID = Field(foreign_key="department_meeting.id")
    rank: int
    member_id: UUID | None = Field(foreign_key="member.id")
    contact_id: UUID | None = Field(foreign_key="contact.id")
    function: str | None
    people: int
