"""API shapes of the agenda."""

from datetime import date, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, field_validator, model_validator

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.types import Day, LongText, Schema, Text
from membership.agenda.domain import AgendaMode, AgendaStatus, Audience, Source, is_web_page

_AUDIENCES = (Audience.PUBLIC, Audience.MEMBERS)


def _https(url: str) -> str:
    if not is_web_page(url):
        raise ValueError("l'adresse commence par https:// et n'a ni espace ni caractère invisible")
    return url


PublicPage = Annotated[str, Field(min_length=12, max_length=500), AfterValidator(_https)]


def _for_many(audience: Audience) -> Audience:
    if audience not in _AUDIENCES:
        raise ValueError("une date saisie ici est pour tout le monde (public) ou pour les adhérentes (members)")
    return audience


WideAudience = Annotated[Audience, AfterValidator(_for_many)]


class AgendaWhenIn(Schema):
    """Quand : des heures, d'un jour ou jusqu'à un autre, ou un ou plusieurs jours entiers."""

    day: Day
    last_day: Day | None = Field(None, description="Dernier jour compris ; avec des heures, celui de la fin")
    starts_at: time | None = Field(None, description="À l'heure du lieu ; absente, le jour entier", examples=["09:00"])
    ends_at: time | None = Field(None, examples=["12:30"])
    zone: str | None = Field(
        None, max_length=60, description="Par défaut, celui de la délégation", examples=["Indian/Mayotte"]
    )

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _of_the_place(cls, hour: time | None) -> time | None:
        if hour is not None and hour.tzinfo is not None:
            raise ValueError("une heure s'écrit sans fuseau, à l'heure du lieu : 09:30")
        return hour

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        last = self.last_day or self.day
        if last < self.day:
            raise ValueError("le dernier jour ne vient pas avant le premier")
        if self.ends_at is not None and self.starts_at is None:
            raise ValueError("une heure de fin va avec une heure de début")
        if self.starts_at is None:
            return self
        if self.ends_at is None and last > self.day:
            raise ValueError("sur plusieurs jours, dites aussi l'heure de fin, ou ne dites pas d'heure")
        if self.ends_at is not None and (last, self.ends_at) <= (self.day, self.starts_at):
            raise ValueError("la fin vient après le début ; le lendemain, dites last_day")
        return self


class AgendaEntryIn(AgendaWhenIn):
    """Une date à saisir."""

    kind: Annotated[str, Field(min_length=1, max_length=60)] = Field(examples=["event"])
    title: Text = Field(examples=["Université d'été"])
    description: LongText | None = Field(None, description="Sans le nom d'une personne, ni lien de visioconférence")
    delegation: Annotated[str, Field(max_length=30)] | None = Field(
        None,
        description="Absente : celle du jeton, ou tout le réseau pour l'équipe ; null : tout le réseau",
        examples=["occitanie"],
    )
    audience: WideAudience = Field(description="public, members")
    mode: AgendaMode | None = None
    place: Text | None = Field(None, examples=["Palais des congrès, Toulouse"])
    url: PublicPage | None = Field(None, description="Page publique")


class AgendaEntryAmend(Schema):
    """Ce qui change d'une date, hors de son moment."""

    kind: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    title: Text | None = None
    description: LongText | None = None
    audience: WideAudience | None = None
    mode: AgendaMode | None = None
    place: Text | None = None
    url: PublicPage | None = None

    @model_validator(mode="before")
    @classmethod
    def _kept(cls, given: Any) -> Any:
        if isinstance(given, dict) and any(given.get(name, "") is None for name in ("kind", "title", "audience")):
            raise ValueError("la sorte, le titre et le public se changent, ils ne s'effacent pas")
        return given


class AgendaMoveIn(AgendaWhenIn):
    """Un autre moment, et un autre lieu s'il est dit."""

    place: Text | None = Field(None, description="Absent, le lieu reste ; null l'efface")


class AgendaCancelIn(Schema):
    """Pourquoi elle n'a pas lieu ; les calendriers le montrent."""

    reason: Text


