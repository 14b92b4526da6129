"""API shapes of restructurings."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Day, Schema, Text
from membership.members.domain import ActivityKind
from membership.members.schemas import EntryOut, Siren, Siret
from membership.restructurings.domain import RestructuringKind
from membership.territory.schemas import Department, Postcode

Version = Annotated[int, Field(ge=1, description="La version de la structure que l'on a lue")]


class _Asked(Schema):
    member_id: UUID
    version: Version
    effective_on: Day | None = Field(None, description="Aujourd'hui par défaut")
    reason: Text = Field(description="Se lit dans l'historique", examples=["Traité de fusion du 12 juin 2026"])


class SiretChangeIn(_Asked):
    """La même structure porte un autre SIRET, et peut-être un autre SIREN."""

    kind: Literal["siret_change"]
    siret: Siret
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None

    @model_validator(mode="after")
    def _whole_address(self) -> "SiretChangeIn":
        given = [self.street, self.postcode, self.city]
        if any(given) and not all(given):
            raise ValueError("une adresse se donne en entier : rue, code postal, commune")
        return self


class AbsorptionIn(_Asked):
    """La structure est absorbée par une autre adhérente, qui reprend ce qu'elle était."""

    kind: Literal["absorption"]
    into_id: UUID
    into_version: Version


class SplitIn(_Asked):
    """Une nouvelle structure reprend des activités de celle-ci : elle entre au registre comme candidate."""

    kind: Literal["split"]
    name: Text
    activities: Annotated[list[ActivityKind], Field(min_length=1, max_length=9)]
    siret: Siret | None = None
    siren: Siren | None = None
    department: Department
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None


RestructuringIn = Annotated[SiretChangeIn | AbsorptionIn | SplitIn, Field(discriminator="kind")]


class UndoIn(Schema):
    """Pourquoi l'opération est annulée."""

    reason: Text


class CarriedOut(Schema):
    """Une ligne de ce que l'opération emporte : ce qui vaut désormais d'une structure, ou prend fin."""

    member_id: UUID
    name: str
    before: dict[str, Any] | None = Field(description="Ce qui valait avant ; absent si rien")
    entry: EntryOut


class RestructuringLine(Schema):
    """Une opération."""

    id: UUID
    kind: RestructuringKind
    kind_label: str
    member_id: UUID
    other_id: UUID | None = Field(description="Celle qui absorbe, ou celle qui naît de la scission")
    effective_on: date
    reason: str
    done_at: AwareDatetime
    undoable_until: date
    undone_at: AwareDatetime | None
    undo_reason: str | None


class RestructuringOut(RestructuringLine):
    """Une opération, ligne par ligne."""

    carried: list[CarriedOut]
    to_follow: list[BlockerOut] = Field(
        description="Ce que l'opération n'emporte pas d'elle-même : à suivre. Vide pour qui ne lit pas la structure"
        " qui change"
    )
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Ce qui empêche une action que l'on pourrait demander")


class RestructuringListParams(PageParams):
    """Filters of the list of restructurings."""

    member_id: UUID | None = Field(None, description="Celle qui change, qui absorbe ou qui naît")
    kind: list[RestructuringKind] = Field(default_factory=list, description="Natures")
