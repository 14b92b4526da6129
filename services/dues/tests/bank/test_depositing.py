"""Cheques and cash as the bank tells of them: deposited in one line, booked once, bounced; in books that tie."""

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..ledger.books import check_books
from ..receipts.desk import MEMBER, OTHER, TODAY, Desk, desk
from ..transfers.treasury import seen
from .statements import Entry, bank_file, statement
from .test_reading import DEPOSITS
from .treasury import line, lines, match_all, send

EARLIER, LATELY = (str(date.fromisoformat(TODAY) - timedelta(days)) for days in (4, 1))
SAID = "REMISE CHEQUES"
_DEPOSITS = (
    "SELECT e.day::text AS day, e.journal, e.label, l.account, l.debit::text, l.credit::text FROM ledger_line l"
    " JOIN ledger_entry e ON e.id = l.entry_id WHERE e.source_kind = 'receipt_deposit' ORDER BY e.rank, l.account"
)


async def cheque(finance: Desk, amount: str, number: int = 1, deposited_on: str | None = None, **given: Any) -> Any:
    said = {"method": "cheque", "cheque_number": str(number), "cheque_bank": "Banque", "received_on": EARLIER}
    return await finance.enter(amount, **{**said, "deposited_on": deposited_on, **given})


async def told(finance: Desk, *entries: Entry, reference: str = "R-1") -> None:
    """Send what the bank says of today."""
    one = statement(entries, reference=reference, opened_on=TODAY, closed_on=TODAY)
    sent = await send(finance.client, bank_file(one))
    assert sent.status_code == 201, sent.text


def credit(amount: str, rank: int = 1, text: str = SAID) -> Entry:
    return Entry(amount, text=text, reference=f"B-{rank}", day=TODAY, party="")


async def deposit(finance: Desk, found: dict[str, Any], *receipts: dict[str, Any]) -> httpx.Response:
    body = {"receipt_ids": [one["id"] for one in receipts]}
    return await finance.client.post(f"/bank/lines/{found['id']}/deposit", json=body, headers=seen(found))


async def recognise(finance: Desk, found: dict[str, Any], receipt_id: str, code: str | None = None) -> httpx.Response:
    body = {"kind": "cheque", "id": receipt_id, "code": code}
    return await finance.client.post(f"/bank/lines/{found['id']}/recognise", json=body, headers=seen(found))


async def read(finance: Desk, receipt: dict[str, Any]) -> dict[str, Any]:
    return dict((await finance.client.get(f"/receipts/{receipt['id']}")).json())


def proposed(found: dict[str, Any]) -> list[tuple[str, int, bool]]:
    return [
        (", ".join(one["number"] for one in proposal["receipts"]), proposal["score"], proposal["sure"])
        for proposal in found["deposits"]
    ]


@asynccontextmanager
async def two_cheques(
    dues: ServiceUnderTest, arranged: Arrange, deposited_on: str | None
) -> AsyncIterator[tuple[Desk, list[Any]]]:
    """Two cheques, of 800 and 500 euros, that pay two calls."""
    async with desk(dues, arranged) as finance:
        first = await cheque(finance, "800.00", 1, deposited_on)
        yield finance, [first, await cheque(finance, "500.00", 2, deposited_on, member_id=OTHER)]


