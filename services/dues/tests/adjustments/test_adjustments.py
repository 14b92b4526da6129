"""A corrected base: the credit note, or the complement, that it makes of a year already called."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.receipts.use_cases import make_room

from ..campaigns.test_campaign import joined, open_campaign, run
from ..ledger.books import check_books
from ..reliefs.solidarity import call_members
from ..replay import check_replay

MEMBER = UUID(int=1)


async def called(dues: ServiceUnderTest, client: httpx.AsyncClient, base: str = "100000.00") -> str:
    """Call an AI on a declared base, 0.6 % of it beside 800 euros, and another one; return the campaign's path."""
    await dues.receive(joined(1, "ai"), joined(2, "aci"))
    await stated(client, base)
    campaign = await open_campaign(client)
    await run(dues, client, campaign["id"])
    return f"/campaigns/{campaign['id']}"


async def two_called(dues: ServiceUnderTest) -> str:
    """An AI is called on a base of 100 000 euros, and another one; the campaign's path."""
    async with dues.client("finance") as client:
        return await called(dues, client)


async def stated(client: httpx.AsyncClient, amount: str) -> None:
    path = f"/members/{MEMBER}/bases/2025"
    known = await client.get(path)
    headers = {"If-Match": known.headers["etag"]} if known.status_code == 200 else {}
    answer = await client.put(path, json={"amount": amount}, headers=headers)
    assert answer.status_code == 200, answer.text


async def settled(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str, *members: UUID) -> list[dict[str, Any]]:
    asked = await client.post(f"{path}/adjustments/settle", json={"member_id": [str(one) for one in members]})
    assert asked.status_code == 202, asked.text
    await dues.run_jobs()
    return list((await client.get(f"/jobs/{asked.json()['job_id']}/receipt")).json()["items"])


async def invoices(client: httpx.AsyncClient) -> list[tuple[str, str, str, str]]:
    listed = (await client.get("/invoices", params={"member_id": str(MEMBER), "sort": "number"})).json()["items"]
    return [(one["number"], one["total"], one["credited"], one["owed"]) for one in listed]


