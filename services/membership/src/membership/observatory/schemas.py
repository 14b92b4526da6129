"""API shapes of the Observatoire."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.types import Quantity, Schema, Text
from membership.declarations.domain import Unit
from membership.members.domain import ActivityKind
from membership.observatory.domain import Cell, EditionStatus, HiddenBecause, Indicator, IndicatorSet, Position, rounded

Year = Annotated[int, Field(ge=2000, le=2100)]
EVERY_KIND: Final = "toutes les activités"


class IndicatorOut(Schema):
    """Un indicateur, et comment il se calcule."""

    code: str
    label: str
    theme: str
    unit: Unit
    unit_label: str
    definition: str
    of: list[str] = Field(description="Chiffres déclarés dont on fait la somme")
    over: list[str] = Field(description="Chiffres dont la somme est le dénominateur ; vide pour un montant")
    beside: list[str] = Field(description="Chiffres demandés avec eux : l'un donné, les autres vides valent zéro")
    comparable_from: int = Field(description="Première année de comptes qui s'y compare")


class ThemeOut(Schema):
    """Un thème des portraits."""

    code: str
    label: str


class IndicatorsOut(Schema):
    """Les indicateurs d'une année de comptes."""

    version: str
    status: str = Field(description="published ou assumed : tant qu'une source ne l'a pas confirmée")
    source: str
    themes: list[ThemeOut]
    indicators: list[IndicatorOut]

    @classmethod
    def of(cls, held: IndicatorSet) -> "IndicatorsOut":
        """Write a version of the indicators as the API shows it."""
        return cls(
            version=held.version,
            status=held.status,
            source=held.source,
            themes=[ThemeOut(code=theme.code, label=theme.label) for theme in held.themes],
            indicators=[
                IndicatorOut(
                    code=one.code,
                    label=one.label,
                    theme=one.theme,
                    unit=one.unit,
                    unit_label=one.unit.label,
                    definition=one.definition,
                    of=list(one.of),
                    over=list(one.over),
                    beside=list(one.beside),
                    comparable_from=one.comparable_from,
                )
                for one in held.indicators
            ],
        )


class CellOut(Schema):
    """Un indicateur dans un périmètre. Ce qui est masqué ne donne ni valeur ni effectif."""

    indicator: str
    label: str
    theme: str
    unit: Unit
    count: int | None = Field(description="Nombre de structures qui ont répondu")
    median: Quantity | None
    low: Quantity | None = Field(description="Premier quartile ; absent sur trop peu de structures")
    high: Quantity | None = Field(description="Troisième quartile ; de même")
    total: Quantity | None = Field(description="Somme, au niveau national seulement")
    hidden: HiddenBecause | None
    hidden_label: str | None
    total_hidden: HiddenBecause | None
    kept_from: int | None = Field(
        description="Numéro de l'édition dont le chiffre est repris : trop peu de structures ont changé depuis"
    )

    @classmethod
    def of(cls, indicator: Indicator, cell: Cell) -> "CellOut":
        """Write a cell as the API shows it."""
        low, high = cell.quarters or (None, None)

        def written(value: Decimal | None) -> Decimal | None:
            return None if value is None else rounded(value, indicator.unit)

        return cls(
            indicator=indicator.code,
            label=indicator.label,
            theme=indicator.theme,
            unit=indicator.unit,
            count=cell.count,
            median=written(cell.median),
            low=written(low),
            high=written(high),
            total=written(cell.total),
            hidden=cell.hidden,
            hidden_label=cell.hidden.label if cell.hidden else None,
            total_hidden=cell.total_hidden,
            kept_from=cell.kept_from,
        )


class PortraitOut(Schema):
    """Le portrait médian d'un type d'activité, dans une délégation ou au niveau national."""

    kind: ActivityKind | None = Field(description="Absent : toutes les activités, pour les totaux")
    kind_label: str
    delegation: str | None = Field(description="Absente : au niveau national")
    cells: list[CellOut]


class PreviewOut(Schema):
    """Ce que dirait une édition calculée maintenant."""

    year: int
    indicators: str
    portraits: list[PortraitOut]


class ResponseOut(Schema):
    """Combien de structures étaient attendues, et combien ont répondu. Ce qui est masqué ne compte personne."""

    group: str = Field(description="all, kind ou delegation")
    code: str
    label: str
    expected: int | None
    answered: int | None
    rate: Quantity | None = Field(description="Pour cent")
    hidden: HiddenBecause | None = Field(
        description="Trop peu d'attendues : qui n'a pas répondu se reconnaîtrait. Une délégation suit les siennes"
    )
    hidden_label: str | None


class EditionIn(Schema):
    """L'année de comptes dont on publie une édition."""

    year: Year = Field(examples=[2025])
    reason: Text | None = Field(None, description="Pour une édition révisée : pourquoi")


class EditionOut(Schema):
    """Une édition : publiée, elle ne change plus."""

    id: UUID
    title: str
    year: int
    number: int
    status: EditionStatus
    status_label: str
    indicators: str = Field(description="Version des indicateurs")
    reason: str | None
    published_on: date | None
    sha256: str | None = Field(description="Empreinte SHA-256 de son document")
    responses: list[ResponseOut]
    asked_at: AwareDatetime
    job_id: UUID | None


class EditionDocument(Schema):
    """Une édition entière, telle qu'elle se cite : ce sont ces octets que son empreinte scelle."""

    title: str
    year: int
    number: int
    reason: str | None
    published_on: date | None
    responses: list[ResponseOut]
    indicators: IndicatorsOut
    portraits: list[PortraitOut]


class BookletOut(Schema):
    """Le livret d'une délégation dans une édition."""

    delegation: str
    name: str
    expected: int | None = Field(description="Combien de structures y étaient attendues ; absent si masqué")
    answered: int | None = Field(description="Combien ont répondu ; de même")
    withheld: str | None = Field(description="Pourquoi elle n'a pas de livret ; absent, elle en a un")


class ComparedOut(Schema):
    """Un indicateur d'une structure, à côté des autres de son type."""

    indicator: str
    label: str
    theme: str
    unit: Unit
    value: Quantity | None = Field(description="Celui de la structure, tel qu'elle l'a déclaré en dernier")
    position: Position | None
    position_label: str | None
    country: CellOut
    region: CellOut | None = Field(description="Absent si la structure n'a pas de délégation")


class ComparisonOut(Schema):
    """Une activité d'une structure, à côté du portrait de son type."""

    kind: ActivityKind
    kind_label: str
    compared: list[ComparedOut]


class PointOut(Schema):
    """Une année d'un indicateur."""

    year: int
    edition_id: UUID
    cell: CellOut


class EvolutionOut(Schema):
    """Un indicateur sur les années qui se comparent."""

    indicator: str
    label: str
    theme: str
    unit: Unit
    points: list[PointOut]
    not_comparable: list[int] = Field(description="Années publiées où la définition était autre : elles n'y sont pas")


class PortraitParams(Schema):
    """Whose portraits."""

    kind: list[ActivityKind] = Field(default_factory=list, description="Par défaut, tous")
    delegation: str | None = Field(None, max_length=30, description="Par défaut, le niveau national")


class EvolutionParams(Schema):
    """Of what the years are compared."""

    kind: ActivityKind = Field(description="La nature")
    delegation: str | None = Field(None, max_length=30, description="Par défaut, le niveau national")
    indicator: list[str] = Field(default_factory=list, max_length=100, description="Par défaut, tous")
