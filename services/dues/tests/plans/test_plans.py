"""Plans from the day they are agreed: what pays them, what reopens them, how they are amended, broken and ended."""

import asyncio
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.contracts.roles import Role
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.plans.queries import running_instalments, running_plans_of

from ..adjustments.test_adjustments import called, settled, stated
from ..campaigns.test_duplicates import merged
from ..receipts.desk import TODAY
from .conftest import OTHER, OWN, Finance

CHEQUE = {"method": "cheque", "cheque_number": "1", "cheque_bank": "B"}


async def test_a_plan_shares_out_what_is_left_and_not_what_was_called(finance: Finance) -> None:
    await finance.enter("300.00")
    plan = await finance.agree(3, first_on=finance.months_on(1))
    assert (plan["reference"][:4], plan["reference"][8:], plan["state"]) == ("ECH-", "-00001", "running")
    assert (plan["total"], plan["left"], plan["numbers"]) == ("500.00", "500.00", ["COT-2026-00001"])
    instalments = plan["schedule"]["instalments"]
    assert [(one["rank"], one["day"], one["amount"], one["state"]) for one in instalments] == [
        (1, finance.months_on(1), "166.67", "due"),
        (2, finance.months_on(2), "166.67", "due"),
        (3, finance.months_on(3), "166.66", "due"),
    ]
    assert (
        plan["explanation"][0]
        .replace("\xa0", " ")
        .startswith(
            "Appel COT-2026-00001 (2026) : 800,00 € appelés, 300,00 € réglés et 0,00 € annulés par des avoirs le"
        )
    )
    assert (plan["next_on"], plan["next_left"]) == (finance.months_on(1), "166.67")
    assert plan["limits"]["status"] == "assumed"


async def test_money_pays_the_first_instalments_and_what_comes_back_reopens_the_last(finance: Finance) -> None:
    plan = await finance.agree(4)
    cheque = await finance.enter("450.00", **CHEQUE)
    assert await finance.lefts(plan) == [("0.00", "paid"), ("0.00", "paid"), ("150.00", "part_paid"), ("200.00", "due")]
    await finance.enter("350.00")
    kept = await finance.plan(plan)
    assert (kept["state"], kept["left"], kept["next_on"]) == ("kept", "0.00", None)
    assert kept["blockers"]["amend"][0]["code"] == "plan_kept"
    await finance.done(cheque, "return", reason="AM04", returned_on=TODAY)
    assert await finance.lefts(plan) == [("0.00", "paid"), ("50.00", "part_paid"), ("200.00", "due"), ("200.00", "due")]
    again = await finance.plan(plan)
    assert (again["state"], again["paid"], again["left"], again["beyond"]) == ("running", "350.00", "450.00", "0.00")


async def test_money_from_before_that_comes_back_is_owed_beyond_the_plan_until_it_is_amended(finance: Finance) -> None:
    cheque = await finance.enter("200.00", **CHEQUE)
    plan = await finance.agree(2)
    await finance.done(cheque, "return", reason="AM04", returned_on=TODAY)
    shown = await finance.plan(plan)
    assert (shown["total"], shown["left"], shown["beyond"], shown["paid"]) == ("600.00", "600.00", "200.00", "-200.00")
    assert "l'échéancier ne les couvre pas" in shown["explanation"][-1]
    schedule = {"count": 4, "first_on": TODAY}
    amended = await finance.to_plan(plan, "amend", schedule=schedule, reason="Chèque revenu")
    assert amended.status_code == 200, amended.text
    assert (plan["total"], plan["left"], plan["beyond"]) == ("800.00", "800.00", "0.00")


async def test_a_credit_note_lowers_the_last_instalments(finance: Finance) -> None:
    plan = await finance.agree(4)
    await finance.credit((await finance.calls())["1"]["id"], "250.00")
    assert await finance.lefts(plan) == [("200.00", "due"), ("200.00", "due"), ("150.00", "due"), ("0.00", "paid")]
    shown = await finance.plan(plan)
    assert (shown["credited"], shown["left"]) == ("250.00", "550.00")
    assert [one["credited"] for one in shown["schedule"]["instalments"]] == ["0.00", "0.00", "50.00", "200.00"]


