"""API shapes of labels and certifications."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, Schema, Text
from membership.certifications.domain import CertificationStanding, CertificationStatus


class LabelOut(Schema):
    """Un label que l'on peut consigner."""

    code: str
    name: str
    since: date
    until: date | None = Field(description="Dernier jour où l'on pouvait l'obtenir")
    levels: list[str] = Field(description="S'il y en a, on l'obtient à l'un d'eux")
    named: bool = Field(description="Hors de la liste : la consignation dit son nom")


class LabelsOut(Schema):
    """Les labels que l'on peut consigner."""

    items: list[LabelOut] = Field(max_length=MOST_SHOWN)
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class CertificationIn(Schema):
    """Un label obtenu par une structure. Renouvelé, c'en est un autre."""

    member_id: UUID
    label: Annotated[str, Field(min_length=1, max_length=60)] = Field(examples=["engage-rse"])
    title: Annotated[str, Field(min_length=1, max_length=120)] | None = Field(
        None, description="Le nom d'un label hors de la liste (« other »)", examples=["Label vert"]
    )
    level: Text | None = Field(None, examples=["Confirmé"])
    certifier: Text = Field(examples=["AFNOR Certification"])
    obtained_on: Day
    valid_until: Day | None = Field(None, description="Absent quand il n'a pas de fin")
    evidence: Text = Field(description="Référence du certificat", examples=["Certificat 2026-104"])


class CertificationWithdrawal(Schema):
    """Ce qui a été consigné est faux."""

    reason: Text


class RevocationIn(Schema):
    """Le certificateur a retiré le label à la structure."""

    revoked_on: Day
    reason: Text


class CertificationOut(Schema):
    """Un label d'une structure."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    label: str
    label_name: str = Field(description="Pour un label hors de la liste, son propre nom")
    level: str | None
    certifier: str
    obtained_on: date
    valid_until: date | None
    evidence: str
    standing: CertificationStanding
    standing_label: str
    status: CertificationStatus
    status_label: str
    verified_at: AwareDatetime | None
    verified_by: str | None
    revoked_on: date | None
    revoked_by: str | None
    revoked_reason: str | None
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class LabelCountOut(Schema):
    """Combien de structures ont un label en cours de validité."""

    label: str
    label_name: str
    level: str | None
    structures: int


class LabelCountsOut(Schema):
    """Combien de structures adhérentes ont quel label, à quel niveau, un jour donné."""

    as_of: date
    items: list[LabelCountOut]


class LabelCountParams(Schema):
    """Of which structures, and when."""

    as_of: Day | None = Field(None, description="Par défaut, aujourd'hui")
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")


class CertificationFilters(Schema):
    """Which certifications."""

    label: list[str] = Field(default_factory=list, max_length=20, description="Labels, par leur code")
    standing: list[CertificationStanding] = Field(default_factory=list, description="Situations")
    status: list[CertificationStatus] = Field(default_factory=list, description="États")
    level: list[Annotated[str, Field(max_length=60)]] = Field(
        default_factory=list, max_length=10, description="Niveaux"
    )
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    member_id: UUID | None = Field(None, description="La structure")
    obtained_from: Day | None = Field(None, description="À partir de ce jour")
    obtained_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    as_of: Day | None = Field(None, description="Obtenues ce jour-là, et où elles en étaient ; par défaut, aujourd'hui")
    expiring_before: Day | None = Field(
        None,
        description="En cours, dont la validité finit avant ce jour, d'une structure adhérente qui ne les a pas"
        " renouvelées",
    )
    lapsed: bool = Field(False, description="Expirées, d'une structure adhérente qui ne les a pas renouvelées")
    q: Annotated[str | None, Field(max_length=100, description="Dans le nom, sans casse ni accents")] = None


class CertificationListParams(PageParams, CertificationFilters):
    """Filters of the list of certifications."""


class CertificationExportParams(CertificationFilters):
    """The list as a file."""

    format: ExportFormat = "csv"
