"""The tables of the ledger, the same in every service that keeps books. What is written stays.

A service counts them among its own (``keep_ledger(Base.metadata)``), creates them in a migration, and has triggers of
its database refuse that they be changed or emptied, the lettering of a line left aside.
"""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from common.tables import NAMING

_TABLES: Final = MetaData(naming_convention=NAMING)

BOOK: Final = Table(
    "ledger_book",
    _TABLES,
    Column("entity", String, primary_key=True),
    Column("closed_through", Date),
)
"""The books of one legal entity, held while an entry is written: closed up to a day, that day included."""

PERIOD_ACT: Final = Table(
    "ledger_period_act",
    _TABLES,
    Column("id", Uuid, primary_key=True),
    Column("entity", String, ForeignKey("ledger_book.entity"), nullable=False),
    Column("month", Date, nullable=False),
    Column("act", String, nullable=False),
    Column("acted_at", DateTime(timezone=True), nullable=False),
    Column("acted_by", String, nullable=False),
    Column("reason", String),
    CheckConstraint("act IN ('closed', 'reopened')", name="act"),
    CheckConstraint("(act = 'reopened') = (reason IS NOT NULL)", name="reason"),
    Index("ix_ledger_period_act_entity", "entity", "id"),
)
"""One closing of a month, or one reopening with its reason; never changed."""

ENTRY: Final = Table(
    "ledger_entry",
    _TABLES,
    Column("id", Uuid, primary_key=True),
    Column("entity", String, ForeignKey("ledger_book.entity"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("number", String, nullable=False),
    Column("journal", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("piece", String, nullable=False),
    Column("piece_on", Date, nullable=False),
    Column("label", String, nullable=False),
    Column("total", Numeric(18, 2), nullable=False),
    Column("source_kind", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("reverses", Uuid, ForeignKey("ledger_entry.id")),
    Column("posted_on", Date, nullable=False),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("posted_by", String, nullable=False),
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
"""One entry. ``total`` is its debit, which is its credit; ``rank`` is its place in the year's one series."""

LINE: Final = Table(
    "ledger_line",
    _TABLES,
    Column("id", Uuid, primary_key=True),
    Column("entry_id", Uuid, ForeignKey("ledger_entry.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("account", String, nullable=False),
    Column("account_label", String, nullable=False),
    Column("auxiliary", String),
    Column("auxiliary_name", String),
    Column("about", String),
    Column("debit", Numeric(14, 2), nullable=False),
    Column("credit", Numeric(14, 2), nullable=False),
    Column("letter", String),
    Column("lettered_on", Date),
    UniqueConstraint("entry_id", "position"),
    CheckConstraint("least(debit, credit) = 0 AND debit + credit > 0", name="side"),
    CheckConstraint("(auxiliary IS NULL) = (auxiliary_name IS NULL)", name="auxiliary"),
    CheckConstraint("(letter IS NULL) = (lettered_on IS NULL)", name="letter"),
    Index("ix_ledger_line_account", "account", "auxiliary"),
    Index("ix_ledger_line_about", "about", "account", postgresql_where=text("about IS NOT NULL")),
)
"""One line of an entry, with the names that day of its account and its auxiliary; only its lettering changes.

``about`` is what the line is about: the lines of an account that are about one thing settle each other.
"""


def keep_ledger(metadata: MetaData) -> None:
    """Count the tables of the ledger among those of a service.

    >>> ours = MetaData(naming_convention=NAMING)
    >>> keep_ledger(ours)
    >>> sorted(ours.tables)
    ['ledger_book', 'ledger_entry', 'ledger_line', 'ledger_period_act']
    """
    for table in _TABLES.sorted_tables:
        table.to_metadata(metadata)
