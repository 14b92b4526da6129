"""API shapes of imports."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from common.pagination import PageParams
from common.types import Schema
from membership.imports.domain import ImportStatus, MemberField, RowOutcome, Severity


class FindingOut(Schema):
    """Un défaut du fichier, dit et jamais corrigé."""

    row: int = Field(description="Ligne du fichier, l'en-tête étant la ligne 1")
    column: str | None
    code: str
    severity: Severity
    message: str
    value: str | None


class ImportOut(Schema):
    """Un fichier importé : son aperçu, puis son application."""

    id: UUID
    filename: str
    size: int
    sha256: str
    status: ImportStatus
    status_label: str
    job_id: UUID | None = Field(description="Le travail en cours ou le dernier fait")
    counts: dict[str, int] = Field(description="Lignes par issue")
    findings: list[FindingOut] = Field(description="Défauts du fichier entier ; ceux d'une ligne sont avec elle")
    undecided: list[int] = Field(description="Lignes de doublons présumés qui attendent une décision")
    created_at: datetime
    version: int
    allowed_actions: list[str]


class ChangeOut(Schema):
    """Un champ de la structure connue, et ce que le fichier en dit."""

    field: MemberField
    label: str
    old: str | None
    new: str


class ImportLineOut(Schema):
    """Une ligne du fichier et ce qu'elle deviendrait."""

    row: int
    name: str
    member_since: date | None = Field(description="Adhérente depuis, tel que le fichier le dit")
    outcome: RowOutcome
    outcome_label: str
    decision: Literal["create", "skip"] | None
    member_id: UUID | None
    changes: list[ChangeOut]
    findings: list[FindingOut]
    resembles_rows: list[int]
    resembles_members: list[UUID]


class LineParams(PageParams):
    """Filters of the rows of an import."""

    outcome: list[RowOutcome] = Field(default_factory=list)
    code: list[str] = Field(default_factory=list, max_length=20, description="Ayant l'un de ces défauts")


class LineDecision(Schema):
    """Ce que l'on décide d'un doublon présumé."""

    decision: Literal["create", "skip"] = Field(
        description="create : c'est une autre structure ; skip : c'est la même, on l'écarte"
    )
