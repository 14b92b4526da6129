"""A structure's year with its own token: what it is called for and why, what it signs, pays, agrees and is told."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from pypdf import PdfReader

from common.dated import months_after
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.workdays import TARGET

from .campaigns.test_campaign import joined, open_campaign, run
from .credit_notes.test_credits import drafted, issued
from .invoices.test_einvoice_reading import with_siren
from .mandates.conftest import IBAN, PDF
from .past_years.archive import taken
from .receipts.desk import DUE
from .reminders.desk import FIRST, Desk
from .standings.test_standings import hear
from .transfers.treasury import ANOTHER_IBAN

SELF, NEIGHBOUR = UUID(int=1), UUID(int=2)
NAME = "Structure 001 ges"
SIGNED_ON = "2026-01-05"
ITS_OWN = (
    "/invoices",
    "/invoices/changes",
    "/receipts",
    "/credits",
    "/mandates",
    "/collections/lines",
    "/plans",
    "/reminders",
    "/standings",
    "/history/years",
)
EXPORTS = (
    "/invoices/export",
    "/receipts/export",
    "/credits/export",
    "/mandates/export",
    "/collections/lines/export",
    "/plans/export",
    "/reminders/export",
    "/standings/export",
    "/history/years/export",
    "/accounts/aged-balance/export",
)
TOLD_TO_EVERYBODY = ("/grids/2026", "/grids/smic", "/receipts/return-reasons", "/plans/limits", "/reminders/levels")
OF_THE_FEDERATION = (
    "/campaigns",
    "/collections",
    "/reminders/proposals",
    "/reminder-holds",
    "/apportionment/balances",
    "/transfers/payees",
    "/fund/calls",
    "/bank/lines",
    "/ledger/entries",
    "/history/imports",
    "/grid-drafts",
    "/simulations",
)
"""How the federation runs its dues: no structure's own."""


class Member:
    """A structure at its screen."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def read(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params or None)
        assert answer.status_code == 200, f"{path} {answer.text}"
        return answer.json()

    async def all(self, path: str) -> list[dict[str, Any]]:
        return list((await self.read(path))["items"])

    async def the_only(self, path: str) -> dict[str, Any]:
        """Return the only thing of a list, as its own page shows it: it is the structure's."""
        [one] = await self.all(path)
        assert one["member_id"] == str(SELF)
        return dict(await self.read(f"{path}/{one['id']}"))

    async def paper(self, path: str) -> str:
        """Return the words of a document."""
        answer = await self.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), f"{path} {answer.text}"
        words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        return " ".join(words.replace("\u202f", " ").replace("\xa0", " ").split())


