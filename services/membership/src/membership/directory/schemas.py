"""API shapes of the public directory."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, EmailStr, Field

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, PageParams
from common.tabular import ExportFormat
from common.types import Day, LongText, Schema, Text
from membership.directory.domain import ConsentEnding, DirectoryField, Offer, Purchasing
from membership.members.domain import ActivityKind, MemberStatus

Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 .]{5,24}$", examples=["05 61 00 00 00"])]
Website = Annotated[
    str, Field(pattern=r"^https?://[^\s<>\"'\\]+$", max_length=300, examples=["https://structure.example"])
]
SectorCode = Annotated[str, Field(min_length=1, max_length=60, examples=["green-spaces"])]
DepartmentCode = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB]|97[1-8])$", examples=["31"])]
Cpv = Annotated[str, Field(pattern=r"^[0-9]{2,8}(-[0-9])?$", examples=["77310000-6"])]


class SectorOut(Schema):
    """Un secteur dans lequel des structures vendent."""

    code: str
    name: str
    cpv: list[str] = Field(description="Divisions CPV sous lesquelles il s'achète ; vide quand aucune n'est sûre")
    words: list[str] = Field(description="D'autres mots sous lesquels la recherche le trouve")


class SectorsOut(Schema):
    """Les secteurs de l'annuaire."""

    items: list[SectorOut] = Field(max_length=MOST_SHOWN)
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class Coded(Schema):
    """Un code et son libellé."""

    code: str
    label: str


class OfferOut(Schema):
    """Ce que vend une structure, et dans quel secteur."""

    sector: str
    sector_label: str
    title: str


class PurchasingOut(Schema):
    """Le service que joignent les acheteurs et les grands comptes ; jamais une personne."""

    office: str
    email: str | None
    phone: str | None


class PublicLabelOut(Schema):
    """Un label en cours de validité."""

    code: str
    name: str
    level: str | None
    valid_until: date | None
    verified: bool = Field(description="Faux : déclaré par la structure, le certificat n'a pas été vu")


class PublicEntryOut(Schema):
    """Une structure telle que le public la voit. Ce qu'elle n'a pas accepté de montrer est `null`."""

    id: UUID
    name: str
    city: str | None
    department: str | None
    delegation: str | None
    kinds: list[Coded] | None
    labels: list[PublicLabelOut] | None
    presentation: str | None
    offers: list[OfferOut] | None
    sectors: list[Coded] | None
    territory: list[str] | None = Field(description="Les départements qu'elle sert")
    website: str | None
    phone: str | None
    email: str | None
    purchasing: PurchasingOut | None


class DirectoryFilters(Schema):
    """Which structures: the same filters on list, counts and export."""

    q: Annotated[
        str | None,
        Field(
            min_length=2,
            max_length=100,
            description="Mots, accents et petites fautes admis : nom, commune, département, type, secteur, offre,"
            " présentation, label ; tous doivent s'y trouver, six au plus comptent",
        ),
    ] = None
    kind: list[ActivityKind] = Field(default_factory=list, description="Natures")
    sector: list[SectorCode] = Field(default_factory=list, max_length=30, description="Secteurs, par leur code")
    cpv: list[Cpv] = Field(
        default_factory=list, max_length=30, description="Codes CPV ; seule la division (deux chiffres) compte"
    )
    department: list[DepartmentCode] = Field(
        default_factory=list, max_length=110, description="Qui sert ce département, ou y est établie"
    )
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    label: list[str] = Field(default_factory=list, max_length=20, description="Labels, par leur code")
    purchasing: bool | None = Field(None, description="true : a un contact pour les acheteurs et grands comptes")


class DirectoryListParams(PageParams, DirectoryFilters):
    """Filters, order and page of the public directory."""


class DirectoryExportParams(DirectoryFilters):
    """Filters and format of an export of the public directory."""

    format: ExportFormat = "csv"


class FacetOut(Schema):
    """Combien de structures, parmi celles des filtres, ont cette valeur et la montrent."""

    code: str
    label: str
    count: int


class FacetsOut(Schema):
    """De quoi affiner une recherche. Une structure compte pour chacune de ses valeurs."""

    total: int
    kinds: list[FacetOut]
    sectors: list[FacetOut]
    departments: list[FacetOut]
    delegations: list[FacetOut]
    labels: list[FacetOut]


class OfferIn(Schema):
    """Ce que vend la structure."""

    sector: SectorCode
    title: Text = Field(examples=["Entretien de parcs et jardins"], max_length=200)

    def offer(self) -> Offer:
        """Return the offer in the domain's words."""
        return Offer(self.sector, self.title)


