"""Who reads the books and who writes in them; lists, filters, export; what a read costs."""

from typing import Any

import pytest

from common.contracts.roles import Role
from common.testing.harness import ServiceUnderTest

from .test_opening import FILE, send
from .test_posting import call, payment, post

READS = [
    "/ledger/entries",
    "/ledger/entries/export",
    "/ledger/balances",
    "/ledger/balances/export",
    "/ledger/auxiliaries",
    "/ledger/auxiliaries/export",
    "/ledger/accounts",
    "/ledger/accounts/411",
    "/ledger/accounts/411/export",
    "/ledger/periods",
    "/ledger/fec?year=2026",
]
OTHERS = [Role.NETWORK, Role.DELEGATION, Role.MEMBER, Role.OPS]


@pytest.mark.parametrize("path", READS)
async def test_finance_and_the_board_read_the_books_and_nobody_else(dues: ServiceUnderTest, path: str) -> None:
    for role in Role:
        async with dues.client(*([] if role is Role.ANYONE else [role]), delegation="occitanie") as client:
            status = (await client.get(path)).status_code
        expected = {Role.FINANCE: 200, Role.BOARD: 200, Role.ANYONE: 401}.get(role, 403)
        assert status == expected, role


async def test_only_finance_writes_in_the_books(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1))
    for role in (Role.BOARD, *OTHERS):
        async with dues.client(role, delegation="occitanie") as client:
            answers = [
                await client.post(f"/ledger/entries/{posted.id}/reverse", json={"reason": "x"}),
                await client.post("/ledger/periods/2026-01/close"),
                await client.post("/ledger/periods/2026-01/reopen", json={"reason": "x"}),
                await send(client, FILE),
            ]
        assert [answer.status_code for answer in answers] == [403] * 4, role
    async with dues.client("board") as board:
        shown = (await board.get(f"/ledger/entries/{posted.id}")).json()
        periods = (await board.get("/ledger/periods")).json()
    for resource in (shown, periods):
        assert (resource["allowed_actions"], resource["blockers"]) == ([], {})
    assert len(await dues.rows("SELECT 1 FROM ledger_entry")) == 1


async def test_an_entry_nobody_wrote_is_not_found(dues: ServiceUnderTest) -> None:
    nobody = "00000000-0000-7000-8000-000000000001"
    async with dues.client("finance") as finance:
        read = await finance.get(f"/ledger/entries/{nobody}")
        reversed_ = await finance.post(f"/ledger/entries/{nobody}/reverse", json={"reason": "x"})
    assert {(answer.status_code, answer.json()["code"]) for answer in (read, reversed_)} == {(404, "entry_not_found")}


@pytest.mark.parametrize(
    ("params", "labels"),
    [
        pytest.param({}, ["Règlement 1", "Appel 2", "Appel 1"], id="tout, le dernier jour d'abord"),
        pytest.param({"sort": "day"}, ["Appel 1", "Appel 2", "Règlement 1"], id="par jour"),
        pytest.param({"sort": "-total"}, ["Appel 2", "Règlement 1", "Appel 1"], id="par montant"),
        pytest.param({"journal": "BQ"}, ["Règlement 1"], id="journal"),
        pytest.param({"journal": ["BQ", "VE"]}, ["Règlement 1", "Appel 2", "Appel 1"], id="deux journaux"),
        pytest.param({"account": "512"}, ["Règlement 1"], id="compte"),
        pytest.param({"account": "75"}, ["Appel 2", "Appel 1"], id="début d'un compte"),
        pytest.param({"auxiliary": "m-2"}, ["Appel 2"], id="auxiliaire"),
        pytest.param({"account": "512", "auxiliary": "m-1"}, [], id="la même ligne, pas la même écriture"),
        pytest.param({"source_kind": "invoice", "source_id": "2"}, ["Appel 2"], id="acte"),
        pytest.param({"day_from": "2026-01-15"}, ["Règlement 1", "Appel 2", "Appel 1"], id="depuis"),
        pytest.param({"day_to": "2026-01-14"}, [], id="jusqu'à"),
        pytest.param({"q": "cot-2026-00002"}, ["Appel 2"], id="pièce"),
        pytest.param({"q": "règlement"}, ["Règlement 1"], id="libellé"),
        pytest.param({"q": "ECR-2026-00001"}, ["Appel 1"], id="numéro"),
    ],
)
async def test_entries_are_found_and_exported_by_the_same_filters(
    dues: ServiceUnderTest, params: dict[str, Any], labels: list[str]
) -> None:
    await post(dues, call(1), call(2, "300.00"), payment(1, "200.00"))
    async with dues.client("board") as board:
        page = (await board.get("/ledger/entries", params={**params, "total": True})).json()
        export = (
            await board.get("/ledger/entries/export", params={k: v for k, v in params.items() if k != "sort"})
        ).text
    assert [one["label"] for one in page["items"]] == labels
    assert page["total"] == len(labels)
    exported = [line.split(";")[5] for line in export.splitlines()[1:]]
    assert sorted(exported) == sorted(label for label in labels for _ in range(2))


async def test_pages_follow_each_other(dues: ServiceUnderTest) -> None:
    await post(dues, *(call(rank) for rank in range(1, 8)))
    found: list[str] = []
    cursor = None
    async with dues.client("finance") as finance:
        while cursor or not found:
            params = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = (await finance.get("/ledger/entries", params=params)).json()
            found += [one["number"] for one in page["items"]]
            cursor = page["next_cursor"]
        refused = await finance.get("/ledger/entries", params={"sort": "label"})
    assert found == [f"ECR-2026-{rank:05d}" for rank in range(7, 0, -1)]
    assert refused.json()["code"] == "sort_unknown"


async def test_the_chart_says_what_is_to_be_confirmed(dues: ServiceUnderTest) -> None:
    async with dues.client("board") as board:
        shown = (await board.get("/ledger/accounts")).json()
    assert {one["status"] for one in [*shown["accounts"], *shown["journals"]]} == {"assumed"}
    assert all(one["note"] for one in [*shown["accounts"], *shown["journals"]])
    assert {one["purpose"]: one["number"] for one in shown["accounts"]}["member"] == "411"


async def test_a_read_takes_as_many_statements_of_three_entries_as_of_one(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1))
    paths = [*READS, f"/ledger/entries/{posted.id}"]
    counts = []
    for more in ([], [call(2), payment(1)]):
        await post(dues, *more)
        counts.append(await _statements(dues, paths))
    assert counts[0] == counts[1]
    assert counts[0]["/ledger/balances"] == 1


async def _statements(dues: ServiceUnderTest, paths: list[str]) -> dict[str, int]:
    found = {}
    async with dues.client("finance") as finance:
        for path in paths:
            with dues.statements() as sent:
                assert (await finance.get(path)).is_success
            found[path] = len(sent)
    return found
