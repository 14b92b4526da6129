"""From a call and a mandate to the bank's file, its settlement, what comes back, and what is collected again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from common.etags import etag

from .conftest import DUE, OTHER, OWN, Desk, Presented

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


def states(lines: list[dict[str, Any]]) -> list[str]:
    return [line["state"] for line in lines]


async def test_what_falls_due_is_taken_up_and_the_rest_says_why(desk: Desk) -> None:
    preview = await desk.preview()
    run = await desk.prepare()
    assert (run["reference"][:4], run["count"], run["total"], run["state"]) == ("PRV-", 2, "1600.00", "prepared")
    [left] = run["left_out"]
    assert (left["name"], left["amount"], left["code"]) == ("Structure 003 ges", DUE, "mandate_not_signed")
    lines = await desk.lines(run_id=run["id"])
    shape = ("member_id", "calls", "amount", "rum", "sequence")
    assert [[one[name] for name in shape] for one in preview["lines"]] == [
        [line[name] for name in shape] for line in lines
    ]
    assert preview["left_out"] == run["left_out"]
    assert preview["last_notice_on"] == run["last_notice_on"] == str(desk.day - timedelta(14))
    assert [line["end_to_end"] for line in lines] == [f"{run['reference']}-00001", f"{run['reference']}-00002"]


async def test_a_call_that_falls_due_later_is_not_taken_up(desk: Desk) -> None:
    soon = desk.today + timedelta(15)
    while (await desk.ask(collection_on=str(soon))).json()["code"] == "not_banking_day":
        soon += timedelta(1)
    asked = await desk.ask(collection_on=str(soon))
    assert (asked.status_code, asked.json()["code"], asked.json()["left_out"]) == (409, "nothing_to_collect", {})


async def test_a_run_goes_from_its_notices_to_its_settlement(desk: Desk) -> None:
    run = await desk.prepare()
    await desk.done(run, "announce")
    lines = await desk.lines()
    assert run["state"] == "announced"
    assert [(line["state"], line["notified_on"]) for line in lines] == [("announced", str(desk.today))] * 2
    notice = await desk.client.get(f"/collections/lines/{lines[0]['id']}/notice")
    assert notice.content.startswith(b"%PDF")

    await desk.done(run, "file")
    assert (run["state"], run["filed_on"], states(await desk.lines())) == (
        "presented",
        str(desk.today),
        ["presented"] * 2,
    )
    first = await desk.client.get(f"/collections/{run['id']}/file")
    assert first.content == (await desk.client.get(f"/collections/{run['id']}/file")).content
    root = etree.fromstring(first.content)
    assert root.xpath("string(//p:GrpHdr/p:MsgId)", namespaces=NS) == run["reference"]
    assert root.xpath("//p:EndToEndId/text()", namespaces=NS) == [line["end_to_end"] for line in lines]
    assert root.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=NS) == "1600.00"
    again = await desk.act(run, "file")
    assert (again.status_code, again.json()["code"]) == (409, "collection_state_wrong")
    assert [one["last_presented_on"] for one in await desk.mandates.list()] == [str(desk.day)] * 2

    early = await desk.act(run, "settle", settled_on=str(desk.day))
    assert (early.status_code, early.json()["code"]) == (400, "settlement_day_wrong")
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        assert (run["state"], states(await then.lines())) == ("settled", ["settled"] * 2)
        receipts = (await client.get("/receipts", params={"method": "debit", "sort": "number"})).json()["items"]
        assert [(one["amount"], one["allocated"], one["received_on"]) for one in receipts] == [
            (DUE, DUE, str(desk.day))
        ] * 2
        assert await then.owed() == ["0.00", "0.00", DUE]
        assert [step["act"] for step in run["steps"]] == [
            "prepared", "announcing", "announced", "presented", "settling", "settled",
        ]  # fmt: skip


async def test_what_is_no_longer_owed_is_withdrawn_when_the_file_is_made(desk: Desk) -> None:
    run = await desk.prepare()
    await desk.done(run, "announce")
    paid = {"method": "transfer", "amount": "300.00", "received_on": str(desk.today), "member_id": str(OWN)}
    assert (await desk.client.post("/receipts", json=paid)).status_code == 201
    await desk.done(run, "file")
    mine, other = await desk.lines()
    assert (mine["state"], mine["withdrawn"]["code"], other["state"]) == ("withdrawn", "no_longer_owed", "presented")
    assert (run["count"], run["total"]) == (1, DUE)
    content = (await desk.client.get(f"/collections/{run['id']}/file")).content
    assert mine["end_to_end"].encode() not in content
    [line] = (await desk.preview())["lines"]
    assert (line["member_id"], line["amount"]) == (str(OWN), "500.00")


async def test_a_mandate_that_changed_since_is_not_collected_under(desk: Desk) -> None:
    run = await desk.prepare()
    await desk.done(run, "announce")
    await desk.mandates.signed(OWN)
    [other] = [one for one in await desk.mandates.list("state=active") if one["member_id"] == str(OTHER)]
    await desk.mandates.act(other, "suspend", reason="Litige")
    await desk.done(run, "file")
    lines = await desk.lines()
    assert [line["withdrawn"]["code"] for line in lines] == ["mandate_changed", "mandate_suspended"]
    assert (run["state"], run["count"], run["filed_on"]) == ("cancelled", 0, None)
    assert run["steps"][-1]["reason"] == "Plus rien n'y est à prélever."


async def test_what_was_paid_after_the_file_is_the_members_advance(presented: Presented) -> None:
    desk, run = presented
    paid = {"method": "transfer", "amount": DUE, "received_on": str(desk.today), "member_id": str(OWN)}
    assert (await desk.client.post("/receipts", json=paid)).status_code == 201
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        assert run["state"] == "settled"
        [advance] = (await client.get("/receipts", params={"has_rest": True})).json()["items"]
        assert (advance["member_id"], advance["rest"]) == (str(OWN), DUE)
        told = (await client.get(f"/jobs/{run['job_id']}/receipt")).json()["items"]
        assert [line["outcome"] for line in told] == ["advance", "settled"]


async def test_a_return_opens_the_call_again_and_the_next_run_takes_it(presented: Presented) -> None:
    desk, run = presented
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        line, _ = await then.lines()
        back = await then.on_line(line, "return", reason="AM04", returned_on=str(desk.day))
        assert back.status_code == 200, back.text
        assert (line["state"], line["return_reason"], line["return_action"]) == ("returned", "AM04", "present_again")
        assert await then.owed() == [DUE, "0.00", DUE]
        receipt = (await client.get(f"/receipts/{line['receipt_id']}")).json()
        assert (receipt["status"], receipt["return_reason"]) == ("returned", "AM04")
        then.day = Desk(later, client).day
        second = await then.presented()
        assert (second["count"], second["total"]) == (1, DUE)
        [again] = await then.lines(run_id=second["id"])
        rejected = await then.on_line(again, "return", reason="AM04", returned_on=str(then.today))
        assert (rejected.status_code, again["receipt_id"]) == (200, None)
        preview = await then.preview()
        assert {one["code"] for one in preview["left_out"]} == {"returned_too_often", "mandate_not_signed"}


async def test_a_closed_account_lets_the_mandate_rest(presented: Presented) -> None:
    desk, run = presented
    line, _ = await desk.lines()
    assert (await desk.on_line(line, "return", reason="AC04", returned_on=str(desk.today))).status_code == 200
    [resting] = await desk.mandates.list("state=suspended")
    assert resting["member_id"] == str(OWN)
    codes = {one["name"]: one["code"] for one in (await desk.preview())["left_out"]}
    assert codes["Structure 001 ges"] == "mandate_suspended"
    await desk.mandates.act(resting, "resume", reason="Nouveau RIB reçu")
    assert [one["member_id"] for one in (await desk.preview())["lines"]] == [str(OWN)]
    assert run["state"] == "presented"


async def test_a_debit_without_a_mandate_needs_another_one(presented: Presented) -> None:
    desk, _ = presented
    line, _ = await desk.lines()
    assert (await desk.on_line(line, "return", reason="MD01", returned_on=str(desk.today))).status_code == 200
    [resting] = await desk.mandates.list("state=suspended")
    await desk.mandates.act(resting, "resume", reason="Le même mandat vaut")
    assert {one["code"] for one in (await desk.preview())["left_out"]} >= {"other_mandate_needed"}
    await desk.mandates.signed(OWN)
    assert [one["member_id"] for one in (await desk.preview())["lines"]] == [str(OWN)]


@pytest.mark.parametrize(
    ("reason", "taken", "left"),
    [
        pytest.param("AM04", [OWN], "already_collected", id="à présenter de nouveau"),
        pytest.param("AC04", [], "mandate_suspended", id="compte clos : le mandat se repose"),
    ],
)
async def test_what_came_back_by_a_line_of_the_bank_is_learnt_by_the_next_run(
    presented: Presented, reason: str, taken: list[UUID], left: str
) -> None:
    desk, run = presented
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        line, _ = await then.lines()
        receipt = await client.get(f"/receipts/{line['receipt_id']}")
        body, seen = {"reason": reason, "returned_on": str(desk.day)}, {"If-Match": receipt.headers["etag"]}
        returned = await client.post(f"/receipts/{line['receipt_id']}/return", json=body, headers=seen)
        assert returned.status_code == 200, returned.text
        then.day = Desk(later, client).day
        preview = await then.preview()
        assert [one["member_id"] for one in preview["lines"]] == [str(one) for one in taken]
        prepared = await then.ask()
        assert prepared.status_code == (201 if taken else 409)
        if taken:
            codes = {one["code"] for one in (await then.preview())["left_out"]}
        else:
            codes = {one["code"] for one in preview["left_out"]}
        assert left in codes


async def test_a_receipt_that_was_cancelled_frees_what_it_paid(presented: Presented) -> None:
    desk, run = presented
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        line, _ = await then.lines()
        receipt = await client.get(f"/receipts/{line['receipt_id']}")
        cancelled = await client.post(
            f"/receipts/{line['receipt_id']}/cancel",
            json={"reason": "Saisi par erreur"},
            headers={"If-Match": receipt.headers["etag"]},
        )
        assert cancelled.status_code == 200, cancelled.text
        then.day = Desk(later, client).day
        assert (await then.prepare())["count"] == 1
        assert (await then.lines(run_id=run["id"]))[0]["withdrawn"]["code"] == "receipt_cancelled"


async def test_a_return_that_was_noted_on_the_receipt_first_is_the_one_that_counts(presented: Presented) -> None:
    desk, run = presented
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        line, _ = await then.lines()
        receipt = await client.get(f"/receipts/{line['receipt_id']}")
        body, seen = {"reason": "AC04", "returned_on": str(desk.day)}, {"If-Match": receipt.headers["etag"]}
        await client.post(f"/receipts/{line['receipt_id']}/return", json=body, headers=seen)
        noted = await then.on_line(line, "return", reason="AM04", returned_on=str(desk.day))
        assert (noted.status_code, line["state"], line["return_reason"]) == (200, "returned", "AC04")


async def test_a_run_is_given_up_before_its_money_came_and_frees_what_it_held(presented: Presented) -> None:
    desk, run = presented
    assert (await desk.preview())["lines"] == []
    await desk.done(run, "cancel", reason="Fichier refusé par la banque")
    assert (run["state"], run["count"]) == ("cancelled", 0)
    assert {line["withdrawn"]["code"] for line in await desk.lines()} == {"run_cancelled"}
    assert (await desk.prepare())["count"] == 2


async def test_a_collection_is_taken_out_by_hand(desk: Desk) -> None:
    run = await desk.prepare()
    line, _ = await desk.lines()
    stale = {**line, "version": 7}
    assert (await desk.on_line(stale, "withdraw", reason="Virement promis")).status_code == 412
    assert (await desk.on_line(line, "withdraw", reason="Virement promis")).status_code == 200
    assert line["withdrawn"] == {"code": "withdrawn_by_hand", "message": "Virement promis"}
    await desk.done(run, "announce")
    assert states(await desk.lines()) == ["withdrawn", "announced"]
    gone = await desk.on_line(line, "withdraw", reason="Encore")
    assert (gone.status_code, gone.json()["code"]) == (409, "collection_line_state_wrong")


async def test_nobody_is_told_after_the_last_day(desk: Desk) -> None:
    run = await desk.prepare()
    late = (desk.day - desk.today).days - 13
    async with desk.dues.days_later(late) as later, later.client("finance") as client:
        then = desk.on(later, client)
        refused = await then.act(run, "announce")
        assert (refused.status_code, refused.json()["code"]) == (409, "too_late")
        prepared = await then.ask()
        assert (prepared.status_code, prepared.json()["code"]) == (409, "too_late")
        blocked = (await client.get(f"/collections/{run['id']}")).json()["blockers"]["announce"]
        assert [one["code"] for one in blocked] == ["too_late"]


async def test_notices_that_midnight_overtakes_are_left_out(desk: Desk) -> None:
    run = await desk.prepare()
    seen = {"If-Match": etag(run["version"])}
    assert (await desk.client.post(f"/collections/{run['id']}/announce", headers=seen)).status_code == 202
    async with desk.dues.days_later((desk.day - desk.today).days - 13) as later, later.client("finance") as client:
        await later.run_jobs()
        then = desk.on(later, client)
        assert {line["withdrawn"]["code"] for line in await then.lines()} == {"told_too_late"}
        assert (await client.get(f"/collections/{run['id']}")).json()["state"] == "cancelled"


async def test_a_file_that_the_bank_could_not_present_is_not_made(desk: Desk) -> None:
    run = await desk.prepare()
    await desk.done(run, "announce")
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        refused = await desk.on(later, client).act(run, "file")
        assert (refused.status_code, refused.json()["code"]) == (409, "collection_file_too_late")
        missing = await client.get(f"/collections/{run['id']}/file")
        assert (missing.status_code, missing.json()["code"]) == (404, "collection_not_filed")


async def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    asked = await desk.client.post("/collections", json={"collection_on": str(desk.day)}, params={"dry_run": "true"})
    assert (asked.status_code, Decimal(asked.json()["total"])) == (201, Decimal(1600))
    assert (await desk.client.get("/collections")).json()["items"] == []


async def test_a_day_on_which_banks_rest_is_refused_and_the_next_one_told(desk: Desk) -> None:
    day = desk.day
    while day.weekday() != 5:
        day += timedelta(1)
    refused = await desk.ask(collection_on=str(day))
    assert (refused.status_code, refused.json()["code"]) == (400, "not_banking_day")
    assert refused.json()["next_banking_day"] > str(day)


async def test_the_rules_say_what_is_supposed(desk: Desk) -> None:
    rules = (await desk.client.get("/collections/rules")).json()
    assert (rules["notice_days"]["value"], rules["notice_days"]["status"]) == ("14", "published")
    assert (rules["most_presentations"]["status"], rules["after_return_status"]) == ("assumed", "assumed")
    assert len(rules["after_return"]) == 5
