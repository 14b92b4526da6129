"""What a line is: the calls that it pays, one by one or all that is sure; a return; money that is no dues."""

import asyncio
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from common.errors import obstacle
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from dues.bank.domain import BankLineTooSmall, LineState, require_matchable, require_returnable, share

from .statements import PAYER, Entry, bank_file, statement
from .test_matching import GARONNE, TARN, call
from .test_matching import line as money
from .treasury import called, line, lines, match_all, owed, send


async def test_what_is_sure_is_matched_in_one_act_and_the_rest_waits_with_its_reasons(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    await arranged(dues, called)
    entries = [
        Entry("5291.98", text="cot 2026 1", party="STRUCTURE 001 A.I.", iban=PAYER),
        Entry("800.00", text="Cotisation", party="Inconnue"),
        Entry("5608.00", end_to_end="COT-2026-00002"),
        Entry("12.00", text="Don"),
    ]
    async with dues.client("finance") as client:
        await send(client, bank_file(statement(entries)))
        assert [one["amount"] for one in await lines(client, sure=True)] == ["5291.98", "5608.00"]
        [gift, alone] = await lines(client, sure=False)
        assert (gift["candidates"], alone["candidates"][0]["score"], alone["sure"]) == ([], 30, [])
        receipt = await match_all(dues, client)
        assert {(one["outcome"], one["reference"]) for one in receipt} == {
            ("matched", "COT-2026-00001"),
            ("matched", "COT-2026-00002"),
            ("waiting", None),
        }
        assert all(one["message"] for one in receipt)
        assert await owed(client) == ["0.00", "0.00", "800.00"]
        matched = await lines(client, state="matched")
        received = [(await client.get(f"/receipts/{one['receipt_ids'][0]}")).json() for one in matched]
        assert [(one["amount"], one["method"], one["received_on"]) for one in received] == [
            ("5291.98", "transfer", "2026-03-03"),
            ("5608.00", "transfer", "2026-03-03"),
        ]
        again = await match_all(dues, client)
        assert [one["outcome"] for one in again] == ["waiting", "waiting"]


async def test_two_payments_of_one_call_are_not_both_taken(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(dues, called)
    twice = [Entry("800.00", text="COT-2026-00003", reference=f"B-{rank}") for rank in (1, 2)]
    async with dues.client("finance") as client:
        await send(client, bank_file(statement(twice)))
        receipt = await match_all(dues, client)
        assert sorted(one["outcome"] for one in receipt) == ["matched", "refused"]
        waiting, _ = await line(client, state="unmatched")
        assert waiting["notes"] == ["COT-2026-00003, que la ligne nomme, n'a plus rien à régler."]


async def test_one_click_teaches_the_account_of_the_payer(dues: ServiceUnderTest, arranged: Arrange) -> None:
    calls = await arranged(dues, called)
    call_id = calls["COT-2026-00003"]["id"]
    paid = [Entry("300.00", party="STRUCTURE 003 GES", iban=PAYER), Entry("500.00", party="STRUCTURE 003", iban=PAYER)]
    async with dues.client("finance") as client:
        await send(client, bank_file(statement(paid)))
        first, seen = await line(client, amount="300.00")
        assert first["candidates"] == []
        done = await client.post(f"/bank/lines/{first['id']}/match", json={"invoices": [call_id]}, headers=seen)
        assert (done.status_code, done.json()["state"]) == (200, "matched")
        assert await owed(client) == ["5291.98", "5608.00", "500.00"]
        second, _ = await line(client, amount="500.00")
        assert second["candidates"][0]["score"] == 90
        assert second["sure"] == [call_id]
        reopened = await client.post(f"/bank/lines/{first['id']}/reopen", headers={"If-Match": done.headers["etag"]})
        assert (reopened.json()["state"], reopened.json()["receipt_ids"]) == ("unmatched", [])
        assert [act["act"] for act in reopened.json()["acts"]] == ["match", "reopen"]
        assert await owed(client) == ["5291.98", "5608.00", "800.00"]
        assert (await line(client, amount="500.00"))[0]["candidates"] == []


async def test_more_than_is_owed_is_kept_where_that_is_said(dues: ServiceUnderTest, arranged: Arrange) -> None:
    calls = await arranged(dues, called)
    wanted = {"invoices": [calls["COT-2026-00003"]["id"]]}
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([Entry("900.00")])))
        found, seen = await line(client)
        path = f"/bank/lines/{found['id']}/match"
        refused = await client.post(path, json=wanted, headers=seen)
        assert (refused.status_code, refused.json()["code"]) == (409, "payment_too_large")
        assert await owed(client) == ["5291.98", "5608.00", "800.00"]
        kept = await client.post(path, json={**wanted, "keep_rest": True}, headers=seen)
        receipt = (await client.get(f"/receipts/{kept.json()['receipt_ids'][0]}")).json()
        assert (receipt["amount"], receipt["rest"]) == ("900.00", "100.00")


async def test_one_transfer_pays_for_several_members(dues: ServiceUnderTest, arranged: Arrange) -> None:
    calls = await arranged(dues, called)
    wanted = {"invoices": [calls["COT-2026-00003"]["id"], calls["COT-2026-00001"]["id"]]}
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([Entry("6091.98", iban=PAYER)])))
        found, seen = await line(client)
        done = (await client.post(f"/bank/lines/{found['id']}/match", json=wanted, headers=seen)).json()
        assert len(done["receipt_ids"]) == 2
        assert await owed(client) == ["0.00", "5608.00", "0.00"]
    async with dues.client("member", member_id=UUID(int=3)) as member:
        mine = (await member.get("/receipts")).json()["items"]
        assert [one["amount"] for one in mine] == ["800.00"]


