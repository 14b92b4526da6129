"""Tables of the trainers, of what they may teach and of when they are not there."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from training.base import Base


class TrainerRow(Base, table=True):
    """A trainer. ``name_key``: its name as it is searched and sorted; nothing of a person is left once it is erased."""

    __tablename__ = "trainer"
    __table_args__ = (
        CheckConstraint("kind IN ('employee', 'contractor')", name="kind"),
        CheckConstraint("(kind = 'contractor') = (contractor_name IS NOT NULL)", name="contractor"),
        CheckConstraint("(contractor_name IS NULL) = (contractor_siret IS NULL)", name="contractor_whole"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("(cost IS NULL) = (cost_unit IS NULL)", name="cost_whole"),
        CheckConstraint("cost_unit IN ('half_day', 'hour')", name="cost_unit"),
        CheckConstraint("erased_on IS NULL OR archived_on IS NOT NULL", name="erased_after_archived"),
        CheckConstraint("(erased_on IS NULL) = (erasure_reason IS NULL)", name="erasure_reason"),
        Index("ix_trainer_name_key", "name_key", "id"),
    )

    id: UUID = Field(primary_key=True)
    name: str
    name_key: str
    kind: str
    email: str | None
    phone: str | None
    account: str | None = Field(unique=True)
    contractor_name: str | None
    contractor_siret: str | None
    contractor_nda: str | None
    subcontract: str | None
    delegations: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    cost: Decimal | None = Field(sa_column=Column(Numeric(12, 2), nullable=True))
    cost_unit: str | None
    cost_note: str
    archived_on: date | None
    erased_on: date | None
    erasure_reason: str | None
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str


class CompetenceRow(Base, table=True):
    """What a trainer may teach; withdrawn, it is kept."""

    __tablename__ = "trainer_competence"
    __table_args__ = (
        CheckConstraint("(programme_code IS NULL) <> (theme IS NULL)", name="one_subject"),
        CheckConstraint("evidence IN ('diploma', 'experience', 'certification', 'peer_evaluation')", name="evidence"),
        CheckConstraint("valid_until >= assessed_on", name="valid_until"),
        CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawal_reason IS NULL) AND (withdrawn_on IS NULL) = (withdrawn_by IS NULL)",
            name="withdrawal_whole",
        ),
        Index("ix_trainer_competence_trainer", "trainer_id", "assessed_on", "id"),
        Index("ix_trainer_competence_programme", "programme_code", "trainer_id"),
        Index("ix_trainer_competence_theme", "theme", "trainer_id"),
        Index(
            "ix_trainer_competence_valid_until",
            "valid_until",
            "trainer_id",
            postgresql_where=text("withdrawn_on IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    trainer_id: UUID = Field(foreign_key="trainer.id")
    programme_code: str | None
    theme: str | None
    evidence: str
    reference: str
    assessed_on: date
    assessed_by: str
    valid_until: date | None
    withdrawn_on: date | None
    withdrawal_reason: str | None
    withdrawn_by: str | None
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str


class UnavailabilityRow(Base, table=True):
    """Half-days on which a trainer is not there, from the first to the last one."""

    __tablename__ = "trainer_unavailability"
    __table_args__ = (
        CheckConstraint("first_half IN ('morning', 'afternoon')", name="first_half"),
        CheckConstraint("last_half IN ('morning', 'afternoon')", name="last_half"),
        CheckConstraint(
            "(first_day, first_half = 'afternoon') <= (last_day, last_half = 'afternoon')", name="in_order"
        ),
        CheckConstraint("reason IN ('leave', 'illness', 'other_engagement')", name="reason"),
        Index("ix_trainer_unavailability_trainer", "trainer_id", "first_day", "id"),
        Index("ix_trainer_unavailability_days", "last_day", "first_day"),
    )

    id: UUID = Field(primary_key=True)
    trainer_id: UUID = Field(foreign_key="trainer.id")
    first_day: date
    first_half: str
    last_day: date
    last_half: str
    reason: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    recorded_by: str
