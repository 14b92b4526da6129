"""Tables of the bank: the files as they came, the statements in them, each line once, what was said of each."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from dues.base import Base


class BankFileRow(Base, table=True):
    """A file that was sent, kept whole: the same one again is another row, that added nothing."""

    __tablename__ = "bank_file"
    __table_args__ = (Index("ix_bank_file_received", "received_at", "id"),)

    id: UUID = Field(primary_key=True)
    filename: str
    path: str
    size: int
    sha256: str
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    received_by: str
    added: int
    known: int
    not_booked: int


class StatementRow(Base, table=True):
    """A statement, once, however many files give it."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("account", "reference", "closed_on"),
        CheckConstraint("opened_on <= closed_on", name="days"),
        Index("ix_bank_statement_closed", "closed_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    file_id: UUID = Field(foreign_key="bank_file.id")
    account: str
    reference: str
    opened_on: date
    closed_on: date
    opening: Decimal = Field(sa_type=Numeric(17, 2))
    closing: Decimal = Field(sa_type=Numeric(17, 2))


class LineRow(Base, table=True):
    """One movement of the account, once, whichever statements tell of it.

    ``run_id`` is the run of collections that it credits, ``collection_id`` the collection that it takes back,
    ``transfer_batch_id`` the batch of transfers that it pays, ``transfer_id`` the transfer that it brings back.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("account", "key"),
        CheckConstraint("state IN ('unmatched', 'matched', 'set_aside', 'outgoing', 'charged')", name="state"),
        CheckConstraint("(state = 'set_aside') = (other_money IS NOT NULL)", name="other_money"),
        CheckConstraint("amount <> 0 OR state = 'outgoing'", name="amount"),
        Index("ix_bank_line_booked", "booked_on", "id"),
        Index("ix_bank_line_amount", "amount", "id"),
        Index("ix_bank_line_unmatched", "booked_on", "id", postgresql_where=text("state = 'unmatched'")),
        Index("ix_bank_line_statement", "statement_id", "state"),
        CheckConstraint("num_nonnulls(run_id, collection_id, transfer_batch_id, transfer_id) <= 1", name="echo"),
        CheckConstraint("state <> 'charged' OR amount < 0 AND note IS NOT NULL", name="charged"),
        Index("ix_bank_line_run", "run_id", postgresql_where=text("run_id IS NOT NULL")),
        # A collection comes back once: what takes it back a second time is the bank's error, and shows.
        Index("uq_bank_line_collection", "collection_id", unique=True),
        Index(
            "ix_bank_line_transfer_batch", "transfer_batch_id", postgresql_where=text("transfer_batch_id IS NOT NULL")
        ),
        Index("uq_bank_line_transfer", "transfer_id", unique=True),
    )

    id: UUID = Field(primary_key=True)
    statement_id: UUID = Field(foreign_key="bank_statement.id")
    account: str
    key: str
    booked_on: date
    value_on: date | None
    amount: Decimal = Field(sa_type=Numeric(17, 2))
    reversal: bool
    reference: str | None
    end_to_end: str | None
    structured: str | None
    text: str
    party: str | None
    party_iban: str | None
    return_code: str | None
    bank_code: str | None
    batch: str | None
    charges: Decimal | None = Field(sa_type=Numeric(17, 2))
    run_id: UUID | None = Field(None, foreign_key="collection_run.id")
    collection_id: UUID | None = Field(None, foreign_key="collection_line.id")
    transfer_batch_id: UUID | None = Field(None, foreign_key="transfer_batch.id")
    transfer_id: UUID | None = Field(None, foreign_key="transfer_line.id")
    state: str
    other_money: str | None
    note: str | None
    version: int


class FileLineRow(Base, table=True):
    """One line as a file gave it, in its order: added, or known already."""

    __tablename__ = "bank_file_line"
    __table_args__ = (
        CheckConstraint("outcome IN ('added', 'known')", name="outcome"),
        Index("ix_bank_file_line_line", "line_id"),
    )

    file_id: UUID = Field(primary_key=True, foreign_key="bank_file.id")
    row: int = Field(primary_key=True)
    statement_id: UUID = Field(foreign_key="bank_statement.id")
    line_id: UUID = Field(foreign_key="bank_line.id")
    outcome: str


class LineActRow(Base, table=True):
    """What somebody said of a line, and when; never changed."""

    __tablename__ = "bank_line_act"
    __table_args__ = (
        CheckConstraint("act IN ('match', 'return', 'recognise', 'set_aside', 'charge', 'reopen')", name="act"),
    )

    line_id: UUID = Field(primary_key=True, foreign_key="bank_line.id")
    number: int = Field(primary_key=True)
    act: str
    other_money: str | None
    note: str | None
    done_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    done_by: str


class PayerRow(Base, table=True):
    """An account from which dues of a member were paid: a structure's, as a person who matched a line said."""

    __tablename__ = "bank_payer"

    iban: str = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    line_id: UUID = Field(primary_key=True, foreign_key="bank_line.id")


class LineReceiptRow(Base, table=True):
    """A receipt that a line brought, or took back; a line that is opened again has none.

    One that was ``typed`` before the line was known stays when the line is opened again: a transfer, or what the line
    is the deposit of.
    """

    __tablename__ = "bank_line_receipt"
    __table_args__ = (
        Index("uq_bank_line_receipt_typed", "receipt_id", unique=True, postgresql_where=text("typed")),
        Index("ix_bank_line_receipt_receipt", "receipt_id"),
    )

    line_id: UUID = Field(primary_key=True, foreign_key="bank_line.id")
    receipt_id: UUID = Field(primary_key=True, foreign_key="receipt.id")
    typed: bool = False
