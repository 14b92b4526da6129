"""The base of the variable part: declared by the structure, or else the median published for its kind."""

from dataclasses import dataclass
from decimal import Decimal

from common.errors import Invalid
from common.labels import Labelled
from common.sourced import Datum, DatumStatus
from dues.grids.domain.grid import ActivityKind


class BaseNotUsable(Invalid):
    """A base is a finite amount of zero or more."""

    code = "base_not_usable"
    title = "Base de cotisation inutilisable"


class BaseOrigin(Labelled):
    """Where a base comes from."""

    DECLARED = "declared", "déclarée par la structure"
    PUBLISHED_MEDIAN = "published_median", "médiane publiée"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The amount, in euros, to which the rate applies. Raises ``BaseNotUsable``."""

    origin: BaseOrigin
    amount: Datum[Decimal]
    description: str

    def __post_init__(self) -> None:
        if not self.amount.value.is_finite() or self.amount.value < 0:
            raise BaseNotUsable("La base de cotisation est un montant positif ou nul.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The median published for one kind of activity, in euros."""

    kind: ActivityKind
    amount: Datum[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMedians:
    """The medians of one indicator, as the federation's Observatoire published them for a year."""

    year: int
    indicator: str
    medians: tuple[Median, ...]


def declared_base(amount: Decimal) -> Base:
    """Return the base that a structure declared."""
    source = "déclaration de la structure"
    datum = Datum(value=amount, status=DatumStatus.PUBLISHED, source=source)
    return Base(origin=BaseOrigin.DECLARED, amount=datum, description=source)


def published_median(published: PublishedMedians, kind: str) -> Base | None:
    """Return the median published for a kind, to stand in for a base not declared; None where there is none."""
    for median in published.medians:
        if median.kind == kind:
            return Base(
                origin=BaseOrigin.PUBLISHED_MEDIAN,
                amount=median.amount,
                description=f"médiane des {published.indicator} {published.year} publiée pour le type "
                f"{median.kind.label}, faute de déclaration",
            )
    return None
