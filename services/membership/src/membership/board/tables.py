"""Tables of the mandates of the board, and of the functions of its bureau."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field

from membership.base import Base


class BoardMandateRow(Base, table=True):
    """A seat held by a structure's person; a seat has one mandate that nobody ended.

    An assembly gave it, or its source says where a mandate from before the register is known from.
    """

    __tablename__ = "board_mandate"
    __table_args__ = (
        CheckConstraint("scope IN ('region', 'college', 'employees')", name="scope"),
        CheckConstraint("since < until", name="term"),
        CheckConstraint("(assembly_id IS NULL) <> (source IS NULL)", name="origin"),
        CheckConstraint('(ended_on IS NULL) = ("end" IS NULL)', name="ended"),
        CheckConstraint("ended_on >= since AND ended_on <= until", name="ended_within"),
        Index(
            "uq_board_mandate_seat", "scope", "code", "number", unique=True, postgresql_where=text("ended_on IS NULL")
        ),
        Index(
            "uq_board_mandate_holder",
            "member_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL AND scope <> 'employees'"),
        ),
        Index(
            "uq_board_mandate_employee",
            "contact_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL AND scope = 'employees'"),
        ),
        Index("ix_board_mandate_member", "member_id", "since"),
        Index("ix_board_mandate_contact", "contact_id"),
    )

    id: UUID = Field(primary_key=True)
    scope: str
    code: str
    number: int
    member_id: UUID = Field(foreign_key="member.id")
    contact_id: UUID = Field(foreign_key="contact.id")
    assembly_id: UUID | None = Field(foreign_key="assembly.id")
    since: date
    until: date
    ended_on: date | None
    end: str | None
    reason: str | None
    source: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int


class BureauTermRow(Base, table=True):
    """A function of the bureau, held from a day on by who holds a seat of the board."""

    __tablename__ = "bureau_term"
    __table_args__ = (
        CheckConstraint("ended_on >= since", name="ended"),
        Index("ix_bureau_term_function", "function", "since"),
        Index("ix_bureau_term_mandate", "mandate_id"),
    )

    id: UUID = Field(primary_key=True)
    function: str
    mandate_id: UUID = Field(foreign_key="board_mandate.id")
    since: date
    ended_on: date | None
    source: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    version: int
