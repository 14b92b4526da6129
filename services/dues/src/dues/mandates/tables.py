"""Tables of the mandates: each as it was signed, what was amended since, what was done to it, and its documents."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from common.tables import KeptFileColumns
from dues.base import Base


class MandateRow(Base, table=True):
    """One mandate; what it names is never rewritten, and none is ever deleted."""

    __tablename__ = "mandate"
    __table_args__ = (
        UniqueConstraint("creditor_code", "rum"),
        CheckConstraint(
            "state IN ('prepared', 'active', 'suspended', 'revoked', 'superseded', 'used', 'lapsed')", name="state"
        ),
        CheckConstraint("kind IN ('recurrent', 'one_off')", name="kind"),
        CheckConstraint("scheme IN ('core', 'b2b')", name="scheme"),
        CheckConstraint("signed_how IN ('paper', 'electronic')", name="signed_how"),
        CheckConstraint("ended_by IN ('debtor', 'creditor')", name="ended_by"),
        CheckConstraint("length(rum) BETWEEN 1 AND 35", name="rum"),
        CheckConstraint(
            "(signed_on IS NULL) = (signed_place IS NULL) AND (signed_on IS NULL) = (signed_how IS NULL)",
            name="signing",
        ),
        CheckConstraint("state IN ('prepared', 'revoked') OR signed_on IS NOT NULL", name="signed"),
        CheckConstraint("signed_on IS NULL OR document_id IS NOT NULL", name="document"),
        CheckConstraint("scheme = 'core' OR signed_on IS NULL OR bank_confirmed_on IS NOT NULL", name="bank"),
        CheckConstraint("(state IN ('prepared', 'active', 'suspended')) = (ended_on IS NULL)", name="ended"),
        CheckConstraint("(state = 'revoked') = (ended_by IS NOT NULL)", name="revoked"),
        # One to sign and one to collect under for each member, whatever is done at the same time.
        Index("uq_mandate_prepared", "member_id", unique=True, postgresql_where=text("state = 'prepared'")),
        Index("uq_mandate_live", "member_id", unique=True, postgresql_where=text("state IN ('active', 'suspended')")),
        Index("ix_mandate_member", "member_id", "prepared_on"),
        Index("ix_mandate_prepared_on", "prepared_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    rum: str
    member_id: UUID
    kind: str
    scheme: str
    state: str
    debtor_name: str
    debtor_address: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    iban: str
    bic: str | None
    creditor_code: str
    creditor_name: str
    creditor_ics: str
    creditor_address: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    prepared_on: date
    signed_on: date | None
    signed_place: str | None
    signed_how: str | None
    bank_confirmed_on: date | None
    document_id: UUID | None
    last_presented_on: date | None
    ended_on: date | None
    ended_by: str | None
    version: int


class AmendmentRow(Base, table=True):
    """One amendment of a mandate; but for the collection that told of it, never changed."""

    __tablename__ = "mandate_amendment"
    __table_args__ = (
        CheckConstraint("(iban IS NULL) <> (creditor_ics IS NULL)", name="kind"),
        CheckConstraint("(iban IS NULL) = (debtor_name IS NULL)", name="account"),
        CheckConstraint(
            "(creditor_ics IS NULL) = (creditor_name IS NULL) AND (creditor_ics IS NULL) = (creditor_code IS NULL)",
            name="creditor",
        ),
    )

    mandate_id: UUID = Field(primary_key=True, foreign_key="mandate.id")
    number: int = Field(primary_key=True)
    since: date
    debtor_name: str | None
    iban: str | None
    bic: str | None
    creditor_code: str | None
    creditor_name: str | None
    creditor_ics: str | None
    creditor_address: list[str] | None = Field(sa_column=Column(ARRAY(String), nullable=True))
    reason: str | None
    bank_confirmed_on: date | None
    presented_on: date | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class StepRow(Base, table=True):
    """One thing done to a mandate; never changed."""

    __tablename__ = "mandate_step"

    mandate_id: UUID = Field(primary_key=True, foreign_key="mandate.id")
    number: int = Field(primary_key=True)
    act: str
    reason: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class SignedDocumentRow(KeptFileColumns, Base, table=True):
    """One signed document as it was sent; never changed."""

    __tablename__ = "mandate_document"
    __table_args__ = (Index("ix_mandate_document_mandate", "mandate_id", "id"),)

    mandate_id: UUID = Field(foreign_key="mandate.id")
