"""API shapes of the catalogue of accompaniments and its slots."""

from datetime import date, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.types import Day, LongText, Schema, Text
from membership.accompaniments.domain import Level, MeetingMode
from membership.members.domain import ActivityKind


def _https(link: str) -> str:
    if not link.startswith("https://") or any(char.isspace() for char in link):
        raise ValueError("le lien commence par https:// et n'a pas d'espace")
    return link


HttpsLink = Annotated[str, Field(min_length=12, max_length=500), AfterValidator(_https)]
"""A link that a person follows; the service never does."""
Minutes = Annotated[int, Field(ge=15, le=8 * 60)]
Activities = Annotated[list[ActivityKind], Field(max_length=20)]


class AccompanimentKindOut(Schema):
    """Un type d'accompagnement, défini au niveau national."""

    code: str
    label: str
    description: str
    first_level_free: bool
    activities: list[ActivityKind] = Field(description="Pour quels types de structures ; vide, pour tous")


class BookingRuleOut(Schema):
    """Jusqu'à quand une place se réserve et s'annule."""

    book_hours_before: int
    cancel_hours_before: int
    first_level_once_a_year: bool = Field(description="Un premier niveau gratuit par type et par année civile")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class AccompanimentKindsOut(Schema):
    """Les types d'accompagnement, et la règle de réservation d'aujourd'hui."""

    items: list[AccompanimentKindOut] = Field(max_length=MOST_SHOWN)
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    rule: BookingRuleOut


class AccompanimentIn(Schema):
    """Un accompagnement à offrir. Aucun prix : le premier niveau est gratuit, la suite est sur devis."""

    kind: Annotated[str, Field(min_length=1, max_length=60)] = Field(examples=["coodiag"])
    delegation: Annotated[str, Field(max_length=30)] | None = Field(
        None, description="Absente : offert par le réseau à toutes les structures", examples=["occitanie"]
    )
    level: Level
    title: Text
    description: LongText = ""
    preparation: LongText = Field("", description="Ce que la structure prépare")
    duration_minutes: Minutes
    mode: MeetingMode
    activities: Activities = Field([], description="Pour quels types de structures ; vide, pour tous")


class AccompanimentAmend(Schema):
    """Ce qui change d'une offre ; les réservations gardent ce qui leur a été promis."""

    title: Text | None = None
    description: LongText | None = None
    preparation: LongText | None = None
    duration_minutes: Minutes | None = None
    mode: MeetingMode | None = None
    activities: Activities | None = None


class NextSlotOut(Schema):
    """Un prochain créneau où il reste une place."""

    id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    zone: str
    free_places: int


class TermsOut(Schema):
    """Ce qu'une offre promet."""

    title: str
    description: str
    preparation: str
    duration_minutes: int
    mode: MeetingMode
    mode_label: str
    activities: list[ActivityKind]


class AccompanimentOut(TermsOut):
    """Un accompagnement du catalogue."""

    id: UUID
    kind: str
    kind_label: str
    delegation: str | None = Field(description="null : offert par le réseau à toutes")
    level: Level
    level_label: str
    free: bool = Field(description="Vrai : gratuit pour les adhérentes ; faux : sur devis")
    is_open: bool
    edition: int = Field(description="Une de plus à chaque changement de ce qui est promis")
    next_slots: list[NextSlotOut] = Field(description="Les trois prochains où il reste une place")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class AccompanimentListParams(PageParams):
    """Filters of the catalogue."""

    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    level: Level | None = Field(None, description="Le niveau")
    is_open: bool | None = Field(None, description="Ouvertes, ou non")
    activity: ActivityKind | None = Field(None, description="Ceux qui s'adressent à ce type de structure")
    free_from: Day | None = Field(None, description="Ayant une place libre à partir de ce jour")
    free_to: Day | None = Field(None, description="Ayant une place libre jusqu'à ce jour compris")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le titre")] = None


class SlotWhere(Schema):
    """Où et par qui un créneau est tenu."""

    capacity: Annotated[int, Field(ge=1, le=500)] = 1
    place: Text | None = None
    link: HttpsLink | None = Field(None, description="Lien de visioconférence, montré à qui a réservé")
    adviser: Text | None = Field(
        None, description="Une fonction ou un identifiant, pas un nom ; absent : l'auteur de la demande"
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.place is None and self.link is None:
            raise ValueError("un créneau a un lieu ou un lien")
        return self


class SlotsIn(SlotWhere):
    """Un créneau, ou une série : chaque semaine, les mêmes jours, l'un après l'autre entre deux heures."""

    first_day: Day
    begins: time = Field(description="Heure locale", examples=["09:00"])
    ends: time = Field(description="Heure locale", examples=["12:00"])
    minutes: Minutes | None = Field(None, description="Durée de chacun ; par défaut, celle de l'offre")
    weeks: Annotated[int, Field(ge=1, le=53)] = 1
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        [], description="0 : lundi … 6 : dimanche ; par défaut, celui du premier jour"
    )
    zone: Text | None = Field(None, description="Heure locale, si la délégation en a plusieurs")
    keep_holidays: bool = Field(False, description="Vrai : ouvrir aussi les jours fériés")

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("les heures sont locales, sans fuseau")
        return self


class SlotMove(SlotWhere):
    """Un autre moment, un autre lieu. Le lieu et le lien remplacent ceux d'avant."""

    day: Day
    begins: time = Field(description="Heure locale du créneau")
    minutes: Minutes

    @model_validator(mode="after")
    def _local(self) -> Self:
        if self.begins.tzinfo:
            raise ValueError("l'heure est locale, sans fuseau")
        return self


class SlotCancellation(Schema):
    """Pourquoi le créneau est annulé."""

    reason: Text = Field(description="Lu par les structures, et envoyé à celles qui ont réservé")


class SeriesCancellation(SlotCancellation):
    """Pourquoi ce qui reste de la série est annulé."""

    first_day: Day | None = Field(
        None, description="À partir de ce jour, à l'heure du lieu ; par défaut, tout le reste"
    )


class SlotOut(Schema):
    """Un créneau d'un accompagnement."""

    id: UUID
    accompaniment_id: UUID
    title: str
    kind: str
    delegation: str | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    zone: str = Field(description="Fuseau de l'heure locale", examples=["Indian/Reunion"])
    capacity: int
    free_places: int
    place: str | None
    link: str | None = Field(description="Pour qui tient le créneau ; une structure le lit dans sa réservation")
    adviser: str | None = Field(description="Pour qui tient le créneau")
    book_until: AwareDatetime
    cancel_until: AwareDatetime
    series_id: UUID | None = Field(description="De la série ouverte avec lui : `?series=`")
    moved_at: AwareDatetime | None
    cancelled_at: AwareDatetime | None
    cancel_reason: str | None = Field(description="Lu par les structures")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class HolidayOut(Schema):
    """Un jour férié laissé."""

    day: date
    name: str


class SlotsOut(Schema):
    """Les créneaux ouverts, et les jours fériés laissés."""

    items: list[SlotOut]
    left_out: list[HolidayOut]


class SlotListParams(PageParams):
    """Filters of the slots."""

    accompaniment: UUID | None = Field(None, description="L'offre d'accompagnement")
    series: UUID | None = Field(None, description="Ouverts ensemble")
    kind: list[str] = Field(default_factory=list, max_length=20, description="Natures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    starts_from: Day | None = Field(None, description="À partir de ce jour")
    starts_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    free: bool | None = Field(None, description="Vrai : où une place peut encore se réserver")
    cancelled: bool | None = Field(None, description="Annulés, ou non")
