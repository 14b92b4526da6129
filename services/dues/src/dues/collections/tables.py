"""Tables of the collections: each run, its lines, what was done with it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class RunRow(Base, table=True):
    """One run: what is collected on one day, for one creditor, under one rulebook.

    ``creditor`` is the legal entity as it was when the run was prepared; ``left_out`` what was owed and not taken up.
    """

    __tablename__ = "collection_run"
    __table_args__ = (
        CheckConstraint(
            "state IN ('prepared', 'announcing', 'announced', 'presented', 'settling', 'settled', 'cancelled')",
            name="state",
        ),
        CheckConstraint("scheme IN ('core', 'b2b')", name="scheme"),
        CheckConstraint("(file_sha256 IS NULL) = (filed_on IS NULL)", name="filed"),
        CheckConstraint("state NOT IN ('presented', 'settling', 'settled') OR filed_on IS NOT NULL", name="presented"),
        CheckConstraint("state NOT IN ('settling', 'settled') OR settled_on IS NOT NULL", name="settled"),
        Index("ix_collection_run_day", "collection_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    creditor: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    scheme: str
    collection_on: date
    last_notice_on: date
    last_file_on: date
    state: str
    left_out: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    file_sha256: str | None = None
    filed_on: date | None = None
    settled_on: date | None = None
    job_id: UUID | None = None
    version: int


class LineRow(Base, table=True):
    """One collection of one claim: what its member was told, and what became of it.

    ``iban`` and ``debtor_name`` are those of the file once it is made.
    """

    __tablename__ = "collection_line"
    __table_args__ = (
        UniqueConstraint("run_id", "rank"),
        CheckConstraint(
            "state IN ('prepared', 'announced', 'presented', 'settled', 'withdrawn', 'returned')", name="state"
        ),
        CheckConstraint("sequence IN ('FRST', 'RCUR', 'OOFF')", name="sequence"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(notified_on IS NULL) = (notice_sha256 IS NULL)", name="notice"),
        CheckConstraint("state NOT IN ('announced', 'presented', 'settled') OR notified_on IS NOT NULL", name="told"),
        CheckConstraint("state <> 'settled' OR receipt_id IS NOT NULL", name="receipt"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_code IS NOT NULL)"
            " AND (withdrawn_code IS NULL) = (withdrawn_why IS NULL)",
            name="withdrawn",
        ),
        CheckConstraint(
            "(state = 'returned') = (returned_on IS NOT NULL) AND (returned_on IS NULL) = (return_reason IS NULL)",
            name="returned",
        ),
        # What ends double collection: one live collection of a claim, whatever runs twice.
        Index(
            "uq_collection_line_live",
            "claim_key",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'returned')"),
        ),
        Index("ix_collection_line_claim", "claim_key"),
        Index("ix_collection_line_member", "member_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    run_id: UUID = Field(foreign_key="collection_run.id")
    rank: int
    end_to_end: str = Field(unique=True)
    claim_key: str
    member_id: UUID
    member_name: str
    calls: list[dict[str, str]] = Field(sa_column=Column(JSONB, nullable=False))
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    mandate_id: UUID = Field(foreign_key="mandate.id")
    rum: str
    sequence: str
    debtor_name: str
    iban: str
    state: str
    notified_on: date | None = None
    notice_sha256: str | None = None
    withdrawn_code: str | None = None
    withdrawn_why: str | None = None
    receipt_id: UUID | None = Field(None, foreign_key="receipt.id")
    returned_on: date | None = None
    return_reason: str | None = None
    version: int


class StepRow(Base, table=True):
    """One thing done with a run; never changed."""

    __tablename__ = "collection_step"

    run_id: UUID = Field(primary_key=True, foreign_key="collection_run.id")
    number: int = Field(primary_key=True)
    act: str
    reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
