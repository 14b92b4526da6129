"""API shape of what dues told of a structure."""

from datetime import date
from uuid import UUID

from pydantic import Field

from common.types import Money, Schema
from membership.members.domain import YearOfDues


class Standing(Schema):
    """La situation de cotisation d'une année, telle que le service des cotisations l'a dite."""

    year: int
    standing: str = Field(
        description="up_to_date, grace, overdue, plan, exempt ; not_called : non appelée ; unknown : appelée, paiement "
        "non connu ; une autre est montrée telle quelle"
    )
    label: str = Field(examples=["cotisation 2026 : délai jusqu'au 16 mars 2026"])
    since: date | None = Field(None, description="Depuis quel jour elle en est là")
    until: date | None = Field(None, description="Le dernier jour où c'est vrai si rien ne se passe")
    called: Money = Field(description="Ce que demandent les appels de l'année, avoirs déduits")
    paid: Money = Field(description="Ce qui en est payé")
    owed: Money = Field(description="Ce qui en reste dû")
    status: str = Field(description="none : pas d'appel ; sinon l'état du dernier appel, ici et ci-dessous : issued, …")
    invoice_id: UUID | None = None
    number: str | None = Field(None, examples=["COT-2026-00042"])
    total: Money | None = None
    issued_on: date | None = None
    due_on: date | None = None

    @classmethod
    def of(cls, dues: YearOfDues) -> "Standing":
        """Write what dues told of a year."""
        last = dues.calls[-1] if dues.calls else None
        return cls(
            year=dues.year,
            standing=dues.code,
            label=f"cotisation {dues.year} : {dues.label}",
            since=dues.told.since if dues.told else None,
            until=dues.until,
            called=dues.called,
            paid=dues.paid,
            owed=dues.owed,
            status=last.status if last else "none",
            invoice_id=last.id if last else None,
            number=last.number if last else None,
            total=last.total if last else None,
            issued_on=last.issued_on if last else None,
            due_on=last.due_on if last else None,
        )
