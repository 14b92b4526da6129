"""API shapes of rehearsals."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import LongText, Schema
from training.rehearsal.domain import FindingCode, FindingState


class FindingFilters(Schema):
    """Les filtres des constats."""

    state: list[FindingState] | None = Field(None, description="À expliquer, expliqué, corrigé")
    code: list[FindingCode] | None = Field(None, description="Ce qui est constaté")
    session_id: list[UUID] | None = Field(None, description="Une session, ou plusieurs")


class FindingListParams(FindingFilters, PageParams):
    """Les filtres de la liste."""


class FindingExportParams(FindingFilters):
    """Les filtres d'un export."""

    format: ExportFormat = "csv"


class FindingLine(Schema):
    """Un constat, et ce qu'il faut faire aujourd'hui."""

    id: UUID
    session_id: UUID
    session_reference: str
    slot_id: UUID | None
    code: FindingCode
    label: str
    said: str
    advice: str
    state: FindingState
    state_label: str
    found_at: AwareDatetime


class FindingOut(FindingLine):
    """Un constat, ce qui en fut dit, et ce qu'on peut en faire."""

    explanation: str | None
    explained_at: AwareDatetime | None
    explained_by: str | None
    corrected_at: AwareDatetime | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ExplanationIn(Schema):
    """Pourquoi il en est ainsi. Ne nommez personne."""

    text: Annotated[LongText, Field(min_length=10, max_length=2_000)]


class RehearsalOut(Schema):
    """Ce qu'une répétition dit d'une session."""

    session_id: UUID
    new: int
    open: int
    explained: int
    corrected: int
    rule_status: str = Field(description="`assumed` : les seuils sont un choix de la maison")
    rule_source: str
