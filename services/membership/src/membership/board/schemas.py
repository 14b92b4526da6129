"""API shapes of the board."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Day, Schema, Text
from membership.board.domain import MandateEnd, SeatScope


class BoardMandateOut(Schema):
    """Un mandat : un siège, la structure élue, la personne qu'elle a présentée."""

    id: UUID
    scope: SeatScope
    scope_label: str
    code: str = Field(description="La délégation, ou le collège")
    name: str = Field(description="Le nom de la délégation, ou du collège")
    number: int
    member_id: UUID
    member_name: str
    contact_id: UUID
    person: str | None = Field(description="Absente si ses données ont été effacées")
    since: date
    until: date = Field(description="Premier jour où le mandat n'est plus tenu")
    ended_on: date | None
    end: MandateEnd | None
    end_label: str | None
    reason: str | None
    assembly_id: UUID | None = Field(description="L'assemblée qui l'a donné ; absente s'il est d'avant le système")
    taken_over: bool = Field(description="Donné avant le système, et saisi ensuite")
    source: str | None = Field(description="D'où un mandat repris est connu")
    problem: str | None = Field(description="Ce qui ne va pas, et quoi faire")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class BoardSeatOut(Schema):
    """Un siège, et qui l'occupe."""

    scope: SeatScope
    code: str
    name: str
    number: int
    mandate: BoardMandateOut | None = Field(description="Absent : le siège est à pourvoir")


class BureauTermOut(Schema):
    """Une fonction du bureau, et la personne qui l'a, tant qu'elle a un siège au conseil."""

    id: UUID
    function: str
    function_label: str
    mandate_id: UUID = Field(description="Le siège de cette personne")
    member_id: UUID
    member_name: str
    contact_id: UUID
    person: str | None = Field(description="Absente si ses données ont été effacées")
    since: date
    until: date = Field(description="Premier jour où la fonction n'est plus tenue : au plus tard, la fin du mandat")
    ended_on: date | None
    source: str
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class BureauFunctionOut(Schema):
    """Une fonction du bureau, et qui l'a ce jour-là."""

    function: str
    label: str
    holders: list[BureauTermOut] = Field(description="Vide : la fonction est à pourvoir")


class BoardOut(Schema):
    """Le conseil d'administration, un jour donné."""

    as_of: date
    seats: list[BoardSeatOut]
    total: int = Field(description="Sièges")
    in_office: int = Field(description="Sièges occupés")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    bureau: list[BureauFunctionOut]
    bureau_status: str
    bureau_source: str


class BoardParams(Schema):
    """Which day is looked at."""

    as_of: Day | None = Field(None, description="Le jour où l'on se place ; à défaut, aujourd'hui")


class BoardMandateListParams(BoardParams, PageParams):
    """The mandates: filters and page."""

    code: Annotated[list[str], Field(max_length=20)] = Field(default_factory=list, description="Mandats, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    taken_over: bool | None = Field(None, description="Repris d'avant le système, ou donnés par une assemblée")
    held: bool = Field(False, description="Ceux qui sont tenus le jour demandé ; tous, sinon")


class MandateEndIn(Schema):
    """Un mandat prend fin avant son terme."""

    ended_on: Day | None = Field(None, description="Aujourd'hui par défaut")
    end: Literal[MandateEnd.RESIGNED, MandateEnd.STRUCTURE_LEFT, MandateEnd.REPLACED]
    reason: Text


class BoardMandateIn(Schema):
    """Un mandat en cours que nulle assemblée n'a donné ici : d'avant le système, ou des salariés."""

    scope: SeatScope
    code: Text = Field(description="La délégation, le collège, ou employees", examples=["occitanie"])
    number: int | None = Field(None, ge=1, le=100, description="Le premier siège libre si absent")
    member_id: UUID
    contact_id: UUID = Field(description="Une personne de cette structure")
    since: Day
    until: Day = Field(description="Premier jour où le mandat n'est plus tenu")
    source: Text = Field(description="D'où il est connu", examples=["PV de l'AG du 12/06/2024"])


class MandateWithdrawalIn(Schema):
    """Un mandat repris par erreur : il n'a été tenu aucun jour."""

    reason: Text


class BureauTermIn(Schema):
    """Une fonction du bureau, donnée à qui a un siège au conseil."""

    function: Text = Field(examples=["president"])
    mandate_id: UUID
    since: Day | None = Field(None, description="Aujourd'hui par défaut")
    source: Text = Field(description="D'où elle est connue", examples=["PV du conseil du 03/07/2026"])


class BureauTermEndIn(Schema):
    """Une fonction prend fin avant le mandat ; le jour où elle a commencé, elle avait été saisie par erreur."""

    ended_on: Day | None = Field(None, description="Aujourd'hui par défaut")


class BureauListParams(PageParams):
    """The functions of the bureau: filter and page."""

    function: Annotated[list[str], Field(max_length=20)] = Field(
        default_factory=list, description="Fonctions, par leur code"
    )
