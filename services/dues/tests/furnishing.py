"""A structure with one of each thing that dues keeps of it and of its delegation."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from common.accounting.periods import write_month
from common.dated import months_after
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.workdays import TARGET

from .bank.statements import Entry, bank_file, statement
from .bank.treasury import line as bank_line
from .bank.treasury import send as send_statement
from .campaigns.test_campaign import joined, open_campaign, run
from .credit_notes.test_credits import issued
from .fund.projects import PDF, Fund
from .mandates.conftest import Desk as Mandates
from .past_years.archive import taken
from .reminders.desk import FIRST, Desk
from .standings.test_standings import hear
from .transfers.treasury import ANOTHER_IBAN, IBANS, OCCITANIE, Treasury

YEAR = 2026
WHERE: dict[str, dict[str, Any]] = {
    "Garonne": {"rank": 1, "delegation": "occitanie", "siren": "900000035", "iban": IBANS[OCCITANIE]},
    "Tarn": {"rank": 2, "delegation": "occitanie", "siren": "900000043", "iban": IBANS[OCCITANIE]},
    "Vilaine": {"rank": 3, "delegation": "bretagne", "siren": "900000050", "iban": ANOTHER_IBAN},
}


async def federation(dues: ServiceUnderTest, later: ServiceUnderTest) -> dict[str, dict[str, str]]:
    """What concerns everybody: a campaign, a fund that money came into, its call for projects; return what is known."""
    await dues.receive(joined(9, "ges", delegation="normandie"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
    await Desk(later).pay(UUID(int=9))
    now = Desk(later).today
    call = await Fund(later).call(
        opens_on=str(now), closes_on=str(now + timedelta(9)), year=now.year, envelope="10.00", max_award="10.00"
    )
    of_all = {"campaign_id": campaign["id"], "call_id": call["id"], "year": str(YEAR), "month": write_month(now)}
    return {
        name: {
            **of_all,
            "member_id": str(UUID(int=where["rank"])),
            "delegation": where["delegation"],
            "code": f"delegation-{where['delegation']}",
            "payee": f"delegation-{where['delegation']}",
            "beneficiary": f"delegation-{where['delegation']}",
            "q": name,
        }
        for name, where in WHERE.items()
    }


async def one_furnished(dues: ServiceUnderTest) -> dict[str, dict[str, str]]:
    """The federation on the day of the first reminders, where the first structure has one of each thing."""
    async with dues.days_later(FIRST) as later:
        ids = await federation(dues, later)
        await furnish(dues, later, "Garonne", ids["Garonne"])
    return ids


async def furnish(dues: ServiceUnderTest, later: ServiceUnderTest, name: str, ids: dict[str, str]) -> None:
    """Call a structure, then give it one of each thing once it is late; note under which ids they are read."""
    await called(dues, name, ids)
    async with later.client("finance") as finance, later.client("finance", "ops") as second:
        await reminded(Desk(later), ids)
        await collected(later, finance, name, ids)
        await paid(finance, name, ids)
        await agreed(later, finance, ids)
        await helped(finance, ids)
        await taken(later, finance, f"2023;{ids['member_id']};800;500;reste dû;{name}")
        await hear(later)
        await paid_on(Treasury(finance, second), str(Desk(later).today), ids)
    await applied(Fund(later), name, ids)


async def called(dues: ServiceUnderTest, name: str, ids: dict[str, str]) -> None:
    """A base, and a call for dues."""
    where = WHERE[name]
    fact = joined(where["rank"], "ges", delegation=where["delegation"])
    named = {"name": name, "siren": where["siren"]}
    await dues.receive(fact.model_copy(update={"state": fact.state.model_copy(update=named)}))
    async with dues.client("finance") as finance:
        based = await finance.put(f"/members/{ids['member_id']}/bases/{YEAR}", json={"amount": "100000.00"})
        assert based.status_code == 200, based.text
        await run(dues, finance, ids["campaign_id"])
        ids["invoice_id"] = await only(finance, "/invoices", ids)


async def reminded(desk: Desk, ids: dict[str, str]) -> None:
    """A letter of reminder, a call of the region, a hold."""
    member = UUID(ids["member_id"])
    ids["run_id"] = (await desk.sent(member))["id"]
    async with desk.dues.client("finance") as finance:
        ids["reminder_id"] = await only(finance, "/reminders", ids)
    spoken = {"member_id": ids["member_id"], "day": str(desk.today), "outcome": "no_answer"}
    assert (await desk.ask("POST", "/reminders/region-calls", json=spoken)).status_code == 201
    ids["hold_id"] = (await desk.place(member_id=ids["member_id"])).json()["id"]


async def collected(later: ServiceUnderTest, finance: httpx.AsyncClient, name: str, ids: dict[str, str]) -> None:
    """A mandate with its document, and a debit that was announced."""
    desk = Mandates(later)
    mandate = await desk.signed(UUID(ids["member_id"]), iban=WHERE[name]["iban"])
    ids |= {"mandate_id": mandate["id"], "document_id": mandate["documents"][0]["id"]}
    day = str(TARGET.first_from(desk.today + timedelta(60)))
    prepared = await finance.post("/collections", json={"collection_on": day})
    assert prepared.status_code == 201, prepared.text
    seen = {"If-Match": etag(prepared.json()["version"])}
    announced = await finance.post(f"/collections/{prepared.json()['id']}/announce", headers=seen)
    assert announced.is_success, announced.text
    await later.run_jobs()
    ids["line_id"] = await only(finance, "/collections/lines", ids)


async def paid(finance: httpx.AsyncClient, name: str, ids: dict[str, str]) -> None:
    """A part of the call by a transfer that taught the account of the payer, and a credit note."""
    entry = Entry("100.00", party=name, iban=WHERE[name]["iban"], reference=f"B-{name}")
    day = f"2026-03-{WHERE[name]['rank']:02d}"
    sent = await send_statement(finance, bank_file(statement([entry], reference=name, opened_on=day, closed_on=day)))
    assert sent.status_code == 201, sent.text
    found, seen = await bank_line(finance, q=name)
    path = f"/bank/lines/{found['id']}/match"
    matched = await finance.post(path, json={"invoices": [ids["invoice_id"]]}, headers=seen)
    assert matched.status_code == 200, matched.text
    ids["receipt_id"] = matched.json()["receipt_ids"][0]
    ids["credit_id"] = (await issued(finance, {"id": ids["invoice_id"]}, fixed="50.00"))["id"]


async def agreed(later: ServiceUnderTest, finance: httpx.AsyncClient, ids: dict[str, str]) -> None:
    """A plan of what is left."""
    schedule = {"count": 2, "first_on": str(months_after(Desk(later).today, 1))}
    body = {"member_id": ids["member_id"], "schedule": schedule, "reason": "Trésorerie tendue"}
    agreed = await finance.post("/plans", json=body)
    assert agreed.status_code == 201, agreed.text
    ids["plan_id"] = agreed.json()["id"]


async def helped(finance: httpx.AsyncClient, ids: dict[str, str]) -> None:
    """A request for solidarity, under study."""
    asked = await finance.post(
        "/reliefs", json={"member_id": ids["member_id"], "asks": "reduction", "reason": "Une année sans marché."}
    )
    assert asked.status_code == 201, asked.text
    ids["relief_id"] = asked.json()["id"]


async def paid_on(paying: Treasury, today: str, ids: dict[str, str]) -> None:
    """The account of its delegation, and what came in paid on to it."""
    if "confirmed" not in await paying.payee(ids["code"]):
        await paying.know(ids["code"])
    batch = await paying.prepared(up_to=today, pay_on=today)
    ids["batch_id"] = (await paying.executed(batch, today))["id"]


async def applied(fund: Fund, name: str, ids: dict[str, str]) -> None:
    """What its delegation asks the mutual fund for, with a document."""
    who = {"delegation": ids["delegation"]}
    one = await fund.application({"id": ids["call_id"]}, who, submitted=False, title=name, asked="10.00")
    path, seen = f"/applications/{one['id']}/attachments", {"If-Match": etag(one["version"])}
    sent = {"files": {"file": PDF}, "data": {"kind": "support"}, "headers": seen}
    attached = await fund.ask("POST", path, "delegation", who=who, **sent)
    assert attached.status_code == 201, attached.text
    ids |= {"application_id": one["id"], "attachment_id": attached.json()["attachments"][0]["id"]}


async def only(finance: httpx.AsyncClient, path: str, ids: dict[str, str]) -> str:
    """Return the id of the only thing of a list that is a structure's."""
    [found] = (await finance.get(path, params={"member_id": ids["member_id"]})).json()["items"]
    return str(found["id"])
