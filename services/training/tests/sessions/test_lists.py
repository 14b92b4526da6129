"""Which sessions are found, by whom, and what it costs with thousands of them."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of
from common.testing.plugin import Arrange

from ..programmes.arrangements import published
from .arrangements import MEMBER, Means, acted, announced, drafted, means, planned, refused, room, trainer, two_days
from .many import fill


@pytest_asyncio.fixture
async def held(training: ServiceUnderTest, arranged: Arrange) -> Means:
    made: Means = await arranged(training, several)
    return made


async def several(training: ServiceUnderTest) -> Means:
    """Five sessions of two programmes: a draft, one announced, one confirmed, one reserved, one cancelled."""
    made = await means(training)
    await training.receive(MEMBER)
    weeks = [made.first + timedelta(weeks=rank) for rank in range(6)]
    async with training.client("training") as team:
        await published(team, "BUD-01", title="Élaborer un budget", theme="finance", hours="7")
        await drafted(team, delegation="bretagne")
        await announced(team, two_days(made, weeks[1]), delegation="occitanie")
        confirmed = await announced(team, two_days(made, weeks[2], room_id=None, remote=True))
        await acted(team, confirmed["id"], "POST", "/confirm", {"reason": "Six inscrits"})
        await announced(team, two_days(made, weeks[3]), reserved_for=[str(MEMBER.state.id)])
        cancelled = await announced(team, two_days(made, weeks[4]))
        await acted(team, cancelled["id"], "POST", "/cancel", {"reason_code": "venue", "reason": "Dégât des eaux"})
        await planned(team, two_days(made, weeks[5])[:2], programme_code="BUD-01")
    return made


SIX = ["2", "3", "4", "5", "6", "1"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({}, SIX, id="toutes, sans date à la fin"),
        pytest.param({"sort": "-reference"}, ["6", "5", "4", "3", "2", "1"], id="par référence"),
        pytest.param({"status": ["draft"]}, ["6", "1"], id="les projets"),
        pytest.param({"status": ["scheduled", "confirmed"]}, ["2", "3", "4"], id="les annoncées"),
        pytest.param({"status": ["over"]}, [], id="les terminées"),
        pytest.param({"programme": "BUD-01"}, ["6"], id="un programme"),
        pytest.param({"theme": "finance"}, ["6"], id="un thème"),
        pytest.param({"type": "intra"}, ["4"], id="intra"),
        pytest.param({"type": "inter", "status": "cancelled"}, ["5"], id="inter annulée"),
        pytest.param({"type": "tailor_made"}, [], id="sur mesure"),
        pytest.param({"delegation": ["bretagne", "occitanie"]}, ["2", "1"], id="deux délégations"),
        pytest.param({"q": "elaborer"}, ["6"], id="un mot, sans accent"),
        pytest.param({"q": "bud-01"}, ["6"], id="un code"),
        pytest.param({"has_defects": True}, ["6", "1"], id="ce qui ne va pas"),
        pytest.param({"has_defects": False, "status": "scheduled"}, ["2", "4"], id="ce qui va"),
    ],
)
async def test_the_list_and_its_export_find_alike(
    training: ServiceUnderTest, held: Means, filters: dict[str, Any], found: list[str]
) -> None:
    assert held.room
    async with training.client("network") as network:
        page = (await network.get("/sessions", params={"total": True, **filters})).json()
        narrowing = {name: value for name, value in filters.items() if name != "sort"}
        export = (await network.get("/sessions/export", params=narrowing)).content.decode("utf-8-sig")
    assert [one["reference"][-1] for one in page["items"]] == found
    assert page["total"] == len(found)
    assert {row["reference"][-1] for row in csv.DictReader(io.StringIO(export), delimiter=";")} == set(found)


async def test_the_list_is_filtered_by_means_and_by_days(training: ServiceUnderTest, held: Means) -> None:
    def week(rank: int) -> str:
        return (held.first + timedelta(weeks=rank)).isoformat()

    async with training.client("network") as network:
        decided = [one["decide_on"] for one in (await network.get("/sessions")).json()["items"]]
        for filters, found in (
            ({"trainer_id": held.trainer}, ["2", "3", "4", "5", "6"]),
            ({"room_id": held.room}, ["2", "4", "5", "6"]),
            ({"day_from": week(2), "day_to": week(3)}, ["3", "4"]),
            ({"decide_before": decided[1]}, ["2", "3"]),
        ):
            page = (await network.get("/sessions", params=filters)).json()
            assert [one["reference"][-1] for one in page["items"]] == found, filters


async def test_half_days_taken_are_those_of_announced_sessions(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        other, place = await trainer(team, "Dominique ESSAI"), await room(team, "Salle Curie")
        for filters, count in (
            ({"trainer_id": held.trainer}, 12),
            ({"room_id": held.room}, 8),
            ({"trainer_id": other}, 0),
            ({"room_id": place}, 0),
            ({"day_to": (held.first + timedelta(weeks=1)).isoformat()}, 2),
            ({"day_from": (held.first + timedelta(weeks=3, days=1)).isoformat()}, 2),
        ):
            page = (await team.get("/sessions/slots", params={"total": True, **filters})).json()
            assert page["total"] == count, filters
        first = (await team.get("/sessions/slots", params={"limit": 3})).json()
        rest = (await team.get("/sessions/slots", params={"cursor": first["next_cursor"]})).json()
        days = [one["starts_at"] for one in first["items"] + rest["items"]]
        assert (days, len(days)) == (sorted(days), 12)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({}, ["2", "3"], id="annoncées et ouvertes à tous"),
        pytest.param({"mode": "remote"}, ["3"], id="à distance"),
        pytest.param({"department": ["31", "974"]}, ["2"], id="en Haute-Garonne"),
        pytest.param({"delegation": "occitanie"}, ["2"], id="d'une délégation"),
        pytest.param({"programme": "BUD-01"}, [], id="un programme sans session"),
        pytest.param({"theme": "support", "sort": "-first_day"}, ["3", "2"], id="un thème"),
        pytest.param({"q": "entretien"}, ["2", "3"], id="un mot"),
    ],
)
async def test_what_anybody_finds(
    training: ServiceUnderTest, held: Means, filters: dict[str, Any], found: list[str]
) -> None:
    assert held.room
    async with training.client() as anybody:
        page = (await anybody.get("/calendar", params=filters)).json()
        assert [one["reference"][-1] for one in page["items"]] == found
        tag = (await anybody.get("/calendar", params=filters)).headers["etag"]
        assert (await anybody.get("/calendar", params=filters, headers={"If-None-Match": tag})).status_code == 304


async def test_a_draft_is_nobodys(training: ServiceUnderTest, held: Means) -> None:
    assert held.room
    async with training.client() as anybody, training.client("training") as team:
        for draft in (await team.get("/sessions", params={"status": "draft"})).json()["items"]:
            assert refused(await anybody.get(f"/calendar/{draft['reference']}")) == (404, "session_not_found")


async def test_among_thousands_the_calendar_reads_its_index_and_a_page_costs_two_reads(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    made: Means = await arranged(training, means)
    await fill(training, made, 5_000)
    async with training.client() as anybody, training.client("network") as network:
        for filters in ({}, {"day_from": "2030-01-01"}, {"theme": "support", "mode": "on_site"}):
            with training.statements() as sent:
                page = (await anybody.get("/calendar", params=filters)).json()
            assert page["items"], filters
            reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
            assert len(reads) == 2, [statement for statement, _ in reads]
            assert "ix_session_calendar" in await indexes_of(training, *reads[0]), filters
        for filters, index in (({}, "ix_session_sort_day"), ({"trainer_id": made.trainer}, "ix_session_sort_day")):
            with training.statements() as sent:
                assert (await network.get("/sessions", params=filters)).json()["items"]
            reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
            assert len(reads) == 3, [statement for statement, _ in reads]
            assert index in await indexes_of(training, *reads[0]), filters
        with training.statements() as sent:
            await network.get("/sessions/slots", params={"room_id": made.room, "day_from": "2030-01-01"})
        [read] = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
        assert await indexes_of(training, *read) & {"ix_session_slot_room", "ix_session_slot_starts_at"}
