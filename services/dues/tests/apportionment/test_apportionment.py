"""How a due is shared out: 50 % national offer, 40 % delegation, 10 % mutual fund."""

from decimal import Decimal

import pytest

from common.sourced import DatumStatus
from dues.apportionment.domain import apportion
from dues.grids.queries import grid_of


@pytest.mark.parametrize(
    ("total", "national", "delegation", "fund"),
    [
        pytest.param("800.00", "400.00", "320.00", "80.00", id="part fixe seule"),
        pytest.param("5608.00", "2804.00", "2243.20", "560.80", id="ETTI plafonnée"),
        pytest.param("5291.98", "2645.99", "2116.79", "529.20", id="AI médiane"),
        pytest.param("2546.61", "1273.31", "1018.64", "254.66", id="EI médiane, centime au plus grand reste"),
        pytest.param("0.01", "0.01", "0.00", "0.00", id="un centime"),
    ],
)
def test_the_parts_sum_to_the_due(total: str, national: str, delegation: str, fund: str) -> None:
    parts = apportion(Decimal(total), grid_of(2026).shares, delegation="occitanie")
    assert [(part.code, part.amount) for part in parts] == [
        ("national-offer", Decimal(national)),
        ("delegation-occitanie", Decimal(delegation)),
        ("mutual-fund", Decimal(fund)),
    ]
    assert sum(part.amount for part in parts) == Decimal(total)


def test_the_share_of_the_fund_is_assumed_and_says_why() -> None:
    fund = apportion(Decimal(800), grid_of(2026).shares, delegation="idf")[2]
    assert fund.status is DatumStatus.ASSUMED
    assert "jusqu'à 10 %" in fund.note
