"""API shapes of applications."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Schema, Text
from membership.applications.domain import ApplicationStatus
from membership.members.domain import ActivityKind, MemberCategory
from membership.members.schemas import Department, Postcode, Siren, Siret


class ApplicationIn(Schema):
    """Une structure demande à adhérer."""

    name: Text = Field(examples=["Structure de démonstration"])
    department: Department
    activities: Annotated[list[ActivityKind], Field(max_length=9)] = Field(
        default_factory=list, description="La première est l'activité principale"
    )
    street: Text | None = None
    postcode: Postcode | None = None
    city: Text | None = None
    siren: Siren | None = None
    siret: Siret | None = None
    category: MemberCategory = MemberCategory.ACTIVE


class ApplicationOut(Schema):
    """Une candidature."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    received_on: date
    status: ApplicationStatus
    status_label: str
    sitting_id: UUID | None
    decided_on: date | None
    ready: bool = Field(description="Le dossier est complet : une séance peut en décider")
    blockers: list[BlockerOut] = Field(description="Ce qui empêche encore une séance d'en décider")


class ApplicationListParams(PageParams):
    """Filters of the list of applications."""

    status: list[ApplicationStatus] = Field(default_factory=list)
    delegation: list[str] = Field(default_factory=list, max_length=20)
    ready: bool | None = Field(None, description="Dossiers complets, ou incomplets")
