"""API shapes of the programmes and of the public catalogue."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import EmailStr, Field, PlainSerializer, WithJsonSchema

from common.blockers import BlockerOut
from common.pagination import MOST_SHOWN, Page, PageParams
from common.tabular import ExportFormat
from common.types import LongText, Money, Schema, Text
from training.programmes.domain import Field as ContentField
from training.programmes.domain import Funding, Mode, ProgrammeKind, ProgrammeStatus, Recognition

Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$", min_length=2, max_length=30, examples=["CIP-01"])]
Number = Annotated[int, Field(ge=1, le=100_000, examples=[2])]
Price = Annotated[Money, Field(ge=0)]
Duration = Annotated[
    Decimal,
    Field(gt=0, le=Decimal(100_000), max_digits=8, decimal_places=2, allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,6}(\.\d{1,2})?$", "examples": ["14", "3.5"]}),
]
Headcount = Annotated[int, Field(ge=1, le=1_000)]
Query = Annotated[
    str | None,
    Field(
        min_length=2,
        max_length=100,
        description="Mots, accents et petites fautes admis : titre, code, objectifs, thème, présentation, public,"
        " méthodes, certification ; tous doivent s'y trouver, huit au plus comptent",
    ),
]


class ContactBody(Schema):
    """Le service à qui l'on s'adresse ; jamais une personne."""

    office: Text = Field(examples=["Coorace Formation"])
    email: EmailStr | None = Field(None, max_length=200)
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 .]{5,24}$", examples=["01 49 23 70 50"])] | None = None


class ContentBody(Schema):
    """Ce que dit un programme. Incomplet, un projet se garde : `defects` dit tout ce qui empêche de le publier."""

    title: Text = Field(examples=["Conduire un entretien d'accompagnement"])
    summary: LongText = ""
    theme: Text | None = Field(None, description="Code d'un thème du catalogue", examples=["support"])
    objectives: list[Text] = Field(default_factory=list, max_length=30, description="Opérationnels, un par ligne")
    prerequisites: LongText = Field("", description="« Aucun » s'il n'y en a pas")
    audience: LongText = ""
    parts: list[Code] = Field(
        default_factory=list, max_length=50, description="D'un pack ou d'un parcours : ses formations, dans l'ordre"
    )
    hours: Duration | None = Field(None, description="D'un pack ou d'un parcours, absent : la somme de ses formations")
    days: Duration | None = None
    modes: list[Mode] = Field(default_factory=list, max_length=3)
    methods: LongText = ""
    assessment: LongText = ""
    recognition: Recognition | None = None
    recognition_number: Annotated[str, Field(max_length=20, examples=["RNCP12345", "RS1234"])] | None = None
    on_request: bool = Field(False, description="Sur devis, comme une formation dans la structure")
    member_price: Price | None = Field(
        None, description="Par stagiaire ; d'un pack ou d'un parcours, absent : la somme de ses formations"
    )
    price: Price | None = None
    funding: list[Funding] = Field(default_factory=list, max_length=5)
    access_days: Annotated[int, Field(ge=0, le=1_000)] | None = Field(None, description="En jours, de la demande")
    disability_access: LongText = ""
    contact: ContactBody | None = None
    nsf_code: Annotated[str, Field(max_length=10, examples=["332"])] | None = Field(
        None, description="Spécialité de formation, trois chiffres"
    )
    trainees_min: Headcount | None = None
    trainees_max: Headcount | None = None


class ProgrammeNew(Schema):
    """Un programme à créer, avec son projet."""

    code: Code
    kind: ProgrammeKind
    title: Text = Field(examples=["Conduire un entretien d'accompagnement"])


class PartOut(Schema):
    """Une formation d'un pack ou d'un parcours, à la version vendue quand il fut publié."""

    code: str
    number: int
    title: str


class DefectOut(Schema):
    """Ce qui empêche de publier, et où dans le projet."""

    pointer: str = Field(examples=["/access_days"])
    code: str
    message: str
    indicators: list[int] = Field(description="Indicateurs Qualiopi qui le demandent ; vide : la fiche se contredit")


class ProgrammeOut(Schema):
    """Un programme : où il en est, et son projet."""

    code: str
    kind: ProgrammeKind
    kind_label: str
    status: ProgrammeStatus
    status_label: str
    title: str
    current_number: int | None = Field(description="Numéro de la version en vigueur ; absent : jamais publié")
    draft: ContentBody | None = Field(description="Absent : rien n'est en cours d'écriture")
    defects: list[DefectOut] = Field(description="Tout ce qui empêche de publier le projet aujourd'hui")
    referential: str = Field(description="Le référentiel que suivrait une publication d'aujourd'hui")
    changed_at: datetime
    changed_by: str
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ProgrammeLine(Schema):
    """Un programme, dans la liste."""

    code: str
    kind: ProgrammeKind
    status: ProgrammeStatus
    title: str
    current_number: int | None
    has_draft: bool
    changed_at: datetime


class ProgrammeListParams(PageParams):
    """Filters, order and page of the list of programmes."""

    kind: list[ProgrammeKind] = Field(default_factory=list, max_length=3, description="Formation, pack, parcours")
    status: list[ProgrammeStatus] = Field(default_factory=list, max_length=3, description="Où il en est")
    has_draft: bool | None = Field(None, description="true : un projet est en cours d'écriture")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans le code ou le titre")] = None


class VersionLine(Schema):
    """Une version publiée, dans la liste."""

    number: int
    title: str
    published_on: date
    referential: str = Field(description="Le référentiel suivi le jour de sa publication", examples=["V9", "2026"])


class SheetOut(VersionLine):
    """Une fiche telle que publiée. Une version ne change plus."""

    code: str
    kind: ProgrammeKind
    kind_label: str
    theme_label: str
    content: ContentBody
    parts: list[PartOut]
    certifying: bool


class ChangeOut(Schema):
    """Un champ qui diffère. D'une liste : ce qui s'ajoute et ce qui s'en va."""

    field: ContentField
    label: str
    before: str | None
    after: str | None
    added: list[str]
    removed: list[str]
    reordered: bool


