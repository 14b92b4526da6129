"""Who reads which figures and which rows, and of which structure a row is told to be."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from common.contracts.legal_desk import LegalQuestionState
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..accompaniments.test_catalogue import offered, opened
from ..arrangements import admitted_by
from ..bookings.test_bookings import booked
from ..declarants.test_follow_up import member
from ..declarations.test_declaring import FIGURES, declared, form
from ..duplicates.test_merging import merge
from ..interviews.test_interviews import held
from ..members.test_dates import TODAY, change
from ..sittings.test_minutes import act
from .test_counting import EXPECTED, YEAR, enrolment, figures, guarantee, in_march, question

__all__ = ["in_march"]
NOW = TODAY.year
FIRST = date(NOW, 1, 1)


async def rows(client: httpx.AsyncClient, code: str, year: int = NOW, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/yearly-figures/{year}/{code}/rows", params={"total": True, **params})
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def paged(client: httpx.AsyncClient, code: str, **params: Any) -> list[dict[str, Any]]:
    """The rows of a figure, one page for each: two that tell nothing of themselves are two still."""
    found: list[dict[str, Any]] = []
    while True:
        page = (await client.get(f"/yearly-figures/{NOW}/{code}/rows", params={"limit": 1, **params})).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


async def test_a_delegation_reads_its_own_figures_and_their_rows(
    membership: ServiceUnderTest, in_march: ServiceUnderTest
) -> None:
    async with in_march.client("network") as network:
        everything = await figures(network, delegation="occitanie")
    async with in_march.client("delegation", delegation="occitanie") as client:
        own = await figures(client)
        assert own == everything == await figures(client, delegation="occitanie")
        assert {code: one["value"] for code, one in own.items()} == {code: one[1] for code, one in EXPECTED.items()}
        for code in ("training.hours", "fg2i.amount", "support.requested"):
            found = await rows(client, code, YEAR)
            assert len(found) == own[code]["rows"]
            assert {row["delegation"] for row in found} == {"occitanie"}
        for path in ("", "/training.hours", "/training.hours/rows", "/training.hours/rows/export"):
            hidden = await client.get(f"/yearly-figures/{YEAR}{path}", params={"delegation": "idf"})
            assert (hidden.status_code, hidden.json()["code"]) == (404, "delegation_not_found"), path
        refused = await client.post(f"/yearly-figures/{YEAR}/publish", json={})
        assert refused.status_code == 403
    async with membership.client("delegation") as nowhere:
        assert (await nowhere.get(f"/yearly-figures/{NOW}")).status_code == 404
    for role in ("board", "finance", "member"):
        async with membership.client(role, member_id=uuid4()) as client:
            for path in ("", "/members.left", "/members.left/rows", "/members.left/rows/export"):
                assert (await client.get(f"/yearly-figures/{NOW}{path}")).status_code == 403, (role, path)
            assert (await client.get(f"/yearly-figures/{NOW}/editions")).status_code == 200


async def test_nobody_reads_who_asked_the_legal_desk(membership: ServiceUnderTest) -> None:
    """Professional secrecy (law 71-1130, article 55): the fact itself does not say it."""
    assert not {name for name in LegalQuestionState.model_fields if "member" in name or "structure" in name}
    async with membership.client("network", "board") as client:
        for name in "ABCDE":
            await member(client, name)
        await member(client, "F", "75")
    days = (date(NOW, 2, 3), date(NOW, 2, 14))
    await membership.receive(*(question(day, None, "occitanie") for day in days), question(FIRST, None, "idf"))
    for role in ("network", "delegation"):
        async with membership.client(role, delegation="occitanie") as client:
            found = await rows(client, "legal_desk.asked", delegation="occitanie")
            assert [(one["detail"], one["day"], one["delegation"]) for one in found] == [
                ("labour_law", f"{NOW}-02-01", "occitanie")
            ] * 2
            for one in found:
                assert {one[name] for name in ("id", "member_id", "name", "reference", "link")} == {None}
            assert await paged(client, "legal_desk.asked", delegation="occitanie") == found
        async with membership.client(role, delegation="idf") as client:
            few = (await figures(client, NOW, delegation="idf"))["legal_desk.asked"]
            assert (few["value"], await rows(client, "legal_desk.asked", delegation="idf")) == ("1", [])
    async with membership.client("network") as client:
        everything = await rows(client, "legal_desk.asked")
    assert [one["delegation"] for one in everything] == ["occitanie", "occitanie", None]


async def test_only_the_network_reads_that_a_guarantee_was_called(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        await membership.receive(guarantee(own, "151445.00", FIRST, date(NOW, 12, 31), called_on=TODAY))
        [told] = await rows(network, "fg2i.called")
        assert (told["name"], told["delegation"]) == ("A", "occitanie")
    async with membership.client("delegation", delegation="occitanie") as client:
        secret = (await figures(client, NOW))["fg2i.called"]
        assert (secret["value"], secret["rows"], secret["missing"]) == (None, None, "network_only")
        assert await rows(client, "fg2i.called") == await rows(client, "fg2i.called", member_id=own) == []
        exported = await client.get(f"/yearly-figures/{NOW}/fg2i.called/rows/export")
        assert len(exported.text.splitlines()) == 1
        [named] = await rows(client, "fg2i.members")
        assert (named["name"], named["member_id"]) == ("A", own)


async def test_a_structure_counts_where_it_was_and_is_named_to_who_covers_it_today(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        for _ in range(2):
            await held(network, own)
        terms = (FIRST, date(NOW, 12, 31))
        await membership.receive(guarantee(own, "1000.00", *terms), guarantee(own, "500.00", *terms))
    async with membership.days_later((date(NOW + 1, 6, 1) - TODAY).days) as later:
        async with later.client("network") as network:
            await change(network, f"/members/{own}", street="2 rue B", postcode="35000", city="RENNES", department="35")
        async with later.client("delegation", delegation="occitanie") as client:
            found = await rows(client, "interviews.held")
            assert len(found) == 2
            for row in found:
                assert {name: row[name] for name in ("id", "delegation", "member_id", "name", "link", "quantity")} == {
                    "id": None, "delegation": "occitanie", "member_id": None, "name": None, "link": None,
                    "quantity": "1",
                }  # fmt: skip
            assert await paged(client, "interviews.held") == found
            assert await rows(client, "interviews.held", q="A") == []
            assert (await figures(client, NOW))["fg2i.amount"]["value"] == "1500"
            for row in await paged(client, "fg2i.amount", sort="quantity"):
                assert (row["id"], row["quantity"], row["detail"]) == (None, None, None)
            assert (await figures(client, NOW))["members.at_year_end"]["value"] == "1"
            assert (await figures(client, NOW + 1))["members.at_year_end"]["value"] == "0"
        async with later.client("delegation", delegation="bretagne") as client:
            assert await rows(client, "interviews.held") == []
            assert (await figures(client, NOW + 1))["members.at_year_end"]["value"] == "1"


async def test_what_a_duplicate_did_is_its_structures(membership: ServiceUnderTest, arranged: Arrange) -> None:
    stays, goes = await arranged(membership, admitted_by, member, "A", "A bis")
    async with membership.client("network", "board") as client:
        session = uuid4()
        await membership.receive(enrolment(session, stays, "7", FIRST), enrolment(session, goes, "7", FIRST))
        assert (await figures(client, NOW))["training.structures"]["value"] == "2"
        await merge(client, f"/members/{stays}", f"/members/{goes}")
        found = await figures(client, NOW)
        assert (found["training.structures"]["value"], found["training.trainees"]["value"]) == ("1", "2")
        assert found["members.at_year_end"]["value"] == "1"
        assert {row["member_id"] for row in await rows(client, "training.trainees")} == {stays}
        assert UUID(stays) != UUID(goes)


async def test_what_a_duplicate_declared_is_counted_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    stays, goes = await arranged(membership, admitted_by, member, "A", "A bis")
    async with membership.client("network", "board") as client:
        campaign = {"year": NOW - 1, "questionnaire": "2025", "closes_on": f"{NOW}-12-31"}
        assert (await client.post("/declaration-campaigns", json=campaign)).status_code == 201
        for own in (stays, goes):
            await declared(client, form(f"/members/{own}", NOW - 1), FIGURES)
        both = (await figures(client, NOW - 1))["activity.turnover"]
        assert (both["value"], both["rows"]) == ("1224801", 2)
        await merge(client, f"/members/{stays}", f"/members/{goes}", declared_by_stays=[NOW - 1])
        one = (await figures(client, NOW - 1))["activity.turnover"]
        assert (one["value"], one["rows"]) == ("612400.5", 1)
        [row] = await rows(client, "activity.turnover", NOW - 1)
        assert (row["member_id"], row["quantity"]) == (stays, "612400.5")


async def test_what_a_duplicate_s_record_keeps_is_not_linked_to(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    """Of two places in one slot the record that stays keeps its own: the other is no longer read nor linked to."""
    stays, goes = await arranged(membership, admitted_by, member, "A", "A bis")
    async with membership.client("network", "board") as client:
        slot = (await opened(client, await offered(client), 2, capacity=2))[0]
        places = [await booked(client, slot, own) for own in (stays, goes)]
    async with membership.days_later(3) as now, now.client("network", "board") as client:
        for place in places:
            assert (await act(client, place, "POST", "hold")).status_code == 200
        await merge(client, f"/members/{stays}", f"/members/{goes}")
        found = await rows(client, "accompaniments.held")
        assert {row["member_id"] for row in found} == {stays}
        assert sorted(row["link"] is None for row in found) == [False, True]
        [link] = [row["link"] for row in found if row["link"]]
        assert (await client.get(link.removeprefix("/membership/v1"))).status_code == 200
