"""API shapes of the closing of campaigns."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema
from dues.certificates.domain import CertificateStatus, Closing, Difference, Figure, Section, Tie, Unit

_Subject = Field(description="L'identifiant de la personne chez le fournisseur d'identité")


class CertificateFigureOut(Schema):
    """Une ligne."""

    code: str
    label: str
    count: int | None
    amount: Money | None
    detail: str


class SectionOut(Schema):
    """Une partie du certificat."""

    code: Section
    label: str
    dated: bool = Field(description="Vrai : telle qu'à la fin du jour ; faux : telle qu'à l'instant de la lecture")
    lines: list[CertificateFigureOut]


class TieOut(Schema):
    """Une égalité : ses deux côtés viennent de tables différentes."""

    code: str
    label: str
    left_label: str
    left: Decimal
    right_label: str
    right: Decimal
    difference: Decimal
    unit: Unit
    holds: bool

    @classmethod
    def of(cls, tie: Tie) -> "TieOut":
        """Write an equation as the API shows it."""
        return cls.model_validate(tie)


class FiguresOut(Schema):
    """Les chiffres d'une campagne à la fin d'un jour, et ce qui les lie."""

    campaign_id: UUID
    year: int
    as_of: date
    sections: list[SectionOut]
    ties: list[TieOut]
    holds: bool = Field(description="Toutes les égalités sont vraies")

    @classmethod
    def of(cls, campaign_id: UUID, year: int, closing: Closing) -> "FiguresOut":
        """Write a closing as the API shows it."""
        return cls(
            campaign_id=campaign_id,
            year=year,
            as_of=closing.as_of,
            sections=[_section(code, lines) for code, lines in groupby(closing.figures, lambda one: one.section)],
            ties=[TieOut.of(tie) for tie in closing.ties],
            holds=not closing.broken,
        )

    @property
    def figures(self) -> list[Figure]:
        """The lines of all sections, as the rules know them."""
        return [Figure(section=section.code, **dict(line)) for section in self.sections for line in section.lines]


class ClosingOut(FiguresOut):
    """Ce que dirait un certificat préparé maintenant."""

    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class DifferenceOut(Schema):
    """Un chiffre qui n'est plus celui du certificat."""

    section: Section
    section_label: str
    code: str
    label: str
    count_then: int | None
    count_now: int | None
    amount_then: Money | None
    amount_now: Money | None
    detail_then: str
    detail_now: str

    @classmethod
    def of(cls, one: Difference) -> "DifferenceOut":
        """Write a difference as the API shows it."""
        then, now = one.then, one.now
        return cls(
            section=one.section,
            section_label=one.section.label,
            code=one.code,
            label=one.label,
            count_then=then and then.count,
            count_now=now and now.count,
            amount_then=then and then.amount,
            amount_now=now and now.amount,
            detail_then=then.detail if then else "",
            detail_now=now.detail if now else "",
        )


class CertificateOut(Schema):
    """Un certificat, et ce qui a changé depuis."""

    id: UUID
    reference: str = Field(examples=["CLO-2026-00001"])
    campaign_id: UUID
    as_of: date
    status: CertificateStatus
    status_label: str
    sha256: str = Field(description="L'empreinte de ses chiffres, imprimée sur le document")
    pdf_sha256: str = Field(description="L'empreinte du document")
    prepared_at: AwareDatetime
    prepared_by: str = _Subject
    signed_at: AwareDatetime | None
    signed_by: str | None = _Subject
    key_sha256: str | None = Field(description="L'empreinte du certificat de la clé qui l'a signé")
    up_to_date: bool = Field(description="Faux : des chiffres ont changé, un nouveau certificat les dirait")
    differences: list[DifferenceOut] = Field(description="Ce qui a changé, entre ses chiffres et ceux d'aujourd'hui")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class CertificateDetail(CertificateOut):
    """Un certificat, et ses chiffres."""

    figures: FiguresOut


class SignatureOut(Schema):
    """Ce que dit la signature du document."""

    intact: bool = Field(description="Les octets signés sont ceux du document, et la signature est celle du certificat")
    whole: bool = Field(description="Elle couvre tout le document")
    same_key: bool = Field(description="Le certificat est celui avec lequel il a été signé")
    signer: str
    certificate_sha256: str


class VerificationOut(Schema):
    """Ce que vaut un certificat aujourd'hui."""

    id: UUID
    reference: str
    valid: bool = Field(description="Ses chiffres, son document et sa signature sont ceux du jour où il fut fait")
    figures_match: bool = Field(description="Les chiffres gardés ont l'empreinte imprimée")
    file_match: bool = Field(description="Le document gardé a son empreinte")
    signature: SignatureOut | None = Field(description="Rien tant qu'il n'est pas signé, ou si elle ne se lit pas")
    still_counted: bool = Field(description="Les chiffres du jour, comptés de nouveau, sont les mêmes et se lient")
    differences: list[DifferenceOut] = Field(description="Ceux du jour qui ne sont plus comptés de même")
    broken: list[TieOut] = Field(description="Les égalités du jour qui ne sont plus vraies")


class ClosingParams(Schema):
    """At the end of which day."""

    as_of: Day | None = Field(None, description="À la fin de ce jour ; aujourd'hui si rien n'est dit")


class CertificateIn(ClosingParams):
    """Le jour que le certificat arrête."""


class CertificateListParams(PageParams):
    """Filters, order and page of the list."""

    status: list[CertificateStatus] = Field(default_factory=list, max_length=20, description="États")


class NotCalledExportParams(Schema):
    """Format of an export."""

    format: ExportFormat = "csv"


def _section(code: Section, lines: Iterable[Figure]) -> SectionOut:
    return SectionOut(
        code=code,
        label=code.label,
        dated=code.dated,
        lines=[CertificateFigureOut.model_validate(line) for line in lines],
    )