class ComparisonOut(Schema):
    """Deux versions d'un programme côte à côte, ou une version et le projet."""

    before: int
    after: int | None = Field(description="Absent : le projet")
    changes: list[ChangeOut]


class ComparisonParams(Schema):
    """Which two are compared."""

    before: Number = Field(description="Numéro de la version d'avant")
    after: Number | None = Field(None, description="Numéro de celle d'après ; absent : le projet")


class RequirementOut(Schema):
    """Ce qu'un indicateur demande à une fiche."""

    indicator: int
    asked: list[str] = Field(description="En toutes lettres")
    certifying: bool = Field(description="Vrai : d'une formation certifiante seulement")
    status: str = Field(description="published, ou assumed : notre lecture, à confirmer")


class ReferentialOut(Schema):
    """Le référentiel d'un jour."""

    code: str
    label: str
    since: date
    source: str
    status: str = Field(description="published, secondary (une source secondaire) ou assumed")
    items: list[RequirementOut] = Field(max_length=MOST_SHOWN)


class ThemeOut(Schema):
    """Un thème du catalogue."""

    code: str
    label: str


class ThemesOut(Schema):
    """Les thèmes du catalogue."""

    items: list[ThemeOut] = Field(max_length=MOST_SHOWN)
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str


class CatalogueFilters(Schema):
    """Which programmes: the same filters on list, counts and export."""

    q: Query = None
    kind: list[ProgrammeKind] = Field(default_factory=list, max_length=3, description="Formation, pack, parcours")
    theme: list[Text] = Field(default_factory=list, max_length=20, description="Thèmes, par leur code")
    mode: list[Mode] = Field(default_factory=list, max_length=3, description="Modalités")
    certifying: bool | None = Field(None, description="true : mène à une certification enregistrée")
    hours_from: Duration | None = Field(None, description="Durée au moins, en heures")
    hours_to: Duration | None = Field(None, description="Durée au plus, en heures")
    price_from: Price | None = Field(None, description="Prix au moins, pour qui n'est pas adhérent")
    price_to: Price | None = Field(None, description="Prix au plus, pour qui n'est pas adhérent")


class CatalogueListParams(PageParams, CatalogueFilters):
    """Filters, order and page of the catalogue."""


class CatalogueExportParams(CatalogueFilters):
    """Filters and format of the export."""

    format: ExportFormat = "csv"


class UnderstoodOut(Schema):
    """Comment un mot de la recherche a été compris."""

    word: str
    understood_as: list[str] = Field(description="Vide : rien au catalogue n'y ressemble")
    guessed: bool = Field(description="Vrai : il n'y est pas tel quel, d'autres mots ont été cherchés à sa place")


class CatalogueLine(Schema):
    """Un programme du catalogue."""

    code: str
    kind: ProgrammeKind
    kind_label: str
    number: int = Field(description="Numéro de la version en vigueur")
    published_on: date
    title: str
    theme: str
    theme_label: str
    modes: list[Mode]
    certifying: bool
    hours: Duration | None
    member_price: Price | None = Field(description="Absent : sur devis, ou le même que pour les autres")
    price: Price | None = Field(description="Absent : sur devis")


class CataloguePage(Page[CatalogueLine]):
    """Une page du catalogue, et comment la recherche a été comprise."""

    words: list[UnderstoodOut]


class FacetOut(Schema):
    """Une valeur, et combien de programmes l'ont parmi ceux des filtres."""

    code: str
    label: str
    count: int


class FacetsOut(Schema):
    """De quoi affiner une recherche."""

    total: int
    kinds: list[FacetOut]
    themes: list[FacetOut]
    modes: list[FacetOut]
    certifying: list[FacetOut]
