"""The figures the service ships with: what each says of itself, and what they refuse to be."""

from decimal import Decimal

import pytest

from common.sourced import Datum, DatumStatus
from dues.grids.domain import ActivityKind, BaseNature, GridNotFound, published_median
from dues.grids.queries import grid_of, published_medians


def test_the_2026_grid_rates_every_kind_once() -> None:
    rated = [kind for group in grid_of(2026).groups for kind in group.kinds]
    assert sorted(rated) == sorted(ActivityKind)


@pytest.mark.parametrize(
    ("kind", "rate", "status"),
    [
        ("ai", "0.006", "published"),
        ("etti", "0.006", "published"),
        ("ett-ess", "0.006", "published"),
        ("sap-proxim", "0.006", "published"),
        ("aci", "0.002", "published"),
        ("ebe", "0.002", "published"),
        ("ei", "0.0035", "assumed"),
        ("ges", "0", "assumed"),
        ("other", "0", "assumed"),
    ],
)
def test_each_kind_has_its_rate_and_how_sure_it_is(kind: str, rate: str, status: str) -> None:
    datum = grid_of(2026).group_of(kind).rate
    assert (datum.value, datum.status) == (Decimal(rate), status)


def test_what_the_report_does_not_say_is_assumed() -> None:
    grid = grid_of(2026)
    assert grid.base.value is BaseNature.TOTAL_OPERATING_INCOME
    caps = [group.cap_hours for group in grid.groups if group.cap_hours is not None]
    fund = grid.shares[2].percent
    for datum in (grid.base, grid.several_activities, grid.joiners, grid.due_days, fund, *caps):
        assert datum.status is DatumStatus.ASSUMED
    assert [cap.value for cap in caps] == [400, 400, 400]


@pytest.mark.parametrize("year", [2024, 2025, 2027])
def test_a_year_without_a_grid_is_refused(year: int) -> None:
    with pytest.raises(GridNotFound) as refused:
        grid_of(year)
    assert (refused.value.code, refused.value.extra) == ("grid_not_found", {"year": year})


@pytest.mark.parametrize(
    ("kind", "median"),
    [
        ("ai", "748664"),
        ("etti", "998493"),
        ("ei", "499030"),
        ("aci", "1058130"),
        ("ebe", None),
        ("ges", None),
        ("kind-of-tomorrow", None),
    ],
)
def test_the_medians_stand_in_for_four_kinds_only(kind: str, median: str | None) -> None:
    base = published_median(published_medians(), kind)
    if median is None:
        assert base is None
    else:
        assert base is not None
        assert (base.amount.value, base.amount.status) == (Decimal(median), DatumStatus.ASSUMED)


def test_nothing_is_assumed_without_saying_why() -> None:
    with pytest.raises(ValueError, match="why it is assumed"):
        Datum(value=1, status=DatumStatus.ASSUMED, source="essai")
