"""API shapes of labels and certifications."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.pagination import PageParams
from common.types import Day, Schema, Text
from membership.certifications.domain import CertificationStanding


class LabelOut(Schema):
    """Un label que l'on peut consigner."""

    code: str
    name: str
    since: date
    until: date | None = Field(description="Dernier jour où l'on pouvait l'obtenir")
    levels: list[str]


class LabelsOut(Schema):
    """Les labels que l'on peut consigner."""

    items: list[LabelOut]
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class CertificationIn(Schema):
    """Un label obtenu par une structure. Renouvelé, c'en est un autre."""

    member_id: UUID
    label: Annotated[str, Field(min_length=1, max_length=60)] = Field(examples=["engage-rse"])
    level: Text | None = Field(None, examples=["Confirmé"])
    certifier: Text = Field(examples=["AFNOR Certification"])
    obtained_on: Day
    valid_until: Day | None = Field(None, description="Absent quand il n'a pas de fin")
    evidence: Text = Field(description="Référence du certificat", examples=["Certificat 2026-104"])


class CertificationWithdrawal(Schema):
    """Ce qui a été consigné est faux, ou a été retiré à la structure."""

    reason: Text


class CertificationOut(Schema):
    """Un label d'une structure."""

    id: UUID
    member_id: UUID
    name: str
    delegation: str | None
    label: str
    label_name: str
    level: str | None
    certifier: str
    obtained_on: date
    valid_until: date | None
    evidence: str
    standing: CertificationStanding
    standing_label: str
    recorded_at: AwareDatetime
    recorded_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None
    version: int
    allowed_actions: list[str]


class CertificationListParams(PageParams):
    """Filters of the list of certifications."""

    label: list[str] = Field(default_factory=list, max_length=20)
    standing: list[CertificationStanding] = Field(default_factory=list)
    delegation: list[str] = Field(default_factory=list, max_length=20)
    member: UUID | None = None
    expiring_before: Day | None = Field(
        None, description="En cours, dont la validité finit avant ce jour, et que la structure n'a pas renouvelées"
    )
