"""Acts that come at once, what the fund cannot carry, and what is never rewritten."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor

from ..ledger.books import check_books
from .solidarity import DUE, OTHER, call_members

FINANCE = Actor("finance", frozenset({"finance"}))


async def test_two_requests_at_once_leave_one(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    answers = await asyncio.gather(*(now.try_asking() for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refused} == {"relief_under_study"}
    [kept] = (await now.get("/reliefs"))["items"]
    assert {one["reference"] for one in refused} == {kept["reference"]}


async def test_two_decisions_at_once_pay_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one)
    answers = await asyncio.gather(*(now.decide(dict(one)) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert (await now.call())["paid"] == DUE
    assert await now.fund() == ("880.00", "0.00", DUE, "80.00")
    await check_books(dues)


async def test_two_members_at_once_share_no_euro_of_the_fund(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    ones = [await now.asked(), await now.asked(member_id=str(OTHER))]
    async with dues.days_later(16) as later:
        then = type(now)(later)
        answers = await asyncio.gather(*(then.decide(one) for one in ones))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert [answer.json()["code"] for answer in answers if answer.status_code == 409] == ["fund_short"]
        assert await then.fund() == ("880.00", "0.00", DUE, "80.00")
    await check_books(dues)


async def test_money_and_a_decision_at_once_pay_no_call_twice(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one)
    body = {"method": "transfer", "amount": DUE, "received_on": str(now.today), "member_id": one["member_id"]}
    paid, decided = await asyncio.gather(now.ask("POST", "/receipts", json=body), now.decide(one))
    refusals = {"payment_too_large", "relief_nothing_owed"}
    assert sorted((paid.is_success, decided.is_success)) == [False, True], (paid.text, decided.text)
    assert {answer.json()["code"] for answer in (paid, decided) if not answer.is_success} <= refusals
    assert (await now.call())["paid"] == DUE
    await check_books(dues)


async def test_what_the_fund_has_not_it_does_not_grant(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 2)
    one = await now.asked()
    await now.advise(one)
    answer = await now.decide(one)
    assert (answer.status_code, answer.json()["code"], answer.json()["available"]) == (409, "fund_short", "160.00")
    shown = await now.get(f"/reliefs/{one['id']}")
    assert (shown["status"], shown["owed"], len(shown["steps"])) == ("advised", DUE, 2)
    assert (await now.decide(one, amount="160.00")).status_code == 200
    await check_books(dues)


async def test_a_preview_of_a_decision_leaves_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one)
    said = {"decided_by": "Bureau", "sitting_on": str(now.today), "reason": "Après examen."}
    headers = {"If-Match": f'"v{one["version"]}"'}
    path = f"/reliefs/{one['id']}/decide?dry_run=true"
    preview = await now.ask("POST", path, json={"outcome": "reduction", **said}, headers=headers)
    assert (preview.json()["status"], preview.json()["owed"]) == ("granted", "0.00")
    assert (await now.get(f"/reliefs/{one['id']}"))["status"] == "advised"
    assert await now.fund() == (DUE, "0.00", "0.00", DUE)


@pytest.mark.parametrize("change", ["UPDATE relief_step SET text = 'autre'", "DELETE FROM relief_step"])
async def test_what_was_done_is_never_rewritten(dues: ServiceUnderTest, arranged: Arrange, change: str) -> None:
    await (await call_members(dues, arranged, 0)).asked()
    with pytest.raises(DBAPIError):
        async with dues.runtime.database.transaction(FINANCE) as tx:
            await tx.session.execute(text(change))
