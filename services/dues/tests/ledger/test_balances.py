"""What accounts bear at any date, held against a plain sum of the entries; the books of an account, line by line."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.accounting.entries import Entry
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.ledger import queries
from dues.ledger.schemas import AuxiliaryParams, BalanceParams

from .test_posting import DAY, call, payment, post

FIRST = date(2026, 1, 1)
Act = tuple[Callable[..., Entry], int, int, Decimal]
acts = st.lists(
    st.tuples(
        st.sampled_from([call, payment]),
        st.integers(1, 4),
        st.integers(0, 120),
        st.decimals("0.01", "9999.99", places=2),
    ),
    min_size=1,
    max_size=25,
)


def entries_of(drawn: list[Act]) -> list[Entry]:
    return [
        make(rank, str(amount), day=FIRST + timedelta(days=days), of=member)
        for rank, (make, member, days, amount) in enumerate(drawn, start=1)
    ]


def summed(entries: list[Entry], as_of: date) -> dict[tuple[str, str | None], Decimal]:
    """Sum the lines by hand, by account and auxiliary."""
    found: defaultdict[tuple[str, str | None], Decimal] = defaultdict(lambda: Decimal("0.00"))
    for entry in entries:
        for line in entry.lines if entry.day <= as_of else ():
            auxiliary = line.auxiliary.code if line.auxiliary else None
            found[line.account, auxiliary] += line.debit - line.credit
            if auxiliary:
                found[line.account, None] += line.debit - line.credit
    return dict(found)


async def balances(dues: ServiceUnderTest, entity: str, as_of: date) -> dict[tuple[str, str | None], Decimal]:
    async with dues.runtime.database.reading(Actor("board")) as read:
        by_account = await queries.trial_balance(read, entity, BalanceParams(as_of=as_of))
        page = await queries.list_auxiliaries(read, entity, AuxiliaryParams(as_of=as_of, limit=200))
    assert by_account.debit == by_account.credit
    return {(one.account, one.auxiliary): one.balance for one in [*by_account.items, *page.items]}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=acts, days=st.integers(0, 120))
async def test_every_balance_is_the_sum_of_its_entries_at_any_date(
    dues: ServiceUnderTest, drawn: list[Act], days: int
) -> None:
    """Each example in the books of an entity of its own: those of the others do not count either."""
    entity = str(uuid4())
    entries = [replace(entry, entity=entity) for entry in entries_of(drawn)]
    as_of = FIRST + timedelta(days=days)
    await post(dues, *entries)
    assert await balances(dues, entity, as_of) == summed(entries, as_of)


async def lines(client: httpx.AsyncClient, number: str, **params: object) -> list[dict[str, str]]:
    """Return the lines of an account, read page by page."""
    found: list[dict[str, str]] = []
    cursor = None
    while True:
        asked = {"limit": 3, **params, **({"cursor": cursor} if cursor else {})}
        page = (await client.get(f"/ledger/accounts/{number}", params=asked)).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_each_line_of_an_account_shows_the_balance_after_it(dues: ServiceUnderTest) -> None:
    day = date(2026, 2, 1)
    await post(dues, *(call(rank, f"{rank}0.00", day=day - timedelta(days=rank)) for rank in range(1, 9)))
    await post(dues, payment(9, "15.00", day=day, of=2))
    async with dues.client("finance") as finance:
        whole = await lines(finance, "411")
        later = await lines(finance, "411", day_from="2026-01-30")
        one = await lines(finance, "411", auxiliary="m-2")
        downwards = await lines(finance, "411", sort="-day")
        before = await lines(finance, "411", day_to="2026-01-25")
    assert [line["balance"] for line in whole] == [
        "80.00", "150.00", "210.00", "260.00", "300.00", "330.00", "350.00", "360.00", "345.00",
    ]  # fmt: skip
    assert [line["balance"] for line in later] == ["350.00", "360.00", "345.00"], "what came before is in it"
    assert [(line["debit"], line["credit"], line["balance"]) for line in one] == [
        ("20.00", "0.00", "20.00"),
        ("0.00", "15.00", "5.00"),
    ]
    assert downwards == whole[::-1]
    assert [line["balance"] for line in before] == ["80.00", "150.00"]


async def test_an_account_nobody_knows_is_not_found_and_an_empty_one_is_empty(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        unknown = await finance.get("/ledger/accounts/999")
        empty = await finance.get("/ledger/accounts/512")
        nothing = (await finance.get("/ledger/balances")).json()
    assert (unknown.status_code, unknown.json()["code"]) == (404, "account_unknown")
    assert empty.json()["items"] == []
    assert (nothing["items"], nothing["debit"], nothing["since"]) == ([], "0.00", None)


async def test_auxiliaries_are_found_by_name_and_by_what_is_left(dues: ServiceUnderTest) -> None:
    await post(dues, call(1), call(2), payment(1))
    async with dues.client("finance") as finance:
        for params, expected in (
            ({"settled": True}, ["m-1"]),
            ({"settled": False}, ["m-2"]),
            ({"q": "structure 2"}, ["m-2"]),
            ({"account": "4"}, ["m-1", "m-2"]),
            ({"account": "467"}, []),
            ({"sort": "-balance"}, ["m-2", "m-1"]),
        ):
            page = (await finance.get("/ledger/auxiliaries", params=params)).json()
            assert [one["auxiliary"] for one in page["items"]] == expected, params
        narrowed = (await finance.get("/ledger/balances", params={"account": "411"})).json()
    assert [(one["account"], one["balance"]) for one in narrowed["items"]] == [("411", "100.00")]


@pytest.mark.parametrize(
    ("path", "params", "lines"),
    [
        pytest.param("balances", {}, ["411;Adhérents;150.00;100.00;50.00", "512;", "756;"], id="balance"),
        pytest.param("balances", {"account": "5"}, ["512;Banque;100.00;0.00;100.00"], id="balance, une classe"),
        pytest.param(
            "auxiliaries", {}, ["411;Adhérents;m-1;", "411;Adhérents;m-2;Structure 2;50.00;"], id="auxiliaire"
        ),
        pytest.param("auxiliaries", {"settled": False}, ["411;Adhérents;m-2;"], id="auxiliaire, à solder"),
        pytest.param("accounts/411", {"auxiliary": "m-1"}, [f"{DAY};VE;ECR-", f"{DAY};BQ;ECR-"], id="grand livre"),
    ],
)
async def test_what_is_shown_is_exported_with_the_same_filters(
    dues: ServiceUnderTest, path: str, params: dict[str, Any], lines: list[str]
) -> None:
    await post(dues, call(1), payment(1), call(2, "50.00"))
    async with dues.client("finance") as client:
        exported = (await client.get(f"/ledger/{path}/export", params=params)).content.decode("utf-8-sig").splitlines()
    assert len(exported) == len(lines) + 1
    for line, beginning in zip(exported[1:], lines, strict=True):
        assert line.startswith(beginning), line


async def test_the_book_of_an_account_nobody_knows_is_not_exported(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        assert (await client.get("/ledger/accounts/999/export")).json()["code"] == "account_unknown"
