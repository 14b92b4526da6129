"""API shapes of the departmental meetings."""

from datetime import date, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, field_validator, model_validator

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.meetings.domain import MeetingPresence, MeetingState
from membership.territory.schemas import Department

_Invitees = Annotated[list[UUID], Field(min_length=1, max_length=1_000)]


def _local(hour: time | None) -> time | None:
    if hour is not None and hour.tzinfo is not None:
        raise ValueError("une heure s'écrit sans fuseau, à l'heure du lieu : 09:30")
    return hour


class MeetingPlace(Schema):
    """Quand et où."""

    day: Day
    starts_at: time | None = Field(None, description="À l'heure du lieu", examples=["09:30"])
    ends_at: time | None = Field(None, examples=["12:30"])
    place: Text | None = Field(None, examples=["Maison des associations, Toulouse"])

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _of_the_place(cls, hour: time | None) -> time | None:
        return _local(hour)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("la rencontre finit après avoir commencé")
        return self


class MeetingIn(MeetingPlace):
    """Une rencontre à prévoir."""

    delegation: Text = Field(examples=["occitanie"])
    departments: Annotated[list[Department], Field(min_length=1, max_length=20)]
    subject: Text = Field(examples=["Rencontre départementale de printemps"])
    members: _Invitees | None = Field(
        None, description="Par défaut, les adhérentes de ces départements le jour de la rencontre"
    )


class MeetingAmend(Schema):
    """Ce qui change ; les champs absents restent ce qu'ils sont. Un lieu à null est ôté."""

    subject: Text | None = None
    place: Text | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named; only a place can be taken away."""
        named = self.model_dump(exclude_unset=True)
        return {name: value for name, value in named.items() if value is not None or name == "place"}


class MeetingMoveIn(MeetingPlace):
    """Un autre jour, d'autres heures, un autre lieu ; remplace les précédents."""


class MeetingInviteIn(Schema):
    """Qui inviter de plus."""

    members: _Invitees | None = Field(
        None, description="Par défaut, les adhérentes de ses départements ce jour-là qui ne sont pas invitées"
    )


class MeetingAttendanceLine(Schema):
    """Une structure, et si elle est venue."""

    member_id: UUID
    presence: MeetingPresence


class MeetingAttendeeLine(Schema):
    """Une personne connue du registre, ou tant de personnes par ce qu'elles font."""

    contact_id: UUID | None = Field(None, description="Une personne d'une structure présente")
    member_id: UUID | None = Field(
        None, description="La structure de celles qui ne sont pas nommées ; absente : venues d'ailleurs"
    )
    function: Text | None = Field(
        None, description="Ce qu'elles font, jamais un nom", examples=["Encadrante technique", "Conseil départemental"]
    )
    people: int = Field(1, ge=1, le=1_000, description="Combien, quand elles ne sont pas nommées")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.contact_id is None) == (self.function is None):
            raise ValueError("une ligne nomme une personne du registre, ou dit une fonction")
        if self.contact_id is not None and (self.people != 1 or self.member_id is not None):
            raise ValueError("une personne du registre compte pour une, et pour sa structure")
        return self


class MeetingRecordIn(Schema):
    """La rencontre a eu lieu : qui est venu, ce qui s'est dit en bref."""

    attendance: Annotated[list[MeetingAttendanceLine], Field(max_length=1_000)] = Field(
        description="Celles qui sont venues, même sans être invitées, et les excusées ; les autres invitées étaient"
        " absentes. `invited` : on ne sait pas si elle est venue"
    )
    people: Annotated[list[MeetingAttendeeLine], Field(max_length=1_000)] = Field(
        default_factory=list, description="Les personnes venues ; les nommer n'est jamais nécessaire"
    )
    notes: Annotated[LongText, Field(min_length=1)] | None = Field(
        None, description="Pour la délégation et le réseau seulement ; sans le nom d'une personne"
    )

    @field_validator("attendance")
    @classmethod
    def _one_each(cls, lines: list[MeetingAttendanceLine]) -> list[MeetingAttendanceLine]:
        if len({line.member_id for line in lines}) < len(lines):
            raise ValueError("une structure figure deux fois")
        return lines


class MeetingCancelIn(Schema):
    """Pourquoi elle n'a pas lieu."""

    reason: Text = Field(description="Lu par les structures invitées, dans leur agenda aussi")
    drop_next_steps: bool = Field(
        False, description="Vrai : ses suites encore à faire sont abandonnées, avec la même raison"
    )


class MeetingOut(Schema):
    """Une rencontre départementale."""

    id: UUID
    delegation: str
    departments: list[str]
    subject: str
    day: date
    first_day: date
    moves: int = Field(description="Combien de fois elle a changé de jour")
    starts_at: time | None
    ends_at: time | None
    place: str | None
    state: MeetingState
    state_label: str
    presences: dict[MeetingPresence, int] = Field(description="Combien d'invitées, dans le périmètre de l'appelant")
    people: int = Field(description="Combien de personnes sont venues ; pour une structure, les siennes")
    notes: str | None = Field(description="Pour la délégation et le réseau ; absentes pour les autres")
    attendance_recorded_on: date | None = Field(description="Le jour où la présence a été consignée, ou corrigée")
    attendance_recorded_by: str | None = Field(description="Identifiant de qui l'a consignée, jamais un nom")
    cancelled_reason: str | None = Field(description="Lu par les structures invitées")
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class MeetingFilters(Schema):
    """Which meetings: the same filters on list and export."""

    state: list[MeetingState] = Field(default_factory=list, description="États")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    department: list[Department] = Field(
        default_factory=list, max_length=110, description="Départements, par leur numéro"
    )
    member_id: UUID | None = Field(None, description="Où cette structure est invitée")
    day_from: Day | None = Field(None, description="À partir de ce jour")
    day_to: Day | None = Field(None, description="Jusqu'à ce jour compris")


class MeetingListParams(PageParams, MeetingFilters):
    """Filters, order and page of the meetings."""


class MeetingExportParams(MeetingFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class InvitationOut(Schema):
    """Une structure invitée à une rencontre."""

    member_id: UUID
    reference: str
    name: str
    department: str | None
    presence: MeetingPresence
    presence_label: str
    called: bool = Field(description="Faux : venue sans être invitée")


class InvitationFilters(Schema):
    """Which of the structures called to a meeting."""

    presence: list[MeetingPresence] = Field(default_factory=list, description="Présences")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class InvitationListParams(PageParams, InvitationFilters):
    """Filters, order and page of those called to a meeting."""


class InvitationExportParams(InvitationFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class MeetingAttendeeOut(Schema):
    """Qui est venu : une personne, ou plusieurs par ce qu'elles font."""

    id: UUID
    member_id: UUID | None
    structure: str | None = Field(description="Absente : venue d'ailleurs")
    contact_id: UUID | None
    name: str | None = Field(description="Absent : jamais nommée, ou effacée du registre depuis")
    function: str | None
    people: int


class AttendeeListParams(PageParams):
    """Order and page of those who came."""
