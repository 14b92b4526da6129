"""A request from the day it is asked to the day it is decided, and what it does to money, fund, books and standing."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from common.contracts.dues import DuesReliefGranted, DuesReliefRevoked
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.wording import write_day

from ..certificates.closing import figures
from ..ledger.books import check_books
from .solidarity import ADVICE_DAYS, DUE, LONE, OCCITANIE, OTHER, OWN, OWN_TOKEN, PDF, WHY, call_members, days_later


def plain(words: str) -> str:
    return " ".join(words.replace("\u202f", " ").replace("\xa0", " ").split())


async def test_a_whole_reduction_is_paid_by_the_fund_as_if_the_member_had_paid(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    assert await now.fund() == (DUE, "0.00", "0.00", DUE)
    one = await now.granted()
    assert (one["status"], one["granted"], one["owed"]) == ("granted", DUE, "0.00")
    call = await now.call()
    assert (call["paid"], call["credited"], call["owed"], call["status"]) == (DUE, "0.00", "0.00", "paid")
    [payment] = (await now.get(f"/invoices/{call['id']}/payments"))["payments"]
    assert (payment["method"], payment["amount"]) == ("fund", DUE)
    parts = await dues.rows("SELECT beneficiary, sum(amount) AS amount FROM cash_part GROUP BY 1")
    assert {row.beneficiary: row.amount for row in parts} == {
        "national-offer": Decimal("4400.00"),
        "delegation-occitanie": Decimal("3520.00"),
        "mutual-fund": Decimal("880.00"),
    }
    assert await now.fund() == ("880.00", "0.00", DUE, "80.00")
    lines = (await now.get("/fund/movements", source_kind="relief", sort="amount"))["items"]
    assert {(line["kind"], line["piece"], line["bank_reference"]) for line in lines} == {
        ("committed", one["reference"], None),
        ("paid", one["reference"], None),
    }
    await check_books(dues)
    assert await now.standing() == "exempt"
    [campaign] = (await now.get("/campaigns"))["items"]
    closing = await now.get(f"/campaigns/{campaign['id']}/certificate")
    assert figures(closing, "members")["exempt"] == (1, None)
    assert "exemptée de cette année" in one["effects"][0]
    assert "liste électorale" in one["effects"][-1]
    [fact] = [fact for fact in await dues.published() if isinstance(fact, DuesReliefGranted)]
    assert (fact.state.status, fact.state.years, fact.state.amount) == ("granted", (2026,), Decimal(DUE))
    assert WHY not in fact.model_dump_json()


async def test_part_of_it_leaves_the_rest_to_the_member(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.granted(amount="300.00")
    assert (one["status"], one["granted"], one["owed"]) == ("granted_in_part", "300.00", "500.00")
    assert await now.standing() == "up_to_date"
    assert "500,00 € restent dus" in plain(one["effects"][0])
    await now.pay(OWN, "500.00")
    assert (await now.call())["status"] == "paid"
    assert await now.standing() == "up_to_date", "it paid part of it itself"
    await check_books(dues)


async def test_what_is_asked_of_less_than_all_is_granted_whole_and_not_exempt(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked(amount="200.00")
    await now.advise(one)
    assert (await now.decide(one)).status_code == 200
    assert (one["status"], one["granted"], one["owed"]) == ("granted", "200.00", "600.00")
    assert await now.standing() == "up_to_date"


async def test_a_plan_is_agreed_by_the_decision(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    wish = {"count": 4, "first_on": str(now.today), "every_months": 1}
    one = await now.asked(asks="plan", schedule=wish)
    assert one["schedule"] == wish
    await now.advise(one, "reserved")
    assert (await now.decide(one, "plan")).json()["code"] == "relief_decision_wrong"
    assert (await now.decide(one, "plan", schedule={**wish, "count": 2})).status_code == 200
    assert (one["status"], one["granted"], one["owed"]) == ("granted_as_plan", None, DUE)
    plan = await now.get(f"/plans/{one['plan_id']}")
    assert [part["amount"] for part in plan["schedule"]["instalments"]] == ["400.00", "400.00"]
    assert one["reference"] in plan["schedule"]["reason"]
    assert await now.standing() == "plan"
    assert one["blockers"]["revoke"][0]["code"] == "relief_not_revocable"
    assert await now.fund() == (DUE, "0.00", "0.00", DUE)


async def test_a_refusal_changes_nothing_but_says_what_is_owed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one, "unfavourable")
    assert (await now.decide(one, "refusal", amount="1.00")).json()["code"] == "relief_decision_wrong"
    assert (await now.decide(one, "refusal")).status_code == 200
    assert (one["status"], one["granted"], one["owed"]) == ("refused", None, DUE)
    assert "800,00 € restent dus" in plain(one["effects"][0])
    assert [fact for fact in await dues.published() if isinstance(fact, DuesReliefGranted)] == []
    assert (await now.try_asking()).status_code == 201, "another may be asked"


async def test_a_reduction_that_is_undone_gives_everyone_back_what_was_theirs(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    one = await now.granted()
    assert await now.standing() == "exempt"
    assert (await now.act(one, "revoke", reason="Pièces fausses")).status_code == 200
    assert (one["status"], one["granted"], one["owed"]) == ("revoked", DUE, DUE)
    assert (await now.call())["owed"] == DUE
    assert await now.fund() == (DUE, "0.00", "0.00", DUE)
    assert await now.standing() == "up_to_date"
    assert one["effects"] == [
        "Remise annulée : ce que le fonds mutualisé avait payé est dû de nouveau, à l'échéance d'origine."
    ]
    assert [step["kind"] for step in one["steps"]] == ["submitted", "advised", "decided", "revoked"]
    [fact] = [fact for fact in await dues.published() if isinstance(fact, DuesReliefRevoked)]
    assert (fact.state.status, fact.state.amount) == ("revoked", Decimal("0.00"))
    await check_books(dues)
    assert (await now.act(one, "revoke", reason="Encore")).json()["code"] == "relief_not_revocable"
    again = await now.granted()
    assert (again["status"], await now.standing()) == ("granted", "exempt")
    await check_books(dues)


async def test_a_reduction_is_undone_in_part_then_whole(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.granted()
    first = one["receipt_id"]
    too_much = await now.act(one, "revoke", reason="Pièces fausses", amount="800.01")
    assert (too_much.status_code, too_much.json()["code"]) == (409, "relief_revoke_too_large")
    assert (await now.act(one, "revoke", reason="Un bilan meilleur", amount="300.00")).status_code == 200
    assert (one["status"], one["granted"], one["owed"]) == ("granted_in_part", "500.00", "300.00")
    assert [call["granted"] for call in one["calls"]] == ["500.00"]
    assert (one["steps"][-1]["kind"], plain(one["steps"][-1]["text"])) == (
        "revoked_in_part", "300,00 € repris. Un bilan meilleur",
    )  # fmt: skip
    assert one["effects"][0].startswith("Remise annulée en partie")
    assert [(await now.get(f"/receipts/{each}"))["status"] for each in (first, one["receipt_id"])] == [
        "cancelled", "allocated",
    ]  # fmt: skip
    call = await now.call()
    assert (call["paid"], call["owed"], await now.standing()) == ("500.00", "300.00", "up_to_date")
    # A tenth of the ten calls paid by their members, and of the 500 euros that the fund still pays of this one.
    assert await now.fund() == ("850.00", "0.00", "500.00", "350.00")
    [fact] = [fact for fact in await dues.published() if isinstance(fact, DuesReliefRevoked)]
    assert (fact.state.status, fact.state.amount) == ("granted_in_part", Decimal("500.00"))
    await check_books(dues)
    assert (await now.get("/reliefs/summary"))["granted"] == "500.00"
    assert (await now.act(one, "revoke", reason="Le reste aussi")).status_code == 200
    assert (one["status"], (await now.call())["owed"], await now.fund()) == ("revoked", DUE, (DUE, "0.00", "0.00", DUE))
    await check_books(dues)


@pytest.mark.parametrize(
    ("act", "body"),
    [
        pytest.param("cancel", {"reason": "Erreur"}, id="annuler"),
        pytest.param("take-back", {"reason": "Erreur"}, id="reprendre"),
        pytest.param("attribute", {"member_id": str(OTHER)}, id="attribuer"),
    ],
)
async def test_what_the_fund_paid_is_undone_by_no_other_act(
    dues: ServiceUnderTest, arranged: Arrange, act: str, body: dict[str, Any]
) -> None:
    now = await call_members(dues, arranged)
    one = await now.granted()
    receipt = await now.get(f"/receipts/{one['receipt_id']}")
    assert [receipt["blockers"][name][0]["code"] for name in ("take_back", "cancel", "attribute")] == (
        ["receipt_from_fund"] * 3
    )
    if act == "take-back":
        body = {**body, "invoice_id": receipt["movements"][0]["invoice_id"]}
    headers = {"If-Match": f'"v{receipt["version"]}"'}
    answer = await now.ask("POST", f"/receipts/{receipt['id']}/{act}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "receipt_from_fund")


async def test_nobody_enters_by_hand_what_the_fund_pays(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    body = {"method": "fund", "amount": "10.00", "received_on": str(now.today), "member_id": str(OWN)}
    answer = await now.ask("POST", "/receipts", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "receipt_method_reserved")


async def test_the_region_has_its_days_and_then_it_is_decided_without(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    assert one["advice_by"] is not None
    assert (await now.decide(one)).json()["code"] == "relief_advice_awaited"
    async with days_later(dues, ADVICE_DAYS) as last:
        assert (await last.decide(one)).json()["code"] == "relief_advice_awaited"
    async with days_later(dues, ADVICE_DAYS + 1) as then:
        assert (await then.decide(one)).status_code == 200
        assert (one["status"], one["opinion"]) == ("granted", None)
        assert "n'a pas donné d'avis dans son délai" in await words_of(then, one)


async def test_what_is_asked_stands_within_what_is_owed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    call, other = await now.call(), await now.call(OTHER)
    for given, code in (
        ({"amount": "800.01"}, "relief_too_large"),
        ({"invoice_ids": [other["id"]]}, "relief_calls_wrong"),
        ({"year": 2025}, "relief_nothing_owed"),
        ({"asks": "plan", "amount": "10.00"}, "relief_asked_wrong"),
        ({"schedule": {"count": 2, "first_on": str(now.today)}}, "relief_asked_wrong"),
    ):
        assert (await now.try_asking(**given)).json()["code"] == code
    one = await now.asked(invoice_ids=[call["id"]], year=2026)
    assert (one["numbers"], one["years"], one["owed"]) == ([call["number"]], [2026], DUE)
    await now.pay(OWN)
    await now.advise(one)
    assert (await now.decide(one)).json()["code"] == "relief_nothing_owed"
    assert (await now.try_asking(member_id=str(LONE), amount="500.00")).status_code == 201
    assert (await now.try_asking()).json()["code"] == "relief_nothing_owed", "it paid"


async def test_more_than_is_owed_when_decided_is_not_granted(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one)
    await now.pay(OWN, "700.00")
    assert (await now.decide(one, amount="100.01")).json()["code"] == "relief_too_large"
    assert (await now.decide(one)).status_code == 200
    assert (one["status"], one["granted"]) == ("granted", "100.00")
    assert await now.standing() == "up_to_date"


async def test_a_request_is_withdrawn_while_nothing_is_decided(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    one = await now.asked()
    assert (await now.try_asking()).json()["code"] == "relief_under_study"
    gone = await now.act(one, "withdraw", "member", who=OWN_TOKEN, reason="Une aide est venue")
    assert (gone.status_code, one["status"]) == (200, "withdrawn")
    assert (await now.decide(one)).json()["code"] == "relief_ended"
    assert (await now.act(one, "withdraw", reason="Encore")).json()["code"] == "relief_ended"
    assert (await now.try_asking()).status_code == 201


async def test_the_member_reads_what_its_region_said_once_it_is_decided(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    await now.advise(one, "reserved")
    path = f"/reliefs/{one['id']}"

    async def advice(role: str, who: Any = None) -> tuple[Any, Any]:
        shown = await now.get(path, role, who=who)
        return shown["opinion"], shown["steps"][1]["text"]

    whole = ("reserved", "Nous les avons vus.")
    assert await advice("delegation", OCCITANIE) == await advice("board") == whole
    assert await advice("member", OWN_TOKEN) == (None, None)
    [listed] = (await now.get("/reliefs", "member", who=OWN_TOKEN))["items"]
    assert (listed["opinion"], listed["status"]) == (None, "advised")
    await now.decide(one, "refusal")
    assert await advice("member", OWN_TOKEN) == whole


async def test_documents_are_added_while_it_is_under_study(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged, 0)
    one = await now.asked()
    path = f"/reliefs/{one['id']}/attachments"
    sent = await now.ask("POST", path, "member", who=OWN_TOKEN, files={"file": PDF})
    assert sent.status_code == 201, sent.text
    [kept] = sent.json()["attachments"]
    got = await now.ask("GET", f"{path}/{kept['id']}", "board")
    assert (got.content, kept["filename"]) == (PDF[1], "bilan.pdf")
    assert (await now.ask("GET", f"{path}/{kept['id']}", "member", who=OWN_TOKEN)).content == PDF[1]
    for another in (("member", {"member_id": OTHER}), ("delegation", {"delegation": "bretagne"})):
        assert (await now.ask("GET", f"{path}/{kept['id']}", another[0], who=another[1])).status_code == 404
    wrong = await now.ask("POST", path, files={"file": ("bilan.pdf", b"MZ", "application/pdf")})
    assert wrong.json()["code"] == "relief_attachment_unreadable"
    await now.act(one, "withdraw", reason="Une aide est venue")
    assert (await now.ask("POST", path, files={"file": PDF})).json()["code"] == "relief_ended"


async def test_a_document_is_taken_away_until_it_is_decided_and_the_journal_says_so(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    now = await call_members(dues, arranged, 0)
    one, kept = await now.attached()
    path = f"/reliefs/{one['id']}/attachments/{kept}"
    assert (await now.ask("DELETE", path, "member", who=OWN_TOKEN)).status_code == 428
    gone = (await now.detach(one, kept, "member", who=OWN_TOKEN)).json()
    assert (gone["attachments"], gone["version"]) == ([], one["version"] + 1)
    step = gone["steps"][-1]
    assert (step["kind_label"], step["text"]) == ("pièce retirée", f"bilan.pdf, envoyée le {write_day(now.today)}")
    assert step["recorded_by"] == "test-member"
    assert (await now.ask("GET", path)).json()["code"] == "relief_attachment_not_found"
    assert (await now.detach(one, kept)).status_code == 412
    sent = await now.ask("POST", f"/reliefs/{one['id']}/attachments", files={"file": PDF})
    [other] = sent.json()["attachments"]
    assert "detach" in sent.json()["allowed_actions"]
    await now.advise(gone)
    await now.decide(gone, "refusal")
    assert (await now.detach(gone, other["id"])).json()["code"] == "relief_ended"
    assert (await now.ask("GET", f"/reliefs/{one['id']}/attachments/{other['id']}")).content == PDF[1]


async def test_the_letter_keeps_the_words_of_its_day(dues: ServiceUnderTest, arranged: Arrange) -> None:
    now = await call_members(dues, arranged)
    one = await now.asked()
    refused = await now.ask("GET", f"/reliefs/{one['id']}/letter")
    assert refused.json()["code"] == "relief_not_decided"
    await now.advise(one)
    await now.decide(one, amount="300.00", reason="Une première année.\n<b>Sans suite</b>")
    words = await words_of(now, one)
    said = ("300,00 € pris en charge", "800,00 €", "500,00 €", "Conseil d'administration", "<b>Sans suite</b>")
    said += ("avis favorable", "liste électorale", one["reference"])
    assert [each for each in said if each not in words] == []
    async with days_later(dues, 40) as later:
        assert await words_of(later, one) == words
    for another in (("member", {"member_id": OTHER}), ("delegation", {"delegation": "bretagne"})):
        assert (await now.ask("GET", f"/reliefs/{one['id']}/letter", another[0], who=another[1])).status_code == 404


async def words_of(who: Any, one: dict[str, Any]) -> str:
    answer = await who.ask("GET", f"/reliefs/{one['id']}/letter", "member", who=OWN_TOKEN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return plain(" ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)).replace("’", "'")
