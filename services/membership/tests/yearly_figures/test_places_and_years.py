"""Of which year and of which place something is: who came back, sessions over two years, poles, accounts of nobody."""

from datetime import date
from uuid import UUID, uuid4

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..arrangements import admitted_by
from ..declarants.test_follow_up import member
from ..declarations.test_declaring import FIGURES, declared, form
from ..departures.test_departures import told as leaves
from ..members.test_dates import TODAY
from .test_counting import called, enrolment, figures, pole


async def test_who_left_and_came_back_did_both(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """What happened in a year stays of that year, whatever the structure is on its last day."""
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        day = TODAY.isoformat()
        gone = await leaves(client, f"/members/{own}", cause="ceased", received_on=day, effective_on=day)
        assert gone.status_code == 200, gone.text
    async with membership.days_later(400) as later, later.client("network", "board") as client:
        told = await figures(client, TODAY.year)
        assert (told["members.joined"]["value"], told["members.left"]["value"]) == ("1", "1")
        assert (await figures(client, TODAY.year + 1))["members.left"]["value"] == "0"
        path = f"/yearly-figures/{TODAY.year}/members.joined/rows"
        assert [one["member_id"] for one in (await client.get(path)).json()["items"]] == [own]


async def test_a_session_over_new_year_s_day_counts_once_and_a_pole_where_it_is(membership: ServiceUnderTest) -> None:
    year, session = TODAY.year, uuid4()
    async with membership.client("network", "board") as client:
        own = await member(client, "A")
        days = (date(year - 1, 12, 30), date(year, 1, 5))
        followed = (enrolment(session, own, "7", day, delegation="occitanie") for day in days)
        there = pole(date(year, 2, 1), "bretagne", member_id=UUID(own))
        await membership.receive(*followed, there)
        assert [(await figures(client, one))["training.sessions"]["value"] for one in (year - 1, year)] == ["0", "1"]
        poles = [(await figures(client, year, delegation=one))["ptce.poles"] for one in ("bretagne", "occitanie")]
        assert [one["value"] for one in poles] == ["1", "0"]


async def test_accounts_that_nobody_declared_in_a_delegation_are_no_zero(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        campaign = {"year": TODAY.year - 1, "questionnaire": "2025", "closes_on": f"{TODAY.year}-12-31"}
        assert (await client.post("/declaration-campaigns", json=campaign)).status_code == 201
        await declared(client, form(f"/members/{own}", TODAY.year - 1), FIGURES)
        there, elsewhere = [
            (await figures(client, TODAY.year - 1, delegation=one))["activity.turnover"] for one in ("occitanie", "idf")
        ]
        assert (there["value"], there["missing"]) == ("612400.5", None)
        assert (elsewhere["value"], elsewhere["missing"], elsewhere["rows"]) == (None, "not_told_yet", None)
        everywhere = await figures(client, TODAY.year - 1, delegation="")
        assert everywhere == await figures(client, TODAY.year - 1)


async def test_a_sum_of_any_sign_or_size_is_read(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """What was told is told: reading it never fails for what it is."""
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        await membership.receive(called(own, TODAY.year, "-800.00"))
        assert (await figures(client, TODAY.year))["dues.amount_called"]["value"] == "-800"
        rows = (await client.get(f"/yearly-figures/{TODAY.year}/dues.amount_called/rows")).json()["items"]
        assert [one["quantity"] for one in rows] == ["-800"]
