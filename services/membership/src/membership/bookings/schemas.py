"""API shapes of bookings and of what was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.accompaniments.domain import Level
from membership.accompaniments.schemas import HttpsLink, SlotOut, TermsOut
from membership.bookings.domain import BookingState, CancelledBy, Deliverable, DeliverableFile, DeliverableKind


class BookingIn(Schema):
    """Une place à réserver."""

    slot_id: UUID
    member_id: UUID = Field(description="Sa structure ; la délégation et le réseau, une structure de leur périmètre")
    expectation: Text | None = Field(None, description="Ce que la structure en attend, sans le nom d'une personne")
    allowance_reason: Text | None = Field(
        None,
        description="Pourquoi un autre premier niveau gratuit est accordé cette année, par la délégation ou le réseau ;"
        " lu par la structure",
    )


class BookingCancellationIn(Schema):
    """Pourquoi la place est rendue ; obligatoire quand ce n'est pas la structure qui la rend."""

    reason: Text | None = Field(None, description="Lu par la structure, à qui il est envoyé, et par la délégation")


class BookingReopenIn(Schema):
    """Pourquoi l'issue est reprise."""

    reason: Text = Field(description="Gardé pour qui tient l'accompagnement : la structure ne le lit pas")


class BookingReopeningOut(Schema):
    """Une issue reprise, et ce qui avait été dit."""

    at: AwareDatetime
    by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    reason: str
    state: BookingState
    outcome_at: AwareDatetime
    outcome_by: str = Field(description="Identifiant de qui l'avait dite")


class DeliverableIn(Schema):
    """Ce que l'accompagnement laisse : un lien, un résumé, ou les deux. Un fichier : `deliverables/files`."""

    kind: DeliverableKind
    title: Text
    delivered_on: Day | None = Field(None, description="Aujourd'hui par défaut")
    link: HttpsLink | None = Field(None, description="Jamais ouvert par le service")
    summary: LongText | None = None
    next_accompaniment_id: UUID | None = Field(None, description="La suite proposée")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.link is None and not self.summary:
            raise ValueError("un livrable a un lien ou un résumé")
        return self


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """What a form says of a file that is delivered."""

    kind: DeliverableKind
    title: str
    delivered_on: date | None
    summary: str | None


class DeliverableWithdrawalIn(Schema):
    """Pourquoi le livrable est retiré."""

    reason: Text = Field(description="Gardé pour qui tient l'accompagnement : la structure ne le lit pas")


class DeliverableFileOut(Schema):
    """Un fichier d'un livrable ; il se télécharge, et ne s'affiche jamais dans le navigateur."""

    id: UUID
    filename: str
    media_type: str = Field(description="Lu dans son contenu, pas dans son nom")
    size: int = Field(description="En octets")
    sha256: str = Field(description="Son empreinte : la preuve qu'il n'a pas changé")
    sent_at: AwareDatetime
    sent_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class DeliverableOut(Schema):
    """Ce qu'un accompagnement a laissé."""

    id: UUID
    kind: DeliverableKind
    kind_label: str
    title: str
    delivered_on: date
    link: str | None
    summary: str | None
    files: list[DeliverableFileOut] = Field(
        description="Le dernier compte ; ceux qu'il a remplacés le précèdent, pour qui tient l'accompagnement seulement"
    )
    next_accompaniment_id: UUID | None
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime | None
    withdrawn_reason: str | None = Field(description="Gardé pour qui tient l'accompagnement ; null pour la structure")
    allowed_actions: list[str]

    @classmethod
    def of(cls, one: Deliverable, files: Sequence[DeliverableFile], *, delivers: bool) -> Self:
        """Write a deliverable; what was another structure's is not to be read any more once it was taken back."""
        withdrawal = one.withdrawal
        told = delivers or withdrawal is None
        shown = files if delivers else files[-1:]
        return cls(
            id=one.id,
            kind=one.kind,
            kind_label=one.kind.label,
            title=one.title,
            delivered_on=one.delivered_on,
            link=one.link if told else None,
            summary=one.summary if told else None,
            files=[DeliverableFileOut.model_validate(file) for file in shown] if told else [],
            next_accompaniment_id=one.next_offer_id,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
            withdrawn_at=withdrawal.at if withdrawal else None,
            withdrawn_reason=withdrawal.reason if withdrawal and delivers else None,
            allowed_actions=["send", "withdraw"] if delivers and withdrawal is None else [],
        )


class BookingOut(Schema):
    """Une place réservée par une structure."""

    id: UUID
    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    accompaniment_id: UUID
    kind: str
    kind_label: str
    level: Level
    free: bool = Field(description="Vrai : gratuit ; faux : sur devis")
    edition: int
    promised: TermsOut = Field(description="Ce que l'accompagnement promettait à la réservation")
    slot_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    zone: str
    place: str | None
    link: str | None = Field(description="Tant que la place est réservée")
    cancel_until: AwareDatetime | None = Field(
        description="Jusqu'à quand la structure la rend ; null : réservée trop tard, elle appelle qui la tient"
    )
    holder: str = Field(description="Qui tient l'accompagnement", examples=["la délégation Occitanie"])
    moved: bool = Field(description="Déplacé depuis la réservation : la structure peut la rendre jusqu'au début")
    state: BookingState
    state_label: str
    expectation: str | None
    free_year: int | None = Field(description="L'année dont elle emploie le premier niveau gratuit")
    allowance_reason: str | None = Field(description="Lu par la structure")
    booked_at: AwareDatetime
    booked_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    cancelled_at: AwareDatetime | None
    cancelled_side: CancelledBy | None
    cancel_reason: str | None = Field(description="Lu par la structure et par la délégation")
    outcome_at: AwareDatetime | None
    reopenings: list[BookingReopeningOut] = Field(
        description="De la première à la dernière, pour qui tient l'accompagnement ; vide pour la structure"
    )
    last_mail: str | None = Field(description="Ce qu'il est advenu du dernier courriel ; null : aucune adresse connue")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class SeriesCancellationOut(Schema):
    """Ce qui restait d'une série, annulé : les créneaux, et les places que des structures y avaient."""

    items: list[SlotOut]
    bookings: list[BookingOut] = Field(description="Chacune prévenue par un courriel, si une adresse est connue")


class BookingDetail(BookingOut):
    """Une place réservée, et ce que l'accompagnement a laissé."""

    deliverables: list[DeliverableOut]


class BookingFilters(Schema):
    """Which bookings: the same filters on list, count and export."""

    state: list[BookingState] = Field(default_factory=list, description="États")
    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Celle de la structure aujourd'hui")
    booked_delegation: list[str] = Field(
        default_factory=list, max_length=20, description="Celle de la structure à la réservation"
    )
    member_id: UUID | None = Field(None, description="La structure")
    accompaniment: UUID | None = Field(None, description="L'offre d'accompagnement")
    slot: UUID | None = Field(None, description="Le créneau")
    starts_from: Day | None = Field(None, description="À partir de ce jour")
    starts_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    once: bool = Field(
        False, description="Vrai : une ligne par structure, sa première (et par délégation, si elle en a changé)"
    )
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class BookingListParams(PageParams, BookingFilters):
    """Filters, order and page of the bookings."""


class BookingExportParams(BookingFilters):
    """Filters and format of an export of bookings."""

    format: ExportFormat = "csv"