async def test_a_day_of_the_bank_deposits_cheques_and_cash_and_brings_a_cheque_back(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with two_cheques(dues, arranged, LATELY) as (finance, [first, second]):
        client = finance.client
        cash = await finance.enter("110.00", method="cash", deposited_on=LATELY, received_on=EARLIER, keep_rest=True)
        assert (await send(client, DEPOSITS.replace(b"2026-03-11", TODAY.encode()))).status_code == 201
        booked = await dues.rows(_DEPOSITS)
        outcomes = [{one["outcome"] for one in await match_all(dues, client)} for _ in range(2)]
        assert outcomes == [
            {"waiting", "matched"},
            {"matched"},
        ]  # the cash told first, the rest of its day is the cheques
        back, kept_cash, kept = await lines(client)
        assert (kept["state"], kept["receipt_ids"]) == ("matched", sorted([first["id"], second["id"]]))
        assert (kept_cash["state"], kept_cash["receipt_ids"]) == ("matched", [cash["id"]])
        assert await dues.rows(_DEPOSITS) == booked
        await check_books(dues)
        [echo] = back["echoes"]
        assert (back["state"], echo["kind"], echo["reference"]) == ("outgoing", "cheque", second["number"])
        assert (echo["score"], echo["sure"]) == (30, False)
        unsaid = await recognise(finance, back, echo["id"])
        assert (unsaid.status_code, unsaid.json()["code"]) == (400, "return_code_missing")
        done = await recognise(finance, back, echo["id"], "AM04")
        assert (done.status_code, done.json()["state"], done.json()["receipt_ids"]) == (200, "matched", [second["id"]])
        assert (await read(finance, second))["status"] == "returned"
        assert await finance.paid() == [("800.00", "0.00", "paid"), ("0.00", "800.00", "issued")]
        again, kept_cash, kept = await lines(client)
        assert (again["echoes"], kept["receipt_ids"]) == ([], sorted([first["id"], second["id"]]))
        [day] = (await client.get("/bank/statements")).json()["items"]
        assert (day["unmatched"], day["matched"], day["outgoing"]) == (0, 3, 0)
    await check_books(dues)


async def test_one_click_deposits_what_was_in_the_till_as_by_hand(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with two_cheques(dues, arranged, None) as (finance, cheques):
        by_hand = await finance.done(await cheque(finance, "10.00", 3, keep_rest=True), "deposit", deposited_on=TODAY)
        await told(finance, credit("1300.00"))
        found, _ = await line(finance.client, deposit=True)
        assert proposed(found) == [(f"{cheques[0]['number']}, {cheques[1]['number']}", 70, False)]
        assert [reason["code"] for reason in found["deposits"][0]["reasons"]] == ["words", "amount", "to_deposit"]
        [waiting] = await match_all(dues, finance.client)
        assert (waiting["outcome"], "n'est pas encore dit" in waiting["message"]) == ("waiting", True)
        done = await deposit(finance, found, *cheques)
        assert (done.status_code, done.json()["state"]) == (200, "matched")
        assert [(await read(finance, one))["deposited_on"] for one in cheques] == [TODAY] * 2
        assert (await read(finance, by_hand))["deposited_on"] == TODAY
    hand, *clicked = [tuple(row)[:4] for row in await dues.rows(_DEPOSITS)][::2]
    assert len(clicked) == 2
    assert {one[:2] + one[3:] for one in clicked} == {hand[:2] + hand[3:]}
    await check_books(dues)


async def test_what_is_deposited_already_is_tied_and_booked_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with two_cheques(dues, arranged, LATELY) as (finance, cheques):
        entries = len(await dues.rows("SELECT id FROM ledger_entry"))
        await told(finance, credit("1300.00"))
        assert [one["outcome"] for one in await match_all(dues, finance.client)] == ["matched"]
        matched, _ = await line(finance.client, state="matched")
        assert (matched["deposits"], matched["allowed_actions"]) == ([], ["reopen"])
        assert [(await read(finance, one))["deposited_on"] for one in cheques] == [LATELY] * 2
        assert len(await dues.rows("SELECT id FROM ledger_entry")) == entries
    await check_books(dues)


async def test_reopened_a_line_lets_its_cheques_go_and_they_stay_deposited(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with two_cheques(dues, arranged, None) as (finance, cheques):
        await told(finance, credit("1300.00"))
        found, _ = await line(finance.client)
        done = (await deposit(finance, found, *cheques)).json()
        booked = await dues.rows(_DEPOSITS)
        opened = await finance.client.post(f"/bank/lines/{found['id']}/reopen", headers=seen(done))
        assert (opened.json()["state"], opened.json()["receipt_ids"]) == ("unmatched", [])
        assert [(one["status"], one["deposited_on"]) for one in [await read(finance, one) for one in cheques]] == [
            ("allocated", TODAY)
        ] * 2
        assert proposed(opened.json()) == [(f"{cheques[0]['number']}, {cheques[1]['number']}", 95, True)]
        assert (await deposit(finance, opened.json(), *cheques)).json()["state"] == "matched"
        assert await dues.rows(_DEPOSITS) == booked
        assert await finance.paid() == [("800.00", "0.00", "paid"), ("500.00", "300.00", "partly_paid")]
    await check_books(dues)


async def test_two_of_one_sum_are_both_shown_and_neither_is_done(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        first = await cheque(finance, "800.00", 1, LATELY)
        second = await cheque(finance, "800.00", 2, TODAY, member_id=OTHER)
        await told(finance, credit("800.00"))
        found, _ = await line(finance.client, sure=False)
        assert proposed(found) == [(first["number"], 95, False), (second["number"], 95, False)]
        [waiting] = await match_all(dues, finance.client)
        assert (waiting["outcome"], "dites lesquels" in waiting["message"]) == ("waiting", True)
        assert (await deposit(finance, found, second)).status_code == 200
        await told(finance, credit("800.00", 2), reference="R-2")
        other, _ = await line(finance.client, sure=True)
        assert proposed(other) == [(first["number"], 95, True)]
    await check_books(dues)


async def test_a_person_may_still_put_the_line_on_a_call_and_is_told_first(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        receipt = await cheque(finance, "800.00", 1, LATELY)
        await told(finance, credit("800.00", text=f"{SAID} COT-2026-00002"))
        found, version = await line(finance.client)
        assert (found["sure"], found["deposits"][0]["sure"], "match" in found["allowed_actions"]) == ([], True, True)
        assert receipt["number"] in found["notes"][0]
        [candidate] = [one for one in found["candidates"] if one["number"].endswith("2")]
        body = {"invoices": [candidate["invoice_id"]]}
        paid = await finance.client.post(f"/bank/lines/{found['id']}/match", json=body, headers=version)
        assert (paid.status_code, paid.json()["state"]) == (200, "matched")
    await check_books(dues)


async def test_two_lines_at_once_do_not_take_one_cheque(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        receipt = await cheque(finance, "800.00")
        await told(finance, credit("800.00", 1), credit("800.00", 2))
        first, second = await lines(finance.client)
        answers = await asyncio.gather(
            deposit(finance, first, receipt),
            deposit(finance, second, receipt),
            finance.act(receipt, "deposit", deposited_on=TODAY),
        )
        refused = [answer.json()["code"] for answer in answers[:2] if answer.is_error]
        assert refused == ["receipt_on_statement"]
        assert sorted(one["state"] for one in await lines(finance.client)) == ["matched", "unmatched"]
    assert len(await dues.rows(_DEPOSITS)) == 2
    await check_books(dues)


async def test_what_is_not_this_deposit_is_refused_and_nothing_is_done(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        good = await cheque(finance, "700.00")
        transfer = await finance.enter("100.00", member_id=OTHER)
        gone = await finance.done(await cheque(finance, "100.00", 2, member_id=OTHER), "cancel", reason="Doublon")
        late = await cheque(finance, "100.00", 3, received_on=TODAY, member_id=OTHER)
        await told(
            finance,
            credit("800.00"),
            Entry("-800.00", day=TODAY, returned="AM04"),
            Entry("800.00", day=EARLIER, reference="B-7"),
        )
        taken, *given = await lines(finance.client)
        found, before = sorted(given, key=lambda one: str(one["booked_on"]), reverse=True)
        nowhere = {"id": "00000000-0000-0000-0000-000000000009"}
        for asked, receipts, expected in (
            (found, [good, transfer], (409, "receipt_not_depositable")),
            (found, [good, gone], (409, "receipt_ended")),
            (found, [good], (409, "bank_line_amount_differs")),
            (found, [good, good], (409, "bank_line_amount_differs")),
            (found, [good, nowhere], (404, "receipt_not_found")),
            (found, [], (422, "validation")),
            (taken, [good], (409, "bank_line_not_received")),
            (before, [good, late], (400, "receipt_day_wrong")),
        ):
            answer = await deposit(finance, asked, *receipts)
            assert (answer.status_code, answer.json()["code"]) == expected, answer.text
        figures = (await deposit(finance, found, good)).json()
        assert (figures["amount"], figures["total"]) == ("800.00", "700.00")
        assert (await read(finance, good))["deposited_on"] is None
        assert (await deposit(finance, found, good, late)).status_code == 200
        matched, _ = await line(finance.client, state="matched")
        again = await deposit(finance, matched, good, late)
        assert (again.status_code, again.json()["code"]) == (409, "bank_line_settled")
    await check_books(dues)


@pytest.mark.parametrize("way", ["return", "recognise"])
async def test_a_cheque_that_the_bank_says_it_takes_back_is_owed_again(
    dues: ServiceUnderTest, arranged: Arrange, way: str
) -> None:
    async with two_cheques(dues, arranged, LATELY) as (finance, [_, second]):
        taken = Entry("-508.50", returned="AM04", charges="8.50", day=TODAY, reference="B-9", text="CHEQUE IMPAYE")
        await told(finance, credit("1300.00"), taken)
        back, _version = await line(finance.client, returned=True)
        assert back["echoes"] == []  # nothing says yet that this cheque was ever at the bank
        await match_all(dues, finance.client)
        back, version = await line(finance.client, returned=True)
        [echo] = back["echoes"]
        assert (back["state"], echo["id"], echo["score"], echo["sure"]) == ("unmatched", second["id"], 70, False)
        body = {"return": {"receipt_id": echo["id"]}, "recognise": {"kind": "cheque", "id": echo["id"]}}[way]
        done = await finance.client.post(f"/bank/lines/{back['id']}/{way}", json=body, headers=version)
        assert (done.status_code, done.json()["state"]) == (200, "matched")
        assert (await read(finance, second))["return_reason"] == "AM04"
        assert await finance.paid() == [("800.00", "0.00", "paid"), ("0.00", "800.00", "issued")]
        [(charged,)] = await dues.rows("SELECT sum(debit) - sum(credit) FROM ledger_line WHERE account = '627'")
        assert str(charged) == "8.50"
    await check_books(dues)


async def test_what_is_no_cheque_or_does_not_leave_the_account_is_no_bounce(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as finance:
        transfer = await finance.enter("800.00")
        received = await cheque(finance, "800.00", 1, LATELY, member_id=OTHER)
        await told(finance, credit("800.00"), Entry("-800.00", day=TODAY))
        out, came = await lines(finance.client)
        for asked, receipt, expected in (
            (out, transfer, (409, "receipt_not_returnable")),
            (came, received, (409, "bank_line_not_returned")),
        ):
            answer = await recognise(finance, asked, receipt["id"], "AM04")
            assert (answer.status_code, answer.json()["code"]) == expected


async def test_the_filter_and_the_export_say_which_deposits(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with two_cheques(dues, arranged, LATELY) as (finance, cheques):
        client = finance.client
        waiting = await cheque(finance, "90.00", 3, keep_rest=True)
        entries = credit("1300.00"), credit("90.00", 2), credit("7.00", 3), Entry("-9.00", day=TODAY, text="Assurance")
        await told(finance, *entries)
        assert [one["amount"] for one in await lines(client, deposit=True)] == ["90.00", "1300.00"]
        assert [one["amount"] for one in await lines(client, deposit=False)] == ["-9.00", "7.00"]
        assert [one["amount"] for one in await lines(client, sure=True)] == ["1300.00"]
        await match_all(dues, client)
        small, _ = await line(client, deposit=True, state="unmatched")
        await deposit(finance, small, waiting)
        exported = (await client.get("/bank/lines/export", params={"deposit": True})).text.splitlines()
        numbers = [row["reglements_deposes"] for row in csv.DictReader(exported, delimiter=";")]
        assert sorted(numbers) == sorted([", ".join(one["number"] for one in cheques), waiting["number"]])


@pytest.mark.parametrize("path", ["/bank/lines", "/bank/lines/export"])
async def test_a_read_takes_as_many_statements_for_three_deposits_as_for_one(
    dues: ServiceUnderTest, arranged: Arrange, path: str
) -> None:
    async with desk(dues, arranged) as finance:
        for rank, (amount, day) in enumerate(
            (("800.00", LATELY), ("500.00", LATELY), ("90.00", TODAY), ("70.00", None))
        ):
            await cheque(finance, amount, rank + 1, day, member_id=MEMBER, keep_rest=True)
        await told(finance, credit("1300.00"))
        few = await _counted(dues, finance.client, path)
        await told(finance, credit("90.00", 2), credit("70.00", 3), reference="R-2")
        assert sum(bool(one["deposits"]) for one in await lines(finance.client)) == 3
        assert await _counted(dues, finance.client, path) == few


async def _counted(dues: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> int:
    with dues.statements() as sent:
        assert (await client.get(path)).status_code == 200
    return len(sent)
