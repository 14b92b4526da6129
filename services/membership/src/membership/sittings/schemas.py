"""API shapes of the board's sittings."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Day, LongText, Schema, Text
from membership.applications.schemas import ReservationIn
from membership.matters.domain import MatterKind, Outcome
from membership.sittings.domain import Presence, SittingStatus

Count = Annotated[int, Field(ge=0, le=1_000)]
InOffice = Annotated[int, Field(ge=1, le=1_000, description="Administrateurs en fonction")]


class SittingIn(Schema):
    """Une séance du conseil d'administration."""

    held_on: Day
    in_office: InOffice | None = Field(
        None, description="Administrateurs en fonction ; ceux du registre du conseil ce jour-là si absent"
    )
    in_office_reason: Text | None = Field(
        None, description="Pourquoi ils sont plus que le registre du conseil n'en dit"
    )
    present: Count = Field(0, description="0 tant que la séance n'est que prévue")
    represented: Count = Field(0, description="Ayant donné pouvoir")
    minutes_reference: Text = Field(description="Référence du procès-verbal", examples=["PV-CA-2026-01"])
    takes_over: bool = Field(
        False,
        description="Séance de reprise : le conseil prend acte de la liste des adhérentes d'avant le système."
        " Là seulement, une admission peut valoir d'un jour passé",
    )


class SittingAmend(Schema):
    """Ce qui se corrige tant que la séance est ouverte ; les champs absents restent ce qu'ils sont."""

    held_on: Day | None = None
    in_office: InOffice | None = None
    in_office_reason: Text | None = Field(None, description="À redonner avec un autre nombre")
    present: Count | None = None
    represented: Count | None = None
    minutes_reference: Text | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named."""
        return self.model_dump(exclude_unset=True, exclude_none=True)


class SittingCancelIn(Schema):
    """Une séance prévue par erreur, ou qui ne se tiendra pas."""

    reason: Text = Field(description="Se lit avec la séance, et dans l'agenda du conseil")


class SittingListParams(PageParams):
    """Filters and page of the list of sittings."""

    status: list[SittingStatus] = Field(default_factory=list, description="États")


class AttendeeIn(Schema):
    """Un administrateur en fonction le jour de la séance : par son mandat au registre du conseil, ou par son nom."""

    name: Annotated[Text, Field(max_length=200)] | None = Field(
        None, description="Comme le procès-verbal l'écrira ; avec un mandat, c'est le registre qui le dit"
    )
    mandate_id: UUID | None = Field(None, description="Son mandat au conseil, tenu ce jour-là")
    capacity: Text | None = Field(None, examples=["Délégation Occitanie"])
    presence: Presence
    proxy: Annotated[Text, Field(max_length=200)] | None = Field(
        None, description="Qui vote pour lui, s'il est représenté"
    )
    proxy_mandate_id: UUID | None = Field(None, description="Le mandat de qui vote pour lui, au lieu de son nom")

    @model_validator(mode="after")
    def _somebody(self) -> "AttendeeIn":
        if self.name is None and self.mandate_id is None:
            raise ValueError("un administrateur se dit par son mandat, ou par son nom")
        return self


class AttendanceIn(Schema):
    """Tous les administrateurs en fonction, présents ou non : les comptes s'en déduisent."""

    attendees: Annotated[list[AttendeeIn], Field(min_length=1, max_length=200)]


class AgendaItemIn(Schema):
    """Un point de l'ordre du jour : une candidature ou une procédure à décider, ou autre chose."""

    title: Text
    matter_id: UUID | None = None
    record: LongText | None = Field(None, description="Ce que le procès-verbal en dit")


class AgendaIn(Schema):
    """L'ordre du jour entier, dans son ordre."""

    items: Annotated[list[AgendaItemIn], Field(max_length=1_000)]


class DecisionIn(Schema):
    """Un vote sur un point : une candidature, ou une procédure."""

    matter_id: UUID = Field(description="La candidature, ou la procédure")
    outcome: Outcome
    votes_for: Count
    votes_against: Count = 0
    abstentions: Count = 0
    effective_on: date | None = Field(
        None,
        description="Date d'effet ; si elle est absente, le jour de la séance,"
        " ou en séance de reprise celui que dit la candidature",
    )
    reservations: Annotated[list[Text | ReservationIn], Field(max_length=20)] = Field(
        default_factory=list, description="Ce que le conseil demande en admettant : un texte, ou un texte et son jour"
    )


class DecisionsIn(Schema):
    """Des votes à consigner, qui remplacent ceux déjà consignés sur les mêmes points."""

    decisions: Annotated[list[DecisionIn], Field(min_length=1, max_length=1_000)]


class TakeoverIn(Schema):
    """Un vote sur la liste entière des structures dites adhérentes depuis un jour."""

    votes_for: Count
    votes_against: Count = 0
    abstentions: Count = 0


class DecisionOut(Schema):
    """Un vote consigné."""

    matter_id: UUID
    kind: MatterKind
    kind_label: str
    outcome: Outcome
    outcome_label: str
    votes_for: int
    votes_against: int
    abstentions: int
    effective_on: date
    reservations: list[str | ReservationIn] = Field(description="Comme à l'envoi : un texte, ou un texte et son jour")


class AttendeeOut(Schema):
    """Un administrateur et sa présence."""

    name: str
    capacity: str | None
    presence: Presence
    presence_label: str
    proxy: str | None
    mandate_id: UUID | None
    proxy_mandate_id: UUID | None
    concerned: bool = Field(description="La structure de son mandat est l'objet d'un point à décider")


class AgendaItemOut(Schema):
    """Un point de l'ordre du jour."""

    title: str
    matter_id: UUID | None
    withdrawn: bool = Field(description="La structure a renoncé à cette candidature : il n'y a plus à en décider")
    record: str | None


class QuorumOut(Schema):
    """La règle de quorum appliquée, avec son statut."""

    needed: int
    taking_part: int
    reached: bool
    most_proxies: int = Field(description="Pouvoirs qu'un administrateur peut tenir")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class SittingOut(Schema):
    """Une séance et ce qu'elle a décidé."""

    id: UUID
    held_on: date
    in_office: int
    in_office_known: int = Field(
        description="Mandats tenus ce jour-là d'après le registre du conseil, tel qu'il est aujourd'hui ;"
        " 0 s'il n'est pas saisi"
    )
    in_office_reason: str | None
    present: int
    represented: int
    minutes_reference: str
    status: SittingStatus
    status_label: str
    takes_over: bool
    cancelled_reason: str | None
    cancelled_on: date | None
    fallen_votes: int | None = Field(description="Votes consignés, tombés quand la séance fut annulée")
    quorum: QuorumOut
    attendees: list[AttendeeOut] = Field(description="Vide si seuls les comptes ont été donnés")
    agenda: list[AgendaItemOut]
    decisions: list[DecisionOut]
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class LeftAsideOut(Schema):
    """Une structure dite adhérente, dont le dossier n'est pas complet : elle reste à décider."""

    application_id: UUID
    member_id: UUID
    name: str
    blockers: list[BlockerOut]


class TakeoverOut(Schema):
    """Ce que la reprise a consigné, et ce qu'elle laisse."""

    sitting: SittingOut
    recorded: int = Field(description="Votes consignés par cette demande")
    left_aside: list[LeftAsideOut] = Field(description="À compléter, puis à reprendre par la même demande")