async def test_a_newcomer_finds_its_pages_empty_and_not_missing(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ges"))
    async with dues.client("member", member_id=SELF) as client:
        me = Member(client)
        assert [await me.all(path) for path in ITS_OWN] == [[]] * len(ITS_OWN)
        assert (await me.read(f"/standings/{SELF}"))["items"] == []
        assert (await me.read(f"/history/members/{SELF}"))["years"] == []
        account = await me.read(f"/accounts/{SELF}")
        assert (account["member_name"], account["lines"], account["balance"]) == (NAME, [], "0.00")
        assert NAME in await me.paper(f"/accounts/{SELF}/pdf")
        for path in TOLD_TO_EVERYBODY:
            await me.read(path)
        foreseen = await me.read("/grids/2026/assessment", kind="ges")
        assert foreseen["total"] == DUE, "what it will owe, before it is called"


async def test_a_structure_lives_its_year_by_itself(dues: ServiceUnderTest) -> None:
    await dues.receive(with_siren(1, "ges", "123456782", "occitanie"), joined(2, "ges"))
    async with dues.client("finance") as finance, dues.client("member", member_id=SELF) as client:
        await run(dues, finance, (await open_campaign(finance))["id"])
        await hear(dues)
        me = Member(client)
        call = await is_called(me)
        mandate = await signs_its_mandate(me, finance)
    async with (
        dues.days_later(FIRST) as later,
        later.client("finance") as finance,
        later.client("member", member_id=SELF) as client,
    ):
        me, desk = Member(client), Desk(later)
        await is_reminded(me, desk, call)
        await is_announced_a_debit(me, later, finance, mandate)
        await pays_a_part_and_is_credited(me, later, finance, call)
        await agrees_on_a_plan(me, later, finance)
        await taken(later, finance, f"2023;{SELF};700;600;reste dû;Promis par téléphone")
        await reads_its_account(me, call)
        for path in EXPORTS:
            lines = (await client.get(path)).text.strip().splitlines()
            assert [NAME in line for line in lines] == [False, *[True] * (len(lines) - 1)], path
            assert len(lines) == len(await me.all(path.removesuffix("/export"))) + 1 > 1, path


async def is_called(me: Member) -> dict[str, Any]:
    """It reads what it owes, how that was reckoned, and takes the papers home."""
    call = await me.the_only("/invoices")
    assert (call["total"], call["owed"], call["member_name"]) == (DUE, DUE, NAME)
    assert call["explanation"]
    assert sum(Decimal(share["amount"]) for share in call["shares"]) == Decimal(DUE)
    assert call["number"] in await me.paper(f"/invoices/{call['id']}/pdf")
    assert (await me.client.get("/invoices/documents")).content.startswith(b"PK")
    assert (await me.client.get(f"/invoices/{call['id']}/xml")).headers["content-type"] == "application/xml"
    assert (await me.read(f"/invoices/{call['id']}/payments"))["paid"] == "0.00"
    [standing] = (await me.read(f"/standings/{SELF}"))["items"]
    assert (standing["year"], standing["owed"]) == (2026, DUE)
    assert standing["explanation"]
    return call


async def signs_its_mandate(me: Member, finance: httpx.AsyncClient) -> dict[str, Any]:
    """It prepares the mandate, prints it, sends it signed; finance confirms; of another bank it thinks better."""
    mandate = await prepares(me, IBAN)
    path = f"/mandates/{mandate['id']}"
    assert mandate["rum"] in await me.paper(f"{path}/form")
    sent = await me.client.post(
        f"{path}/signed-documents", files={"file": PDF}, headers={"If-Match": etag(mandate["version"])}
    )
    assert sent.status_code == 201, sent.text
    confirmed = await finance.post(
        f"{path}/confirm",
        json={"signed_on": SIGNED_ON, "place": "Toulouse"},
        headers={"If-Match": sent.headers["etag"]},
    )
    assert confirmed.status_code == 200, confirmed.text
    signed = await me.the_only("/mandates")
    assert (signed["state"], signed["iban"], signed["signed_place"]) == ("active", IBAN, "Toulouse")
    [document] = signed["documents"]
    assert (await me.client.get(f"{path}/signed-documents/{document['id']}")).content == PDF[1]
    other_bank = await prepares(me, ANOTHER_IBAN)
    seen = {"If-Match": etag(other_bank["version"])}
    ended = await me.client.post(
        f"/mandates/{other_bank['id']}/revoke", json={"reason": "Finalement non"}, headers=seen
    )
    assert (ended.json()["state"], ended.json()["ended_by"]) == ("revoked", "debtor")
    return signed


async def prepares(me: Member, iban: str) -> dict[str, Any]:
    prepared = await me.client.post("/mandates", json={"member_id": str(SELF), "iban": iban})
    assert prepared.status_code == 201, prepared.text
    assert {"download_form", "send_signed", "revoke"} <= {*prepared.json()["allowed_actions"]}
    return dict(prepared.json())


async def is_reminded(me: Member, desk: Desk, call: dict[str, Any]) -> None:
    """It reads the letter that it was sent, and that it is late; what finance notes of it stays with finance."""
    await desk.sent(SELF, NEIGHBOUR)
    await hear(desk.dues)
    reminder = await me.the_only("/reminders")
    assert (reminder["owed_now"], reminder["calls"][0]["number"]) == (DUE, call["number"])
    assert call["number"] in await me.paper(f"/reminders/{reminder['id']}/pdf")
    assert [one["number"] for one in await me.all("/invoices?overdue=true")] == [call["number"]]
    aged = await me.read("/accounts/aged-balance")
    assert [(one["member_id"], one["owed"]) for one in aged["items"]] == [(str(SELF), DUE)]


async def is_announced_a_debit(
    me: Member, later: ServiceUnderTest, finance: httpx.AsyncClient, mandate: dict[str, Any]
) -> None:
    """It is told of the debit once it is announced and not before, with the notice and its own account."""
    day = TARGET.first_from(Desk(later).today + timedelta(60))
    prepared = await finance.post("/collections", json={"collection_on": str(day)})
    assert prepared.status_code == 201, prepared.text
    assert await me.all("/collections/lines") == []
    seen = {"If-Match": prepared.headers["etag"]}
    assert (await finance.post(f"/collections/{prepared.json()['id']}/announce", headers=seen)).is_success
    await later.run_jobs()
    line = await me.the_only("/collections/lines")
    assert (line["collection_on"], line["amount"], line["iban"], line["rum"]) == (str(day), DUE, IBAN, mandate["rum"])
    assert mandate["rum"] in await me.paper(f"/collections/lines/{line['id']}/notice")


async def pays_a_part_and_is_credited(
    me: Member, later: ServiceUnderTest, finance: httpx.AsyncClient, call: dict[str, Any]
) -> None:
    """It sees its money where it was put, and its credit note once it is issued and not before."""
    paying = {"method": "transfer", "amount": "300.00", "received_on": call["issued_on"], "member_id": str(SELF)}
    assert (await finance.post("/receipts", json=paying)).status_code == 201
    receipt = await me.the_only("/receipts")
    assert (receipt["amount"], receipt["rest"]) == ("300.00", "0.00")
    assert (await me.read(f"/invoices/{call['id']}/payments"))["paid"] == "300.00"
    draft = await drafted(finance, call, fixed="1.00")
    assert (await me.client.get(f"/credits/{draft['id']}")).status_code == 404
    assert await me.all("/credits") == []
    await issued(finance, call, fixed="100.00")
    await later.run_jobs()
    credit = await me.the_only("/credits")
    assert credit["reference"] in await me.paper(f"/credits/{credit['id']}/pdf")
    assert (await me.client.get(f"/credits/{credit['id']}/xml")).status_code == 200
    after = await me.the_only("/invoices")
    assert (after["paid"], after["credited"], after["owed"]) == ("300.00", "100.00", "400.00")


async def agrees_on_a_plan(me: Member, later: ServiceUnderTest, finance: httpx.AsyncClient) -> None:
    """It reads what was agreed, instalment by instalment, and where that puts it."""
    schedule = {"count": 2, "first_on": str(months_after(Desk(later).today, 1))}
    body = {"member_id": str(SELF), "schedule": schedule, "reason": "Trésorerie tendue"}
    assert (await finance.post("/plans", json=body)).status_code == 201
    await hear(later)
    plan = await me.the_only("/plans")
    assert [one["amount"] for one in plan["schedule"]["instalments"]] == ["200.00", "200.00"]
    assert plan["reference"] in await me.paper(f"/plans/{plan['id']}/pdf")
    assert [one["standing"] for one in (await me.read(f"/standings/{SELF}"))["items"]] == ["plan"]


async def reads_its_account(me: Member, call: dict[str, Any]) -> None:
    """It reads its years and its account, to the cent; not what finance noted for itself, nor how dues are run."""
    past = await me.read(f"/history/members/{SELF}")
    assert (past["called"], past["owed"], past["years"][0]["note"]) == ("700.00", "100.00", None)
    account = await me.read(f"/accounts/{SELF}")
    assert (account["owed_on_calls"], account["owed_on_past_years"], account["balance"]) == (
        "400.00",
        "100.00",
        "500.00",
    )
    assert call["number"] in await me.paper(f"/accounts/{SELF}/pdf")
    assert NAME in await me.paper("/accounts/aged-balance/pdf")
    for path in OF_THE_FEDERATION:
        assert (await me.client.get(path)).status_code == 403, path
    for path in (f"/accounts/{NEIGHBOUR}", f"/standings/{NEIGHBOUR}", f"/history/members/{NEIGHBOUR}"):
        assert (await me.client.get(path)).status_code == 404, path
