"""API shapes of the calendars."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Schema, Text
from training.calendars.domain import Reader


class CalendarFeedIn(Schema):
    """Une adresse d'abonnement à demander, pour le calendrier de quelqu'un."""

    reader: Reader = Field(description="À qui est ce calendrier")
    reader_id: UUID = Field(description="Le formateur, la personne formée ou la structure, par son identifiant")
    label: Annotated[Text, Field(max_length=80)] = Field(
        description="Pour la reconnaître, sans le nom d'une personne", examples=["Calendrier du téléphone"]
    )


class CalendarFeedOut(Schema):
    """Une adresse d'abonnement ; elle-même ne se relit pas."""

    id: UUID
    reader: Reader
    reader_label: str
    reader_id: UUID
    through: UUID | None = Field(
        description="La structure qui l'a donnée à une de ses personnes : seules les places qu'elle a prises s'y lisent"
    )
    label: str
    mailed: bool = Field(description="Envoyée aussi à la personne, par courriel")
    created_at: AwareDatetime
    expires_on: date = Field(description="Dernier jour où elle sert, sauf renouvellement")
    last_used_on: date | None
    revoked_at: AwareDatetime | None
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CalendarFeedGiven(CalendarFeedOut):
    """Une adresse d'abonnement, montrée cette fois seulement."""

    path: str = Field(
        description="À garder secrète : qui la connaît lit ce calendrier", examples=["/training/v1/calendars/….ics"]
    )


class CalendarFeedListParams(PageParams):
    """Which addresses, of whose calendars."""

    reader: Reader | None = Field(None, description="À qui est ce calendrier")
    reader_id: UUID | None = Field(None, description="Le formateur, la personne ou la structure")
    serving: bool | None = Field(None, description="Ni retirée, ni expirée")


class CalendarRuleOut(Schema):
    """Les délais et les bornes des calendriers."""

    feed_days: int = Field(description="Combien de jours sert une adresse")
    feed_notice_days: int = Field(description="Les derniers jours, où son calendrier dit qu'elle s'arrête")
    feed_kept_days: int = Field(description="Retirée ou expirée, une adresse se relit encore ; expirée, se renouvelle")
    feeds_each: int = Field(description="Adresses qui servent à la fois, par calendrier")
    past_shown_days: int = Field(description="Ce qui est passé reste dans les calendriers")
    cancelled_shown_days: int = Field(description="Ce qui est annulé, déplacé ou rendu aussi")
    most_in_a_calendar: int = Field(description="Les demi-journées les plus proches à venir, puis les passées")
    ask_again_hours: int = Field(description="Entre deux lectures, par un calendrier qui suit le conseil")
    mail_kept_days: int = Field(description="Le courriel qui porte une adresse")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
