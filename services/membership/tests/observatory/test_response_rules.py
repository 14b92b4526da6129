"""Who answered: no rate names those who did not, to the public or to a delegation that follows its own.

Figures under five structures are hidden, also by subtraction (ADR 0028; the number is `assumed`). A part of fewer than
five structures expected is hidden, and what would tell it.
"""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from membership.observatory.domain import Cell, HiddenBecause, Response, Scope, told_responses

from .test_rules import AI, EI, RULE

FEW, DEDUCIBLE = HiddenBecause.TOO_FEW, HiddenBecause.DEDUCIBLE
Expected = Mapping[tuple[str, str], int]
LARGE = {("ai", "occitanie"): 20, ("ai", "idf"): 20, ("ai", "bretagne"): 20}


def answered(expected: Expected, silent: int = 0) -> list[Response]:
    """Say how many answered of each group, no structure being of two kinds; ``silent`` did not in each."""

    def one(group: str, code: str, count: int) -> Response:
        return Response(group, code, count, max(count - silent, 0), Decimal(50))

    kinds = dict.fromkeys(kind for kind, _ in expected)
    places = dict.fromkeys(place for _, place in expected)
    return [
        one("all", "", sum(expected.values())),
        *(one("kind", code, sum(n for (kind, _), n in expected.items() if kind == code)) for code in kinds),
        *(one("delegation", code, sum(n for (_, place), n in expected.items() if place == code)) for code in places),
    ]


def cells_of(expected: Expected) -> list[Cell]:
    """Tell a figure of each part that counts five, in the country and in each delegation."""
    counts: dict[Scope, int] = {}
    for (kind, place), count in expected.items():
        for scope in (Scope(type(AI)(kind), None), Scope(type(AI)(kind), place)):
            counts[scope] = counts.get(scope, 0) + count
    return [
        Cell(scope, "x", *((count, Decimal(1)) if count >= 5 else ()), hidden=None if count >= 5 else FEW)
        for scope, count in counts.items()
    ]


@pytest.mark.parametrize(
    ("expected", "hidden"),
    [
        pytest.param(LARGE, {}, id="toutes assez nombreuses"),
        pytest.param(
            {**LARGE, ("ai", "guyane"): 1},
            {"guyane": FEW, "occitanie": DEDUCIBLE, "idf": DEDUCIBLE},
            id="une attendue en Guyane : et deux autres, chacune sachant les siennes",
        ),
        pytest.param(
            {**LARGE, ("ai", "guyane"): 4, ("ai", "mayotte"): 4, ("ai", "corse"): 4},
            {"guyane": FEW, "mayotte": FEW, "corse": FEW},
            id="trois petites se couvrent",
        ),
        pytest.param(
            {**LARGE, ("ai", ""): 2},
            {"occitanie": DEDUCIBLE, "idf": DEDUCIBLE},
            id="deux sans délégation : le pays moins toutes les autres les dirait",
        ),
        pytest.param({**LARGE, ("ai", ""): 5}, {}, id="cinq sans délégation"),
        pytest.param(
            {**LARGE, ("ebe", "idf"): 1, ("ebe", "bretagne"): 2, ("aci", "idf"): 6, ("aci", "occitanie"): 6},
            {"ebe": FEW, "aci": DEDUCIBLE, "idf": DEDUCIBLE, "bretagne": DEDUCIBLE},
            id="trois EBE : un autre type avec ; l'Île-de-France et la Bretagne moins leurs portraits les compteraient",
        ),
        pytest.param(
            {**LARGE, ("ei", "idf"): 40, ("ei", "guyane"): 4, ("ei", "bretagne"): 4},
            {"guyane": FEW, "occitanie": DEDUCIBLE, "bretagne": DEDUCIBLE},
            id="quatre EI en Bretagne : ses réponses moins son portrait AI les compteraient",
        ),
        pytest.param(
            {**LARGE, ("ei", "idf"): 40, ("ei", "bretagne"): 1},
            {"ei": DEDUCIBLE, "ai": DEDUCIBLE, "bretagne": DEDUCIBLE, "occitanie": DEDUCIBLE},
            id="une EI hors d'Île-de-France, qui suit les siennes",
        ),
        pytest.param(
            {("ai", "idf"): 6, ("ai", "bretagne"): 3},
            {"": DEDUCIBLE, "ai": DEDUCIBLE, "idf": DEDUCIBLE, "bretagne": FEW},
            id="hors d'Île-de-France trois en tout : le pays aussi",
        ),
    ],
)
def test_whose_answers_are_not_told(expected: Expected, hidden: Mapping[str, HiddenBecause]) -> None:
    found = told_responses(answered(expected), expected, cells_of(expected), RULE)
    assert {one.code: one.hidden for one in found if one.hidden} == hidden
    assert {(one.expected, one.answered, one.rate) for one in found if one.hidden} <= {(None, None, None)}
    assert [one for one in found if one.group == "delegation" and not one.code] == []


@pytest.mark.parametrize(
    ("silent", "hidden"),
    [
        pytest.param(15, set(), id="cinq réponses sur vingt : montré"),
        pytest.param(16, {"ei", "ai"}, id="quatre sur vingt : ce serait l'effectif d'un portrait masqué"),
        pytest.param(20, set(), id="aucune sur vingt : ni effectif, ni structure que l'on reconnaisse"),
    ],
)
def test_answers_do_not_count_a_portrait_that_is_hidden(silent: int, hidden: set[str]) -> None:
    expected = {("ai", "idf"): 20, ("ai", "bretagne"): 20, ("ei", "idf"): 10, ("ei", "bretagne"): 10}
    few = Response("kind", "ei", 20, 20 - silent, Decimal(50))
    exact = [few if one.code == "ei" else one for one in answered(expected)]
    cells = [Cell(Scope(AI, None), "x", 40, Decimal(1)), Cell(Scope(EI, None), "x", hidden=FEW)]
    assert {one.code for one in told_responses(exact, expected, cells, RULE) if one.hidden} == hidden


def test_nothing_is_hidden_where_nobody_was_expected() -> None:
    nobody = Response("delegation", "guyane", 0, 0, None)
    found = told_responses([*answered(LARGE), nobody], LARGE, cells_of(LARGE), RULE)
    assert [one.hidden for one in found] == [None] * len(found)
    assert nobody in found
