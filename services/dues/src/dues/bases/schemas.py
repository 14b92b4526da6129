"""API shapes of bases."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.types import Money, Schema, Text
from dues.bases.domain import BaseSource, Statement, counting, in_order


class BaseIn(Schema):
    """Le montant saisi par les finances."""

    amount: Annotated[Money, Field(ge=Decimal(0), le=Decimal("1e11"))] = Field(
        description="Total des produits d'exploitation de l'année, en euros"
    )
    reason: Text | None = Field(
        None, description="Pourquoi ce montant ; demandée quand la structure a déclaré cette année"
    )


class StatementOut(Schema):
    """Un montant tel qu'il a été donné, et d'où il vient."""

    amount: Money
    source: BaseSource
    source_label: str
    revision: int | None = Field(description="Révision de la déclaration d'activité ; absente pour une saisie")
    stated_at: AwareDatetime
    stated_by: str | None = Field(description="Identifiant de l'auteur d'une saisie, jamais un nom")
    reason: str | None = Field(description="Pourquoi il a été saisi, si cela a été dit")
    counts: bool = Field(description="Vrai pour celui qui compte : c'est la base")


class BaseOut(Schema):
    """La base d'une année : le dernier montant donné, et ceux qu'il a remplacés. D'une déclaration corrigée, seule
    compte la dernière révision."""

    member_id: UUID
    year: int = Field(description="Année des comptes ; la cotisation de N s'assoit sur les comptes de N-1")
    amount: Money
    source: BaseSource
    source_label: str
    revision: int | None
    declared_on: date
    statements: list[StatementOut] = Field(description="Dans l'ordre où ils ont été donnés")
    version: int

    @classmethod
    def of(cls, member_id: UUID, year: int, version: int, statements: Sequence[Statement]) -> "BaseOut":
        """Write a base as the API shows it."""
        counts = counting(statements)
        return cls(
            member_id=member_id,
            year=year,
            amount=counts.amount,
            source=counts.source,
            source_label=counts.source.label,
            revision=counts.revision,
            declared_on=counts.stated_on,
            statements=[
                StatementOut(
                    amount=one.amount,
                    source=one.source,
                    source_label=one.source.label,
                    revision=one.revision,
                    stated_at=one.stated_at,
                    stated_by=one.stated_by,
                    reason=one.reason,
                    counts=one is counts,
                )
                for one in in_order(statements)
            ],
            version=version,
        )
