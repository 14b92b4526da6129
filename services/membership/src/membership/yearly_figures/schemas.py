"""API shapes of the key figures."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, PlainSerializer, WithJsonSchema

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Schema, Text
from membership.yearly_figures.domain import FigureMeasure, FigurePeriod, NoValue

DelegationCode = Annotated[str, Field(max_length=60, examples=["occitanie"])]
Figure = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["548"]}),
]
"""A sum, or a difference of two: whatever was told, reading it is never refused."""


class YearlyFiguresParams(Schema):
    """Which part of the network."""

    delegation: DelegationCode | None = Field(
        None, description="Vide : le réseau, ou pour une délégation son propre périmètre"
    )


class YearlyRowFilters(YearlyFiguresParams):
    """Which rows of a figure."""

    member_id: UUID | None = Field(None, description="Celles de cette structure, là où la structure se lit")
    detail: Annotated[list[str], Field(max_length=50)] = Field(default_factory=list, description="Codes du détail")
    q: Annotated[str | None, Field(max_length=100, description="Nom de la structure, là où elle se lit")] = None


class YearlyRowListParams(YearlyRowFilters, PageParams):
    """Filters of the list."""


class YearlyRowExportParams(YearlyRowFilters):
    """Filters of the export: those of the list."""

    format: ExportFormat = "csv"


class YearlyPublishedOut(Schema):
    """Ce que la dernière édition de l'année a publié de ce chiffre, et qui ne bouge plus."""

    edition: int
    published_on: date
    value: Figure | None
    differs: bool = Field(description="La valeur d'aujourd'hui n'est plus celle qui a été publiée")


class YearlyFigureOut(Schema):
    """Un chiffre clé : sa définition, sa valeur, celle de l'année d'avant comptée de la même façon."""

    code: str = Field(examples=["members.at_year_end"])
    theme: str
    theme_label: str
    label: str
    unit: str
    definition: str
    period: FigurePeriod
    period_label: str
    measure: FigureMeasure
    measure_label: str
    told_by: str = Field(description="Les faits ou la table d'où il vient")
    status: str = Field(description="published : un rapport d'activité le donne sous ce nom ; assumed : à confirmer")
    source: str
    value: Figure | None = Field(description="Absente tant que rien n'a été reçu : jamais un zéro que nul n'a compté")
    missing: NoValue | None
    missing_label: str | None
    partial_since: date | None = Field(
        description="Partielle : comptée depuis ce jour, le premier dont sa source dit quelque chose"
    )
    rows: int | None = Field(description="Nombre de lignes ; ce nombre, ou la somme des quantités, est la valeur")
    previous: Figure | None = Field(description="L'année d'avant, entière ; absente si elle est partielle")
    change: Figure | None
    change_percent: Figure | None
    published: YearlyPublishedOut | None
    list: str = Field(
        description="La liste de ses lignes", examples=["/membership/v1/yearly-figures/2025/members.at_year_end/rows"]
    )


class YearlyFiguresOut(Schema):
    """Les chiffres clés d'une année, dans l'ordre du rapport."""

    year: int
    delegation: str | None = Field(description="Vide pour le réseau")
    name: str
    counted_until: date = Field(description="Le 31 décembre, ou aujourd'hui tant que l'année court")
    provisional: bool
    definitions: str = Field(description="Version des définitions")
    figures: list[YearlyFigureOut]
    version: int = Field(description="Nombre d'éditions publiées de cette année")
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class YearlyRowOut(Schema):
    """Une ligne comptée. La structure ne s'y lit que de qui peut la voir."""

    id: UUID | None = Field(
        description="Celui de ce qui est compté, si l'appelant peut savoir de quelle structure il s'agit"
    )
    day: date = Field(description="Le premier du mois, là où le jour dirait de qui il s'agit (questions juridiques)")
    member_id: UUID | None
    reference: str | None
    name: str | None
    delegation: str | None = Field(
        description="Où elle compte : la délégation de la structure au dernier jour compté, ou celle que dit le fait"
    )
    quantity: Figure | None = Field(
        description="Absente d'une somme déclarée, là où la structure ne se lit pas : elle reste dans le total"
    )
    detail: str | None = Field(description="Code : thème, action, activité, motif…")
    link: str | None = Field(description="Où la ligne se lit en entier")


class YearlyPublishIn(Schema):
    """Publier les chiffres d'une année."""

    reason: Text | None = Field(None, description="Obligatoire à partir de la deuxième édition d'une année")


class YearlyEditionFigureOut(Schema):
    """Un chiffre tel que l'édition le donne, sa définition de ce jour-là comprise."""

    code: str
    theme: str
    theme_label: str
    label: str
    unit: str
    definition: str
    period: FigurePeriod
    status: str
    source: str
    value: Figure | None
    missing: NoValue | None
    missing_label: str | None
    rows: int | None
    partial_since: date | None = Field(
        description="Partielle : comptée depuis ce jour, le premier dont sa source dit quelque chose"
    )
    previous: Figure | None
    change: Figure | None
    change_percent: Figure | None


class YearlyEditionOut(Schema):
    """Une édition des chiffres d'une année."""

    year: int
    number: int
    definitions: str
    reason: str | None = Field(description="Pourquoi cette édition refait la précédente : lu du réseau seul")
    published_on: date
    published_at: AwareDatetime


class YearlyEditionDetail(YearlyEditionOut):
    """Une édition et ses chiffres, pour le réseau ou une délégation."""

    delegation: str | None
    name: str
    figures: list[YearlyEditionFigureOut]
