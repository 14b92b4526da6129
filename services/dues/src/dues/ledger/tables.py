"""Tables of the ledger. What is written stays: triggers of the database refuse to change or delete it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from dues.base import Base


class BookRow(Base, table=True):
    """The books of one legal entity, held while an entry is written: closed up to a day, that day included."""

    __tablename__ = "ledger_book"

    entity: str = Field(primary_key=True)
    closed_through: date | None


class PeriodActRow(Base, table=True):
    """One closing of a month, or one reopening with its reason; never changed."""

    __tablename__ = "ledger_period_act"
    __table_args__ = (
        CheckConstraint("act IN ('closed', 'reopened')", name="act"),
        CheckConstraint("(act = 'reopened') = (reason IS NOT NULL)", name="reason"),
        Index("ix_ledger_period_act_entity", "entity", "id"),
    )

    id: UUID = Field(primary_key=True)
    entity: str = Field(foreign_key="ledger_book.entity")
    month: date
    act: str
    acted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    acted_by: str
    reason: str | None


class EntryRow(Base, table=True):
    """One entry. ``total`` is its debit, which is its credit; ``rank`` is its place in the year's one series."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        # What a thing of the world did to the books is written once, whatever runs twice.
        UniqueConstraint("entity", "source_kind", "source_id"),
        UniqueConstraint("entity", "year", "rank"),
        UniqueConstraint("reverses"),
        CheckConstraint("journal IN ('VE', 'BQ', 'OD', 'AN')", name="journal"),
        CheckConstraint("total > 0", name="total"),
        CheckConstraint("year = EXTRACT(year FROM day)", name="year"),
        CheckConstraint("day <= posted_on", name="come"),
        CheckConstraint("(source_kind = 'reversal') = (reverses IS NOT NULL)", name="reversal"),
        Index("ix_ledger_entry_day", "entity", "day", "id"),
    )

    id: UUID = Field(primary_key=True)
    entity: str = Field(foreign_key="ledger_book.entity")
    year: int
    rank: int
    number: str
    journal: str
    day: date
    piece: str
    piece_on: date
    label: str
    total: Decimal = Field(sa_type=Numeric(18, 2))
    source_kind: str
    source_id: str
    reverses: UUID | None = Field(foreign_key="ledger_entry.id")
    posted_on: date
    posted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    posted_by: str


class LineRow(Base, table=True):
    """One line of an entry, with the names that day of its account and its auxiliary; only its lettering changes.

    ``about`` is what the line is about: the lines of an account that are about one thing settle each other.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (
        UniqueConstraint("entry_id", "position"),
        CheckConstraint("least(debit, credit) = 0 AND debit + credit > 0", name="side"),
        CheckConstraint("(auxiliary IS NULL) = (auxiliary_name IS NULL)", name="auxiliary"),
        CheckConstraint("(letter IS NULL) = (lettered_on IS NULL)", name="letter"),
        Index("ix_ledger_line_account", "account", "auxiliary"),
        Index("ix_ledger_line_about", "about", "account", postgresql_where=text("about IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    entry_id: UUID = Field(foreign_key="ledger_entry.id")
    position: int
    account: str
    account_label: str
    auxiliary: str | None
    auxiliary_name: str | None
    about: str | None
    debit: Decimal = Field(sa_type=Numeric(14, 2))
    credit: Decimal = Field(sa_type=Numeric(14, 2))
    letter: str | None
    lettered_on: date | None
