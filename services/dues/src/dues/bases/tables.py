"""Tables of the bases: the one that counts, and every statement it came from."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKeyConstraint, Numeric
from sqlmodel import Field

from dues.base import Base


class BaseRow(Base, table=True):
    """What counts of what was stated for one member and the accounts of one year, in euros."""

    __tablename__ = "declared_base"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    member_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    declared_on: date
    declared_by: str
    version: int


class StatementRow(Base, table=True):
    """One statement of a base; never changed."""

    __tablename__ = "base_statement"
    __table_args__ = (
        ForeignKeyConstraint(["member_id", "year"], ["declared_base.member_id", "declared_base.year"]),
        CheckConstraint("source IN ('declaration', 'entered')", name="source"),
        CheckConstraint("(source = 'declaration') = (revision IS NOT NULL)", name="revision"),
        CheckConstraint("source = 'entered' OR reason IS NULL", name="reason"),
    )

    member_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    source: str
    revision: int | None
    stated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    stated_on: date
    stated_by: str | None
    reason: str | None
