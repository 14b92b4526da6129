"""A year closed: what everything that happened comes to, frozen, signed, and what came after."""

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, run
from ..receipts.desk import MEMBER, TODAY, Desk
from .closing import (
    Closing,
    all_done_and_prepared,
    broken,
    campaign,
    certified,
    figures,
    full_year,
    tampered,
    two_called_and_prepared,
    two_called_and_signed,
)


async def test_everything_that_happened_is_told_and_tied(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with full_year(dues, arranged) as closing:
        shown = await closing.shown()
    assert (broken(shown), shown["holds"], shown["allowed_actions"]) == ([], True, ["prepare"])
    assert figures(shown, "members") == {
        "known": (5, None), "due": (4, None), "called": (3, None), "exempt": (0, None), "to_call": (0, None),
        "blocked": (1, None), "owing_nothing": (1, None),
    }  # fmt: skip
    assert figures(shown, "reasons") == {"base_missing": (1, None), "not_active": (1, None)}
    assert figures(shown, "calls") == {
        "calls": (4, "3800.00"), "complements": (1, "300.00"), "issued": (5, "4100.00"), "voided": (1, "800.00"),
        "in_force": (4, "3300.00"),
    }  # fmt: skip
    assert figures(shown, "credits") == {"mistake": (1, "800.00"), "corrected": (1, "50.00"), "total": (2, "850.00")}
    assert figures(shown, "receipts") == {
        "cheque": (1, "300.00"), "transfer": (2, "1200.00"), "taken_back": (0, "0.00"), "came_back": (1, "-300.00"),
        "paid": (None, "1200.00"),
    }  # fmt: skip
    assert figures(shown, "split") == {
        "delegation-bretagne": (None, "80.00"), "delegation-occitanie": (None, "400.00"),
        "mutual-fund": (None, "120.00"), "national-offer": (None, "600.00"),
    }  # fmt: skip
    assert figures(shown, "transfers") == {
        "delegation-bretagne": (None, "0.00"), "delegation-occitanie": (None, "400.00")
    }  # fmt: skip
    assert figures(shown, "open_items")["owed"] == (4, "2050.00")
    series = [one for section in shown["sections"] if section["code"] == "series" for one in section["lines"]]
    assert [(one["code"], one["count"], one["detail"]) for one in series] == [
        ("COT-2026", 5, "de 00001 à 00005, sans trou"),
        ("AVO-2026", 2, "de 00001 à 00002, sans trou"),
    ]


async def test_a_campaign_that_called_nobody_is_told_too(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ges"))
    async with dues.client("finance") as client:
        opened = (await client.post("/campaigns", json={"year": 2026})).json()
        shown = await Closing(f"/campaigns/{opened['id']}", client, client).shown()
    assert (broken(shown), figures(shown, "members")["to_call"]) == ([], (1, None))


async def test_a_past_day_stays_as_it_was(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with full_year(dues, arranged) as closing:
        before = await closing.shown()
    async with dues.days_later(3) as later, later.client("finance") as client:
        await Desk(client).enter("100.00", received_on=TODAY)
        [call] = (await client.get("/invoices", params={"delegation": "bretagne"})).json()["items"]
        why = {"invoice_id": call["id"], "reason": "mistake", "note": "Erreur.", "fixed": "10.00"}
        draft = (await client.post("/credits", json=why)).json()
        assert (await client.post(f"/credits/{draft['id']}/issue", headers={"If-Match": '"v1"'})).status_code == 200
        then = Closing(closing.campaign, client, client)
        assert (await then.shown(as_of=TODAY))["sections"] == before["sections"]
        now = await then.shown()
    assert broken(now) == []
    assert (figures(now, "receipts")["paid"], figures(now, "credits")["total"]) == (
        (None, "1300.00"), (3, "860.00"),
    )  # fmt: skip


async def test_a_day_to_come_is_refused(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with campaign(dues, arranged) as closing:
        refused = await closing.one.get(f"{closing.campaign}/certificate", params={"as_of": "2100-01-01"})
        prepared = await closing.prepare(as_of="2100-01-01")
    assert {(one.status_code, one.json()["code"]) for one in (refused, prepared)} == {(400, "as_of_in_future")}


@pytest.mark.parametrize(
    ("statement", "ties"),
    [
        pytest.param("UPDATE invoice SET paid = paid + 1 WHERE paid > 0 AND number LIKE '%1'",
                     ["called", "paid", "books_owed"], id="un appel dit un réglé qui n'est pas venu"),
        pytest.param("UPDATE invoice SET credited = credited + 1 WHERE number LIKE '%1'",
                     ["called", "credited", "books_owed"], id="un appel dit un crédité sans avoir"),
        pytest.param("UPDATE invoice SET fixed = fixed + 1, total = total + 1 WHERE number LIKE '%1'",
                     ["announced", "books_owed", "books_income"], id="un appel a changé de montant"),
        pytest.param("UPDATE credit SET fixed = fixed - 1, total = total - 1 WHERE NOT voids",
                     ["called", "credited", "books_income"], id="un avoir a changé de montant"),
        pytest.param("UPDATE credit SET fixed = fixed - 1, total = total - 1 WHERE voids",
                     ["called", "credited", "voided", "books_income"], id="l'avoir d'un appel annulé a changé"),
        pytest.param("UPDATE receipt_movement SET amount = amount + 1 WHERE amount = 1000",
                     ["called", "paid", "allocated", "split"], id="un mouvement a changé"),
        pytest.param("UPDATE receipt SET allocated = allocated - 1 WHERE amount = 1000",
                     ["allocated"], id="un règlement dit moins d'affecté"),
        pytest.param("UPDATE cash_part SET amount = amount + 1 WHERE beneficiary = 'mutual-fund' AND amount = 100",
                     ["split", "books_split"], id="une part du fonds a changé"),
        pytest.param("UPDATE cash_part SET amount = amount + 1 WHERE beneficiary = 'national-offer' AND amount = 500",
                     ["split"], id="une part nationale a changé"),
        pytest.param("UPDATE transfer_movement SET amount = amount - 1",
                     ["books_transfers"], id="un virement a changé"),
        pytest.param("UPDATE number_series SET last = last + 1 WHERE journal = 'COT'",
                     ["series_cot-2026"], id="un numéro d'appel pris et porté par aucun"),
        pytest.param("UPDATE credit SET reference = 'AVO-2026-00009' WHERE voids",
                     ["holes_avo-2026"], id="un trou dans les avoirs"),
        pytest.param("UPDATE invoice SET issued_on = issued_on - 1 WHERE number LIKE '%3'",
                     ["order_cot-2026"], id="un appel daté avant le précédent"),
    ],
)  # fmt: skip
async def test_a_row_that_was_changed_shows_and_blocks(
    dues: ServiceUnderTest, arranged: Arrange, statement: str, ties: list[str]
) -> None:
    async with certified(dues, arranged, all_done_and_prepared) as (closing, prepared):
        await tampered(dues, statement)
        shown = await closing.shown()
        refused = [await closing.prepare(), await closing.sign(prepared)]
        verified = await closing.verified(prepared)
    assert broken(shown) == ties
    assert (shown["allowed_actions"], shown["blockers"]["prepare"][0]["code"]) == ([], "certificate_ties_broken")
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (409, "certificate_ties_broken")
        assert [tie["code"] for tie in answer.json()["ties"]] == ties
    assert (verified["valid"], verified["still_counted"]) == (True, False)
    assert [tie["code"] for tie in verified["broken"]] == ties


async def test_prepared_by_one_and_signed_by_another(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, all_done_and_prepared) as (closing, prepared):
        assert (prepared["reference"], prepared["status"], prepared["as_of"]) == ("CLO-2026-00001", "prepared", TODAY)
        assert (prepared["allowed_actions"], prepared["blockers"]["sign"][0]["code"]) == (
            ["download"], "certificate_own",
        )  # fmt: skip
        own = await closing.sign(prepared, closing.one)
        assert (own.status_code, own.json()["code"]) == (403, "certificate_own")
        seen_by_the_other = (await closing.two.get(f"/certificates/{prepared['id']}")).json()
        assert seen_by_the_other["allowed_actions"] == ["download", "sign"]
        signed = (await closing.sign(prepared)).json()
        assert (signed["status"], signed["sha256"], signed["figures"]) == (
            "signed", prepared["sha256"], prepared["figures"],
        )  # fmt: skip
        assert signed["prepared_by"] != signed["signed_by"]
        again = await closing.sign(signed)
        assert (again.status_code, again.json()["code"]) == (409, "certificate_signed")
        verified = await closing.verified(signed)
    assert (verified["valid"], verified["still_counted"], verified["differences"]) == (True, True, [])


async def test_what_moved_since_the_preparation_is_prepared_again(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, two_called_and_prepared) as (closing, prepared):
        await Desk(closing.one).enter("100.00", member_id=MEMBER)
        refused = await closing.sign(prepared)
        assert (refused.status_code, refused.json()["code"]) == (409, "certificate_outdated")
        assert (await closing.sign(await closing.prepared())).status_code == 200


async def test_life_goes_on_and_each_certificate_says_what_changed(
    signing: ServiceUnderTest, arranged: Arrange
) -> None:
    async with certified(signing, arranged, two_called_and_signed) as (closing, first):
        assert [one["up_to_date"] for one in await closing.listed()] == [True]
        await Desk(closing.one).enter("100.00", member_id=MEMBER)
        second = await closing.prepared()
        listed = await closing.listed()
        assert [(one["id"], one["up_to_date"]) for one in listed] == [(second["id"], True), (first["id"], False)]
        changed = {(one["section"], one["code"]): (one["amount_then"], one["amount_now"])
                   for one in listed[1]["differences"]}  # fmt: skip
        assert changed[("receipts", "paid")] == ("0.00", "100.00")
        assert [one["id"] for one in await closing.listed(status="signed")] == [first["id"]]
        verified = await closing.verified(first)
        assert (verified["valid"], verified["still_counted"], verified["broken"]) == (True, False, [])
        assert ("receipts", "paid") in {(one["section"], one["code"]) for one in verified["differences"]}


async def test_whoever_joins_later_changes_nothing_of_a_day_that_was_prepared(
    signing: ServiceUnderTest, arranged: Arrange
) -> None:
    async with certified(signing, arranged, two_called_and_prepared) as (closing, prepared):
        await signing.receive(joined(9, "ges"))
        signed = (await closing.sign(prepared)).json()
        assert [(one["section"], one["code"]) for one in signed["differences"]] == [
            ("members", "known"), ("members", "due"), ("members", "to_call"),
        ]  # fmt: skip
        assert (await closing.verified(signed))["still_counted"] is True


async def test_no_certificate_during_a_run(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, two_called_and_prepared) as (closing, prepared):
        await tampered(signing, "UPDATE campaign SET status = 'running'")
        refused = [await closing.prepare(), await closing.sign(prepared)]
        shown = await closing.shown()
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(409, "campaign_running")}
    assert shown["blockers"]["prepare"][0]["code"] == "campaign_running"


async def test_who_is_not_called_is_exported_with_why(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with full_year(dues, arranged) as closing:
        await dues.receive(joined(6, "ges"))
        lines = (await closing.one.get(f"{closing.campaign}/certificate/not-called/export")).text.splitlines()
    assert [line.split(";")[1:4] for line in lines] == [
        ["adherent", "delegation", "etat"],
        ["Structure 004 ebe", "Occitanie", "bloqué"],
        ["Structure 005 ges", "Occitanie", "ne doit pas l'année"],
        ["Structure 006 ges", "Occitanie", "à appeler"],
    ]


async def statements(dues: ServiceUnderTest, path: str, client: httpx.AsyncClient) -> int:
    with dues.statements() as sent:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return len(sent)


async def test_thirty_members_take_as_many_statements_as_three(signing: ServiceUnderTest, arranged: Arrange) -> None:
    async with certified(signing, arranged, all_done_and_prepared) as (closing, certificate):
        paths = [
            f"{closing.campaign}/certificate", f"{closing.campaign}/certificates",
            f"{closing.campaign}/certificate/not-called/export", f"/certificates/{certificate['id']}",
            f"/certificates/{certificate['id']}/verify",
        ]  # fmt: skip
        few = [await statements(signing, path, closing.one) for path in paths]
        await signing.receive(*(joined(rank, "ges", delegation=f"region-{rank % 9}") for rank in range(10, 37)))
        await run(signing, closing.one, closing.campaign.rsplit("/", 1)[1])
        desk = Desk(closing.one)
        for call in (await closing.one.get("/invoices", params={"limit": 20})).json()["items"]:
            if call["owed"] == "800.00":
                await desk.enter(member_id=call["member_id"])
        await closing.prepared()
        many = [await statements(signing, path, closing.one) for path in paths]
    assert many == few
    assert max(few) <= 40
