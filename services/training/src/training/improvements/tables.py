"""Tables of the watch items, of the risks and of the actions, each with its history."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from training.base import Base


class WatchItemRow(Base, table=True):
    """What a source said, and what was drawn from it."""

    __tablename__ = "improvement_watch_item"
    __table_args__ = (
        CheckConstraint("kind IN ('legal', 'jobs', 'teaching')", name="kind"),
        CheckConstraint("status IN ('open', 'acted_on', 'set_aside')", name="status"),
        CheckConstraint("(status = 'open') = (exploited_on IS NULL)", name="exploited"),
        CheckConstraint("status <> 'set_aside' OR reason IS NOT NULL", name="set_aside"),
        Index("ix_improvement_watch_item_dated_on", "dated_on", "id"),
        Index("ix_improvement_watch_item_recorded_on", "recorded_on", "kind"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    kind: str
    title: str
    source: str
    dated_on: date
    says: str
    follows: str
    status: str
    reason: str | None
    exploited_on: date | None
    recorded_on: date
    recorded_by: str
    settled_by: str | None
    version: int


class RiskRow(Base, table=True):
    """A risk as it was looked at last."""

    __tablename__ = "improvement_risk"
    __table_args__ = (
        CheckConstraint("likelihood BETWEEN 1 AND 4 AND severity BETWEEN 1 AND 4", name="scale"),
        CheckConstraint("level = likelihood * severity", name="level"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("ix_improvement_risk_next_review_on", "next_review_on", "id"),
        Index("ix_improvement_risk_level", "level", "id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    title: str
    description: str
    cause: str
    likelihood: int
    severity: int
    level: int
    owner: str
    reviewed_on: date
    next_review_on: date
    status: str
    version: int


class RiskEntryRow(Base, table=True):
    """One look at a risk: a trigger refuses that it be changed or deleted."""

    __tablename__ = "improvement_risk_entry"
    __table_args__ = (
        CheckConstraint("step IN ('opened', 'reviewed', 'closed')", name="step"),
        Index("ix_improvement_risk_entry_on_day", "on_day"),
    )

    risk_id: UUID = Field(primary_key=True, foreign_key="improvement_risk.id")
    number: int = Field(primary_key=True)
    step: str
    likelihood: int
    severity: int
    next_review_on: date
    note: str | None
    on_day: date
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str


class ActionRow(Base, table=True):
    """An action as it stands."""

    __tablename__ = "improvement_action"
    __table_args__ = (
        CheckConstraint(
            "status IN ('planned', 'in_progress', 'done', 'effective', 'ineffective', 'abandoned')", name="status"
        ),
        Index("ix_improvement_action_due_on", "due_on", "id"),
        Index("ix_improvement_action_indicators", "indicators", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    title: str
    indicators: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    owner: str
    due_on: date
    status: str
    restricted: bool
    planned_on: date
    version: int


class CauseRow(Base, table=True):
    """What an action comes from."""

    __tablename__ = "improvement_cause"
    __table_args__ = (
        CheckConstraint("kind IN ('complaint', 'report', 'risk', 'watch', 'action', 'audit')", name="kind"),
        Index("ix_improvement_cause_reference", "kind", "reference"),
    )

    action_id: UUID = Field(primary_key=True, foreign_key="improvement_action.id")
    kind: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)


class ActionEntryRow(Base, table=True):
    """One step of an action: a trigger refuses that it be changed or deleted."""

    __tablename__ = "improvement_action_entry"
    __table_args__ = (
        CheckConstraint(
            "step IN ('plan', 'start', 'reschedule', 'finish', 'find_effective', 'find_ineffective', 'abandon',"
            " 'link')",
            name="step",
        ),
        Index("ix_improvement_action_entry_on_day", "on_day", "step"),
    )

    action_id: UUID = Field(primary_key=True, foreign_key="improvement_action.id")
    number: int = Field(primary_key=True)
    step: str
    note: str | None
    due_on: date
    on_day: date
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    by: str
