"""Table of the yearly campaigns."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from dues.base import Base


class CampaignRow(Base, table=True):
    """One year's campaign, and the legal entity it bills for as it was at its opening."""

    __tablename__ = "campaign"
    __table_args__ = (CheckConstraint("status IN ('open', 'running')", name="status"),)

    id: UUID = Field(primary_key=True)
    year: int = Field(unique=True)
    status: str
    use_published_medians: bool
    seller: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    job_id: UUID | None
    version: int
    opened_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    opened_by: str
