"""Tables of the yearly declarations: campaigns, drafts, revisions, and who was excused."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Float, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from membership.base import Base


class CampaignRow(Base, table=True):
    """The campaign of one year of accounts. ``questions`` are the codes of its questionnaire when it was opened."""

    __tablename__ = "declaration_campaign"
    __table_args__ = (CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name="closed"),)

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    questionnaire: str
    questions: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    opened_on: date
    opened_by: str
    closes_on: date
    extensions: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    closed_on: date | None
    closed_by: str | None
    version: int


class DeclarationRow(Base, table=True):
    """One structure's declaration of one year: its draft, and how many revisions it has."""

    __tablename__ = "activity_declaration"
    __table_args__ = (
        UniqueConstraint("year", "member_id"),
        CheckConstraint("NOT late OR revisions > 0", name="late"),
        Index("ix_activity_declaration_member", "member_id", "year"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    year: int = Field(foreign_key="declaration_campaign.year")
    draft: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    revisions: int
    declared_on: date | None
    late: bool
    version: int


class RevisionRow(Base, table=True):
    """The figures as declared or corrected; never changed. ``figures`` are [code, activity, value]."""

    __tablename__ = "declaration_revision"
    __table_args__ = (CheckConstraint("(number = 1) = (reason IS NULL)", name="reason"),)

    declaration_id: UUID = Field(primary_key=True, foreign_key="activity_declaration.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    figures: list[list[str | None]] = Field(sa_column=Column(JSONB, nullable=False))
    explained: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    total_operating_income: Decimal = Field(sa_type=Numeric(14, 2))
    recorded_on: date
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
    reason: str | None


class FiguresRow(Base, table=True):
    """The figures of a declaration's last revision about one activity, for statistics over many.

    ``amounts`` are in the order of the campaign's ``questions``; one not answered is null.
    """

    __tablename__ = "declaration_figures"
    __table_args__ = (Index("ix_declaration_figures_year", "year", "activity"),)

    declaration_id: UUID = Field(primary_key=True, foreign_key="activity_declaration.id")
    activity: str = Field(primary_key=True)
    year: int
    member_id: UUID
    amounts: list[float | None] = Field(sa_column=Column(ARRAY(Float), nullable=False))


class ExemptionRow(Base, table=True):
    """One structure is excused from one year, until somebody takes it back."""

    __tablename__ = "declaration_exemption"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawn"),
        Index(
            "uq_declaration_exemption_standing",
            "year",
            "member_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_declaration_exemption_member", "member_id", "year"),
    )

    id: UUID = Field(primary_key=True)
    year: int = Field(foreign_key="declaration_campaign.year")
    member_id: UUID = Field(foreign_key="member.id")
    reason: str
    granted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    granted_by: str
    withdrawn_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    withdrawn_by: str | None
    withdrawal_reason: str | None
