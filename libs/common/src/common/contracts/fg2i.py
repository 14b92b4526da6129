"""What fg2i tells the other services: whom it guarantees, which structures its committee sees in difficulty.

Written by its first readers, the requests for support and the yearly figures: fg2i will publish it as it stands here.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, WithJsonSchema

from common.events import Fact, State
from common.types import Money

Guaranteed = Annotated[
    Money,
    Field(ge=Decimal(0)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\d+(\.\d{1,2})?$",
            "description": "Montant en EUR, chaîne décimale, jamais négatif.",
            "examples": ["151445.00"],
        }
    ),
]


class SupportState(State):
    """Une demande d'appui après le fait, telle que le comité FG2I la connaît."""

    member_id: UUID
    status: str = Field(
        description="requested ; d'autres états viendront, un lecteur les ignore", examples=["requested"]
    )


class SupportFact(Fact):
    """Un fait d'une demande d'appui."""

    topic: ClassVar[str] = "fg2i.support"

    state: SupportState


class SupportRequested(SupportFact):
    """Le comité FG2I demande un appui pour une structure dont le dossier montre une difficulté."""

    wire_name: ClassVar[str] = "support.requested"

    file_reference: str = Field(description="Le dossier de garantie", examples=["FG-2026-017"])
    reason_code: str = Field(
        description="cash, equity, activity, debts, governance, other ; un autre se montre tel quel",
        examples=["cash"],
    )
    asked_on: date


class GuaranteeState(State):
    """Une garantie financière pour une période, après le fait. Montants en euros."""

    member_id: UUID
    amount: Guaranteed
    starts_on: date
    ends_on: date = Field(description="Dernier jour où elle vaut, tel que convenu")
    follows_id: UUID | None = Field(description="La garantie qu'elle renouvelle")
    status: str = Field(description="in_force, expired, called ; un lecteur lit les dates", examples=["in_force"])
    ended_on: date | None = Field(description="Premier jour où elle ne vaut plus, si elle a pris fin plus tôt")
    called_on: date | None
    called_amount: Guaranteed | None


class GuaranteeFact(Fact):
    """Un fait d'une garantie."""

    topic: ClassVar[str] = "fg2i.guarantee"

    state: GuaranteeState


class GuaranteeIssued(GuaranteeFact):
    """Une première garantie est donnée à une structure."""

    wire_name: ClassVar[str] = "guarantee.issued"


class GuaranteeRenewed(GuaranteeFact):
    """Une garantie prend la suite d'une autre, pour la période suivante."""

    wire_name: ClassVar[str] = "guarantee.renewed"


class GuaranteeExpired(GuaranteeFact):
    """La garantie a pris fin, à son terme ou plus tôt."""

    wire_name: ClassVar[str] = "guarantee.expired"


class GuaranteeCalled(GuaranteeFact):
    """La garantie est appelée : le garant paie."""

    wire_name: ClassVar[str] = "guarantee.called"


FACTS: tuple[type[Fact], ...] = (
    SupportRequested,
    GuaranteeIssued,
    GuaranteeRenewed,
    GuaranteeExpired,
    GuaranteeCalled,
)
