"""API shapes of renewals."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Schema, Text
from membership.notices.domain import Reach
from membership.notices.schemas import NoticeOut, ToSendOut
from membership.renewals.domain import Line, RenewalState, SaidNo

Members = Annotated[list[UUID], Field(min_length=1, max_length=1_000)]


class RenewalIn(Schema):
    """L'année pour laquelle les adhésions se renouvellent."""

    year: int = Field(ge=2020, le=2100, examples=[2027])


class RenewalCountOut(Schema):
    """Combien de structures en sont là, dans une délégation."""

    delegation: str | None
    state: RenewalState
    state_label: str
    count: int


class RenewalOut(Schema):
    """Le renouvellement d'une année, et où il en est dans le périmètre de l'appelant."""

    id: UUID
    year: int
    renews_on: date
    notice_from: date = Field(description="Premier jour où une information envoyée compte")
    notice_until: date = Field(description="Dernier jour où une information envoyée compte")
    opt_out_until: date = Field(description="Dernier jour pour refuser")
    rule_status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    rule_source: str
    states: dict[RenewalState, int] = Field(description="Combien de structures en sont où ; toutes y sont")
    counts: list[RenewalCountOut] = Field(description="Les mêmes, par délégation")
    job_id: UUID | None = Field(description="Le dernier envoi demandé")
    opened_at: AwareDatetime
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class LineOut(Schema):
    """Une structure dans un renouvellement."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    state: RenewalState
    state_label: str
    leaves_on: date | None = Field(description="Premier jour où elle n'est plus adhérente, si un départ est inscrit")
    notified_on: date | None = Field(description="Le jour d'un envoi fait à temps et qui n'est pas revenu")
    means: Reach | None = Field(description="Comment l'informer ; absent quand il n'y a rien à envoyer")
    means_label: str | None
    problem: str | None = Field(
        description="Ce qui est à reprendre : le dernier envoi a échoué, ou le renouvellement n'est pas encore inscrit"
    )
    exception: str | None = Field(description="Pourquoi elle est renouvelée sans avoir été informée à temps")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Pourquoi une action n'est pas possible maintenant")

    @classmethod
    def of(cls, line: Line, **more: Any) -> "LineOut":
        """Write a structure as the API shows it; ``more`` is what the line alone does not tell."""
        means: Reach | None = more.get("means")
        return cls(
            member_id=line.member.id,
            reference=line.member.reference,
            name=line.member.name,
            delegation=line.member.delegation,
            state=line.state,
            state_label=line.state.label,
            leaves_on=line.standing.leaves_on,
            notified_on=line.standing.notified_on,
            means_label=means.label if means else None,
            **more,
        )


class RefusalOut(Schema):
    """La structure a refusé ce renouvellement."""

    said_on: date | None = Field(description="Le jour où elle l'a dit")
    reason: str | None
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None

    @classmethod
    def of(cls, said: SaidNo) -> "RefusalOut":
        """Write a refusal as the API shows it."""
        back = said.taken_back
        return cls(
            said_on=said.said_on,
            reason=said.entry.reason,
            recorded_at=said.entry.recorded_at,
            recorded_by=said.entry.recorded_by,
            withdrawn_at=back.recorded_at if back else None,
            withdrawn_by=back.recorded_by if back else None,
            withdrawn_reason=back.reason if back else None,
        )


class ExceptionOut(Schema):
    """Une exception : la structure est renouvelée sans avoir été informée à temps."""

    reason: str
    granted_at: AwareDatetime
    granted_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


class LineDetail(LineOut):
    """Une structure dans un renouvellement, avec tout ce qui lui a été envoyé."""

    version: int = Field(description="Celle de la structure, à citer dans If-Match")
    notices: list[NoticeOut] = Field(description="De la plus ancienne à la plus récente")
    exceptions: list[ExceptionOut]
    refusals: list[RefusalOut] = Field(description="Ses refus de ce renouvellement, ceux qu'elle a repris compris")
    to_follow: list[BlockerOut] = Field(description="Ce qu'un refus laisse à faire")
    to_send: ToSendOut | None = Field(description="Absent quand il n'y a rien à envoyer")


class LineFilters(Schema):
    """Filters of the structures of a renewal."""

    state: list[RenewalState] = Field(default_factory=list, description="États")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class LineListParams(LineFilters, PageParams):
    """The list of structures: filters and page."""


class LineExportParams(LineFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"


class ExceptionsIn(Schema):
    """Des structures, et pourquoi on fait ou retire pour elles une exception."""

    members: Members
    reason: Text


class OptOutIn(Schema):
    """La structure refuse le renouvellement."""

    said_on: Day | None = Field(
        None, description="Aujourd'hui par défaut ; le jour de l'envoi de son courrier, par la fédération"
    )
    reason: Text | None = Field(None, description="Si elle le dit")


class OptOutWithdrawal(Schema):
    """La structure renouvelle, après tout."""

    reason: Text
