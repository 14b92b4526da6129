"""Euro amounts: rounding, sharing out, writing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import CENT, format_euros, round_to_cents, split


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        pytest.param("1746.605", "1746.61", id="le demi-centime monte"),
        pytest.param("1746.604999", "1746.60", id="juste sous le demi-centime"),
        pytest.param("0.125", "0.13", id="pas d'arrondi au pair"),
        pytest.param("-0.125", "-0.13", id="un avoir s'arrondit comme un appel"),
        pytest.param("800", "800.00", id="un montant rond garde ses centimes"),
    ],
)
def test_amounts_are_rounded_half_up_to_the_cent(exact: str, rounded: str) -> None:
    assert str(round_to_cents(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        pytest.param("5608.00", [50, 40, 10], ["2804.00", "2243.20", "560.80"], id="partage exact"),
        pytest.param("5291.98", [50, 40, 10], ["2645.99", "2116.79", "529.20"], id="le plus grand reste gagne"),
        pytest.param("100.01", [50, 40, 10], ["50.01", "40.00", "10.00"], id="un centime à placer"),
        pytest.param("0.02", [1, 1, 1], ["0.01", "0.01", "0.00"], id="à égalité, les premiers d'abord"),
        pytest.param("-0.02", [1, 1, 1], ["-0.01", "-0.01", "0.00"], id="un avoir"),
        pytest.param("10.00", [1, 0], ["10.00", "0.00"], id="une part nulle ne reçoit rien"),
    ],
)
def test_parts_are_given_to_the_cent(amount: str, shares: list[int], parts: list[str]) -> None:
    assert split(Decimal(amount), [Decimal(share) for share in shares]) == [Decimal(part) for part in parts]


@given(
    cents=st.integers(-(10**9), 10**9),
    shares=st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=8).filter(lambda shares: sum(shares) > 0),
)
def test_parts_always_sum_to_the_amount_and_are_fair_to_the_cent(cents: int, shares: list[Decimal]) -> None:
    amount = cents * CENT
    parts = split(amount, shares)
    assert sum(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - amount * share / sum(shares)) < CENT


@pytest.mark.parametrize(
    ("amount", "shares"),
    [
        pytest.param("10.001", [1], id="fraction de centime"),
        pytest.param("10.00", [], id="aucune part"),
        pytest.param("10.00", [0, 0], id="parts toutes nulles"),
        pytest.param("10.00", [2, -1], id="part négative"),
    ],
)
def test_a_senseless_split_is_refused(amount: str, shares: list[int]) -> None:
    with pytest.raises(ValueError, match=r"shares|cent"):
        split(Decimal(amount), [Decimal(share) for share in shares])


@pytest.mark.parametrize(
    ("amount", "written"),
    [("4808", "4\u202f808,00\u00a0€"), ("1234567.5", "1\u202f234\u202f567,50\u00a0€"), ("-0.3", "-0,30\u00a0€")],
)
def test_amounts_are_written_for_a_french_reader(amount: str, written: str) -> None:
    assert format_euros(Decimal(amount)) == written
