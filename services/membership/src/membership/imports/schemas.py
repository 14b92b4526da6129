"""API shapes of imports."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.types import Schema, Text
from membership.imports.domain import ImportStatus, MemberField, RowOutcome, Severity, UndoOutcome


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
    applied_at: datetime | None = Field(
        description="Quand il a été appliqué, même en partie : interrompu, il est de nouveau à l'état d'aperçu"
    )
    undoable_until: date | None = Field(description="Dernier jour où il s'annule, une fois appliqué, même en partie")
    undone_at: datetime | None
    undone_by: str | None = Field(description="Identifiant de l'auteur, jamais un nom")
    undo_reason: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="Ce qui empêche une action que l'on pourrait demander")


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
    undone: UndoOutcome | None = Field(description="Ce que l'annulation de l'import en a fait")
    changes: list[ChangeOut]
    findings: list[FindingOut]
    resembles_rows: list[int]
    resembles_members: list[UUID]


class LineParams(PageParams):
    """Filters of the rows of an import."""

    outcome: list[RowOutcome] = Field(default_factory=list, description="Issues")
    code: list[str] = Field(default_factory=list, max_length=20, description="Ayant l'un de ces défauts")


class LineDecision(Schema):
    """Ce que l'on décide d'un doublon présumé."""

    decision: Literal["create", "skip"] = Field(
        description="create : c'est une autre structure ; skip : c'est la même, on l'écarte"
    )


class ImportUndoLine(Schema):
    """Une ligne de l'import, et ce que son annulation en ferait."""

    row: int
    name: str
    member_id: UUID
    outcome: UndoOutcome
    outcome_label: str
    blockers: list[BlockerOut] = Field(description="Pourquoi elle serait laissée telle quelle")


class ImportUndoPlan(Schema):
    """Tout ce que l'annulation ferait maintenant. Le détail : les lignes de l'import, et celles de l'annulation."""

    plan: str = Field(description="L'empreinte de ce plan, à redonner pour annuler")
    undoable_until: date | None
    counts: dict[UndoOutcome, int] = Field(description="Lignes par issue")
    kept: list[ImportUndoLine] = Field(description="Les premières lignes laissées telles quelles, 200 au plus")
    blockers: list[BlockerOut] = Field(description="Ce qui s'oppose à l'annulation entière")


class ImportUndoIn(Schema):
    """Annuler : ce que le plan a montré."""

    plan: str = Field(
        min_length=10,
        max_length=64,
        description="L'empreinte du plan que l'on a lu : annuler ne fait que ce qu'il montre",
    )
    reason: Text = Field(description="Se lit dans l'historique", examples=["Le fichier était celui de l'an dernier"])