async def test_nothing_differs_until_a_base_does(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        shown = (await client.get(f"{path}/adjustments")).json()
        assert shown == {"year": 2026, "to_credit": "0.00", "to_call": "0.00", "lines": []}
        assert {line["outcome"] for line in await settled(dues, client, path)} == {"unchanged"}
        assert len((await client.get("/invoices")).json()["items"]) == 2


async def test_a_lower_base_makes_a_credit_note(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        await stated(client, "80000.00")
        shown = (await client.get(f"{path}/adjustments")).json()
        [line] = shown["lines"]
        assert (shown["to_credit"], shown["to_call"]) == ("120.00", "0.00")
        assert (line["called"]["total"], line["difference"]["variable"]) == ("1400.00", "-120.00")
        assert line["assessment"]["total"] == "1280.00"
        receipt = await settled(dues, client, path)
        assert [(one["outcome"], one["reference"]) for one in receipt] == [
            ("credited", "AVO-2026-00001"),
            ("unchanged", None),
        ]
        assert await invoices(client) == [("COT-2026-00001", "1400.00", "120.00", "1280.00")]
        [credit] = (await client.get("/credits")).json()["items"]
        assert (credit["fixed"], credit["variable"], credit["reason"]) == ("0.00", "120.00", "corrected")
        assert (await client.get(f"{path}/adjustments")).json()["lines"] == []


async def test_a_higher_base_makes_a_complement_that_says_what_was_called(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        await stated(client, "150000.00")
        [line] = (await client.get(f"{path}/adjustments")).json()["lines"]
        assert line["difference"] == {"fixed": "0.00", "variable": "300.00", "total": "300.00"}
        receipt = await settled(dues, client, path, MEMBER)
        assert [(one["outcome"], one["reference"]) for one in receipt] == [("called", "COT-2026-00003")]
        assert await invoices(client) == [
            ("COT-2026-00001", "1400.00", "0.00", "1400.00"),
            ("COT-2026-00003", "300.00", "0.00", "300.00"),
        ]
        complement = (await client.get("/invoices", params={"q": "00003"})).json()["items"][0]
        detail = (await client.get(f"/invoices/{complement['id']}")).json()
        assert sum(float(share["amount"]) for share in detail["shares"]) == 300.0
        [document] = await dues.rows("SELECT document FROM invoice WHERE rank = 1")
        assert document.document["title"] == "Complément de cotisation"
        told = [step["text"] for one in document.document["lines"] for step in one["explanation"]]
        assert any("600,00" in text and "déjà appelés pour 2026" in text for text in told)
        assert await settled(dues, client, path, MEMBER) != []
        assert len(await invoices(client)) == 2


async def test_up_then_down_credits_the_complement_first(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        for base in ("150000.00", "90000.00"):
            await stated(client, base)
            await settled(dues, client, path)
        assert await invoices(client) == [
            ("COT-2026-00001", "1400.00", "60.00", "1340.00"),
            ("COT-2026-00003", "300.00", "300.00", "0.00"),
        ]
        await stated(client, "200000.00")
        await settled(dues, client, path)
        assert (await invoices(client))[-1] == ("COT-2026-00004", "660.00", "0.00", "660.00")
        assert (await client.get(f"{path}/adjustments")).json()["lines"] == []


async def test_a_second_run_of_the_campaign_calls_nobody_again(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        await stated(client, "150000.00")
        await settled(dues, client, path)
        receipt = await run(dues, client, path.removeprefix("/campaigns/"))
        assert {line["outcome"] for line in receipt} == {"already_billed"}


@pytest.mark.parametrize("role", ["network", "board", "delegation", "member"])
async def test_only_finance_settles(dues: ServiceUnderTest, arranged: Arrange, role: str) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
    who = {"delegation": {"delegation": "occitanie"}, "member": {"member_id": MEMBER}}.get(role, {})
    async with dues.client(role, **who) as client:
        read = (await client.get(f"{path}/adjustments")).status_code
        assert read == (200 if role in ("network", "board") else 403)
        refused = await client.post(f"{path}/adjustments/settle", json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_what_was_waived_is_not_called_again(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """A reduction that was granted stays granted; a mistake that was corrected by hand is one for the rules again."""
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        [call] = (await client.get("/invoices", params={"q": "00001"})).json()["items"]
        for reason, proposed in (("solidarity", []), ("mistake", ["50.00"])):
            body = {"invoice_id": call["id"], "fixed": "0.00", "variable": "50.00", "reason": reason, "note": "Décidé."}
            draft = await client.post("/credits", json=body)
            issued = await client.post(f"/credits/{draft.json()['id']}/issue", headers={"If-Match": '"v1"'})
            assert issued.status_code == 200, issued.text
            lines = (await client.get(f"{path}/adjustments")).json()["lines"]
            assert [line["difference"]["total"] for line in lines] == proposed
        await stated(client, "90000.00")
        [line] = (await client.get(f"{path}/adjustments")).json()["lines"]
        assert line["difference"]["total"] == "-10.00", "a due of 1 340, called for 1 400, 50 of them by mistake"


async def test_a_complement_follows_those_that_stand_when_the_call_is_voided(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        await stated(client, "150000.00")
        await settled(dues, client, path)
        [call] = (await client.get("/invoices", params={"q": "00001"})).json()["items"]
        voided = await client.post(f"/invoices/{call['id']}/void", json={"reason": "mistake", "note": "Erreur."})
        assert voided.status_code == 201, voided.text
        receipt = await settled(dues, client, path, MEMBER)
        assert [(one["outcome"], one["reference"]) for one in receipt] == [("called", "COT-2026-00004")]
        assert (await client.get(f"{path}/adjustments")).json()["lines"] == []
    standing = "SELECT rank, total FROM invoice WHERE voided_on IS NULL AND member_id = :id ORDER BY rank"
    ranks = await dues.rows(standing, id=MEMBER)
    assert [(row.rank, str(row.total)) for row in ranks] == [(1, "300.00"), (2, "1400.00")]


async def test_what_was_paid_of_a_corrected_call_is_the_members_again(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    """Paid in two sums: the last one gives way first, and only for what goes beyond what is owed now."""
    async with dues.client("finance") as client:
        path = await arranged(dues, two_called)
        day = (await client.get("/invoices")).json()["items"][0]["issued_on"]
        for amount in ("1000.00", "350.00"):
            body = {"method": "transfer", "amount": amount, "received_on": day, "member_id": str(MEMBER)}
            assert (await client.post("/receipts", json=body)).status_code == 201
        await stated(client, "80000.00")
        [line] = (await client.get(f"{path}/adjustments")).json()["lines"]
        assert (line["difference"]["total"], line["paid_beyond"]) == ("-120.00", "70.00"), "50 were owed still"
        [receipt] = await settled(dues, client, path, MEMBER)
        assert (receipt["outcome"], receipt["reference"]) == ("credited", "AVO-2026-00001")
        assert "70,00\xa0€ étaient réglés" in receipt["message"]
        assert await invoices(client) == [("COT-2026-00001", "1400.00", "120.00", "0.00")]
        receipts = (await client.get("/receipts", params={"sort": "number"})).json()["items"]
        assert [(one["amount"], one["rest"]) for one in receipts] == [("1000.00", "0.00"), ("350.00", "70.00")]
    await check_books(dues)
    await check_replay(dues)


async def test_what_the_fund_paid_makes_no_room(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    await now.granted()
    call = await now.call()
    async with dues.runtime.database.transaction(Actor("test")) as tx:
        await make_room(tx, UUID(call["id"]), Decimal("100.00"), "Base corrigée.")
    assert (await now.call())["paid"] == call["paid"]
