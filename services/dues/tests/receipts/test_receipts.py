"""Money that comes in: what it pays, what is left of it, how it is corrected, given back, or comes back unpaid."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.contracts.dues import DuesPaid, DuesUnpaid
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_duplicates import merged
from .desk import DUE, MEMBER, OTHER, TODAY, desk


async def test_a_payment_of_what_is_owed_is_numbered_and_pays_the_call(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        proposal = await finance.client.get("/receipts/proposal", params={"member_id": MEMBER, "amount": DUE})
        assert [line["number"] for line in proposal.json()["allocations"]] == ["COT-2026-00001"]
        first = await finance.enter(payer_reference="VIR 4471")
        assert (first["number"][:4], first["number"][8:], first["status"], first["rest"]) == (
            "REC-",
            "-00001",
            "allocated",
            "0.00",
        )
        assert await finance.paid() == [(DUE, "0.00", "paid"), ("0.00", DUE, "issued")]
        [movement] = first["movements"]
        assert (movement["amount"], movement["invoice_number"], movement["day"]) == (DUE, "COT-2026-00001", TODAY)
        call = (await finance.calls())["1"]
        told = (await finance.client.get(f"/invoices/{call['id']}/payments")).json()
        assert [(one["receipt_number"], one["amount"]) for one in told["payments"]] == [(first["number"], DUE)]
        assert (told["paid"], told["owed"]) == (DUE, "0.00")
    paid = [fact for fact in await dues.published() if isinstance(fact, DuesPaid)]
    assert [(fact.amount, fact.state.status) for fact in paid] == [(Decimal(DUE), "paid")]


async def test_a_payment_larger_than_the_debt_is_kept_only_where_said(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        refused = await finance.ask("1000.00")
        assert (refused.status_code, refused.json()["code"]) == (409, "payment_too_large")
        assert {key: refused.json()[key] for key in ("amount", "allocated", "rest")} == {
            "amount": "1000.00",
            "allocated": DUE,
            "rest": "200.00",
        }
        assert (await finance.client.get("/receipts")).json()["items"] == []
        kept = await finance.enter("1000.00", keep_rest=True)
        assert (kept["number"][-5:], kept["status"], kept["rest"]) == ("00001", "open", "200.00")
        nothing = await finance.act(kept, "allocate")
        assert nothing.json()["code"] == "nothing_to_allocate"
        over = await finance.act(kept, "refund", amount="200.01", refunded_on=TODAY, reference="VIR 9")
        assert (over.status_code, over.json()["code"]) == (409, "refund_too_large")
        half = await finance.done(kept, "refund", amount="150.00", refunded_on=TODAY, reference="VIR 9")
        other = (await finance.calls())["2"]
        used = await finance.done(half, "allocate", allocations=[{"invoice_id": other["id"], "amount": "50.00"}])
        assert (used["rest"], used["refunded"], used["allocated"], used["status"]) == (
            "0.00",
            "150.00",
            "850.00",
            "allocated",
        )
        assert await finance.paid() == [(DUE, "0.00", "paid"), ("50.00", "750.00", "partly_paid")]


async def test_an_allocation_is_taken_back_with_its_reason_and_put_elsewhere(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        receipt = await finance.enter()
        calls = await finance.calls()
        too_much = await finance.act(
            receipt, "take-back", invoice_id=calls["1"]["id"], amount="800.01", reason="mauvais appel"
        )
        assert too_much.json()["code"] == "allocation_not_there"
        elsewhere = await finance.act(receipt, "take-back", invoice_id=calls["2"]["id"], reason="mauvais appel")
        assert elsewhere.json()["code"] == "allocation_not_there"
        back = await finance.done(receipt, "take-back", invoice_id=calls["1"]["id"], reason="mauvais appel")
        assert (back["status"], back["rest"], back["movements"][-1]["reason"]) == ("open", DUE, "mauvais appel")
        moved = await finance.done(back, "attribute", member_id=OTHER)
        assert (moved["member_id"], moved["delegation"], moved["status"]) == (OTHER, "bretagne", "allocated")
        assert await finance.paid() == [("0.00", DUE, "issued"), (DUE, "0.00", "paid")]
        told = (await finance.client.get(f"/invoices/{calls['1']['id']}/payments")).json()["payments"]
        assert [one["amount"] for one in told] == [DUE, f"-{DUE}"]


async def test_a_cheque_that_comes_back_leaves_its_calls_owed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    cheque = {"method": "cheque", "cheque_number": "0001234", "cheque_bank": "Banque d'exemple"}
    async with desk(dues, arranged) as finance:
        receipt = await finance.enter("1000.00", keep_rest=True, **cheque)
        receipt = await finance.done(receipt, "deposit", deposited_on=TODAY)
        again = await finance.act(receipt, "deposit", deposited_on=TODAY)
        assert again.json()["code"] == "receipt_deposited"
        receipt = await finance.done(receipt, "refund", amount="100.00", refunded_on=TODAY, reference="VIR 9")
        unknown = await finance.act(receipt, "return", reason="MD01", returned_on=TODAY)
        assert (unknown.status_code, unknown.json()["code"]) == (400, "return_reason_unknown")
        back = await finance.done(receipt, "return", reason="AM04", returned_on=TODAY)
        assert (back["status"], back["allocated"], back["rest"], back["to_recover"]) == (
            "returned",
            "0.00",
            "0.00",
            "100.00",
        )
        assert (back["return_reason"], back["return_action"]) == ("AM04", "present_again")
        assert back["movements"][-1]["reason"] == "Provision insuffisante"
        assert [act["kind"] for act in back["acts"]] == ["deposited", "refunded", "returned"]
        assert await finance.paid() == [("0.00", DUE, "issued"), ("0.00", DUE, "issued")]
        assert (await finance.act(back, "return", reason="AM04", returned_on=TODAY)).json()["code"] == "receipt_ended"
        transfer = await finance.enter()
        not_so = await finance.act(transfer, "return", reason="AM04", returned_on=TODAY)
        assert not_so.json()["code"] == "receipt_not_returnable"
    unpaid = [fact for fact in await dues.published() if isinstance(fact, DuesUnpaid)]
    assert [(fact.amount, fact.state.status) for fact in unpaid] == [(Decimal(DUE), "issued")]


async def test_money_of_unknown_origin_waits_until_it_is_attributed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        call = (await finance.calls())["1"]
        named = await finance.ask(member_id=None, allocations=[{"invoice_id": call["id"], "amount": DUE}])
        assert named.json()["code"] == "receipt_unattributed"
        receipt = await finance.enter(member_id=None)
        waiting = (await finance.client.get("/receipts", params={"attributed": False})).json()["items"]
        assert [one["id"] for one in waiting] == [receipt["id"]]
        assert "attribute" in waiting[0]["allowed_actions"]
        assert waiting[0]["blockers"]["allocate"][0]["code"] == "receipt_unattributed"
        await dues.receive(merged(1, into=2, kind="ges"))
        gone = await finance.act(receipt, "attribute", member_id=MEMBER)
        assert (gone.status_code, gone.json()["code"], gone.json()["into_id"]) == (404, "merged_into", OTHER)
        known = await finance.done(receipt, "attribute", member_id=OTHER, allocations=[], keep_rest=True)
        assert (known["rest"], known["movements"]) == (DUE, [])
        used = await finance.done(known, "allocate")  # of two calls owed the same, the older: its duplicate's
        assert used["movements"][0]["invoice_number"] == "COT-2026-00001"
        assert [act["kind"] for act in used["acts"]] == ["attributed"]
        for member in (MEMBER, OTHER):
            listed = (await finance.client.get("/receipts", params={"member_id": member})).json()["items"]
            assert [one["id"] for one in listed] == ([receipt["id"]] if member == OTHER else [])


async def test_a_line_of_the_bank_is_entered_once_unless_it_was_cancelled(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        first = await finance.enter(bank_reference="2026-11-RELEVE-7")
        twice = await finance.ask(bank_reference="2026-11-RELEVE-7", allocations=[], keep_rest=True)
        assert (twice.status_code, twice.json()["code"], twice.json()["number"]) == (
            409,
            "bank_reference_taken",
            first["number"],
        )
        cancelled = await finance.done(first, "cancel", reason="saisi deux fois")
        assert (cancelled["status"], cancelled["rest"]) == ("cancelled", "0.00")
        again = await finance.enter(bank_reference="2026-11-RELEVE-7")
        assert again["number"][-5:] == "00002"  # the refusal left no hole
        assert await finance.paid() == [(DUE, "0.00", "paid"), ("0.00", DUE, "issued")]


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"received_on": "2100-01-01"}, 400, "received_in_future", id="reçu demain"),
        pytest.param({"method": "cheque"}, 400, "cheque_details_wrong", id="chèque sans numéro"),
        pytest.param({"cheque_number": "1", "cheque_bank": "B"}, 400, "cheque_details_wrong", id="virement numéroté"),
        pytest.param({"deposited_on": "2020-01-01"}, 400, "receipt_day_wrong", id="déposé avant"),
        pytest.param({"amount": "0.00"}, 422, "validation", id="rien"),
        pytest.param({"amount": "10.001"}, 422, "validation", id="un millième"),
        pytest.param({"member_id": str(UUID(int=9))}, 404, "member_unknown", id="adhérent inconnu"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_written(
    dues: ServiceUnderTest, arranged: Arrange, given: dict[str, Any], status: int, code: str
) -> None:
    async with desk(dues, arranged) as finance:
        amount = given.pop("amount", DUE)
        refused = await finance.ask(amount, **given)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert (await finance.client.get("/receipts")).json()["items"] == []


async def test_what_is_put_on_calls_is_bounded_by_the_money_and_by_the_calls(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        call = (await finance.calls())["1"]["id"]
        over = await finance.ask("900.00", allocations=[{"invoice_id": call, "amount": "900.00"}])
        assert (over.json()["code"], over.json()["owed"]) == ("payment_too_large", DUE)
        more = await finance.ask("100.00", allocations=[{"invoice_id": call, "amount": "100.01"}])
        assert (more.json()["code"], more.json()["rest"]) == ("allocation_too_large", "100.00")
        line = {"invoice_id": call, "amount": "10.00"}
        assert (await finance.ask("20.00", allocations=[line, line])).json()["code"] == "call_named_twice"
        nowhere = [{"invoice_id": str(UUID(int=9)), "amount": "10.00"}]
        assert (await finance.ask("10.00", allocations=nowhere)).json()["code"] == "invoice_not_found"
        receipt = await finance.enter("100.00", allocations=[], keep_rest=True)
        stale = {**receipt, "version": 9}
        assert (await finance.act(stale, "allocate")).status_code == 412
        blind = await finance.client.post(f"/receipts/{receipt['id']}/allocate", json={})
        assert blind.status_code == 428
        tried = await finance.client.post(
            f"/receipts/{receipt['id']}/allocate", params={"dry_run": True}, json={}, headers={"If-Match": '"v1"'}
        )
        assert tried.json()["rest"] == "0.00"
        assert await finance.paid() == [("0.00", DUE, "issued"), ("0.00", DUE, "issued")]
