"""The balances a year opens with: shown, then taken up once; a balance starts from them."""

from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from .test_posting import DAY, call, payment, post

HEADER = "compte;auxiliaire;nom;debit;credit"
FILE = f"{HEADER}\n411;m-1;Garonne;250,00;\n512;;;1 000,00;\n110;;;;1250,00\n"


async def send(client: httpx.AsyncClient, content: str | bytes, year: int = 2026, **params: Any) -> httpx.Response:
    files = {"file": ("soldes.csv", content)}
    return await client.post("/ledger/opening-balances", params={"year": year, **params}, files=files)


async def bears(client: httpx.AsyncClient, as_of: str) -> dict[str, str]:
    found = (await client.get("/ledger/balances", params={"as_of": as_of})).json()
    return {one["account"]: one["balance"] for one in found["items"]}


async def test_a_file_is_shown_first_and_taken_up_once(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        shown = await send(finance, FILE, dry_run=True)
        assert (await finance.get("/ledger/entries")).json()["items"] == []
        taken = await send(finance, "\ufeff" + FILE)
        again = await send(finance, FILE)
    assert (shown.status_code, taken.status_code) == (201, 201), taken.text
    entry = taken.json()
    assert [line["debit"] for line in shown.json()["lines"]] == [line["debit"] for line in entry["lines"]]
    assert (entry["number"], entry["journal"], entry["day"], entry["total"]) == (
        "ECR-2026-00001", "AN", "2026-01-01", "1250.00",
    )  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (409, "opening_balances_exist")


async def test_a_defective_file_is_refused_whole_with_every_line_said(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        for dry_run in (True, False):
            refused = await send(finance, f"{HEADER}\n999;;;5;\n512;;;x;\n110;;;;5", dry_run=dry_run)
            assert (refused.status_code, refused.json()["code"]) == (400, "opening_balances_defective")
            assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
                ("/rows/2", "account_unknown"),
                ("/rows/3", "amount_invalid"),
            ]
        unreadable = await send(finance, f"{HEADER}\n411;m;Régie;5;".encode("cp1252"))
        future = await send(finance, FILE, year=2099)
    assert (unreadable.status_code, unreadable.json()["code"]) == (400, "opening_balances_unreadable")
    assert (future.status_code, future.json()["code"]) == (409, "entry_day_in_future")
    assert await dues.rows("SELECT 1 FROM ledger_entry") == []


async def test_what_was_taken_up_is_reversed_on_its_day_and_taken_up_again(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        first = (await send(finance, FILE)).json()
        assert first["allowed_actions"] == ["reverse"]
        undone = await finance.post(f"/ledger/entries/{first['id']}/reverse", json={"reason": "mauvais fichier"})
        assert (undone.status_code, undone.json()["day"]) == (201, "2026-01-01"), undone.text
        assert set((await bears(finance, "2026-06-30")).values()) == {"0.00"}
        second = await send(finance, FILE.replace("250,00;\n512", "300,00;\n512").replace("1250", "1300"))
        assert second.status_code == 201, second.text
        assert await bears(finance, "2026-01-01") == {"110": "-1300.00", "411": "300.00", "512": "1000.00"}


async def test_a_balance_starts_from_the_last_balances_taken_up(dues: ServiceUnderTest) -> None:
    """What 2025 did is in the balances of 2026 already: it is not counted twice."""
    await post(dues, call(1, "250.00", day=DAY.replace(year=2025)))
    async with dues.client("finance") as finance:
        await send(finance, FILE)
        await post(dues, payment(1, "50.00"))
        assert await bears(finance, "2025-12-31") == {"411": "250.00", "756": "-250.00"}
        assert await bears(finance, "2026-01-31") == {"110": "-1250.00", "411": "200.00", "512": "1050.00"}
        [line, paid] = (await finance.get("/ledger/accounts/411")).json()["items"]
    assert (line["balance"], paid["balance"]) == ("250.00", "200.00")


async def test_only_what_a_person_entered_is_reversed_by_hand(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1))
    async with dues.client("finance") as finance:
        shown = (await finance.get(f"/ledger/entries/{posted.id}")).json()
        refused = await finance.post(f"/ledger/entries/{posted.id}/reverse", json={"reason": "x"})
        opening = (await send(finance, FILE)).json()
        await finance.post("/ledger/periods/2026-01/close")
        closed = await finance.post(f"/ledger/entries/{opening['id']}/reverse", json={"reason": "x"})
        blocked = (await finance.get(f"/ledger/entries/{opening['id']}")).json()["blockers"]
    assert [one["code"] for one in shown["blockers"]["reverse"]] == ["entry_not_by_hand"]
    assert (refused.status_code, refused.json()["code"]) == (409, "entry_not_by_hand")
    assert (closed.status_code, closed.json()["code"]) == (409, "period_closed")
    assert [one["code"] for one in blocked["reverse"]] == ["period_closed"]
