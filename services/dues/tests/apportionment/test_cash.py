"""The split of money as it comes in and goes: who has which part of it, and who reads it."""

from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import split
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from dues.apportionment.domain import beneficiary_of, cash_parts, delegation_of
from dues.grids.domain import Beneficiary

from ..receipts.desk import DUE, OTHER, TODAY, desk

EUROS = Decimal
ANNOUNCED = {
    "national-offer": EUROS("1458.13"),
    "delegation-occitanie": EUROS("1166.50"),
    "mutual-fund": EUROS("291.63"),
}
TOTAL = EUROS("2916.26")


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        pytest.param("0.00", "2916.26", ("1458.13", "1166.50", "291.63"), id="en entier : ce qui fut annoncé"),
        pytest.param("0.00", "1000.00", ("500.00", "400.00", "100.00"), id="une partie"),
        pytest.param("1000.00", "2916.26", ("958.13", "766.50", "191.63"), id="le solde"),
        pytest.param("2916.26", "0.00", ("-1458.13", "-1166.50", "-291.63"), id="un rejet"),
        pytest.param("1000.00", "999.99", ("0.00", "-0.01", "0.00"), id="un centime repris"),
    ],
)
def test_who_has_which_part_of_a_movement(before: str, after: str, parts: tuple[str, ...]) -> None:
    shared = cash_parts(EUROS(before), EUROS(after), ANNOUNCED)
    expected = {code: EUROS(part) for code, part in zip(ANNOUNCED, parts, strict=True) if EUROS(part)}
    assert shared == expected


cents = st.integers(0, 500_000).map(lambda count: Decimal(count) / 100)


@given(total=cents.filter(bool), percents=st.lists(st.integers(1, 100), min_size=1, max_size=5), data=st.data())
def test_parts_tie_to_the_cent_whatever_is_paid_and_taken_back(
    total: Decimal, percents: list[int], data: st.DataObject
) -> None:
    amounts = split(total, [Decimal(percent) for percent in percents])
    announced = {f"delegation-{rank}": amount for rank, amount in enumerate(amounts)}
    fractions = st.integers(0, int(total * 100)).map(lambda count: Decimal(count) / 100)
    stops = [Decimal(0), *data.draw(st.lists(fractions, max_size=8)), total]
    held = dict.fromkeys(announced, Decimal(0))
    for before, after in pairwise(stops):
        shared = cash_parts(before, after, announced)
        assert sum(shared.values(), Decimal(0)) == after - before
        held = {code: amount + shared.get(code, Decimal(0)) for code, amount in held.items()}
    assert held == announced


def test_a_code_says_whom_it_names() -> None:
    assert [delegation_of(code) for code in ANNOUNCED] == [None, "occitanie", None]
    assert beneficiary_of("delegation-occitanie") is Beneficiary.DELEGATION
    assert beneficiary_of("mutual-fund") is Beneficiary.MUTUAL_FUND


@pytest.mark.parametrize(
    ("role", "claims", "beneficiaries", "total"),
    [
        pytest.param(
            "finance",
            {},
            ["delegation-bretagne", "delegation-occitanie", "mutual-fund", "national-offer"],
            "1200.00",
            id="les finances",
        ),
        pytest.param("delegation", {"delegation": "bretagne"}, ["delegation-bretagne"], "160.00", id="une délégation"),
        pytest.param("delegation", {"delegation": "normandie"}, [], "0.00", id="une délégation sans part"),
    ],
)
async def test_each_reads_its_part(
    dues: ServiceUnderTest, arranged: Arrange, role: str, claims: dict[str, Any], beneficiaries: list[str], total: str
) -> None:
    async with desk(dues, arranged) as finance:
        await finance.enter()
        await finance.enter("400.00", member_id=OTHER)
    async with dues.client(role, **claims) as client:
        balances = (await client.get("/apportionment/balances")).json()
        assert [one["beneficiary"] for one in balances["balances"]] == beneficiaries
        assert (balances["total"], balances["as_of"]) == (total, TODAY)
        page = (await client.get("/apportionment/movements", params={"total": True})).json()
        assert {one["beneficiary"] for one in page["items"]} == set(beneficiaries)
        assert sum(Decimal(one["amount"]) for one in page["items"]) == Decimal(total)
        export = (await client.get("/apportionment/movements/export")).text.splitlines()
        assert len(export) - 1 == page["total"] == sum(one["movements"] for one in balances["balances"])
        before = (await client.get("/apportionment/balances", params={"as_of": "2026-01-01"})).json()
        assert (before["balances"], before["total"]) == ([], "0.00")


@pytest.mark.parametrize("role", ["member", "training"])
async def test_a_structure_does_not_read_the_parts(dues: ServiceUnderTest, role: str) -> None:
    async with dues.client(role, member_id=UUID(int=1)) as client:
        for path in ("balances", "movements", "movements/export"):
            assert (await client.get(f"/apportionment/{path}")).status_code == 403


@pytest.mark.parametrize(
    ("params", "count"),
    [
        pytest.param({"beneficiary": ["mutual-fund", "national-offer"]}, 4, id="par bénéficiaire"),
        pytest.param({"year": 2026}, 6, id="par année"),
        pytest.param({"year": 2025}, 0, id="par une autre année"),
        pytest.param({"q": "00002"}, 3, id="par numéro"),
        pytest.param({"q": "structure 001"}, 3, id="par nom"),
        pytest.param({"day_from": TODAY, "day_to": TODAY}, 6, id="par jour"),
        pytest.param({"day_to": "2026-01-01"}, 0, id="avant"),
        pytest.param({"invoice_id": str(UUID(int=9))}, 0, id="d'un autre appel"),
    ],
)
async def test_the_list_is_filtered(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], count: int
) -> None:
    async with desk(dues, arranged) as finance:
        await finance.enter()
        await finance.enter(DUE, member_id=OTHER)
        listed = await finance.client.get("/apportionment/movements", params=params)
        assert len(listed.json()["items"]) == count
        export = await finance.client.get("/apportionment/movements/export", params=params)
        assert len(export.text.splitlines()) - 1 == count
