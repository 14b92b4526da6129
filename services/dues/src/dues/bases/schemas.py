"""API shapes of declared bases."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.types import Money, Schema


class BaseIn(Schema):
    """Le montant déclaré."""

    amount: Annotated[Money, Field(ge=Decimal(0), le=Decimal("1e11"))] = Field(
        description="Total des produits d'exploitation de l'année, en euros"
    )


class BaseOut(Schema):
    """Une base déclarée."""

    member_id: UUID
    year: int = Field(description="Année des comptes ; la cotisation de N s'assoit sur les comptes de N-1")
    amount: Money
    declared_on: date
    version: int
