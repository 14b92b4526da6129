"""What the bank takes for itself, on a line of its own: said by a person, in the books, and taken back."""

from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest

from ..ledger.books import check_books
from ..transfers.treasury import seen
from .statements import Entry, bank_file, statement
from .treasury import line, lines, match_all, send

_ENTRIES = (
    "SELECT e.label, e.day::text AS day, l.account, l.debit::text, l.credit::text FROM ledger_line l"
    " JOIN ledger_entry e ON e.id = l.entry_id WHERE e.source_kind = 'bank_line_act' ORDER BY e.rank, l.account DESC"
)
FEE = Entry("-12.50", text="TENUE DE COMPTE", bank_code="ACMT/MDOP/CHRG", reference="B-1")
OTHER = Entry("-80.00", text="PRLV ASSURANCE", reference="B-2")
LABEL = "Tenue de compte, mars"


async def charge(client: Any, found: dict[str, Any], label: str = LABEL) -> Any:
    return await client.post(f"/bank/lines/{found['id']}/charge", json={"label": label}, headers=seen(found))


async def test_a_charge_is_proposed_confirmed_and_in_the_books(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([FEE, OTHER])))
        found, _ = await line(client, state="unmatched")
        assert found["allowed_actions"] == ["return", "recognise", "charge", "set_aside"]
        assert [reason["message"] for reason in found["charge_reasons"]] == [
            "Le code d'opération de la banque, ACMT/MDOP/CHRG, dit : frais."
        ]
        [waiting] = await match_all(dues, client)
        assert (waiting["outcome"], waiting["message"].endswith("À confirmer.")) == ("waiting", True)
        done = (await charge(client, found)).json()
        assert (done["state"], done["state_label"], done["note"]) == ("charged", "frais de banque", LABEL)
        assert (done["allowed_actions"], done["charge_reasons"], done["acts"][0]["act"]) == (["reopen"], [], "charge")
        [kept] = (await client.get("/bank/statements")).json()["items"]
        assert (kept["charged"], kept["outgoing"], kept["unmatched"], kept["lines"]) == (1, 1, 0, 2)
    assert [tuple(row) for row in await dues.rows(_ENTRIES)] == [
        (LABEL, "2026-03-03", "627", "12.50", "0.00"),
        (LABEL, "2026-03-03", "512", "0.00", "12.50"),
    ]
    await check_books(dues)


async def test_what_the_bank_does_not_call_a_charge_is_one_if_finance_says_so(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([OTHER])))
        found, _ = await line(client, state="outgoing")
        assert (found["charge_reasons"], found["allowed_actions"]) == ([], ["recognise", "charge"])
        assert await match_all(dues, client) == []
        assert (await charge(client, found)).json()["state"] == "charged"
    await check_books(dues)


@pytest.mark.parametrize(
    ("entry", "first"), [pytest.param(FEE, "unmatched", id="proposés"), pytest.param(OTHER, "outgoing", id="dits")]
)
async def test_opened_again_the_entry_is_taken_back_and_it_can_be_said_again(
    dues: ServiceUnderTest, entry: Entry, first: str
) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([entry])))
        found, _ = await line(client)
        charged = await charge(client, found)
        path = f"/bank/lines/{found['id']}/reopen"
        opened = await client.post(path, headers={"If-Match": charged.headers["etag"]})
        assert (opened.json()["state"], opened.json()["note"]) == (first, None)
        await check_books(dues)
        again = await charge(client, opened.json(), "Assurance du compte")
        assert (again.json()["state"], again.json()["note"]) == ("charged", "Assurance du compte")
        assert [act["note"] for act in again.json()["acts"]] == [LABEL, None, "Assurance du compte"]
    await check_books(dues)
    labels = [row.label for row in await dues.rows(_ENTRIES)]
    assert labels[::2] == [LABEL, f"Ligne de relevé rouverte : {LABEL}", "Assurance du compte"]


async def test_a_charge_is_said_once_and_the_same_file_changes_nothing(dues: ServiceUnderTest) -> None:
    content = bank_file(statement([FEE]))
    async with dues.client("finance") as client:
        await send(client, content)
        found, _ = await line(client)
        charged = (await charge(client, found)).json()
        stale = await charge(client, found)
        assert stale.status_code == 412
        assert stale.json()["current"] == charged
        twice = await charge(client, charged)
        assert (twice.status_code, twice.json()["code"]) == (409, "bank_line_settled")
        assert (await send(client, content)).json()["added"] == 0
        assert [one["state"] for one in await lines(client)] == ["charged"]
    assert len(await dues.rows(_ENTRIES)) == 2
    await check_books(dues)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(Entry("12.50", bank_code="ACMT/MCOP/CHRG"), id="des frais rendus"),
        pytest.param(Entry("-800.00", returned="AM04"), id="un rejet"),
        pytest.param(Entry("-640.00", batch="VIR-2026-00004"), id="un lot de virements"),
    ],
)
async def test_what_is_no_charge_is_refused_and_says_why(dues: ServiceUnderTest, entry: Entry) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([entry])))
        found, _ = await line(client)
        assert "charge" not in found["allowed_actions"]
        assert [one["code"] for one in found["blockers"]["charge"]] == ["bank_line_not_a_charge"]
        answer = await charge(client, found)
        assert (answer.status_code, answer.json()["code"]) == (409, "bank_line_not_a_charge")
    assert await dues.rows(_ENTRIES) == []


async def test_a_charge_needs_its_label(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([FEE])))
        found, _ = await line(client)
        assert (await charge(client, found, "")).status_code == 422
        assert (await line(client))[0]["state"] == "unmatched"


@pytest.mark.parametrize(
    ("params", "amounts"),
    [
        pytest.param({"charge": True}, ["-12.50"], id="ce que la banque dit des frais"),
        pytest.param({"charge": False}, ["-80.00", "100.00"], id="le reste"),
        pytest.param({"state": "charged"}, [], id="rien n'est encore dit"),
        pytest.param({"state": ["unmatched", "charged"]}, ["-12.50", "100.00"], id="la file et les frais"),
    ],
)
async def test_charges_are_filtered_and_exported(
    dues: ServiceUnderTest, params: dict[str, Any], amounts: list[str]
) -> None:
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([FEE, OTHER, Entry("100.00")])))
        assert [one["amount"] for one in await lines(client, **params)] == amounts
        export = await client.get("/bank/lines/export", params=params)
        assert len(export.text.splitlines()) - 1 == len(amounts)
