"""Where a campaign stands: who owes, who is called, what came of it and when; on one page; and who reads it."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from common.contracts.membership import MemberJoined
from common.errors import Blocker
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from dues.campaigns.domain import (
    Blocked,
    CampaignPreview,
    Census,
    Member,
    Recovery,
    figures_of,
    take_census,
    weeks_of,
)

from ..credit_notes.test_credits import issued
from ..mandates.conftest import Desk as MandateDesk
from ..receipts.desk import TODAY, Desk
from ..receivables.scale import CALLS, CAMPAIGN, large_federation
from .test_campaign import joined, open_campaign, run

NOTHING = Decimal("0.00")


def not_called(*codes: str) -> Blocked:
    member = Member(
        id=UUID(int=1),
        name="Garonne",
        status="active",
        activities=(),
        joined_on=date(2020, 1, 1),
        renewed_years=(),
        delegation=None,
        base=None,
    )
    return Blocked(member=member, blockers=tuple(Blocker(code, "") for code in codes))


def recovery(**amounts: str | int) -> Recovery:
    given = {name: Decimal(value) if isinstance(value, str) else value for name, value in amounts.items()}
    nothing: dict[str, Any] = dict.fromkeys(("members", "calls", "with_mandate"), 0)
    nothing |= dict.fromkeys(("called", "credited", "paid", "owed", "overdue", "owed_with_mandate"), NOTHING)
    return Recovery(**{**nothing, **given})


def test_each_member_is_counted_once_and_under_each_of_its_reasons() -> None:
    looked = CampaignPreview(
        year=2026,
        billable=(),
        blocked=(
            not_called("base_missing"),
            not_called("base_missing", "delegation_missing"),
            not_called("not_active", "base_missing"),
            not_called("not_renewed"),
        ),
    )
    census = take_census(10, looked)
    assert census == Census(
        called=10,
        to_call=0,
        blocked=2,
        owing_nothing=2,
        reasons={"base_missing": 3, "delegation_missing": 1, "not_active": 1, "not_renewed": 1},
    )
    assert census.due == 12


@pytest.mark.parametrize(
    ("called", "credited", "paid", "rate"),
    [
        pytest.param("1000.00", "0.00", "0.00", "0.0", id="rien de réglé"),
        pytest.param("1000.00", "200.00", "500.00", "62.5", id="le crédité n'est plus demandé"),
        pytest.param("900.00", "0.00", "300.00", "33.3", id="arrondi"),
        pytest.param("1000.00", "0.00", "666.50", "66.7", id="arrondi au plus près, à la moitié vers le haut"),
        pytest.param("1000.00", "0.00", "1000.00", "100.0", id="tout"),
        pytest.param("800.00", "800.00", "0.00", None, id="rien de demandé"),
    ],
)
def test_what_came_is_told_against_what_is_still_asked_for(
    called: str, credited: str, paid: str, rate: str | None
) -> None:
    found = recovery(called=called, credited=credited, paid=paid).rate
    assert found == (None if rate is None else Decimal(rate))


def test_each_figure_has_an_explanation_of_its_own() -> None:
    census = Census(called=4, to_call=1, blocked=1, owing_nothing=2, reasons={})
    figures = figures_of(census, recovery(members=4, with_mandate=1, called="1000.00", paid="625.00"))
    told = {one.code: one.value.replace("\u202f", " ").replace("\xa0", " ") for one in figures}
    assert (told["due"], told["rate"], told["mandates"], told["amount_called"]) == (
        "6", "62,5 %", "25,0 %", "1 000,00 €",
    )  # fmt: skip
    assert len({one.explanation for one in figures}) == len({one.code for one in figures}) == len(figures)


def test_weeks_follow_each_other_and_add_up() -> None:
    received = {date(2026, 1, 5): Decimal(100), date(2026, 1, 26): Decimal(-40), date(2026, 2, 2): Decimal(10)}
    weeks = weeks_of(received)
    assert [(week.monday.day, week.received, week.cumulative) for week in weeks] == [
        (5, 100, 100), (12, 0, 100), (19, 0, 100), (26, -40, 60), (2, 10, 70),
    ]  # fmt: skip
    assert weeks_of({}) == ()


async def dashboard(client: httpx.AsyncClient, campaign_id: str) -> dict[str, Any]:
    answer = await client.get(f"/campaigns/{campaign_id}/dashboard")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def left(fact: MemberJoined) -> MemberJoined:
    return fact.model_copy(update={"state": fact.state.model_copy(update={"status": "left"})})


async def two_called(dues: ServiceUnderTest) -> str:
    """Two members of two regions are called for 800 euros each; one more has no base, one left, one comes after."""
    await dues.receive(joined(1, "ges"), joined(2, "ges", delegation="bretagne"), joined(3, "ebe"))
    await dues.receive(left(joined(4, "ges")))
    async with dues.client("finance") as client:
        campaign = await open_campaign(client)
        await run(dues, client, campaign["id"])
    await dues.receive(joined(5, "ges"))
    return str(campaign["id"])


async def test_the_dashboard_ties_with_the_calls_and_the_money(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        campaign_id = await arranged(dues, two_called)
        earlier = str(date.fromisoformat(TODAY) - timedelta(days=21))
        await Desk(client).enter("300.00", received_on=earlier)
        await Desk(client).enter("100.00")
        [call] = (await client.get("/invoices?delegation=bretagne")).json()["items"]
        await issued(client, call, fixed="50.00")
        await MandateDesk(dues).signed(UUID(int=2))
        shown = await dashboard(client, campaign_id)
    figures = {one["code"]: one["value"] for one in shown["figures"]}
    assert [figures[code] for code in ("due", "called", "to_call", "blocked", "owing_nothing")] == list("42111")
    total = shown["total"]
    assert [total[name] for name in ("members", "calls", "called", "credited", "paid", "owed", "rate")] == [
        2, 2, "1600.00", "50.00", "400.00", "1150.00", "25.8",
    ]  # fmt: skip
    assert [(one["code"], one["paid"], one["owed"], one["with_mandate"]) for one in shown["by_delegation"]] == [
        ("bretagne", "0.00", "750.00", 1),
        ("occitanie", "400.00", "400.00", 0),
    ]
    assert [(one["code"], one["owed"]) for one in shown["by_kind"]] == [("ges", "1150.00")]
    assert (total["with_mandate"], total["owed_with_mandate"]) == (1, "750.00")
    assert {one["code"]: one["amount"] for one in total["buckets"]}["not_due"] == "1150.00"
    assert (len(shown["weeks"]), shown["weeks"][0]["received"], shown["weeks"][-1]["cumulative"]) == (
        4, "300.00", "400.00",
    )  # fmt: skip
    assert [(one["code"], one["members"]) for one in shown["reasons"]] == [("base_missing", 1), ("not_active", 1)]


async def test_a_campaign_that_called_nobody_has_a_dashboard(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ges"))
    async with dues.client("finance") as client:
        campaign = await open_campaign(client)
        shown = await dashboard(client, campaign["id"])
        paper = await client.get(f"/campaigns/{campaign['id']}/dashboard/pdf")
    assert (shown["total"]["called"], shown["total"]["rate"], shown["weeks"]) == ("0.00", None, [])
    assert paper.content.startswith(b"%PDF")


async def test_a_voided_call_is_no_part_of_it(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        campaign_id = await arranged(dues, two_called)
        [call] = (await client.get("/invoices?delegation=bretagne")).json()["items"]
        void = {"reason": "mistake", "note": "Mauvaise activité."}
        assert (await client.post(f"/invoices/{call['id']}/void", json=void)).status_code == 201
        shown = await dashboard(client, campaign_id)
    assert [shown["total"][name] for name in ("members", "called", "credited", "owed")] == [
        1,
        "800.00",
        "0.00",
        "800.00",
    ]
    assert {one["code"]: one["value"] for one in shown["figures"]}["to_call"] == "2"


async def test_the_dashboard_is_exported_and_printed(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        campaign_id = await arranged(dues, two_called)
        await Desk(client).enter("300.00")
        export = (await client.get(f"/campaigns/{campaign_id}/dashboard/export")).text.splitlines()
        sheet = await client.get(f"/campaigns/{campaign_id}/dashboard/export?format=xlsx")
        paper = await client.get(f"/campaigns/{campaign_id}/dashboard/pdf")
    assert [line.split(";")[:3] for line in export[1:]] == [
        ["ensemble", "total", "Ensemble"], ["delegation", "bretagne", "Bretagne"],
        ["delegation", "occitanie", "Occitanie"], ["activite", "ges", "GES"],
    ]  # fmt: skip
    assert sheet.content.startswith(b"PK")
    pages = PdfReader(io.BytesIO(paper.content)).pages
    text = pages[0].extract_text()
    assert len(pages) == 1
    assert all(word in text for word in ("Campagne 2026", "Recouvrement", "300,00", "Sans base déclarée", "Occitanie"))


@pytest.mark.parametrize(
    ("role", "status"),
    [("finance", 200), ("network", 200), ("board", 200), ("delegation", 403), ("member", 403), ("training", 403)],
)
async def test_who_reads_the_dashboard(dues: ServiceUnderTest, arranged: Arrange, role: str, status: int) -> None:
    campaign_id = await arranged(dues, two_called)
    async with dues.client(role, member_id=UUID(int=1), delegation="occitanie") as reader:
        paths = [f"/campaigns/{campaign_id}/dashboard{path}" for path in ("", "/export", "/pdf")]
        assert {(await reader.get(path)).status_code for path in paths} == {status}
        unknown = await reader.get(f"/campaigns/{UUID(int=9)}/dashboard")
    assert unknown.status_code == (404 if status == 200 else 403)


async def test_the_dashboard_takes_as_many_statements_of_five_members_as_of_two(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with dues.client("finance") as client:
        campaign_id = await arranged(dues, two_called)
        await Desk(client).enter("300.00")
        alone = await statements(dues, client, campaign_id)
        await dues.receive(joined(6, "ai", delegation="corse"), joined(7, "aci"))
        await run(dues, client, campaign_id)
        await dues.receive(joined(8, "ebe"), joined(9, "ges"))
        await Desk(client).enter("200.00")
        assert await statements(dues, client, campaign_id) == alone


async def statements(dues: ServiceUnderTest, client: httpx.AsyncClient, campaign_id: str) -> int:
    with dues.statements() as sent:
        await dashboard(client, campaign_id)
    return len(sent)


async def test_a_federation_a_hundred_times_as_large_is_told_in_few_statements(dues: ServiceUnderTest) -> None:
    async with large_federation(dues, paid=CALLS // 2), dues.client("finance") as client:
        with dues.statements() as sent:
            shown = await dashboard(client, CAMPAIGN)
    assert (shown["total"]["calls"], shown["total"]["rate"]) == (CALLS, "50.0")
    assert len(sent) <= 10
