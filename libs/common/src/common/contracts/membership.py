"""What membership tells the other services: who is a member, since when, and what may be known of it."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.events import Fact, State


class ActivityState(BaseModel):
    """Une activité ou un agrément de la structure (``ai``, ``aci``, ``etti``…) ; l'un d'eux est le principal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    main: bool


class PostalAddress(BaseModel):
    """L'adresse de correspondance d'une organisation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    street: str
    postcode: str
    city: str


class Correspondence(BaseModel):
    """Où vont les courriers d'un même objet (``dues``, ``meetings``…), si ce n'est pas à l'adresse de la structure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: str
    address: PostalAddress


class MemberState(State):
    """Une structure adhérente, telle que la fédération la connaît après le fait."""

    reference: str
    name: str
    siren: str | None = Field(description="Absent tant qu'il n'est pas renseigné")
    status: str = Field(description="active, suspended, left ; un lecteur tient un état inconnu pour inactif")
    activities: tuple[ActivityState, ...]
    delegation: str | None
    department: str | None
    address: PostalAddress | None
    joined_on: date
    siret: str | None = None
    category: str = Field("active", description="active, associate : membre actif ou associé")
    correspondence: tuple[Correspondence, ...] = ()
    left_on: date | None = Field(None, description="Premier jour où elle n'est plus adhérente")
    departure_cause: str | None = Field(None, description="resigned, not_renewed, excluded, ceased, absorbed")
    successor_id: UUID | None = Field(None, description="La structure qui a absorbé celle-ci, et en reprend les dettes")
    renewed_for: int | None = Field(
        None,
        description="Dernière année pour laquelle l'adhésion est renouvelée ; celle où elle adhère n'a pas à l'être",
    )


class MemberFact(Fact):
    """Un fait d'un adhérent."""

    topic: ClassVar[str] = "membership.member"

    state: MemberState


class MemberJoined(MemberFact):
    """Une séance du conseil a admis la structure ; elle est adhérente à partir de ``joined_on``.

    Redit d'une même séance, il annule une sortie : la structure n'a pas cessé d'être adhérente.
    """

    wire_name: ClassVar[str] = "member.joined"

    joined_on: date
    sitting_id: UUID
    minutes_reference: str


class MemberUpdated(MemberFact):
    """Quelque chose de public a changé chez l'adhérent ; ``changed`` nomme les champs."""

    wire_name: ClassVar[str] = "member.updated"

    changed: tuple[str, ...]


class MemberSuspended(MemberFact):
    """Le conseil a suspendu la structure : elle reste adhérente, sans ses droits."""

    wire_name: ClassVar[str] = "member.suspended"


class MemberReinstated(MemberFact):
    """Le conseil a rendu ses droits à une structure suspendue."""

    wire_name: ClassVar[str] = "member.reinstated"


class MemberRenewed(MemberFact):
    """L'adhésion est renouvelée pour une année, tacitement, au 1er janvier."""

    wire_name: ClassVar[str] = "member.renewed"

    year: int


class MemberLeft(MemberFact):
    """La structure n'est plus adhérente : démission, exclusion, cessation, ou fusion avec ``state.successor_id``."""

    wire_name: ClassVar[str] = "member.left"


FACTS: tuple[type[Fact], ...] = (
    MemberJoined,
    MemberUpdated,
    MemberSuspended,
    MemberReinstated,
    MemberRenewed,
    MemberLeft,
)
