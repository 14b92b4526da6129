"""Every indicator of every version, computed from what was typed by another method than the service's, and equal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import quantiles
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.declarations.domain import Place
from membership.members.domain import ActivityKind
from membership.observatory.domain import indicators_of, value_of
from membership.observatory.queries import indicator_sets

from .conftest import Declared, People, declaring, published

Answers = dict[Place, Decimal]
Answered = list[tuple[str, str, Answers]]
"""What each structure declared: its activities, its delegation, its answers."""
EVERYWHERE: People = (
    ("ai", "occitanie", 16),
    ("ai", "idf", 8),
    ("ai aci", "bretagne", 2),
    ("aci", "occitanie", 7),
    ("aci", "bretagne", 12),
    ("etti", "idf", 14),
    ("etti", "bretagne", 6),
)
"""Enough of three kinds, whatever is left blank, for medians, quartiles and totals; one of them lends workers out."""


def value_by_hand(figures: Mapping[str, str], kind: str, one: Mapping[str, Any]) -> Fraction | None:
    """Compute an indicator of one activity from what was typed, another way than the service does."""
    if not any(f"{code}@{kind}" in figures for code in (*one["of"], *one["beside"])):
        return None
    given = {code: Fraction(figures.get(f"{code}@{kind}", 0)) for code in (*one["of"], *one["over"])}
    amount, whole = (sum((given[code] for code in one[part]), Fraction(0)) for part in ("of", "over"))
    if not one["over"]:
        return amount
    return amount * 100 / whole if whole else None


def by_hand(said: Declared, kind: str, region: str | None, one: Mapping[str, Any]) -> list[Fraction]:
    """Compute the values of an indicator of a kind of activity, in a delegation or in the country."""
    values = (
        value_by_hand(figures, kind, one)
        for its_kinds, its_region, figures in said.values()
        if kind in its_kinds.split() and region in (None, its_region)
    )
    return [value for value in values if value is not None]


def by_structure(said: Declared, one: Mapping[str, Any]) -> list[Fraction]:
    """Compute what each structure makes of an indicator, all its activities together: it is one of the whole."""
    of_each = ([value_by_hand(figures, kind, one) for kind in kinds.split()] for kinds, _, figures in said.values())
    told = ([value for value in values if value is not None] for values in of_each)
    return [sum(values, Fraction(0)) for values in told if values]


def answers_of(figures: Mapping[str, str]) -> Answers:
    """Read what was typed as the rule is given it."""
    places = {name.partition("@")[::2]: Decimal(value) for name, value in figures.items()}
    return {Place(code, ActivityKind(its) if its else None): value for (code, its), value in places.items()}


def by_the_rule(said: Answered, kind: str, region: str | None, code: str, year: int) -> list[Fraction]:
    """Do the same by the rule that serves a structure beside its kind."""
    [one] = [one for one in indicators_of(indicator_sets(), year).indicators if one.code == code]
    values = (
        value_of(one, answers, ActivityKind(kind))
        for its_kinds, its_region, answers in said
        if kind in its_kinds.split() and region in (None, its_region)
    )
    return [Fraction(value) for value in values if value is not None]


@dataclass(frozen=True)
class Expected:
    """What a cell that is shown must say, exactly; rounding comes after."""

    count: int
    quartiles: tuple[Fraction, Fraction, Fraction]
    total: Fraction


def expected(values: list[Fraction]) -> Expected:
    """Say what is told of these values: on how many structures, and what they make. The one place that counts them."""
    low, median, high = quantiles(values, n=4, method="inclusive")
    return Expected(len(values), (low, median, high), sum(values, Fraction(0)))


ASKED_OF_ONE_KIND = {"temp_work_turnover"}
"""Its total is that of its kind: there is none of all kinds."""
FEW = 12
"""Fewer have no quartiles, and a median of an amount in three digits."""


def assert_equal(shown: str, exact: Fraction, unit: str, *, digits: int | None = None) -> None:
    """A figure as shown is the exact one but for its rounding: to the unit, the tenth, or some first digits."""
    step = Fraction(1) if unit in ("eur", "hours") else Fraction(1, 10)
    if digits is not None and exact:
        step = max(step, Fraction(10) ** (Decimal(shown).adjusted() + 1 - digits)) + step
    assert abs(Fraction(shown) - exact) <= step / 2 + Fraction(1, 10**6)


def compare(cell: Mapping[str, Any], values: list[Fraction]) -> set[str]:
    """Compare a cell with the values of its structures; return which of its figures were shown, and are right."""
    told, unit = expected(values), cell["unit"]
    assert cell["count"] == told.count >= 5
    few = told.count < FEW
    assert_equal(cell["median"], told.quartiles[1], unit, digits=3 if few and unit != "percent" else None)
    if few:
        assert (cell["low"], cell["high"]) == (None, None)
    else:
        assert_equal(cell["low"], told.quartiles[0], unit)
        assert_equal(cell["high"], told.quartiles[2], unit)
    if cell["total"] is not None:
        assert_equal(cell["total"], told.total, unit)
    return {name for name in ("median", "low", "high", "total") if cell[name] is not None}


@pytest.mark.parametrize(("year", "indicators"), [(2025, 42), (2026, 69)])
async def test_portraits_are_what_another_method_finds(
    membership: ServiceUnderTest, arranged: Arrange, year: int, indicators: int
) -> None:
    said = await declaring(membership, arranged, EVERYWHERE, year)
    answered = [(kinds, region, answers_of(figures)) for kinds, region, figures in said.values()]
    edition = await published(membership, year)
    async with membership.client("finance") as client:
        definitions = {
            one["code"]: one for one in (await client.get(f"/observatory/indicators/{year}")).json()["indicators"]
        }
        document = (await client.get(f"/observatory/editions/{edition['id']}/document")).json()
    shown: Counter[tuple[str, str]] = Counter()
    portraits = [one for one in document["portraits"] if one["kind"]]
    for kind, region, cells in ((one["kind"], one["delegation"], one["cells"]) for one in portraits):
        found = {cell["indicator"]: cell for cell in cells}
        for code, one in definitions.items():
            values = by_hand(said, kind, region, one)
            assert values == pytest.approx(by_the_rule(answered, kind, region, code, year))
            assert (code in found) == bool(values), "what somebody answered has a cell, what nobody did has none"
            if values and not found[code]["hidden"]:
                shown.update((code, name) for name in compare(found[code], values))
    [whole] = [one["cells"] for one in document["portraits"] if one["kind"] is None]
    for cell in whole:
        told = expected(by_structure(said, definitions[cell["indicator"]]))
        assert cell["count"] == told.count
        assert_equal(cell["total"], told.total, cell["unit"])
    summed = {code for code, one in definitions.items() if one["unit"] != "percent"}
    assert {cell["indicator"] for cell in whole} == summed - ASKED_OF_ONE_KIND
    everything = {(code, name) for code in definitions for name in ("median", "low", "high")}
    everything |= {(code, "total") for code in summed}
    assert len(definitions) == indicators
    assert shown.keys() == everything, "no indicator that was not compared"
    assert {one["delegation"] for one in portraits} == {None, "occitanie", "idf", "bretagne"}
