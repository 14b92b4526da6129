"""Table of where members stand with the dues of each year."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from dues.base import Base


class StandingRow(Base, table=True):
    """Where one member stands with one year, as it was last told; ``code`` is empty until it is told once.

    ``since`` is the day on which it came to stand so; ``until`` the last day on which it does, where a day ends it.
    """

    __tablename__ = "standing"
    __table_args__ = (
        UniqueConstraint("member_id", "year"),
        CheckConstraint("code IN ('up_to_date', 'grace', 'overdue', 'plan', 'exempt')", name="code"),
        CheckConstraint("owed >= 0", name="owed"),
        CheckConstraint("(code IS NULL) = (since IS NULL)", name="told"),
        Index("ix_standing_year", "year", "code", "member_id"),
        # What the clock looks at each day: the rest is changed by an act alone.
        Index("ix_standing_until", "until", "member_id", postgresql_where=text("until IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID
    year: int
    code: str | None
    owed: Decimal = Field(sa_type=Numeric(14, 2))
    due_on: date | None
    until: date | None
    since: date | None