async def test_an_amended_plan_shares_out_what_is_left_and_keeps_what_it_was(finance: Finance) -> None:
    plan = await finance.agree(4)
    before = {one["id"] for one in plan["schedule"]["instalments"]}
    await finance.enter("300.00")
    listed = [{"day": finance.months_on(2), "amount": "200.00"}, {"day": finance.months_on(5), "amount": "300.00"}]
    wrong = await finance.to_plan(plan, "amend", schedule={"instalments": listed[:1]}, reason="Essai")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["balance"]) == (409, "schedule_total_wrong", "500.00")
    answer = await finance.to_plan(plan, "amend", schedule={"instalments": listed}, reason="Subvention en retard")
    assert answer.status_code == 200, answer.text
    assert (plan["version"], plan["schedule"]["number"], plan["total"], plan["paid"]) == (2, 2, "500.00", "0.00")
    assert [(one["day"], one["left"]) for one in plan["schedule"]["instalments"]] == [
        (one["day"], one["amount"]) for one in listed
    ]
    assert before.isdisjoint(one["id"] for one in plan["schedule"]["instalments"])
    await finance.enter("500.00")
    [past] = (await finance.plan(plan))["past"]
    assert (past["number"], past["closed_on"], past["reason"]) == (1, TODAY, "Trésorerie tendue")
    assert [one["left"] for one in past["instalments"]] == ["0.00", "100.00", "200.00", "200.00"]
    stale = await finance.client.post(
        f"/plans/{plan['id']}/amend",
        json={"schedule": {"count": 1, "first_on": TODAY}, "reason": "x"},
        headers={"If-Match": '"v1"'},
    )
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)


async def test_a_preview_is_the_plan_itself_and_nothing_is_kept_of_it(finance: Finance) -> None:
    body = finance.asked(3)
    shown = (await finance.client.post("/plans?dry_run=true", json=body)).json()
    assert await finance.listed() == []
    agreed = await finance.agree(3)
    own = {"id", "schedule"}
    assert {key: shown[key] for key in shown.keys() - own} == {key: agreed[key] for key in agreed.keys() - own}
    for one in (shown, agreed):
        for instalment in one["schedule"]["instalments"]:
            instalment.pop("id")
    assert shown["schedule"] == agreed["schedule"]


async def test_a_call_stands_in_one_plan_at_a_time(finance: Finance) -> None:
    plan = await finance.agree(2)
    [call] = plan["schedule"]["calls"]
    again = await finance.client.post("/plans", json=finance.asked(2, invoice_ids=[call["invoice_id"]]))
    assert (again.status_code, again.json()["code"]) == (409, "call_already_planned")
    assert plan["reference"] in again.json()["detail"]
    rest = await finance.client.post("/plans", json=finance.asked(2))
    assert (rest.status_code, rest.json()["code"]) == (409, "nothing_to_plan")
    ended = await finance.to_plan(plan, "end", reason="La structure a trouvé un prêt")
    assert (ended.status_code, plan["state"], plan["end_reason"]) == (200, "ended", "La structure a trouvé un prêt")
    other = await finance.agree(2)
    assert other["reference"] != plan["reference"]
    reopened = text("UPDATE plan_call SET closed_paid = NULL, closed_credited = NULL")
    with pytest.raises(IntegrityError, match="uq_plan_call_standing"):
        async with finance.dues.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(reopened)


