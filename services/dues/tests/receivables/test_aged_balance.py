"""The aged balance: what was owed on any day, as it was on that day; filtered, exported, printed; who reads it."""

import io
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, run
from ..credit_notes.test_credits import issued
from ..receipts.desk import MEMBER, OTHER, Desk, desk

NOT_DUE, MONTH = "not_due", "1_30"


async def balance(client: httpx.AsyncClient, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"/accounts/aged-balance?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def owed(told: dict[str, Any]) -> dict[str, str]:
    return {one["member_id"]: one["owed"] for one in told["items"]}


def buckets(told: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["amount"] for one in told["totals"]["buckets"] if one["amount"] != "0.00"}


async def some_act(rng: random.Random, at: Desk) -> None:
    """Do something that money does: pay a part, take it back, see it bounce, credit a part."""
    calls = (await at.client.get("/invoices")).json()["items"]
    call = rng.choice(calls)
    receipts = (await at.client.get("/receipts?status=allocated")).json()["items"]
    act = rng.choice(("pay", "pay", "credit", "take-back", "return"))
    if act == "pay" and Decimal(call["owed"]) > 2:
        part = str(rng.randint(1, int(Decimal(call["owed"]))))
        cheque = {"method": "cheque", "cheque_number": "1", "cheque_bank": "Fictive"}
        await at.enter(part, member_id=call["member_id"], received_on=call["issued_on"], **cheque)
    elif act == "credit" and Decimal(call["owed"]) > 100:
        await issued(at.client, call, fixed="9.50")
    elif receipts:
        receipt = rng.choice(receipts)
        if act == "take-back":
            detail = (await at.client.get(f"/receipts/{receipt['id']}")).json()
            await at.done(receipt, act, invoice_id=detail["movements"][0]["invoice_id"], reason="erreur")
        else:
            await at.done(receipt, "return", reason="AM04", returned_on=receipt["received_on"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_past_day_is_told_as_it_was_and_today_ties_with_the_calls(
    dues: ServiceUnderTest, arranged: Arrange, seed: int
) -> None:
    rng = random.Random(seed)
    told: dict[str, dict[str, Any]] = {}
    async with desk(dues, arranged):
        for days in (0, 3, 40, 41, 75, 130):
            async with dues.days_later(days) as later, later.client("finance") as client:
                if days == 41:
                    await later.receive(joined(3, "ai"))
                    await run(later, client, (await client.get("/campaigns")).json()["items"][0]["id"])
                for _ in range(5):
                    await some_act(rng, Desk(client))
                now = await balance(client)
                told[now["as_of"]] = now
                calls = (await client.get("/invoices?limit=200")).json()["items"]
                assert Decimal(now["totals"]["owed"]) == sum(Decimal(call["owed"]) for call in calls)
                for day, then in told.items():
                    assert await balance(client, f"as_of={day}") == then
                for member_id in (MEMBER, OTHER):
                    account = (await client.get(f"/accounts/{member_id}")).json()
                    assert account["balance"] == owed(now).get(member_id, "0.00")
                    line = next((one for one in now["items"] if one["member_id"] == member_id), None)
                    assert line is None or line["buckets"] == account["aged"]["buckets"]
    assert len({str(one["totals"]) for one in told.values()}) > 3


async def test_a_debt_grows_old(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as at:
        [call, other] = (await at.client.get("/invoices?sort=number")).json()["items"]
        due = date.fromisoformat(call["due_on"])
        issued_on = date.fromisoformat(call["issued_on"])
        assert buckets(await balance(at.client)) == {NOT_DUE: "1600.00"}
        assert owed(await balance(at.client, f"as_of={issued_on - timedelta(days=1)}")) == {}
        wait = (due - issued_on).days
        for late, code in ((0, NOT_DUE), (1, MONTH), (31, "31_60"), (61, "61_90"), (91, "over_90")):
            async with dues.days_later(wait + late) as later, later.client("finance") as client:
                now = await balance(client)
                assert buckets(now) == {code: "1600.00"}
                assert now["totals"]["overdue"] == ("1600.00" if late else "0.00")
                assert {one["oldest_due_on"] for one in now["items"]} == {str(due)}
        assert other["due_on"] == call["due_on"]


async def test_the_balance_is_filtered_sorted_and_paged(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as at:
        await at.enter("300.00")
        client = at.client
        assert owed(await balance(client)) == {OTHER: "800.00", MEMBER: "500.00"}
        both = {"members": 2, "calls": 2, "owed": "1300.00"}
        first = await balance(client, "limit=1&total=true&sort=owed")
        assert (owed(first), first["total"]) == ({MEMBER: "500.00"}, 2)
        assert {name: first["totals"][name] for name in both} == both
        rest = await balance(client, f"limit=1&sort=owed&cursor={first['next_cursor']}")
        assert (owed(rest), rest["next_cursor"]) == ({OTHER: "800.00"}, None)
        found = {
            query: sorted(owed(await balance(client, query)))
            for query in (
                "delegation=bretagne", "year=2026", "year=2025", f"member_id={MEMBER}", "owed_from=500.01", "q=002",
                "overdue=true", "overdue=false", "sort=name", "sort=-oldest_due_on,name",
            )
        }  # fmt: skip
        assert found == {
            "delegation=bretagne": [OTHER],
            "year=2026": [MEMBER, OTHER],
            "year=2025": [],
            f"member_id={MEMBER}": [MEMBER],
            "owed_from=500.01": [OTHER],
            "q=002": [OTHER],
            "overdue=true": [],
            "overdue=false": [MEMBER, OTHER],
            "sort=name": [MEMBER, OTHER],
            "sort=-oldest_due_on,name": [MEMBER, OTHER],
        }
        future = await client.get("/accounts/aged-balance?as_of=2100-01-01")
        assert (future.status_code, future.json()["code"]) == (400, "as_of_in_future")


async def test_the_balance_is_exported_and_printed_as_it_is_listed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as at:
        await at.enter("300.00")
        export = (await at.client.get("/accounts/aged-balance/export?delegation=occitanie")).text
        sheet = await at.client.get("/accounts/aged-balance/export?format=xlsx")
        paper = await at.client.get("/accounts/aged-balance/pdf?delegation=occitanie")
        ageing = (await at.client.get("/accounts/ageing")).json()
    header, line = export.removeprefix("\ufeff").split()[:1], export.splitlines()[1]
    assert header[0].startswith("adherent;delegation;appels;du;echu;non_echu;1_a_30_jours")
    assert line.startswith("Structure 001 ges;Occitanie;1;500.00;0.00;500.00;0.00")
    assert (sheet.content[:2], len(export.splitlines())) == (b"PK", 2)
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert all(word in text for word in ("Balance âgée au", "Structure 001 ges", "500,00", "délégations : Occitanie"))
    assert "Structure 002" not in text
    assert (ageing["status"], [one["code"] for one in ageing["buckets"]][:2]) == ("assumed", [NOT_DUE, MONTH])


async def test_a_structure_known_twice_owes_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as at:
        await at.enter("300.00")
        fact = joined(2, "ges", delegation="bretagne")
        await dues.receive(
            fact.model_copy(update={"state": fact.state.model_copy(update={"merged_into": UUID(MEMBER)})})
        )
        assert owed(await balance(at.client)) == {MEMBER: "1300.00"}
        account = (await at.client.get(f"/accounts/{MEMBER}")).json()
    assert (account["balance"], account["aged"]["calls"]) == ("1300.00", 2)


READERS = [
    pytest.param("finance", {}, {MEMBER, OTHER}, id="les finances"),
    pytest.param("network", {}, {MEMBER, OTHER}, id="le réseau"),
    pytest.param("board", {}, {MEMBER, OTHER}, id="le conseil"),
    pytest.param("delegation", {"delegation": "occitanie"}, {MEMBER}, id="sa délégation"),
    pytest.param("delegation", {"delegation": "corse"}, set(), id="une autre délégation"),
    pytest.param("member", {"member_id": UUID(MEMBER)}, {MEMBER}, id="elle-même"),
    pytest.param("member", {"member_id": UUID(int=3)}, set(), id="une autre structure"),
]


@pytest.mark.parametrize(("role", "who", "seen"), READERS)
async def test_who_reads_which_debts(
    dues: ServiceUnderTest, arranged: Arrange, role: str, who: dict[str, Any], seen: set[str]
) -> None:
    async with desk(dues, arranged):
        pass
    async with dues.client(role, **who) as reader:
        told = await balance(reader)
        export = (await reader.get("/accounts/aged-balance/export")).text
        paper = await reader.get("/accounts/aged-balance/pdf")
        accounts = [await reader.get(f"/accounts/{MEMBER}{path}") for path in ("", "/pdf")]
    assert set(owed(told)) == seen
    assert told["totals"]["members"] == len(seen) == len(export.splitlines()) - 1
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert {name for name in ("001", "002") if f"Structure {name}" in text} == {member[-1:].zfill(3) for member in seen}
    assert {answer.status_code for answer in accounts} == {200 if MEMBER in seen else 404}


@pytest.mark.parametrize("role", ["training", "ops"])
async def test_nobody_else_reads_debts(dues: ServiceUnderTest, role: str) -> None:
    async with dues.client(role) as reader:
        for path in ("aged-balance", "aged-balance/export", "aged-balance/pdf", "ageing", MEMBER, f"{MEMBER}/pdf"):
            assert (await reader.get(f"/accounts/{path}")).status_code == 403


async def test_a_read_takes_as_many_statements_of_three_members_as_of_one(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ges"))
    async with dues.client("finance") as client:
        campaign = await open_campaign(client)
        await run(dues, client, campaign["id"])
        await Desk(client).enter("300.00")
        paths = ("aged-balance", "aged-balance/export", "aged-balance/pdf", MEMBER, f"{MEMBER}/pdf")
        alone = [await statements(dues, client, path) for path in paths]
        await dues.receive(joined(2, "ges"), joined(3, "ai"))
        await run(dues, client, campaign["id"])
        await Desk(client).enter("300.00", member_id=OTHER)
        await Desk(client).enter("200.00")
        assert [await statements(dues, client, path) for path in paths] == alone


async def statements(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> int:
    with dues.statements() as sent:
        assert (await client.get(f"/accounts/{path}")).status_code == 200
    return len(sent)
