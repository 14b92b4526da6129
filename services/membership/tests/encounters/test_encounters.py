"""« 51 sur 58 » : who was met in a year, of those a delegation was to meet.

« 51 sur 58 » is the federation's own count; what counts as met is dated data, `assumed`, and decided in ADR 0029.
"""

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest

from common.dated import rule_on
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.encounters.domain import Coverage, CoverageRule, YearNotBegun, counting_day, is_to_meet
from membership.encounters.queries import coverage_rules
from membership.members.domain import MemberStatus

from ..arrangements import admitted_by, by_staff
from ..declarants.test_follow_up import member
from ..departures.test_departures import told
from ..interviews.test_interviews import held, planned
from ..meetings.test_meetings import came, meeting
from ..members.test_dates import TODAY, change, enter, on
from ..sittings.test_minutes import act

RULE = CoverageRule(date(2000, 1, 1), 12, 31, "assumed", "")
YEAR = f"/encounters/{TODAY.year}"


@pytest.mark.parametrize(
    ("year", "today", "expected"),
    [
        pytest.param(2026, date(2026, 11, 22), date(2026, 11, 22), id="l'année en cours : aujourd'hui"),
        pytest.param(2026, date(2026, 12, 31), date(2026, 12, 31), id="son dernier jour"),
        pytest.param(2025, date(2026, 11, 22), date(2025, 12, 31), id="une année finie : son 31 décembre"),
        pytest.param(2027, date(2026, 11, 22), YearNotBegun, id="une année à venir"),
    ],
)
def test_the_day_whose_members_were_to_be_met(year: int, today: date, expected: date | type[YearNotBegun]) -> None:
    """Assumed: the reports of delegations count their members at the end of the year (data/coverage.toml)."""
    if isinstance(expected, date):
        assert counting_day(RULE, year, today) == expected
    else:
        with pytest.raises(expected):
            counting_day(RULE, year, today)


@pytest.mark.parametrize(
    ("status", "expected"), [("candidate", False), ("active", True), ("suspended", True), ("left", False)]
)
def test_who_is_to_be_met(status: str, *, expected: bool) -> None:
    assert is_to_meet(MemberStatus(status)) is expected


def test_51_of_58() -> None:
    occitanie = Coverage(members=58, met=51, by_interview=45, by_meeting=30, by_both=24)
    assert (occitanie.not_met, occitanie.by_interview + occitanie.by_meeting - occitanie.by_both) == (7, 51)
    assert occitanie + Coverage(2, 1, 1, 0, 0) == Coverage(60, 52, 46, 30, 24)
    assert (rule_on(coverage_rules(), TODAY).status, rule_on(coverage_rules(), TODAY).month) == ("assumed", 12)


async def year_of(client: httpx.AsyncClient) -> dict[str, str]:
    """A was interviewed twice, B came to a meeting, C both, D is only planned, E was cancelled, G was excused."""
    departments = {"A": "31", "B": "31", "C": "82", "D": "82", "E": "31", "G": "31", "H": "77"}
    ids = {name: await member(client, name, department) for name, department in departments.items()}
    for name in "AACH":
        await held(client, ids[name])
    await planned(client, ids["D"])
    cancelled = await held(client, ids["E"])
    await act(client, cancelled, "POST", "cancel", reason="Consigné par erreur.")
    path = await meeting(client)
    lines = [{"member_id": ids[name], "presence": "present"} for name in "BC"]
    excused = [{"member_id": ids["G"], "presence": "excused"}]
    await act(client, path, "POST", "record", attendance=[*lines, *excused])
    never_held = await meeting(client)
    await act(client, never_held, "POST", "cancel", reason="Faute d'inscrites.")
    return ids


