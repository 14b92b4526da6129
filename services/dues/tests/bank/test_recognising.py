"""Lines that are the echo of what is known: a run of direct debits, one that came back, a transfer typed before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..collections.conftest import DUE, OWN, Desk, run_presented
from ..ledger.books import check_books
from .statements import Entry, bank_file, statement
from .treasury import line, lines, match_all, send

_RECEIPTS = "SELECT bank_reference FROM receipt WHERE cancelled_on IS NULL ORDER BY 1"
_CHARGES = (
    "SELECT l.account, l.debit, l.credit FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
    " WHERE e.source_kind = 'bank_charge' ORDER BY l.account"
)


@pytest_asyncio.fixture
async def desk(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Desk]:
    """Finance at its desk where a run was presented."""
    await arranged(dues, run_presented)
    async with dues.client("finance") as client:
        yield Desk(dues, client)


@asynccontextmanager
async def collected(desk: Desk) -> AsyncIterator[tuple[Desk, dict[str, Any]]]:
    """The run that was presented, on the day on which the bank settles it."""
    [one] = (await desk.client.get("/collections")).json()["items"]
    run = (await desk.client.get(f"/collections/{one['id']}")).json()
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        yield desk.on(later, client), run


async def told(desk: Desk, *entries: Entry, reference: str = "R-1") -> None:
    """Send what the bank says of the day."""
    day = str(desk.day)
    content = bank_file(statement(entries, reference=reference, opened_on=day, closed_on=day))
    sent = await send(desk.client, content)
    assert sent.status_code == 201, sent.text


async def recognise(desk: Desk, found: dict[str, Any], kind: str, id_: str, **given: Any) -> httpx.Response:
    seen = {"If-Match": etag(found["version"])}
    body = {"kind": kind, "id": id_, **given}
    answer = await desk.client.post(f"/bank/lines/{found['id']}/recognise", json=body, headers=seen)
    if answer.is_success:
        await desk.dues.run_jobs()
    return answer


async def refused(desk: Desk, found: dict[str, Any], kind: str, id_: str, **given: Any) -> tuple[int, str]:
    answer = await recognise(desk, found, kind, id_, **given)
    return answer.status_code, answer.json().get("code")


def credit(desk: Desk, run: dict[str, Any], amount: str = "1600.00", **given: Any) -> Entry:
    said: dict[str, Any] = {"day": str(desk.day), "reference": "B-1", "batch": f"{run['reference']}-RCUR"}
    return Entry(amount, **{**said, **given})


def detailed(desk: Desk, run: dict[str, Any]) -> Entry:
    """Return the credit of a run as a bank that details it writes it, in our own words."""
    payments = tuple(
        Entry(end_to_end=f"{run['reference']}-0000{rank}", text=f"Cotisation COT-2026-0000{rank}") for rank in (1, 2)
    )
    return credit(desk, run, payments=payments)


def rejected(desk: Desk, run: dict[str, Any], amount: str = "-800.00", **given: Any) -> Entry:
    said: dict[str, Any] = {
        "end_to_end": f"{run['reference']}-00001",
        "returned": "AM04",
        "day": str(desk.day),
        "reference": "B-9",
    }
    return Entry(amount, **{**said, **given})


async def settled(desk: Desk, run: dict[str, Any]) -> dict[str, Any]:
    return dict((await desk.client.get(f"/collections/{run['id']}")).json())


async def test_a_credit_is_recognised_and_settles_its_run_in_one_click(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await told(then, credit(then, run))
        found, _ = await line(then.client, sure=True)
        [echo] = found["echoes"]
        assert (echo["kind"], echo["reference"], echo["score"], echo["sure"]) == ("run", run["reference"], 100, True)
        assert [reason["code"] for reason in echo["reasons"]] == ["batch", "amount"]
        done = await recognise(then, found, "run", echo["id"])
        assert (done.json()["state"], done.json()["run_id"], done.json()["receipt_ids"]) == ("matched", run["id"], [])
        assert (await settled(then, run))["state"] == "settled"
        assert await then.owed() == ["0.00", "0.00", DUE]
        references = [f"{run['reference']}-0000{rank}" for rank in (1, 2)]
        assert [row.bank_reference for row in await desk.dues.rows(_RECEIPTS)] == references


async def test_a_detailed_credit_is_one_run_and_pays_no_call_by_itself(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await told(then, detailed(then, run))
        one, other = await lines(then.client)
        assert ([bool(one["candidates"]), one["sure"]], one["echoes"][0]["sure"]) == ([True, []], True)
        seen = {"If-Match": etag(one["version"])}
        wanted = {"invoices": [one["candidates"][0]["invoice_id"]]}
        paid = await then.client.post(f"/bank/lines/{one['id']}/match", json=wanted, headers=seen)
        assert (paid.status_code, paid.json()["code"]) == (409, "bank_line_of_collections")
        assert {told_["outcome"] for told_ in await match_all(then.dues, then.client)} == {"matched"}
        assert [found["run_id"] for found in await lines(then.client, state="matched")] == [run["id"]] * 2
        assert other["id"] in {found["id"] for found in await lines(then.client, state="matched")}
        assert len(await desk.dues.rows(_RECEIPTS)) == 2


async def test_a_run_that_was_settled_by_hand_is_linked_and_not_received_again(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await then.done(run, "settle", settled_on=str(then.day))
        await told(then, credit(then, run))
        found, _ = await line(then.client)
        assert (await recognise(then, found, "run", run["id"])).status_code == 200
        assert len(await desk.dues.rows(_RECEIPTS)) == 2
        await told(then, credit(then, run, reference="B-2"), reference="R-2")
        again, _ = await line(then.client, state="unmatched")
        assert (again["echoes"][0]["sure"], again["echoes"][0]["reasons"][-1]["code"]) == (False, "other_amount")
        assert await refused(then, again, "run", run["id"]) == (409, "bank_line_amount_differs")


async def test_finance_and_the_file_at_once_receive_each_line_once(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await told(then, detailed(then, run))
        found = await lines(then.client)
        await asyncio.gather(
            *(recognise(then, one, "run", run["id"]) for one in found),
            then.act(dict(run), "settle", settled_on=str(then.day)),
            then.act(dict(run), "settle", settled_on=str(then.day)),
        )
        for one in await lines(then.client, state="unmatched"):
            await recognise(then, one, "run", run["id"])
        await then.dues.run_jobs()
        assert (await settled(then, run))["state"] == "settled"
        assert len(await desk.dues.rows(_RECEIPTS)) == 2
        assert [one["state"] for one in await lines(then.client)] == ["matched"] * 2


async def test_what_does_not_add_up_is_not_sure_and_says_what_is_missing(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await told(then, credit(then, run, amount=DUE))
        found, _ = await line(then.client, sure=False)
        assert (found["echoes"][0]["sure"], found["echoes"][0]["score"]) == (False, 70)
        assert await refused(then, found, "run", run["id"]) == (409, "bank_line_amount_differs")
        assert (await settled(then, run))["state"] == "presented"
        own, _ = await then.lines()
        await then.on_line(own, "return", reason="AM04", returned_on=str(then.day))  # the bank credited what is left
        found, _ = await line(then.client, sure=True)
        assert (await recognise(then, found, "run", run["id"])).status_code == 200
        assert len(await desk.dues.rows(_RECEIPTS)) == 1


async def test_a_return_is_recognised_with_its_charge_and_its_mandate_rests(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await told(then, credit(then, run), rejected(then, run, "-808.50", returned="AC04", charges="8.50"))
        back, _ = await line(then.client, returned=True)
        [echo] = back["echoes"]
        assert (echo["kind"], echo["reference"], echo["sure"]) == ("collection", f"{run['reference']}-00001", True)
        assert await refused(then, back, "collection", echo["id"]) == (409, "collection_state_wrong")
        assert {told_["outcome"] for told_ in await match_all(then.dues, then.client)} == {"matched"}
        await then.dues.run_jobs()
        done = await recognise(then, back, "collection", echo["id"])
        assert (done.status_code, done.json()["collection_id"]) == (200, echo["id"])
        assert await then.owed() == [DUE, "0.00", DUE]
        [own] = await then.lines(member_id=str(OWN))
        assert (own["state"], own["return_reason"]) == ("returned", "AC04")
        assert {one["state"] for one in await then.mandates.list()} == {"active", "suspended"}
        rows = [(row.account[:3], str(row.debit), str(row.credit)) for row in await desk.dues.rows(_CHARGES)]
        assert rows == [("512", "0.00", "8.50"), ("627", "8.50", "0.00")]
        reopened = await then.client.post(
            f"/bank/lines/{back['id']}/reopen", headers={"If-Match": done.headers["etag"]}
        )
        assert (reopened.status_code, reopened.json()["code"]) == (409, "bank_line_return_stands")
        await check_books(desk.dues)


async def test_two_lines_do_not_take_one_collection_back(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await then.done(run, "settle", settled_on=str(then.day))
        await told(then, rejected(then, run), rejected(then, run, reference="B-10"))
        first, second = await lines(then.client)
        [own] = await then.lines(member_id=str(OWN))
        answers = await asyncio.gather(
            *(recognise(then, one, "collection", own["id"]) for one in (first, second)),
            then.on_line(own, "return", reason="AM04", returned_on=str(then.day)),
        )
        assert sorted(answer.status_code for answer in answers[:2]) == [200, 409]
        assert (await then.lines(member_id=str(OWN)))[0]["state"] == "returned"
        assert await then.owed() == [DUE, "0.00", DUE]


@pytest.mark.parametrize(
    ("amount", "charges", "code"),
    [
        pytest.param("-808.50", None, "return_amount_differs", id="des frais que la banque ne dit pas"),
        pytest.param("-808.50", "5.00", "return_amount_differs", id="d'autres frais"),
        pytest.param("-800.00", "8.50", None, id="des frais sur une autre ligne"),
    ],
)
async def test_a_charge_is_what_the_bank_says(desk: Desk, amount: str, charges: str | None, code: str | None) -> None:
    async with collected(desk) as (then, run):
        await then.done(run, "settle", settled_on=str(then.day))
        await told(then, rejected(then, run, amount, charges=charges))
        found, _ = await line(then.client)
        [own] = await then.lines(member_id=str(OWN))
        answer = await recognise(then, found, "collection", own["id"])
        assert answer.json().get("code") == code
        assert await desk.dues.rows(_CHARGES) == []


async def test_a_return_noted_by_hand_first_is_linked_and_not_noted_again(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        await then.done(run, "settle", settled_on=str(then.day))
        [own] = await then.lines(member_id=str(OWN))
        await then.on_line(own, "return", reason="MD01", returned_on=str(then.day))
        await told(then, rejected(then, run, returned=None))
        found, _ = await line(then.client)
        done = await recognise(then, found, "collection", own["id"])
        assert (done.status_code, done.json()["receipt_ids"]) == (200, [own["receipt_id"]])
        assert (await then.lines(member_id=str(OWN)))[0]["return_reason"] == "MD01"
        assert await then.owed() == [DUE, "0.00", DUE]


async def test_a_transfer_that_repeats_the_reference_of_a_debit_is_a_transfer(desk: Desk) -> None:
    async with collected(desk) as (then, run):
        text = f"{run['reference']}-00001 COT-2026-00001"
        entry = Entry(DUE, text=text, day=str(then.day), bank_code="PMNT/RCDT/ESCT")
        assert (await send(then.client, bank_file(statement([entry])))).status_code == 201
        found, _ = await line(then.client)
        assert (found["echoes"], len(found["sure"])) == ([], 1)


async def typed(desk: Desk, **given: Any) -> dict[str, Any]:
    body = {"method": "transfer", "amount": DUE, "received_on": str(desk.day), "member_id": str(OWN), **given}
    answer = await desk.client.post("/receipts", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_transfer_typed_before_the_file_is_the_same_money(desk: Desk) -> None:
    async with collected(desk) as (then, _):
        receipt = await typed(then, bank_reference="B-7")
        await told(then, Entry(DUE, reference="B-7", day=str(then.day), text="COT-2026-00003"))
        found, _seen = await line(then.client, sure=True)
        assert found["sure"] == []  # the number of another call does not make it pay twice
        assert [(one["kind"], one["reference"], one["sure"]) for one in found["echoes"]] == [
            ("receipt", receipt["number"], True)
        ]
        await match_all(then.dues, then.client)
        matched, _seen = await line(then.client, state="matched")
        assert (matched["receipt_ids"], len(await desk.dues.rows(_RECEIPTS))) == ([receipt["id"]], 1)
        reopened = await then.client.post(
            f"/bank/lines/{matched['id']}/reopen", headers={"If-Match": etag(matched["version"])}
        )
        assert reopened.json()["receipt_ids"] == []
        assert (await then.client.get(f"/receipts/{receipt['id']}")).json()["status"] == "allocated"


async def test_the_amount_and_the_day_alone_are_for_somebody_to_see(desk: Desk) -> None:
    async with collected(desk) as (then, _):
        receipt = await typed(then)
        same = Entry(DUE, day=str(then.day), reference="B-7", party="STRUCTURE 001 GES")
        await told(then, same, Entry(DUE, day=str(then.day), reference="B-8", party="Autre"))
        by_name = {one["party"]: one for one in await lines(then.client, sure=False)}
        assert [by_name[name]["echoes"][0]["score"] for name in ("STRUCTURE 001 GES", "Autre")] == [80, 55]
        assert (await recognise(then, by_name["STRUCTURE 001 GES"], "receipt", receipt["id"])).status_code == 200
        assert (await line(then.client, state="unmatched"))[0]["echoes"] == []
        code = await refused(then, by_name["Autre"], "receipt", receipt["id"])
        assert code == (409, "receipt_on_statement")


async def test_what_is_not_the_money_of_the_line_is_refused(desk: Desk) -> None:
    async with collected(desk) as (then, _):
        small = await typed(then, amount="100.00")
        cheque = await typed(then, method="cheque", cheque_number="1", cheque_bank="Banque", amount="50.00")
        await told(then, Entry("50.00", day=str(then.day)))
        found, _seen = await line(then.client)
        assert await refused(then, found, "receipt", small["id"]) == (409, "bank_line_amount_differs")
        assert await refused(then, found, "receipt", cheque["id"]) == (409, "receipt_not_transfer")
        nothing = "00000000-0000-0000-0000-000000000009"
        assert await refused(then, found, "receipt", nothing) == (404, "receipt_not_found")
        assert await refused(then, found, "run", nothing) == (404, "collection_not_found")
        assert await refused(then, found, "collection", nothing) == (409, "bank_line_not_returned")
