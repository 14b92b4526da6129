"""A revised edition beside those before it: no change names anybody, to the public or to a delegation.

Between two editions as within one: five structures, none of which makes more than 85 % of a change (ADR 0028).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from membership.declarations.domain import Unit
from membership.members.domain import ActivityKind
from membership.observatory.domain import (
    EVERYWHERE,
    Cell,
    HiddenBecause,
    Indicator,
    Observed,
    Scope,
    Unknown,
    changes,
    families,
    revised,
)

from .test_rules import ACI, AI, EI, RULE, SUM, summary

COUNTRY = Scope(AI, None)


def some(count: int) -> Unknown:
    """Let some structures change a figure, each as much, none of whom a delegation reads."""
    return {None: summary(count)}


def test_a_revised_edition_keeps_what_too_few_structures_changed() -> None:
    idf = Scope(AI, "idf")
    before = [Cell(scope, "x", 9, Decimal(1)) for scope in (COUNTRY, idf, EVERYWHERE)]
    now = [Cell(scope, "x", 9, Decimal(2)) for scope in (COUNTRY, idf, EVERYWHERE)]
    told = {cell.scope: cell.median for cell in of_x(now, before, {COUNTRY: 5, idf: 4, EVERYWHERE: 5})}
    assert told == {COUNTRY: Decimal(2), idf: Decimal(1), EVERYWHERE: Decimal(2)}
    told = {cell.scope: cell.median for cell in of_x(now, before, {COUNTRY: 1, EVERYWHERE: 6})}
    assert told == {COUNTRY: Decimal(1), idf: Decimal(2), EVERYWHERE: Decimal(1)}


def of_x(now: list[Cell], before: list[Cell], changed: Mapping[Scope, int]) -> list[Cell]:
    """Revise the cells of one indicator, made of no other."""
    return revised(now, before, {(scope, "x"): some(count) for scope, count in changed.items()}, RULE, {})


def gave(number: int, delegation: str = "idf", kind: ActivityKind = AI, **values: float) -> Observed:
    return Observed(UUID(int=number), kind, delegation, values)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param([gave(1, t=5, w=2)], [gave(1, t=5, w=3)], {"country w": 1, "idf w": 1, "all w": 1}, id="corrigé"),
        pytest.param([], [gave(1, t=5)], {"country t": 1, "idf t": 1, "all t": 1}, id="venue, d'un chiffre qu'elle a"),
        pytest.param([gave(1, t=5, w=2)], [gave(1, t=5)], {"country w": 1, "idf w": 1, "all w": 1}, id="effacé"),
        pytest.param(
            [gave(1, t=5)], [gave(1, "bretagne", t=5)], {"idf t": 1, "bretagne t": 1}, id="passée dans une autre région"
        ),
        pytest.param(
            [gave(1, t=5)],
            [gave(1, kind=ACI, t=5)],
            {"country t": 1, "idf t": 1, "aci country t": 1, "aci idf t": 1},
            id="d'un type à l'autre : le total de tous ne change pas",
        ),
    ],
)
def test_whom_a_figure_changed_of(then: list[Observed], now: list[Observed], expected: dict[str, int]) -> None:
    named = {
        " ".join(
            (*((scope.kind.value,) if scope.kind is ACI else ()),
             "all" if scope == EVERYWHERE else scope.delegation or "country", code)
        ): rests[None].count
        for (scope, code), rests in changes(then, now).items()
    }  # fmt: skip
    assert named == expected


def test_one_newcomer_does_not_hide_behind_four_who_corrected_something_else() -> None:
    """Its turnover would be the new total less the one told before."""
    then = [gave(number, t=100, w=10) for number in range(10)]
    now = [gave(number, t=100, w=11 if number < 4 else 10) for number in range(10)] + [gave(10, t=77)]
    before = [Cell(COUNTRY, "t", 10, Decimal(100), total=Decimal(1000))]
    anew = [Cell(COUNTRY, "t", 11, Decimal(100), total=Decimal(1077))]
    assert revised(anew, before, changes(then, now), RULE, {}) == before


def test_what_was_hidden_is_told_once_enough_changed() -> None:
    hidden = [Cell(COUNTRY, "x", hidden=HiddenBecause.TOO_FEW, total_hidden=HiddenBecause.TOO_FEW)]
    now = [Cell(COUNTRY, "x", 9, Decimal(2), total=Decimal(18))]
    assert of_x(now, hidden, {COUNTRY: 5}) == now
    [told] = of_x(now, hidden, {COUNTRY: 4})
    assert (told.median, told.total, told.total_hidden) == (Decimal(2), None, HiddenBecause.TOO_FEW)


def test_a_total_that_was_hidden_with_another_does_not_tell_that_one_later() -> None:
    """The total of all told before, less AI, less ACI told now, would be that of the two EI of then."""
    ai, aci, ei = (Scope(kind, None) for kind in (AI, ACI, EI))
    masked: dict[str, Any] = {"total_hidden": HiddenBecause.DEDUCIBLE}
    before = [Cell(ai, "x", 9, total=Decimal(9)), Cell(aci, "x", 7, **masked), Cell(ei, "x", 2, **masked)]
    before.append(Cell(EVERYWHERE, "x", 18, total=Decimal(18)))
    now = [Cell(one, "x", count, total=Decimal(count)) for one, count in ((ai, 9), (aci, 7), (ei, 6), (EVERYWHERE, 22))]
    told = {cell.scope: cell.total for cell in of_x(now, before, {ei: 4, EVERYWHERE: 4})}
    assert told == {ai: Decimal(9), aci: None, ei: None, EVERYWHERE: Decimal(18)}


def test_a_whole_is_kept_with_a_part_of_it() -> None:
    before = [Cell(COUNTRY, code, 9, total=Decimal(1)) for code in ("a", "b", "s")]
    now = [Cell(COUNTRY, code, 9, total=Decimal(2)) for code in ("a", "b", "s")]
    a, b = (Indicator(code, code, "t", Unit.EUR, "", (code,)) for code in ("a", "b"))
    changed = {(COUNTRY, "a"): some(1), (COUNTRY, "b"): some(6), (COUNTRY, "s"): some(6)}
    assert revised(now, before, changed, RULE, families([a, b, SUM])) == before


BEFORE = [gave(number, "idf" if number < 10 else "bretagne", t=100_000) for number in range(20)]
"""Twenty AI in two delegations: a total of 2,000,000."""


def corrected(changed: Mapping[int, float]) -> list[Observed]:
    """Correct the turnover of some of them, by their number; the twenty-first and after are late."""
    place = {one.member_id: one.delegation for one in BEFORE}
    told = {**dict.fromkeys(range(20), 100000.0), **changed}
    return [gave(number, place.get(UUID(int=number), "occitanie"), t=value) for number, value in told.items()]


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        pytest.param(
            {0: 100_001, 1: 100_001, 10: 100_001, 11: 100_001, 20: 812_345},
            False,
            id="quatre corrigent d'un euro, une cinquième déclare 812 345 : le total la dirait à quatre euros",
        ),
        pytest.param(
            {10: 130_000, 11: 140_000, 12: 120_000, 13: 150_000, 0: 160_000},
            False,
            id="quatre de Bretagne, qui lit les siennes, et une d'ailleurs : elle la trouverait",
        ),
        pytest.param(
            {10: 4e5, 11: 4e5, 12: 4e5, 13: 4e5, 14: 4e5, 0: 100_001, 1: 100_001, 2: 100_001, 3: 100_001, 4: 812_345},
            False,
            id="hors de Bretagne, une fait presque tout le changement",
        ),
        pytest.param(
            {0: 130_000, 1: 7e4, 2: 9e4, 10: 130_000, 11: 7e4, 12: 8e4, 20: 5e4, 21: 6e4},
            True,
            id="hors de n'importe quelle délégation, cinq",
        ),
        pytest.param(
            {0: 130_000, 1: 140_000, 2: 120_000, 3: 150_000, 4: 160_000},
            True,
            id="cinq d'une délégation : elle les lit déjà",
        ),
    ],
)
def test_what_came_between_two_editions_names_nobody(changed: Mapping[int, float], anew: bool) -> None:
    now = corrected(changed)
    before = [Cell(COUNTRY, "t", 20, Decimal(100_000), total=Decimal(2_000_000))]
    total = Decimal(sum(one.values["t"] for one in now))
    after = [Cell(COUNTRY, "t", len(now), Decimal(100_000), total=total)]
    assert revised(after, before, changes(BEFORE, now), RULE, {}) == (after if anew else before)


def test_a_median_alone_is_told_by_how_many_changed() -> None:
    """By how much does not follow from a median: only a total is dominated."""
    now = corrected({0: 100_001, 1: 100_001, 10: 100_001, 11: 100_001, 12: 7, 20: 812_345, 21: 5, 22: 6})
    before, after = ([Cell(COUNTRY, "t", count, Decimal(100_000))] for count in (20, 23))
    assert revised(after, before, changes(BEFORE, now), RULE, {}) == after


def test_a_total_of_all_kinds_is_changed_by_what_each_structure_is_in_all() -> None:
    """From one kind to another nothing changes in all; with as much again, it does, once."""
    then = [gave(1, t=5), gave(2, t=5), gave(2, kind=ACI, t=5)]
    now = [gave(1, kind=ACI, t=5), gave(2, t=9), gave(2, kind=ACI, t=8)]
    found = changes(then, now)[EVERYWHERE, "t"]
    assert (found[None].count, found[None].total, found["idf"].count) == (1, Decimal(7), 0)
