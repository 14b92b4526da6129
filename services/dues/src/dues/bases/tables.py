"""Table of the bases that members declare."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from dues.base import Base


class BaseRow(Base, table=True):
    """What one member declared for the accounts of one year, in euros."""

    __tablename__ = "declared_base"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    member_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    amount: Decimal = Field(sa_type=Numeric(14, 2))
    declared_on: date
    declared_by: str
    version: int