class PurchasingIn(Schema):
    """Le service que joignent les acheteurs. Un service ou un bureau, jamais le nom d'une personne."""

    office: Text = Field(examples=["Service commercial"], max_length=100)
    email: EmailStr | None = Field(None, examples=["marches@structure.example"])
    phone: Phone | None = None


class DirectoryAmend(Schema):
    """Ce qui change ; les champs absents restent ce qu'ils sont, null ou une liste vide les vide."""

    presentation: Annotated[LongText, Field(max_length=1_500)] | None = None
    offers: Annotated[list[OfferIn], Field(max_length=20)] | None = None
    sectors: Annotated[list[SectorCode], Field(max_length=10)] | None = None
    territory: Annotated[list[DepartmentCode], Field(max_length=110)] | None = None
    website: Website | None = None
    phone: Phone | None = None
    email: EmailStr | None = Field(None, description="Celui de la structure, pas d'une personne")
    purchasing: PurchasingIn | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields the caller named, in the domain's types."""
        named: dict[str, Any] = {name: getattr(self, name) or None for name in self.model_fields_set}
        if "offers" in named:
            named["offers"] = tuple(dict.fromkeys(offer.offer() for offer in self.offers or ()))
        for name in ("sectors", "territory"):
            if name in named:
                named[name] = tuple(sorted(set(getattr(self, name) or ())))
        if self.purchasing:
            named["purchasing"] = Purchasing(**self.purchasing.model_dump())
        return named


class ConsentIn(Schema):
    """Les champs que la structure accepte de montrer."""

    fields: Annotated[list[DirectoryField], Field(min_length=1, max_length=14)]


class WrittenConsentIn(ConsentIn):
    """Un accord que la structure a signé : le jour, et où l'on le garde."""

    signed_on: Day
    reference: Text = Field(examples=["Courriel du 3 mars 2026, dossier STR-2026-00012"], max_length=200)


class ConsentWithdrawal(Schema):
    """Les champs à ne plus montrer."""

    fields: Annotated[list[DirectoryField], Field(min_length=1, max_length=14)]


class ConsentOut(Schema):
    """Un accord : à quoi, par qui, quand, et comment il a pris fin."""

    id: UUID
    field: DirectoryField
    field_label: str
    given_at: AwareDatetime
    given_by: str = Field(description="Identifiant de l'auteur, jamais un nom")
    signed_on: date | None = Field(description="Accord écrit : le jour où la structure l'a signé")
    reference: str | None
    in_force: bool
    ended_at: AwareDatetime | None
    ended_by: str | None
    ending: ConsentEnding | None
    ending_label: str | None


class FieldOut(Schema):
    """Où en est un champ."""

    field: DirectoryField
    label: str
    filled: bool = Field(description="Toujours vrai pour ce qui se lit au registre")
    consented: bool


class DirectoryEntryOut(Schema):
    """La fiche d'une structure : ce qui est saisi, ce qu'elle accepte de montrer, et ce que le public en voit."""

    member_id: UUID
    name: str
    status: MemberStatus
    presentation: str | None
    offers: list[OfferOut]
    sectors: list[Coded]
    territory: list[str]
    website: str | None
    phone: str | None
    email: str | None
    purchasing: PurchasingOut | None
    fields: list[FieldOut]
    missing: list[DirectoryField] = Field(description="Ce qui reste à saisir")
    notices: list[BlockerOut] = Field(description="À regarder avant de le montrer ; n'empêche rien")
    consents: list[ConsentOut] = Field(description="Tous les accords, en vigueur ou finis, du plus ancien au dernier")
    shown: bool
    public: PublicEntryOut | None = Field(description="Ce que le public voit ; null : rien")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]] = Field(description="`show` : pourquoi le public ne la voit pas")


class DirectoryLine(Schema):
    """Où en est la fiche d'une structure."""

    member_id: UUID
    reference: str
    name: str
    delegation: str | None
    status: MemberStatus
    shown: bool
    filled: int = Field(description="Combien des huit champs à saisir le sont")
    missing: list[DirectoryField]
    without_consent: list[DirectoryField]
    notices: list[BlockerOut]


class DirectoryLineFilters(Schema):
    """Which structures: the same filters on list and export."""

    shown: bool | None = Field(None, description="Publiées, ou non")
    missing: list[DirectoryField] = Field(
        default_factory=list, max_length=14, description="À qui manque l'un de ces champs"
    )
    without_consent: list[DirectoryField] = Field(
        default_factory=list, max_length=14, description="Qui n'a pas accepté de montrer l'un de ces champs"
    )
    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le nom, sans accents ni casse")] = (
        None
    )


class DirectoryLineParams(PageParams, DirectoryLineFilters):
    """Filters, order and page of the list of entries."""


class DirectoryLineExportParams(DirectoryLineFilters):
    """Filters and format of an export of the list of entries."""

    format: ExportFormat = "csv"
