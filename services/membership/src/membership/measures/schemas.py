"""API shapes of measures."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.measures.domain import AnswerForm, MeasureKind, MeasureStatus, NotificationMeans


class MeasureIn(Schema):
    """Ce que l'on demande au conseil de décider d'une adhérente, et pourquoi."""

    kind: MeasureKind
    grounds: Annotated[LongText, Field(min_length=1)] = Field(
        description="Ce qui est reproché, ou pourquoi la réintégrer : la structure le lira"
    )
    opened_on: Day | None = Field(
        None,
        description="Le jour de l'ouverture, si elle est saisie après, au plus un an ; aujourd'hui par défaut. Le délai"
        " pour être entendue court toujours de la notification",
    )


class NotificationIn(Schema):
    """La preuve que la structure a été informée de ce qui lui est reproché."""

    received_on: Day = Field(description="Le jour où elle l'a reçue : son délai court à partir de là")
    means: NotificationMeans
    proof: Text = Field(description="Référence de la preuve", examples=["AR 2C 123 456 7890 1"])


class AnswerIn(Schema):
    """Ce que la structure répond."""

    given_on: Day | None = Field(None, description="Aujourd'hui par défaut ; un autre jour, par la fédération")
    form: AnswerForm = Field(AnswerForm.WRITTEN, description="Une audition est consignée par la fédération")
    text: Annotated[LongText, Field(min_length=1)] = Field(description="Ses observations, ou le compte rendu")


class NotificationOut(Schema):
    """Comment et quand la structure a été informée."""

    received_on: date
    means: NotificationMeans
    means_label: str
    proof: str
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class AnswerOut(Schema):
    """Une réponse de la structure."""

    given_on: date
    form: AnswerForm
    form_label: str
    text: str
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")


class HearingOut(Schema):
    """Le droit d'être entendue, et la règle dont il vient."""

    days: int = Field(description="Jours entre la notification et la séance")
    decidable_from: date | None = Field(description="Absente tant que la structure n'est pas informée")
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class MeasureOut(Schema):
    """Une procédure : ce que le conseil est appelé à décider d'une adhérente."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    kind: MeasureKind
    kind_label: str
    grounds: str
    opened_on: date
    entered_on: date = Field(description="Le jour de la saisie")
    status: MeasureStatus
    status_label: str
    notifications: list[NotificationOut] = Field(description="La dernière compte")
    answers: list[AnswerOut]
    hearing: HearingOut | None = Field(description="Absent pour une réintégration : rien n'est reproché")
    sitting_id: UUID | None
    decided_on: date | None
    effective_on: date | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class MeasureFilters(Schema):
    """Which measures: the same filters on list and export."""

    status: list[MeasureStatus] = Field(default_factory=list, description="États")
    kind: list[MeasureKind] = Field(default_factory=list, description="Natures")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    decidable_on: Day | None = Field(None, description="Que le conseil peut décider ce jour-là")


class MeasureListParams(PageParams, MeasureFilters):
    """Filters, order and page of the list of measures."""


class MeasureExportParams(MeasureFilters):
    """The same filters, for a file."""

    format: ExportFormat = "csv"
