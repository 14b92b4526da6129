"""A grid is checked whole: everything that is wrong with it at once, each where it stands."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from common.sourced import Datum, DatumStatus
from dues.grids.domain import ActivityKind, Grid, GridUnusable, Group, Share, defects, require_sound, require_usable
from dues.grids.queries import grid_of

GRID = grid_of(2026)
FIRST, SECOND, THIRD, LAST = GRID.groups
NATIONAL, REGIONAL, FUND = GRID.shares


def datum(value: Any) -> Datum[Any]:
    return Datum(value=value, status=DatumStatus.PUBLISHED, source="essai")


def group(held: Group, **values: Any) -> Group:
    return replace(held, **{name: value if name == "kinds" else datum(value) for name, value in values.items()})


def share(held: Share, percent: str) -> Share:
    return replace(held, percent=datum(Decimal(percent)))


def shares(*held: Share) -> dict[str, Any]:
    return {"shares": held}


def groups(*held: Group) -> dict[str, Any]:
    return {"groups": held}


def test_the_grid_in_force_has_no_defect() -> None:
    assert defects(GRID) == ()
    require_usable(GRID)


@pytest.mark.parametrize(
    ("change", "pointer", "code", "sentence"),
    [
        pytest.param(groups(FIRST, SECOND, LAST), "/groups", "kind_without_group", "Le type EI n'est", id="un trou"),
        pytest.param(
            groups(FIRST, group(SECOND, kinds=(ActivityKind.ACI, ActivityKind.EBE, ActivityKind.AI)), THIRD, LAST),
            "/groups/1/kinds/2",
            "kind_in_two_groups",
            "Le type AI est déjà dans le groupe « AI, ETTI",
            id="un recouvrement",
        ),
        pytest.param(
            groups(*GRID.groups, group(LAST, kinds=())),
            "/groups/4/kinds",
            "group_empty",
            "aucun type",
            id="groupe vide",
        ),
        pytest.param(
            groups(replace(FIRST, cap_hours=None), SECOND, THIRD, LAST),
            "/groups/0/cap_hours",
            "cap_missing",
            "sans plafond",
            id="un groupe sans plafond",
        ),
        pytest.param(
            groups(FIRST, SECOND, group(THIRD, cap_hours=0), LAST),
            "/groups/2/cap_hours",
            "cap_not_positive",
            "supérieur à zéro",
            id="plafond de zéro heure",
        ),
        pytest.param(
            groups(FIRST, group(SECOND, rate=Decimal("1.01")), THIRD, LAST),
            "/groups/1/rate",
            "rate_out_of_range",
            "de 0 à 1",
            id="taux au-dessus de 1",
        ),
        pytest.param(
            groups(FIRST, SECOND, THIRD, group(LAST, rate=Decimal("-0.001"))),
            "/groups/3/rate",
            "rate_out_of_range",
            "de 0 à 1",
            id="taux négatif",
        ),
        pytest.param({"fixed": datum(Decimal(-1))}, "/fixed", "fixed_not_usable", "positif", id="part fixe négative"),
        pytest.param({"fixed": datum(Decimal("0.005"))}, "/fixed", "fixed_not_usable", "centimes", id="demi-centime"),
        pytest.param({"due_days": datum(-1)}, "/due_days", "due_days_out_of_range", "0 à 365", id="délai négatif"),
        pytest.param({"due_days": datum(366)}, "/due_days", "due_days_out_of_range", "0 à 365", id="plus d'un an"),
        pytest.param(shares(NATIONAL, REGIONAL), "/shares", "shares_not_whole", "font 90 %", id="parts de 90 %"),
        pytest.param(shares(), "/shares", "shares_not_whole", "font 0 %", id="aucune part"),
        pytest.param(
            shares(share(NATIONAL, "49.5"), share(REGIONAL, "40"), share(FUND, "10.5")),
            "/shares/2/percent",
            "mutual_fund_too_large",
            "jusqu'à 10 %",
            id="fonds mutualisé au-dessus de 10 %",
        ),
        pytest.param(
            shares(share(NATIONAL, "-10"), share(REGIONAL, "100"), FUND),
            "/shares/0/percent",
            "share_out_of_range",
            "de 0 à 100",
            id="part négative",
        ),
    ],
)
def test_a_defect_is_told_where_it_stands(change: dict[str, Any], pointer: str, code: str, sentence: str) -> None:
    [found] = defects(replace(GRID, **change))
    assert (found.pointer, found.code) == (pointer, code)
    assert sentence in found.message


def test_every_defect_is_told_at_once() -> None:
    broken: Grid = replace(
        GRID,
        groups=(replace(group(FIRST, rate=Decimal(2)), cap_hours=None), SECOND, THIRD),
        shares=(NATIONAL, NATIONAL),
        due_days=datum(1000),
    )
    told = [(one.pointer, one.code) for one in defects(broken)]
    assert told == [
        ("/groups/0/rate", "rate_out_of_range"),
        ("/groups/0/cap_hours", "cap_missing"),
        ("/groups", "kind_without_group"),
        ("/groups", "kind_without_group"),
        ("/due_days", "due_days_out_of_range"),
        ("/shares/0/beneficiary", "beneficiary_twice"),
        ("/shares/1/beneficiary", "beneficiary_twice"),
    ]
    with pytest.raises(GridUnusable, match="7 défauts") as refused:
        require_usable(broken)
    assert (refused.value.code, refused.value.errors) == ("grid_unusable", defects(broken))


def test_a_share_of_the_fund_at_its_limit_is_usable() -> None:
    assert defects(replace(GRID, shares=(share(NATIONAL, "55.5"), share(REGIONAL, "34.5"), FUND))) == ()


def test_a_grid_that_ships_is_of_its_year_and_without_defect() -> None:
    require_sound(GRID, 2026)
    with pytest.raises(ValueError, match="the grid of 2027 says that it is that of 2026"):
        require_sound(GRID, 2027)
    with pytest.raises(ValueError, match="the grid of 2026"):
        require_sound(replace(GRID, shares=(NATIONAL, NATIONAL)), 2026)