async def test_two_who_agree_at_once_make_one_plan(finance: Finance) -> None:
    asked = [finance.client.post("/plans", json=finance.asked(2)) for _ in range(4)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len(await finance.listed()) == 1


async def test_money_that_comes_in_while_a_plan_is_amended_is_counted_once(finance: Finance) -> None:
    plan = await finance.agree(2)
    schedule = {"count": 4, "first_on": TODAY}
    amending = finance.to_plan(plan, "amend", schedule=schedule, reason="Au même moment")
    answers = await asyncio.gather(amending, *(finance.ask("50.00") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200, 201, 201, 201, 201]
    shown = await finance.plan(plan)
    [past] = shown["past"]
    before = sum(Decimal(one["paid"]) for one in past["instalments"])
    assert before + Decimal(shown["paid"]) == 200
    assert (shown["left"], shown["beyond"]) == ("600.00", "0.00")


async def test_what_may_not_be_planned(finance: Finance) -> None:
    calls = await finance.calls()
    await finance.enter("800.00")
    for given, status, code in (
        ({"invoice_ids": [calls["2"]["id"]]}, 409, "call_not_open"),
        ({"invoice_ids": [calls["1"]["id"]]}, 409, "call_not_open"),
        ({}, 409, "nothing_to_plan"),
        ({"member_id": str(UUID(int=77))}, 404, "member_unknown"),
    ):
        answer = await finance.client.post("/plans", json={**finance.asked(2), **given})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for schedule, code in (
        ({"count": 13, "first_on": TODAY}, "too_many_instalments"),
        ({"count": 6, "first_on": TODAY, "every_months": 3}, "schedule_too_long"),
        ({"count": 2, "first_on": finance.days_on(-1)}, "schedule_days_wrong"),
        ({"instalments": [{"day": TODAY, "amount": "799.99"}, {"day": finance.days_on(1), "amount": "0.01"}]},
         "instalment_too_small"),
    ):  # fmt: skip
        asked = {**finance.asked(), "member_id": str(OTHER), "schedule": schedule}
        answer = await finance.client.post("/plans?dry_run=true", json=asked)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    both = {"count": 2, "first_on": TODAY, "instalments": [{"day": TODAY, "amount": "800.00"}]}
    assert (await finance.client.post("/plans", json=finance.asked(schedule=both))).status_code == 422


async def test_a_late_plan_is_proposed_as_broken_and_finance_decides(finance: Finance) -> None:
    plan = await finance.agree(schedule={"count": 2, "first_on": TODAY, "every_months": 2})
    early = await finance.to_plan(plan, "break", reason="Sans réponse")
    assert (early.status_code, early.json()["code"]) == (409, "plan_not_late")
    async with finance.dues.days_later(1) as later, later.client("finance") as client:
        tomorrow = Finance(later, client)
        shown = await tomorrow.plan(plan)
        assert (shown["late_since"], shown["broken_proposed"]) == (TODAY, False)
        assert shown["allowed_actions"] == ["amend", "break", "end", "download"]
        assert await tomorrow.listed("late=true") == [plan["reference"]]
        assert await tomorrow.listed("broken_proposed=true") == []
    async with finance.dues.days_later(31) as later, later.client("finance") as client:
        afterwards = Finance(later, client)
        assert (await afterwards.plan(plan))["broken_proposed"] is True
        assert await afterwards.listed("broken_proposed=true") == [plan["reference"]]
        broken = await afterwards.to_plan(plan, "break", reason="Trois rappels sans réponse")
        assert (broken.status_code, plan["state"], plan["late_since"]) == (200, "broken", None)
        assert [one["state"] for one in plan["schedule"]["instalments"]] == ["late", "due"]
        assert [call["number"] for call in plan["outside"]] == ["COT-2026-00001"]
        assert await afterwards.listed("late=true") == []
        await afterwards.enter("800.00")
        after = await afterwards.plan(plan)
        assert (after["state"], after["left"]) == ("broken", "800.00")
        for act in ("break", "end"):
            assert (await afterwards.to_plan(plan, act, reason="Encore")).json()["code"] == "plan_ended"
        refused = await afterwards.to_plan(plan, "amend", schedule={"count": 1, "first_on": TODAY}, reason="Encore")
        assert refused.json()["code"] == "plan_ended"


async def test_a_complement_called_later_is_not_of_the_plan(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        path = await called(dues, client)
        finance = Finance(dues, client)
        plan = await finance.agree(4)
        await stated(client, "150000.00")
        await settled(dues, client, path, OWN)
        shown = await finance.plan(plan)
        assert (shown["total"], shown["left"], shown["beyond"]) == ("1400.00", "1400.00", "0.00")
        assert [(one["number"], one["owed"]) for one in shown["outside"]] == [("COT-2026-00003", "300.00")]
        second = await finance.agree(2)
        assert (second["numbers"], second["total"]) == (["COT-2026-00003"], "300.00")
        assert second["outside"][0]["number"] == "COT-2026-00001"


async def test_a_plan_covers_several_calls_the_oldest_paid_first(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        path = await called(dues, client)
        finance = Finance(dues, client)
        await stated(client, "150000.00")
        await settled(dues, client, path, OWN)
        plan = await finance.agree(2)
        assert (plan["numbers"], plan["total"]) == (["COT-2026-00001", "COT-2026-00003"], "1700.00")
        for one in await open_instalments(dues, days=62):
            assert sum(part.amount for part in one.calls) == one.left
        first, second = await open_instalments(dues, days=62)
        assert [(part.number, str(part.amount)) for part in first.calls] == [("COT-2026-00001", "850.00")]
        assert [(part.number, str(part.amount)) for part in second.calls] == [
            ("COT-2026-00001", "550.00"),
            ("COT-2026-00003", "300.00"),
        ]
        await finance.enter("550.00")
        assert await finance.lefts(plan) == [("300.00", "part_paid"), ("850.00", "due")]


async def open_instalments(dues: ServiceUnderTest, *, days: int = 0, members: list[UUID] | None = None) -> list[Any]:
    async with dues.runtime.database.reading(Actor("test", frozenset({Role.FINANCE}))) as read:
        return list(await running_instalments(read, due_by=read.today + timedelta(days=days), member_ids=members))


async def test_what_collections_and_reminders_ask(finance: Finance) -> None:
    plan = await finance.agree(4)
    other = await finance.agree(2, member_id=str(OTHER))
    await finance.enter("100.00")
    assert [(one.reference, str(one.left)) for one in await open_instalments(finance.dues)] == [
        (plan["reference"], "100.00"),
        (other["reference"], "400.00"),
    ]
    [one] = await open_instalments(finance.dues, members=[OWN])
    assert (one.id, one.plan_id) == (UUID(plan["schedule"]["instalments"][0]["id"]), UUID(plan["id"]))
    assert (one.member_id, one.rank, str(one.day)) == (OWN, 1, TODAY)
    calls = {call["number"]: UUID(call["id"]) for call in (await finance.calls()).values()}
    async with finance.dues.days_later(1) as later, later.runtime.database.reading(Actor("test")) as read:
        standing = await running_plans_of(read, calls.values())
        assert {number: standing[call].reference for number, call in calls.items()} == {
            "COT-2026-00001": plan["reference"],
            "COT-2026-00002": other["reference"],
        }
        assert all(one.is_late(read.today) for one in standing.values())
    await finance.to_plan(other, "end", reason="Erreur")
    await finance.enter("700.00")
    assert await open_instalments(finance.dues, days=300) == []
    async with finance.dues.runtime.database.reading(Actor("test")) as read:
        assert await running_plans_of(read, calls.values()) == {}


async def test_a_duplicate_s_plan_is_that_of_the_structure_behind_it(finance: Finance) -> None:
    plan = await finance.agree(2)
    await finance.dues.receive(merged(1, into=2))
    shown = await finance.plan(plan)
    assert (shown["member_id"], shown["delegation"]) == (str(OTHER), "bretagne")
    assert await finance.listed(f"member_id={OTHER}") == await finance.listed(f"member_id={OWN}") == [plan["reference"]]
    assert {one.member_id for one in await open_instalments(finance.dues, members=[OTHER])} == {OTHER}


async def test_the_paper_says_what_was_agreed_whatever_is_paid_since(finance: Finance) -> None:
    plan = await finance.agree(4, reason="Subvention versée en juin")
    answer = await finance.client.get(f"/plans/{plan['id']}/pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    page = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages).split())
    for words in (plan["reference"], plan["name"], "Subvention versée en juin", "COT-2026-00001", "Clause et délai"):
        assert words in page
    assert page.count("200,00") == 4
    assert len(pypdfium2.PdfDocument(answer.content)) == 1
    await finance.enter("450.00")
    assert (await finance.client.get(f"/plans/{plan['id']}/pdf")).content == answer.content
