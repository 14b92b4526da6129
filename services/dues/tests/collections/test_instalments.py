"""What is collected of a call in an instalment plan: each instalment once, whatever becomes of the plan."""

from datetime import timedelta
from typing import Any

import pytest

from common.etags import etag
from common.workdays import TARGET

from .conftest import DUE, OTHER, OWN, Desk


async def agreed(desk: Desk, count: int = 2, **schedule: Any) -> dict[str, Any]:
    """Agree on a plan of the first structure: the first instalment in ten days, the next six months later."""
    given = {"member_id": str(OWN), "schedule": equal(desk, count, **schedule), "reason": "Trésorerie tendue"}
    answer = await desk.client.post("/plans", json=given)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def on_plan(desk: Desk, plan: dict[str, Any], act: str, **body: Any) -> None:
    seen = {"If-Match": etag(plan["version"])}
    answer = await desk.client.post(f"/plans/{plan['id']}/{act}", json=body, headers=seen)
    assert answer.is_success, answer.text


def equal(desk: Desk, count: int, *, in_days: int = 10, every_months: int = 6) -> dict[str, Any]:
    return {"count": count, "first_on": str(desk.today + timedelta(in_days)), "every_months": every_months}


def amounts(run: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((line["member_id"], line["amount"]) for line in run["lines"])


async def test_an_instalment_is_collected_and_its_call_is_not(desk: Desk) -> None:
    await agreed(desk)
    assert amounts(await desk.preview()) == [(str(OWN), "400.00"), (str(OTHER), DUE)]
    run = await desk.presented()
    [own] = await desk.lines(run_id=run["id"], member_id=str(OWN))
    assert [(call["number"], call["amount"]) for call in own["calls"]] == [("COT-2026-00001", "400.00")]
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        assert (await then.owed())[0] == "400.00"
        left = {one["code"] for one in (await then.preview())["left_out"]}
        assert left == {"mandate_not_signed"}  # the next instalment is not due, and the call is not collected


@pytest.mark.parametrize("filed", [pytest.param(False, id="préparée"), pytest.param(True, id="fichier produit")])
async def test_money_on_its_way_is_not_collected_again_under_an_amended_plan(desk: Desk, filed: bool) -> None:
    plan = await agreed(desk)
    await (desk.presented() if filed else desk.prepare())
    await on_plan(desk, plan, "amend", schedule=equal(desk, 4, in_days=15, every_months=1), reason="Plus petit")
    left = [one for one in (await desk.preview())["left_out"] if one["member_id"] == str(OWN)]
    assert [(one["amount"], one["code"]) for one in left] == [("200.00", "already_collected")] * 2
    assert amounts(await desk.preview()) == []

    desk.day = TARGET.first_from(desk.day + timedelta(28))
    assert amounts(await desk.preview()) == [(str(OWN), "200.00")]


@pytest.mark.parametrize("end", [pytest.param("end", id="arrêté"), pytest.param("amend", id="repris")])
async def test_what_was_announced_under_a_plan_is_not_filed_once_it_changed(desk: Desk, end: str) -> None:
    plan = await agreed(desk)
    run = await desk.done(await desk.prepare(), "announce")
    body = {"schedule": equal(desk, 3, every_months=3)} if end == "amend" else {}
    await on_plan(desk, plan, end, reason="Convenu", **body)
    await desk.done(run, "file")
    [own] = await desk.lines(member_id=str(OWN))
    assert (own["state"], own["withdrawn"]["code"]) == ("withdrawn", "no_longer_owed")


async def test_a_call_is_not_collected_whole_while_an_instalment_of_it_is_on_its_way(desk: Desk) -> None:
    plan = await agreed(desk)
    run = await desk.presented()
    await on_plan(desk, plan, "end", reason="Convenu")
    [left] = [one for one in (await desk.preview())["left_out"] if one["member_id"] == str(OWN)]
    assert (left["amount"], left["code"]) == (DUE, "already_collected")
    async with desk.dues.days_later((desk.day - desk.today).days) as later, later.client("finance") as client:
        then = desk.on(later, client)
        await then.done(run, "settle", settled_on=str(desk.day))
        assert amounts(await then.preview()) == [(str(OWN), "400.00")]


async def test_an_instalment_that_was_paid_otherwise_is_withdrawn(desk: Desk) -> None:
    await agreed(desk)
    run = await desk.done(await desk.prepare(), "announce")
    paid = {"method": "transfer", "amount": "400.00", "received_on": str(desk.today), "member_id": str(OWN)}
    assert (await desk.client.post("/receipts", json=paid)).status_code == 201
    await desk.done(run, "file")
    [own] = await desk.lines(member_id=str(OWN))
    assert (own["state"], own["withdrawn"]["code"]) == ("withdrawn", "no_longer_owed")
