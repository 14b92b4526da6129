"""What membership tells the other services: who is a member, since when, what may be known of it, what it declared."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.events import Fact, State
from common.types import Money, Quantity


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
    status: str = Field(description="active, suspended, left, merged ; un lecteur tient un état inconnu pour inactif")
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
    renewed_years: tuple[int, ...] = Field(
        (), description="Années pour lesquelles l'adhésion est renouvelée ; celle où elle adhère n'a pas à l'être"
    )
    merged_into: UUID | None = Field(
        None, description="La même structure, sous l'enregistrement qui reste : celui-ci était un doublon"
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


class MemberMerged(MemberFact):
    """L'enregistrement était un doublon : la structure est connue sous ``into_id``, avec ce qui était le sien.

    Ce n'est pas une sortie : il n'y a jamais eu deux adhérentes.
    """

    wire_name: ClassVar[str] = "member.merged"

    into_id: UUID


class MemberUnmerged(MemberFact):
    """La réunion de deux doublons est annulée : la structure est de nouveau celle que ``state`` dit.

    ``from_id`` : celle sous laquelle elle était connue ; absent des faits d'avant qu'il existe.
    """

    wire_name: ClassVar[str] = "member.unmerged"

    from_id: UUID | None = None


class FigureName(BaseModel):
    """Un chiffre d'une déclaration : son code, et l'activité dont il parle s'il parle d'une seule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    activity: str | None


class FigureState(BaseModel):
    """Un chiffre déclaré ; l'unité est celle que le formulaire donne à ce code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    activity: str | None = Field(description="Absente pour ce qui vaut de toute la structure")
    value: Quantity


class DeclarationState(State):
    """La déclaration d'activité d'une structure pour une année de comptes, telle que sa dernière révision la dit."""

    member_id: UUID
    year: int = Field(description="Année des comptes ; la cotisation de l'année suivante s'y assoit")
    revision: int = Field(description="1 : déclarée ; davantage : corrigée")
    form_version: str = Field(description="Version du formulaire qui définit les codes", examples=["2025"])
    recorded_on: date = Field(description="Jour de cette révision")
    late: bool = Field(description="La première révision est venue après la fin de la campagne")
    total_operating_income: Money
    figures: tuple[FigureState, ...]


class DeclarationFact(Fact):
    """Un fait d'une déclaration d'activité."""

    topic: ClassVar[str] = "membership.activity"

    state: DeclarationState


class ActivityDeclared(DeclarationFact):
    """Une structure a déclaré son activité pour une année de comptes."""

    wire_name: ClassVar[str] = "activity.declared"


class ActivityCorrected(DeclarationFact):
    """Une structure a corrigé sa déclaration ; ``changed`` : les chiffres qui diffèrent de ``previous_revision``."""

    wire_name: ClassVar[str] = "activity.corrected"

    previous_revision: int
    changed: tuple[FigureName, ...]


FACTS: tuple[type[Fact], ...] = (
    MemberJoined,
    MemberUpdated,
    MemberSuspended,
    MemberReinstated,
    MemberRenewed,
    MemberLeft,
    MemberMerged,
    MemberUnmerged,
    ActivityDeclared,
    ActivityCorrected,
)
