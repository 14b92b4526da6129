"""API shapes of the convocations to an assembly."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Schema, Text
from membership.assemblies.domain import Convocation, ConvocationState
from membership.notices.domain import Reach
from membership.notices.schemas import LettersIn, NoticeOut, ToSendOut

LateReason = Annotated[
    Text | None, Field(description="Pourquoi elles partent après le dernier jour ; le procès-verbal le dit")
]


class ConvocationFilters(Schema):
    """Filters of the convocations."""

    state: list[ConvocationState] = Field(default_factory=list, description="États")
    unreached: bool | None = Field(None, description="Celles qu'aucun courriel n'atteint, ou les autres")
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class ConvocationListParams(PageParams, ConvocationFilters):
    """The list of convocations: filters and page."""


class ConvocationExportParams(ConvocationFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class ConvocationOut(Schema):
    """Une structure, et sa convocation."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    enrolled: bool = Field(description="Faux pour une structure convoquée qui ne vote plus")
    state: ConvocationState
    state_label: str
    convened_on: date | None
    late: bool = Field(description="Partie après le dernier jour, avec ou sans raison consignée")
    late_reason: str | None = Field(description="Pourquoi elle est partie après le dernier jour")
    means: Reach = Field(description="Comment la joindre aujourd'hui")
    means_label: str
    problems: list[str] = Field(description="Ce qui est à reprendre : un envoi a échoué, une adresse manque")

    @classmethod
    def of(cls, one: Convocation) -> "ConvocationOut":
        """Write a convocation as the API shows it."""
        return cls(
            member_id=one.member.id,
            reference=one.member.reference,
            name=one.member.name,
            delegation=one.member.delegation,
            enrolled=one.enrolled,
            state=one.state,
            state_label=one.state.label,
            convened_on=one.convened_on,
            late=one.is_late,
            late_reason=one.late_reason,
            means=one.reach,
            means_label=one.reach.label,
            problems=list(one.problems),
        )


class ConvocationDetail(ConvocationOut):
    """Une convocation, avec tout ce qui a été envoyé à la structure."""

    notices: list[NoticeOut] = Field(description="De la plus ancienne à la plus récente")
    to_send: ToSendOut | None = Field(description="Absent quand il n'y a rien à envoyer")


class ConvocationsIn(Schema):
    """Envoyer les convocations."""

    late_reason: LateReason = None
    elsewhere: bool = Field(False, description="Écrire aussi à celles que la preuve dit convoquées ailleurs")


class ConvocationLettersIn(LettersIn):
    """Des convocations postées le même jour."""

    late_reason: LateReason = None
