"""A member's account: what was asked of it, what came of it, and what was owed after each."""

import io
from datetime import date, timedelta

from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..credit_notes.test_credits import issued
from ..past_years.archive import federation, taken
from ..receipts.desk import MEMBER, OTHER, TODAY, Desk, desk, two_called


async def test_an_account_tells_each_movement_and_what_was_owed_after_it(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with desk(dues, arranged) as at:
        [call] = (await at.client.get(f"/invoices?member_id={MEMBER}")).json()["items"]
        cheque = await at.enter(
            "300.00", method="cheque", cheque_number="1", cheque_bank="Fictive", received_on="2026-11-20"
        )
        await issued(at.client, call, fixed="50.00")
        await at.done(cheque, "return", reason="AM04", returned_on=TODAY)
        await at.enter("900.00", keep_rest=True)
        account = (await at.client.get(f"/accounts/{MEMBER}")).json()
        paper = await at.client.get(f"/accounts/{MEMBER}/pdf")
        other = (await at.client.get(f"/accounts/{OTHER}")).json()
    assert [(one["kind"], one["debit"], one["credit"], one["balance"]) for one in account["lines"]] == [
        ("call", "800.00", "0.00", "800.00"),
        ("credit", "0.00", "50.00", "750.00"),
        ("payment", "0.00", "300.00", "450.00"),
        ("return", "300.00", "0.00", "750.00"),
        ("payment", "0.00", "750.00", "0.00"),
    ]
    assert account["lines"][2]["money_on"] == "2026-11-20"
    assert (account["balance"], account["advance"], account["aged"]["owed"]) == ("0.00", "150.00", "0.00")
    assert (other["balance"], len(other["lines"])) == ("800.00", 1)
    text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert all(word in text for word in ("Relevé de compte", call["number"], cheque["number"], "Impayé", "150,00"))


async def test_an_account_opens_with_what_was_owed_of_past_years_as_it_was_known(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as client:
        await taken(dues, client)
    await two_called(dues)
    async with dues.client("finance") as finance:
        at = Desk(finance)
        before = (await at.client.get(f"/accounts/{MEMBER}")).json()
        assert [(one["piece"], one["day"], one["balance"]) for one in before["lines"]][:1] == [
            ("Année 2023", "2023-12-31", "300.00")
        ]
        assert [before[name] for name in ("balance", "owed_on_past_years", "owed_on_calls")] == [
            "1100.00", "300.00", "800.00",
        ]  # fmt: skip
        async with dues.days_later(10) as later, later.client("finance") as client:
            await taken(later, client, f"2023;{MEMBER};800;800;soldé;")
            now = (await client.get(f"/accounts/{MEMBER}")).json()
            then = (await client.get(f"/accounts/{MEMBER}?as_of={TODAY}")).json()
            aged = (await client.get(f"/accounts/aged-balance?member_id={MEMBER}")).json()
    assert (now["balance"], then) == ("800.00", {**before, "advance": None})
    assert aged["totals"]["owed"] == "800.00"


async def test_an_account_is_read_between_two_days(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as at:
        await at.enter("300.00")
        tomorrow = str(date.fromisoformat(TODAY) + timedelta(days=1))
        async with dues.days_later(1) as later, later.client("finance") as client:
            since = (await client.get(f"/accounts/{MEMBER}?since={tomorrow}")).json()
            paper = await client.get(f"/accounts/{MEMBER}/pdf?since={tomorrow}")
        yesterday = (await at.client.get(f"/accounts/{MEMBER}?as_of=2026-01-01")).json()
        reversed_ = await at.client.get(f"/accounts/{MEMBER}?since={TODAY}&as_of=2026-01-01")
        future = await at.client.get(f"/accounts/{MEMBER}?as_of={tomorrow}")
        unknown = await at.client.get("/accounts/01890000-0000-7000-8000-000000000001/pdf")
    assert (since["opening"], since["lines"], since["balance"]) == ("500.00", [], "500.00")
    assert "Solde avant le" in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
    assert (yesterday["balance"], yesterday["lines"]) == ("0.00", [])
    assert (reversed_.status_code, reversed_.json()["code"]) == (400, "account_days_reversed")
    assert (future.status_code, future.json()["code"]) == (400, "as_of_in_future")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "member_unknown")