async def names(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    page = (await client.get(f"{YEAR}/members", params={"total": True, **filters})).json()
    assert page["total"] == len(page["items"])
    return [one["name"] for one in page["items"]]


async def test_who_was_met_by_which_means(membership: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(membership, by_staff, year_of)
    async with membership.client("network", "board") as client:
        shown = (await client.get(YEAR)).json()
        assert shown["by_delegation"]["occitanie"] == {
            "members": 6, "met": 3, "not_met": 3, "by_interview": 2, "by_meeting": 2, "by_both": 1,
        }  # fmt: skip
        assert (shown["count"]["members"], shown["count"]["met"]) == (7, 4)
        assert (shown["counted_on"], shown["rule_status"]) == (on(0), "assumed")
        for filters, expected in (
            ({"met": False}, ["D", "E", "G"]),
            ({"met": True}, ["A", "B", "C", "H"]),
            ({"means": "interview"}, ["A", "C", "H"]),
            ({"means": "meeting"}, ["B", "C"]),
            ({"means": ["interview", "meeting"]}, ["A", "B", "C", "H"]),
            ({"met": False, "department": "82"}, ["D"]),
            ({"delegation": "idf"}, ["H"]),
            ({"kind": "aci"}, []),
            ({"q": "zz"}, []),
            ({"sort": "-name", "met": False}, ["G", "E", "D"]),
        ):
            assert await names(client, **filters) == expected, filters
        [line] = (await client.get(f"{YEAR}/members", params={"means": "interview", "department": "31"})).json()[
            "items"
        ]
        assert (line["interviews"], line["last_interview_on"], line["meetings"]) == (2, on(0), 0)
        export = await client.get(f"{YEAR}/members/export", params={"met": False})
        lines = list(csv.DictReader(io.StringIO(export.text.removeprefix("\ufeff")), delimiter=";"))
        assert [(line["nom"], line["rencontree"]) for line in lines] == [("D", "non"), ("E", "non"), ("G", "non")]


async def test_each_counts_its_own(membership: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(membership, by_staff, year_of)
    async with membership.client("delegation", delegation="idf") as client:
        shown = (await client.get(YEAR)).json()
        assert (shown["count"]["members"], list(shown["by_delegation"])) == (1, ["idf"])
        assert await names(client) == ["H"]
        assert len((await client.get(f"{YEAR}/members/export")).text.splitlines()) == 2
    async with membership.client("delegation") as client:
        assert (await client.get(YEAR)).json()["count"]["members"] == 0
    for role in ("member", "board", "finance"):
        async with membership.client(role) as client:
            for path in (YEAR, f"{YEAR}/members", f"{YEAR}/members/export"):
                assert (await client.get(path)).status_code == 403, (role, path)


async def test_a_closed_year_counts_the_members_of_its_last_day(membership: ServiceUnderTest) -> None:
    """One that left during the year counts neither among those to meet nor among those met; one that leaves after
    does, and one that joins after does not."""
    async with membership.client("network", "board") as client:
        ids = {name: await member(client, name) for name in "ABC"}
        for name in "AB":
            await held(client, ids[name])
        await told(client, f"/members/{ids['B']}", notice_waived=True, effective_on=on(0))
        assert await names(client) == ["A", "C"]
    days = (date(TODAY.year + 1, 2, 1) - TODAY).days
    async with membership.days_later(days) as later, later.client("network", "board") as client:
        await told(client, f"/members/{ids['A']}", received_on=on(days), notice_waived=True, effective_on=on(days))
        await member(client, "D")
        assert await names(client) == ["A", "C"]
        shown = (await client.get(YEAR)).json()
        assert (shown["counted_on"], shown["count"]["members"], shown["count"]["met"]) == (
            f"{TODAY.year}-12-31", 2, 1,
        )  # fmt: skip
        new_year = (await client.get(f"/encounters/{TODAY.year + 1}")).json()
        assert (new_year["count"]["members"], new_year["count"]["met"]) == (2, 0)


async def test_a_closed_year_stays_where_its_structures_stood(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """One that moves the year after stays of the delegation that met it: here, in its list and in the key figure."""
    moves, stays = await arranged(membership, admitted_by, member, "A", "B")
    async with membership.client("network", "board") as client:
        for one in (moves, stays):
            await held(client, one)
    next_year = TODAY.year + 1
    async with membership.days_later((date(next_year, 2, 1) - TODAY).days) as later:
        async with later.client("network", "board") as client:
            path = f"/members/{moves}"
            await enter(client, path, topic="delegation", code="idf", reason="Déménagement.")
            await change(client, path, name="A déménagée")
            shown = (await client.get(YEAR)).json()
            assert {code: (one["members"], one["met"]) for code, one in shown["by_delegation"].items()} == {
                "occitanie": (2, 2)
            }
            for delegation, met in (("occitanie", "2"), ("idf", "0")):
                figures = await client.get(f"/yearly-figures/{TODAY.year}", params={"delegation": delegation})
                [figure] = [one for one in figures.json()["figures"] if one["code"] == "encounters.met"]
                assert figure["value"] == met, delegation
                assert await names(client, delegation=delegation, met=True) == (["A", "B"] if met == "2" else [])
            this_year = (await client.get(f"/encounters/{next_year}")).json()["by_delegation"]
            assert {code: one["members"] for code, one in this_year.items()} == {"idf": 1, "occitanie": 1}
        for code, before, after in (("occitanie", ["A", "B"], ["B"]), ("idf", [], ["A déménagée"])):
            async with later.client("delegation", delegation=code) as client:
                assert await names(client) == before, code
                assert len((await client.get(f"{YEAR}/members/export")).text.splitlines()) == 1 + len(before)
                assert (await client.get(YEAR)).json()["count"]["met"] == len(before)
                page = (await client.get(f"/encounters/{next_year}/members")).json()
                assert [one["name"] for one in page["items"]] == after


async def test_a_year_to_come_is_refused(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        refused = await client.get(f"/encounters/{TODAY.year + 1}")
        assert (refused.status_code, refused.json()["code"]) == (400, "year_not_begun")
        assert (await client.get("/encounters/1999")).status_code == 422


async def test_who_came_uninvited_was_met(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, ("C", "34"))
    async with membership.client("network", "board") as client:
        await came(client, await meeting(client), own)
        assert await names(client, means="meeting") == ["C"]