async def test_two_who_match_one_line_do_it_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    calls = await arranged(dues, called)
    wanted = {"invoices": [calls["COT-2026-00003"]["id"]]}
    async with dues.client("finance") as one, dues.client("finance") as other:
        await send(one, bank_file(statement([Entry("800.00")])))
        found, seen = await line(one)
        path = f"/bank/lines/{found['id']}/match"
        answers = await asyncio.gather(*(who.post(path, json=wanted, headers=seen) for who in (one, other)))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        assert await owed(one) == ["5291.98", "5608.00", "0.00"]


async def test_a_return_makes_the_calls_owed_again(dues: ServiceUnderTest, arranged: Arrange) -> None:
    calls = await arranged(dues, called)
    debit = {
        "method": "debit",
        "amount": "800.00",
        "received_on": "2026-03-01",
        "member_id": calls["COT-2026-00003"]["member_id"],
    }
    async with dues.client("finance") as client:
        receipt = (await client.post("/receipts", json=debit)).json()
        assert await owed(client) == ["5291.98", "5608.00", "0.00"]
        await send(client, bank_file(statement([Entry("-800.00", returned="AM04"), Entry("-80.00", returned="AM04")])))
        found, seen = await line(client, amount="-800.00")
        assert (found["state"], found["allowed_actions"]) == ("unmatched", ["return", "recognise", "set_aside"])
        other, other_seen = await line(client, amount="-80.00")
        body = {"receipt_id": receipt["id"]}
        differs = await client.post(f"/bank/lines/{other['id']}/return", json=body, headers=other_seen)
        assert (differs.status_code, differs.json()["code"]) == (409, "return_amount_differs")
        done = await client.post(f"/bank/lines/{found['id']}/return", json=body, headers=seen)
        assert (done.status_code, done.json()["state"]) == (200, "matched")
        assert await owed(client) == ["5291.98", "5608.00", "800.00"]
        after = (await client.get(f"/receipts/{receipt['id']}")).json()
        assert (after["status"], after["return_reason"]) == ("returned", "AM04")


async def test_money_that_is_no_dues_is_set_aside_and_can_be_opened_again(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([Entry("15000.00", text="Subvention"), Entry("-3.00")])))
        found, seen = await line(client, state="unmatched")
        path = f"/bank/lines/{found['id']}"
        vague = await client.post(f"{path}/set-aside", json={"kind": "other"}, headers=seen)
        assert (vague.status_code, vague.json()["code"]) == (400, "set_aside_unexplained")
        aside = await client.post(f"{path}/set-aside", json={"kind": "subsidy", "note": "État"}, headers=seen)
        assert (aside.json()["state"], aside.json()["other_money_label"]) == ("set_aside", "subvention")
        assert [one["id"] for one in await lines(client, other_money="subsidy")] == [found["id"]]
        twice = await client.post(
            f"{path}/set-aside", json={"kind": "fee"}, headers={"If-Match": aside.headers["etag"]}
        )
        assert (twice.status_code, twice.json()["code"]) == (409, "bank_line_settled")
        opened = await client.post(f"{path}/reopen", headers={"If-Match": aside.headers["etag"]})
        assert (opened.json()["state"], opened.json()["note"]) == ("unmatched", None)
        assert [(act["act"], act["note"]) for act in opened.json()["acts"]] == [("set_aside", "État"), ("reopen", None)]
        closed = await client.post(f"{path}/reopen", headers={"If-Match": opened.headers["etag"]})
        assert (closed.status_code, closed.json()["code"]) == (409, "bank_line_open")


def test_money_is_put_on_calls_in_their_order_and_shared_by_member() -> None:
    first, second, third = call(1, GARONNE, "500.00"), call(2, TARN, "300.00"), call(3, GARONNE, "200.00")
    parts = share(money("950.00"), [first, second, third])
    assert [(part.member_id, part.amount, list(part.amounts.values())) for part in parts] == [
        (GARONNE, Decimal("650.00"), [Decimal("500.00"), Decimal("150.00")]),
        (TARN, Decimal("300.00"), [Decimal("300.00")]),
    ]
    assert share(money("1010.00"), [first, second, third])[0].amount == Decimal("710.00")
    with pytest.raises(BankLineTooSmall):
        share(money("500.00"), [first, second])


@pytest.mark.parametrize(
    ("amount", "state", "matchable", "returnable"),
    [
        ("10.00", LineState.UNMATCHED, None, "bank_line_not_returned"),
        ("-10.00", LineState.UNMATCHED, "bank_line_not_received", None),
        ("-10.00", LineState.OUTGOING, "bank_line_settled", "bank_line_settled"),
        ("10.00", LineState.MATCHED, "bank_line_settled", "bank_line_settled"),
        ("10.00", LineState.SET_ASIDE, "bank_line_settled", "bank_line_settled"),
    ],
)
def test_what_may_be_said_of_a_line(
    amount: str, state: LineState, matchable: str | None, returnable: str | None
) -> None:
    for rule, code in ((require_matchable, matchable), (require_returnable, returnable)):
        refusal = obstacle(partial(rule, state, money(amount)))
        assert (refusal.code if refusal else None) == code