class AgendaEntryOut(Schema):
    """Une date de l'agenda."""

    id: UUID
    source: Source
    source_label: str
    kind: str
    kind_label: str
    title: str
    description: str | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = Field(description="null : personne n'a dit jusqu'à quand")
    zone: str = Field(description="Fuseau IANA du lieu", examples=["America/Cayenne"])
    all_day: bool
    first_day: date = Field(description="Au lieu dit")
    last_day: date
    audience: Audience
    audience_label: str
    delegation: str | None = Field(description="null : tout le réseau")
    mode: AgendaMode | None
    mode_label: str | None
    place: str | None
    url: str | None
    status: AgendaStatus
    status_label: str
    cancelled_reason: str | None
    sequence: int = Field(description="Combien de fois ce qu'un calendrier montre a changé")
    changed_at: AwareDatetime
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class AgendaFilters(Schema):
    """Which dates: the same for a page, the counts and a feed."""

    day_from: Day | None = Field(None, description="Ce qui n'est pas fini avant ce jour, au lieu dit")
    day_to: Day | None = Field(None, description="Ce qui commence ce jour-là au plus tard, au lieu dit")
    delegation: list[str] = Field(
        default_factory=list, max_length=20, description="Ses dates, et celles de tout le réseau"
    )
    kind: list[str] = Field(default_factory=list, max_length=30, description="Natures")
    audience: list[Audience] = Field(default_factory=list, description="À qui la date s'adresse")
    mode: list[AgendaMode] = Field(default_factory=list, description="Sur place ou à distance")
    q: Annotated[
        str | None, Field(min_length=2, max_length=100, description="Dans le titre et le lieu, sans accents ni casse")
    ] = None


class AgendaCalendarFilters(AgendaFilters):
    """The same, of a calendar: what its programme adds to the address, against its cache or to count, is let by."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class AgendaCountFilters(AgendaFilters):
    """The same, and whether what was cancelled counts."""

    cancelled: bool = Field(False, description="Montrer aussi les dates annulées")


class AgendaListParams(PageParams, AgendaCountFilters):
    """Filters, order and page of the agenda."""


class AgendaMonthOut(Schema):
    """Un mois, et combien de dates y commencent, à l'heure du lieu."""

    month: str = Field(examples=["2026-12"])
    count: int


class AgendaMonthsOut(Schema):
    """Les mois où il y a quelque chose."""

    items: list[AgendaMonthOut]


class AgendaKindOut(Schema):
    """Ce qu'une date peut être."""

    code: str
    label: str
    by_hand: bool = Field(description="Peut être saisi ici")


class AgendaRuleOut(Schema):
    """Les délais et les bornes de l'agenda."""

    feed_days: int = Field(description="Combien de jours sert une adresse d'abonnement de structure")
    staff_feed_days: int = Field(description="Celle de qui voit plus qu'une structure")
    feed_notice_days: int = Field(description="Les derniers jours, où son calendrier dit qu'elle s'arrête")
    feed_kept_days: int = Field(description="Retirée ou expirée, une adresse se relit encore ; expirée, se renouvelle")
    feeds_each: int = Field(description="Adresses qui servent, par personne")
    past_shown_days: int = Field(description="Ce qui est passé reste dans les calendriers")
    cancelled_shown_days: int = Field(description="Ce qui est annulé aussi")
    most_in_a_calendar: int = Field(description="Dates par calendrier : les plus proches à venir, puis les passées")
    ask_again_hours: int = Field(description="Entre deux lectures, par un calendrier qui suit le conseil")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class AgendaKindsOut(Schema):
    """Ce que l'agenda montre."""

    items: list[AgendaKindOut] = Field(max_length=MOST_SHOWN)
    zones: list[str] = Field(description="Les fuseaux du réseau")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    rule: AgendaRuleOut


class AgendaFeedIn(Schema):
    """Une adresse d'abonnement à demander."""

    label: Annotated[Text, Field(max_length=80)] = Field(examples=["Calendrier du bureau"])


class AgendaFeedOut(Schema):
    """Une adresse d'abonnement ; elle-même ne se relit pas."""

    id: UUID
    label: str
    roles: list[str] = Field(description="Les droits du jour où elle a été donnée ou renouvelée")
    member_id: UUID | None
    delegation: str | None
    created_at: AwareDatetime
    expires_on: date = Field(description="Dernier jour où elle sert, sauf renouvellement")
    last_used_on: date | None
    revoked_at: AwareDatetime | None


class AgendaFeedOfOut(AgendaFeedOut):
    """Une adresse d'abonnement, et qui l'a demandée."""

    subject: str = Field(description="Chez le fournisseur d'identité")
    revoked_by: str | None


class AgendaFeedsOfAllParams(PageParams):
    """Which addresses, of whom."""

    subject: str | None = Field(None, max_length=255, description="La personne qui l'a demandé")
    role: str | None = Field(None, max_length=30, examples=["board"], description="Le rôle de qui l'a demandé")
    delegation: str | None = Field(None, max_length=30, description="La délégation, par son code")
    member_id: UUID | None = Field(None, description="La structure")
    serving: bool | None = Field(None, description="Ni retirée, ni expirée")


class AgendaFeedGiven(AgendaFeedOut):
    """Une adresse d'abonnement, montrée cette fois seulement."""

    path: str = Field(
        description="À garder secrète : qui la connaît lit cet agenda",
        examples=["/membership/v1/agenda/calendars/….ics"],
    )
