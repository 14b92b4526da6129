"""What the acts on calls and money do to the books: each act its entry, and each balance what its capability says."""

from decimal import Decimal
from random import Random
from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..credit_notes.test_credits import WHY, act
from ..receipts.desk import MEMBER, OTHER, TODAY, Desk, desk
from ..replay import check_replay
from .books import check_books


async def entries(client: httpx.AsyncClient, **filters: Any) -> list[tuple[str, str, list[str]]]:
    """Return the entries, the oldest first: journal, label, and what each account bears."""
    listed = (await client.get("/ledger/entries", params={"sort": "posted_at", **filters})).json()["items"]
    found = []
    for one in listed:
        lines = (await client.get(f"/ledger/entries/{one['id']}")).json()["lines"]
        borne = [f"{line['account']} {Decimal(line['debit']) - Decimal(line['credit']):+}" for line in lines]
        found.append((one["journal"], one["label"], borne))
    return found


async def test_a_call_paid_leaves_its_way_in_the_books(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        received = await finance.enter("500.00")
        found = await entries(finance.client, q=received["number"])
        assert found == [
            ("BQ", "Règlement, virement, Structure 001 ges", ["512 +500.00", "4191 -500.00"]),
            ("OD", "Affectation à COT-2026-00001, virement, Structure 001 ges", ["4191 +500.00", "411 -500.00"]),
            (
                "OD",
                f"Répartition de {received['number']} sur COT-2026-00001",
                ["6586 +200.00", "4671 -200.00", "6586 +50.00", "4672 -50.00"],
            ),
        ]
        [call] = [one for one in await entries(finance.client, journal="VE") if "Structure 001 ges" in one[1]]
        assert call == ("VE", "Cotisation 2026, Structure 001 ges", ["411 +800.00", "756 -800.00"])
    await check_books(dues)


async def test_an_act_of_a_closed_month_is_written_today(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """The piece keeps its day; the books of the month that was closed do not change."""
    async with desk(dues, arranged) as finance:
        month = f"{int(TODAY[:4]) - 1}-12"
        assert (await finance.client.post(f"/ledger/periods/{month}/close")).status_code == 200
        late = f"{month}-15"
        received = await finance.enter(received_on=late)
        listed = (await finance.client.get("/ledger/entries", params={"q": received["number"]})).json()["items"]
    assert {(one["day"], one["piece_on"]) for one in listed if one["source_kind"] != "apportionment"} == {(TODAY, late)}
    await check_books(dues)


async def test_a_refused_act_leaves_nothing_in_the_books(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        before = await entries(finance.client)
        assert (await finance.ask("1000.00")).json()["code"] == "payment_too_large"
        assert await entries(finance.client) == before
    await check_books(dues)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_done_the_books_and_the_facts_say_what_is(
    dues: ServiceUnderTest, arranged: Arrange, seed: int
) -> None:
    """A walk through every act on money and calls, refusals included."""
    chance = Random(seed)
    done: set[str] = set()
    async with desk(dues, arranged) as finance:
        for _ in range(150):
            name = chance.choice((*ACTS, "enter", "allocate"))
            answer = await ACTS[name](finance, chance)
            if answer is not None and answer.is_success:
                done.add(name)
    assert done == ACTS.keys()
    await check_books(dues)
    await check_replay(dues)


async def enter(finance: Desk, chance: Random) -> httpx.Response:
    method = chance.choice(("transfer", "cheque", "cash", "debit"))
    given: dict[str, Any] = {"method": method, "member_id": chance.choice((MEMBER, OTHER, None))}
    if method == "cheque":
        given |= {"cheque_number": str(chance.randrange(10**6)), "cheque_bank": "Banque"}
    if method in ("cheque", "cash") and chance.random() < 0.5:
        given["deposited_on"] = TODAY
    return await finance.ask(_amount(chance), keep_rest=True, **given)


async def on_receipt(finance: Desk, chance: Random, act: str, **body: Any) -> httpx.Response | None:
    listed = (await finance.client.get("/receipts")).json()["items"]
    if not listed:
        return None
    receipt = (await finance.client.get(f"/receipts/{chance.choice(listed)['id']}")).json()
    if act == "take-back" and receipt["movements"]:
        body["invoice_id"] = chance.choice(receipt["movements"])["invoice_id"]
    return await finance.act(receipt, act, **body)


async def credit(finance: Desk, chance: Random) -> httpx.Response | None:
    calls = await finance.calls()
    call = chance.choice(list(calls.values()))
    if chance.random() < 0.1:
        return await finance.client.post(f"/invoices/{call['id']}/void", json=WHY)
    draft = await finance.client.post("/credits", json={"invoice_id": call["id"], **WHY, "fixed": _amount(chance, 90)})
    if not draft.is_success:
        return draft
    return await act(finance.client, f"/credits/{draft.json()['id']}", "POST", "/issue")


def _amount(chance: Random, largest: int = 150) -> str:
    return str(Decimal(chance.randint(1, largest * 100)) / 100)


ACTS = {
    "enter": enter,
    "credit": credit,
    "allocate": lambda finance, chance: on_receipt(finance, chance, "allocate"),
    "take back": lambda finance, chance: on_receipt(finance, chance, "take-back", reason="Erreur"),
    "attribute": lambda finance, chance: on_receipt(
        finance, chance, "attribute", member_id=chance.choice((MEMBER, OTHER)), keep_rest=True
    ),
    "deposit": lambda finance, chance: on_receipt(finance, chance, "deposit", deposited_on=TODAY),
    "refund": lambda finance, chance: on_receipt(
        finance, chance, "refund", amount=_amount(chance, 50), refunded_on=TODAY, reference="VIR 1"
    ),
    "return": lambda finance, chance: on_receipt(finance, chance, "return", reason="AM04", returned_on=TODAY),
    "cancel": lambda finance, chance: on_receipt(finance, chance, "cancel", reason="Saisi deux fois"),
}
"""Every act on money and calls, by name."""
