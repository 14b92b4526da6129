"""The indicators of the Observatoire: versioned data, computed the same for one structure and for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from common.errors import NotFound
from membership.declarations.domain import Answers, Place, Unit
from membership.members.domain import ActivityKind


class IndicatorsNotFound(NotFound):
    """No version of the indicators is held for a year of accounts."""

    code = "indicators_not_found"


@dataclass(frozen=True, slots=True)
class Theme:
    """What some indicators are about, as a part of a portrait."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure of an activity: a sum of declared figures or, where ``over`` is given, its share of it, in per cent.

    A figure left blank is zero as soon as one asked with it is given: one of its sum, or of ``beside``. Years of
    accounts before ``comparable_from`` measured something else under this name.
    """

    code: str
    label: str
    theme: str
    unit: Unit
    definition: str
    of: tuple[str, ...]
    over: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    comparable_from: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether the values of several structures make a total: amounts and people do, percentages do not."""
        return self.unit is not Unit.PERCENT

    @property
    def together(self) -> tuple[str, ...]:
        """The figures of which one given says that the blank ones are zero."""
        return tuple(dict.fromkeys([*self.of, *self.beside]))

    def is_made_of(self, other: "Indicator") -> bool:
        """Tell whether its total holds that of another."""
        return self != other and not self.over and not other.over and set(other.of) < set(self.of)

    def comparable(self, years: Iterable[int]) -> tuple[list[int], list[int]]:
        """Return, of some years of accounts, those that compare with the last one, and those that do not."""
        every = sorted(years)
        return [year for year in every if year >= self.comparable_from], [
            year for year in every if year < self.comparable_from
        ]

    def is_asked_in(self, questions: Sequence[str]) -> bool:
        """Tell whether a questionnaire asks for every figure it is made of."""
        return {*self.of, *self.over, *self.beside} <= set(questions)


@dataclass(frozen=True, slots=True)
class IndicatorSet:
    """One version of the indicators, for years of accounts from ``since`` on. Dated data, with source and status."""

    version: str
    since: int
    status: str
    source: str
    themes: tuple[Theme, ...]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """The indicators of a version that a questionnaire lets compute, and its questions in the order of its figures."""

    held: IndicatorSet
    indicators: tuple[Indicator, ...]
    questions: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        """The indicators' codes, in the order in which values are kept."""
        return [one.code for one in self.indicators]


def asked_of(held: IndicatorSet, questions: Sequence[str]) -> Asked:
    """Return what a version computes of a questionnaire."""
    return Asked(held, tuple(one for one in held.indicators if one.is_asked_in(questions)), tuple(questions))


def indicators_of(sets: Sequence[IndicatorSet], year: int) -> IndicatorSet:
    """Return the latest version for a year of accounts. Raises IndicatorsNotFound."""
    held = [one for one in sets if one.since <= year]
    if not held:
        raise IndicatorsNotFound(f"Aucun indicateur n'est défini pour les comptes de {year}.")
    return max(held, key=lambda one: (one.since, one.version))


def value_of(indicator: Indicator, answers: Answers, activity: ActivityKind) -> Decimal | None:
    """Return what an indicator is for one activity of one structure; None where it cannot be told."""
    if not any(Place(code, activity) in answers for code in indicator.together):
        return None
    amount = _sum(indicator.of, answers, activity)
    if not indicator.over:
        return amount
    whole = _sum(indicator.over, answers, activity)
    return amount * 100 / whole if whole else None


def rounded(value: Decimal, unit: Unit) -> Decimal:
    """Round a statistic half up as it is shown: amounts to the euro, hours whole, people and shares to a tenth.

    >>> rounded(Decimal("748664.5"), Unit.EUR), rounded(Decimal("33.25"), Unit.PERCENT)
    (Decimal('748665'), Decimal('33.3'))
    """
    step = Decimal(1) if unit in (Unit.EUR, Unit.HOURS) else Decimal("0.1")
    return value.quantize(step, ROUND_HALF_UP)


def to_three_digits(value: Decimal) -> Decimal:
    """Round a figure to its first three digits.

    >>> to_three_digits(Decimal("748664")), to_three_digits(Decimal("33.3"))
    (Decimal('749000'), Decimal('33.3'))
    """
    step = Decimal(1).scaleb(value.adjusted() - 2) if value else Decimal(1)
    return value if value == value.quantize(max(step, Decimal("0.1"))) else _whole(value.quantize(step, ROUND_HALF_UP))


def _whole(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value.as_tuple().exponent > 0 else value  # type: ignore[operator]


def _sum(codes: Sequence[str], answers: Mapping[Place, Decimal], activity: ActivityKind) -> Decimal:
    return sum((answers.get(Place(code, activity), Decimal(0)) for code in codes), Decimal(0))
