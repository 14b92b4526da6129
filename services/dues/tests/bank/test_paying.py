"""What we pay on as the bank tells of it: a batch in one debit or one by one, what comes back, in books that tie."""

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..ledger.books import check_books
from ..receipts.desk import TODAY
from ..transfers.treasury import BRETAGNE, OCCITANIE, SHARE, Treasury, both_paid, funded, seen, treasury
from .statements import Entry, bank_file, statement
from .test_reading import BATCH_BOOKED, ONE_BY_ONE
from .treasury import line, lines, match_all, send

_BANKED = (
    "SELECT e.piece, l.debit, l.credit FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
    " WHERE l.account = '512' AND e.source_kind LIKE 'transfer_%' ORDER BY e.rank"
)
_CHARGES = "SELECT sum(debit) - sum(credit) AS taken FROM ledger_line WHERE account = '627'"
GONE, DUE_AGAIN = (SHARE, SHARE, "0.00"), (SHARE, "0.00", SHARE)
BEFORE = str(date.fromisoformat(TODAY) - timedelta(30))


async def batch_approved(dues: ServiceUnderTest) -> dict[str, Any]:
    await both_paid(dues)
    async with treasury(dues) as paying:
        return await paying.done(await paying.prepared(), "approve")


@asynccontextmanager
async def approved(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[tuple[Treasury, dict[str, Any]]]:
    """A batch of two transfers of 320 euros, of which the bank has the file."""
    batch = await arranged(dues, batch_approved)
    async with treasury(dues) as paying:
        yield paying, batch


def golden(content: bytes, batch: dict[str, Any], day: str = TODAY) -> bytes:
    """Return a file of reference as the bank would write it of this batch, on this day."""
    text = content.decode().replace("VIR-2026-00001", batch["reference"])
    return text.replace("2026-03-11", day).encode()


async def told(client: httpx.AsyncClient, *entries: Entry, reference: str = "R-1") -> None:
    """Send what the bank says of the day."""
    one = statement(entries, reference=reference, opened_on=TODAY, closed_on=TODAY)
    sent = await send(client, bank_file(one))
    assert sent.status_code == 201, sent.text


def debit(batch: dict[str, Any], rank: int | None = None, amount: str = "-640.00", **given: Any) -> Entry:
    """Return a debit of a whole batch, or of one of its transfers."""
    named = {"end_to_end": f"{batch['reference']}-0{rank}"} if rank else {"batch": batch["reference"]}
    said: dict[str, Any] = {"day": TODAY, "reference": f"B-{rank or 0}", "text": "Virement", **named}
    return Entry(amount, **{**said, **given})


def back(batch: dict[str, Any], amount: str = SHARE, **given: Any) -> Entry:
    return debit(batch, 2, amount, **{"returned": "AC04", "reference": "B-9", **given})


async def recognise(client: httpx.AsyncClient, found: dict[str, Any], kind: str, id_: str, **given: Any) -> Any:
    path, version = f"/bank/lines/{found['id']}/recognise", {"If-Match": etag(found["version"])}
    return await client.post(path, json={"kind": kind, "id": id_, **given}, headers=version)


async def refused(client: httpx.AsyncClient, found: dict[str, Any], kind: str, id_: str) -> tuple[int, str]:
    answer = await recognise(client, found, kind, id_)
    return answer.status_code, answer.json().get("code")


async def reopen(client: httpx.AsyncClient, found: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/bank/lines/{found['id']}/reopen", headers=seen(found))


async def batch_of(paying: Treasury, batch: dict[str, Any]) -> dict[str, Any]:
    return dict((await paying.one.get(f"/transfers/batches/{batch['id']}")).json())


async def test_a_day_of_the_bank_pays_a_batch_brings_one_back_and_takes_its_charge(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        content = golden(BATCH_BOOKED, batch)
        assert (await send(client, content)).status_code == 201
        [kept] = (await client.get("/bank/statements")).json()["items"]
        assert (kept["unmatched"], kept["outgoing"], kept["matched"], kept["charged"]) == (3, 1, 0, 0)
        assert [one["amount"] for one in await lines(client, sure=True)] == ["-640.00", "320.00"]
        assert [one["amount"] for one in await lines(client, sure=False)] == ["-12.50"]
        for sure, amounts in ((True, ["-640.00", "320.00"]), (False, ["-12.50"])):
            exported = (await client.get("/bank/lines/export", params={"sure": sure})).text.splitlines()[1:]
            assert sorted(row.split(";")[2].strip("'") for row in exported) == sorted(amounts)
        outcomes = {one["reference"]: one["outcome"] for one in await match_all(dues, client)}
        outcomes |= {one["reference"]: one["outcome"] for one in await match_all(dues, client)}
        assert (outcomes[batch["reference"]], outcomes["BQ-13"]) == ("matched", "waiting")
        assert outcomes[f"{batch['reference']}-02"] == "matched"
        executed = await batch_of(paying, batch)
        assert (executed["status"], executed["executed_on"], executed["bank_reference"]) == ("executed", TODAY, "BQ-11")
        assert [(one["payee"], one["status"]) for one in executed["lines"]] == [
            (BRETAGNE, "executed"),
            (OCCITANIE, "rejected"),
        ]
        assert executed["lines"][1]["reject_reason"] == "AC04"
        assert await paying.balances() == {BRETAGNE: GONE, OCCITANIE: DUE_AGAIN}
        await check_books(dues)
        fee, _ = await line(client, charge=True)
        assert [reason["code"] for reason in fee["charge_reasons"]] == ["bank_code"]
        charged = await client.post(f"/bank/lines/{fee['id']}/charge", json={"label": "Mars"}, headers=seen(fee))
        assert charged.status_code == 200, charged.text
        [kept] = (await client.get("/bank/statements")).json()["items"]
        assert (kept["unmatched"], kept["outgoing"], kept["matched"], kept["charged"]) == (0, 1, 2, 1)
        again = (await send(client, content)).json()
        assert (again["added"], again["known"]) == (0, 4)
        assert await match_all(dues, client) == []
        assert [one["state"] for one in await lines(client)] == ["matched", "outgoing", "charged", "matched"]
    assert len(await dues.rows(_BANKED)) == 3
    await check_books(dues)


async def test_a_bank_that_debits_one_by_one_pays_a_batch_in_one_act(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        assert (await send(client, golden(ONE_BY_ONE, batch))).status_code == 201
        first, second = await lines(client, state="unmatched")
        for one in (first, second):
            [echo] = one["echoes"]
            assert (echo["kind"], echo["reference"], echo["amount"]) == ("batch", batch["reference"], "640.00")
            assert (echo["score"], echo["sure"]) == (100, True)
            assert [reason["code"] for reason in echo["reasons"]] == ["batch", "end_to_end", "amount"]
        done = await recognise(client, first, "batch", batch["id"])
        assert (done.json()["state"], done.json()["transfer_batch_id"]) == ("matched", batch["id"])
        assert [one["transfer_batch_id"] for one in await lines(client, state="matched")] == [batch["id"]] * 2
        assert (await batch_of(paying, batch))["status"] == "executed"
        assert await paying.balances() == {BRETAGNE: GONE, OCCITANIE: GONE}
    assert [row.credit for row in await dues.rows(_BANKED)] == [320, 320]
    await check_books(dues)


async def test_lines_that_do_not_make_the_batch_execute_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await told(client, debit(batch, 1, "-320.00"))
        found, _ = await line(client, sure=False)
        assert (found["echoes"][0]["score"], found["echoes"][0]["sure"]) == (70, False)
        [waiting] = await match_all(dues, client)
        assert (waiting["outcome"], "320,00" in waiting["message"]) == ("waiting", True)
        assert await refused(client, found, "batch", batch["id"]) == (409, "bank_line_amount_differs")
        assert (await batch_of(paying, batch))["status"] == "approved"
        await told(client, debit(batch, 2, "-320.00"), reference="R-2")
        assert {one["outcome"] for one in await match_all(dues, client)} == {"matched"}
        assert (await batch_of(paying, batch))["status"] == "executed"
    await check_books(dues)


async def test_a_line_that_names_nothing_is_proposed_by_its_amount_and_day_and_takes_one_click(
    dues: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await told(client, Entry("-640.00", day=TODAY, text="VIREMENT EMIS"), Entry("-64.00", day=TODAY))
        found, _ = await line(client, transfers=True)
        assert (found["state"], found["amount"]) == ("outgoing", "-640.00")
        assert found["allowed_actions"] == ["recognise", "charge"]
        [echo] = found["echoes"]
        assert (echo["reference"], echo["score"], echo["sure"]) == (batch["reference"], 55, False)
        assert await match_all(dues, client) == []
        done = await recognise(client, found, "batch", batch["id"])
        assert (done.json()["state"], (await batch_of(paying, batch))["status"]) == ("matched", "executed")
        opened = await reopen(client, done.json())
        assert (opened.json()["state"], opened.json()["transfer_batch_id"]) == ("outgoing", None)
        assert [act["act"] for act in opened.json()["acts"]] == ["recognise", "reopen"]
        [echo] = opened.json()["echoes"]
        again = await recognise(client, opened.json(), "batch", echo["id"])
        assert again.json()["state"] == "matched"
        other, _ = await line(client, transfers=False)
        assert await refused(client, other, "batch", batch["id"]) == (409, "bank_line_amount_differs")
    assert len(await dues.rows(_BANKED)) == 2
    await check_books(dues)


async def test_a_batch_that_was_executed_by_hand_is_linked_and_not_paid_again(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await paying.done(batch, "execute", executed_on=TODAY, bank_reference="AVIS-7")
        await told(client, debit(batch))
        assert {one["outcome"] for one in await match_all(dues, client)} == {"matched"}
        assert (await batch_of(paying, batch))["bank_reference"] == "AVIS-7"
        await told(client, debit(batch, reference="B-1"), reference="R-2")
        twice, _ = await line(client, state="unmatched")
        assert (twice["echoes"][0]["sure"], twice["echoes"][0]["reasons"][-1]["code"]) == (False, "other_amount")
        assert await refused(client, twice, "batch", batch["id"]) == (409, "bank_line_amount_differs")
    assert len(await dues.rows(_BANKED)) == 2
    await check_books(dues)


async def test_what_the_bank_rejected_before_it_paid_is_not_waited_for(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        executed = await paying.done(batch, "execute", executed_on=TODAY, bank_reference="AVIS-7")
        path = f"/transfers/batches/{batch['id']}/lines/{batch['lines'][1]['id']}/reject"
        body = {"rejected_on": TODAY, "reason": "IBAN refusé"}
        assert (await client.post(path, json=body, headers=seen(executed))).status_code == 200
        await told(client, debit(batch, amount="-320.00"))
        assert {one["outcome"] for one in await match_all(dues, client)} == {"matched"}
    await check_books(dues)


async def test_a_cancelled_batch_that_the_bank_paid_waits_for_somebody(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await paying.done(batch, "cancel", reason="refusé au guichet")
        await told(client, debit(batch))
        found, _ = await line(client, sure=False)
        assert found["echoes"][0]["reasons"][-1]["code"] == "cancelled"
        assert await refused(client, found, "batch", batch["id"]) == (409, "batch_not_approved")
        assert found["blockers"]["charge"][0]["code"] == "bank_line_not_a_charge"


async def test_a_batch_is_not_paid_before_it_was_approved(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        client, batch = paying.one, await paying.prepared()
        await told(client, debit(batch))
        found, _seen = await line(client)
        assert found["echoes"] == []
        assert await refused(client, found, "batch", batch["id"]) == (404, "batch_not_found")
        await paying.done(batch, "approve")
        await send(client, bank_file(statement([debit(batch, day=BEFORE, reference="B-7")], reference="R-2")))
        early, _seen = await line(client, booked_to=BEFORE)
        assert await refused(client, early, "batch", batch["id"]) == (409, "bank_line_amount_differs")


async def test_finance_and_the_file_at_once_pay_a_batch_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await told(client, debit(batch, 1, "-320.00"), debit(batch, 2, "-320.00"))
        found = await lines(client)
        by_hand: dict[str, Any] = {"executed_on": TODAY, "bank_reference": "AVIS-7"}
        await asyncio.gather(
            *(recognise(client, one, "batch", batch["id"]) for one in found),
            paying.act(batch, "execute", **by_hand),
            paying.act(batch, "execute", **by_hand),
        )
        for one in await lines(client, state="unmatched"):
            assert (await recognise(client, one, "batch", batch["id"])).status_code == 200
        assert [one["state"] for one in await lines(client)] == ["matched"] * 2
        assert (await batch_of(paying, batch))["status"] == "executed"
    assert len(await dues.rows(_BANKED)) == 2
    await check_books(dues)


async def test_a_transfer_comes_back_once_less_what_the_bank_took(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await told(client, back(batch, "312.00", charges="8.00"))
        found, version = await line(client, returned=True)
        [echo] = found["echoes"]
        assert (echo["kind"], echo["id"], echo["sure"]) == ("transfer", batch["lines"][1]["id"], True)
        assert "delegation-occitanie" in echo["reasons"][0]["message"]
        [call] = (await client.get("/invoices", params={"q": "00001"})).json()["items"]
        paid = await client.post(f"/bank/lines/{found['id']}/match", json={"invoices": [call["id"]]}, headers=version)
        assert (paid.status_code, paid.json()["code"]) == (409, "bank_line_of_transfers")
        assert await refused(client, found, "transfer", echo["id"]) == (409, "batch_not_executed")
        await paying.done(batch, "execute", executed_on=TODAY, bank_reference="AVIS-7")
        done = await recognise(client, found, "transfer", echo["id"])
        assert (done.json()["state"], done.json()["transfer_id"]) == ("matched", echo["id"])
        assert await paying.balances() == {BRETAGNE: GONE, OCCITANIE: DUE_AGAIN}
        stands = await reopen(client, done.json())
        assert (stands.status_code, stands.json()["code"]) == (409, "bank_line_return_stands")
        await told(client, back(batch, reference="B-10"), reference="R-2")
        twice, _ = await line(client, state="unmatched")
        assert await refused(client, twice, "transfer", echo["id"]) == (409, "transfer_brought_back")
        [(taken,)] = await dues.rows(_CHARGES)
        assert taken == 8
    await check_books(dues)


async def test_a_rejection_that_was_noted_by_hand_is_linked_and_not_due_twice(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        executed = await paying.done(batch, "execute", executed_on=TODAY, bank_reference="AVIS-7")
        path = f"/transfers/batches/{batch['id']}/lines/{batch['lines'][1]['id']}/reject"
        body = {"rejected_on": TODAY, "reason": "compte clos"}
        assert (await client.post(path, json=body, headers=seen(executed))).status_code == 200
        await told(client, back(batch))
        assert {one["outcome"] for one in await match_all(dues, client)} == {"matched"}
        assert (await batch_of(paying, batch))["lines"][1]["reject_reason"] == "compte clos"
        assert await paying.balances() == {BRETAGNE: GONE, OCCITANIE: DUE_AGAIN}
    await check_books(dues)


async def test_what_cannot_be_is_refused(dues: ServiceUnderTest, arranged: Arrange) -> None:
    nothing = "00000000-0000-0000-0000-000000000009"
    async with approved(dues, arranged) as (paying, batch):
        client, transfer = paying.one, batch["lines"][1]["id"]
        await told(client, debit(batch), back(batch, "300.00"), Entry("7.00", day=TODAY))
        whole, returned, alone = await lines(client)
        whole, alone, returned = sorted((whole, returned, alone), key=lambda one: float(one["amount"]))
        assert await refused(client, whole, "batch", nothing) == (404, "batch_not_found")
        assert await refused(client, whole, "transfer", transfer) == (409, "bank_line_not_received")
        assert await refused(client, alone, "batch", batch["id"]) == (409, "bank_line_not_paid_out")
        assert await refused(client, returned, "transfer", nothing) == (404, "transfer_not_found")
        assert await refused(client, returned, "transfer", transfer) == (409, "return_amount_differs")
        await recognise(client, whole, "batch", batch["id"])
        whole, _seen = await line(client, state="matched")
        assert await refused(client, whole, "batch", batch["id"]) == (409, "bank_line_settled")


async def test_the_export_says_which_batch_and_which_transfer(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await send(client, golden(BATCH_BOOKED, batch))
        await match_all(dues, client)
        await match_all(dues, client)
        exported = (await client.get("/bank/lines/export", params={"transfers": True})).text.splitlines()
        rows = csv.DictReader(exported, delimiter=";")
        assert sorted((row["lot_de_virements"], row["virement_revenu"]) for row in rows) == [
            ("", f"{batch['reference']}-02"),
            (batch["reference"], ""),
        ]


@pytest.mark.parametrize("path", ["/bank/lines", "/bank/lines/export"])
async def test_a_read_takes_as_many_statements_for_many_of_them_as_for_one(
    dues: ServiceUnderTest, arranged: Arrange, path: str
) -> None:
    async with approved(dues, arranged) as (paying, batch):
        client = paying.one
        await told(client, debit(batch, 1, "-320.00"), back(batch))
        few = await _counted(dues, client, path)
        more = [debit(batch, 2, "-320.00", reference=f"B-{rank}") for rank in (11, 12, 13)]
        others = [Entry("-640.00", day=TODAY, reference=f"B-{rank}") for rank in (21, 22)]
        await told(client, *more, *others, back(batch, reference="B-31"), reference="R-2")
        assert len(await lines(client)) == 8
        assert await _counted(dues, client, path) == few


async def _counted(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> int:
    with dues.statements() as sent:
        assert (await client.get(path)).status_code == 200
    return len(sent)
