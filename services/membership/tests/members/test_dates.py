"""Time travel through the API: what was true on a day, what was known of it, what is still to come."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from common.clock import legal_day
from common.contracts.membership import MemberJoined, MemberUpdated
from common.testing.databases import migration
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.app import service
from membership.members import repository
from membership.members.domain import Entry, Member, NotInRegisterThen, Subject, Topic, counting, on_day

from .test_register import admit, receive, structure

TODAY = legal_day(datetime.now(UTC))


def on(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def entered(client: httpx.AsyncClient, name: str = "A", **fields: Any) -> str:
    return f"/members/{(await receive(client, **{**structure(name), **fields}))['member_id']}"


async def change(client: httpx.AsyncClient, path: str, method: str = "PATCH", under: str = "", **body: Any) -> Any:
    etag = (await client.get(path)).headers["etag"]
    answer = await client.request(method, f"{path}{under}", json=body, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def enter(client: httpx.AsyncClient, path: str, **body: Any) -> Any:
    return await change(client, path, "POST", "/entries", **body)


async def joining(client: httpx.AsyncClient, effective_on: str) -> str:
    """A sitting of today admits a structure from a day on; return its id."""
    application = await receive(client, **structure("A"))
    sitting = {"held_on": on(0), "in_office": 9, "present": 9, "minutes_reference": "PV-1"}
    path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
    vote = {
        "matter_id": application["id"],
        "outcome": "admitted",
        "votes_for": 9,
        "effective_on": effective_on,
        "reservations": ["pièces"],
    }
    await client.post(f"{path}/decisions", json={"decisions": [vote]}, headers={"If-Match": '"v1"'})
    closed = await client.post(f"{path}/close", headers={"If-Match": '"v2"'})
    assert closed.status_code == 200, closed.text
    return str(application["member_id"])


async def test_an_announced_change_is_shown_and_takes_effect_on_its_day(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        await admit(client, application)
        path = f"/members/{application['member_id']}"
        announced = await change(client, path, name="B", effective_on=on(10), reason="assemblée du 3")
        assert announced["name"] == "A"
        [upcoming] = announced["upcoming"]
        assert (upcoming["topic"], upcoming["value"], upcoming["effective_on"]) == ("name", {"name": "B"}, on(10))
        assert (await client.get(path, params={"as_of": on(9)})).json()["name"] == "A"
        assert (await client.get(path, params={"as_of": on(10)})).json()["name"] == "B"
    async with membership.days_later(9) as eve, eve.client("network") as client:
        assert (await client.get(path)).json()["name"] == "A"
    async with membership.days_later(10) as that_day, that_day.client("network") as client:
        became = (await client.get(path)).json()
        assert (became["name"], became["upcoming"]) == ("B", [])
        [named] = (await client.get("/members", params={"q": "B "})).json()["items"]
        assert named == became
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberUpdated)
    assert (fact.changed, fact.state.name) == (("name",), "B")


async def test_a_day_that_nobody_worked_is_made_up_for(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, name="B", effective_on=on(3))
    async with membership.days_later(30) as later, later.client("network") as client:
        assert (await client.get(path)).json()["name"] == "B"
        assert await later.rows("SELECT 1 FROM member WHERE name = 'B'") != []


async def test_what_is_learned_late_changes_the_past_and_not_what_was_known(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
    async with membership.days_later(20) as later, later.client("network") as client:
        before = datetime.now(UTC) + timedelta(days=19)
        corrected = await change(client, path, city="MURET", effective_on=on(5), reason="oubli")
        assert corrected["city"] == "MURET"
        for as_of, known_at, city in (
            (on(4), None, "VILLE"),
            (on(5), None, "MURET"),
            (on(5), before, "VILLE"),
            (None, before, "VILLE"),
        ):
            params = {"as_of": as_of, "known_at": known_at.isoformat() if known_at else None}
            asked = {name: value for name, value in params.items() if value}
            assert (await client.get(path, params=asked)).json()["city"] == city, asked
            [listed] = (await client.get("/members", params=asked)).json()["items"]
            assert listed["city"] == city, asked


async def test_a_change_of_one_thing_leaves_what_was_announced_of_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, city="MURET", effective_on=on(10))
        await change(client, path, city="BLAGNAC")
        seen = [(await client.get(path, params={"as_of": on(days)})).json()["city"] for days in (0, 9, 10)]
    assert seen == ["BLAGNAC", "BLAGNAC", "MURET"]


async def test_before_its_first_day_a_structure_is_not_in_the_register(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        asked = await client.get(path, params={"as_of": on(-1)})
        assert (asked.status_code, asked.json()["code"]) == (404, "not_in_register_then")
        etag = (await client.get(path)).headers["etag"]
        refused = await client.patch(path, json={"name": "B", "effective_on": on(-1)}, headers={"If-Match": etag})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_in_register_then")
        assert (await client.get("/members", params={"as_of": on(-1)})).json()["items"] == []


async def test_a_structure_joins_on_the_day_its_decision_gives(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = f"/members/{await joining(client, on(30))}"
        member = (await client.get(path)).json()
        assert (member["status"], member["upcoming"][0]["value"]["status"]) == ("candidate", "active")
        assert await membership.published() == []
    async with membership.days_later(30) as later, later.client("network") as client:
        member = (await client.get(path)).json()
        assert (member["status"], member["joined_on"]) == ("active", on(30))
    [fact] = await membership.published()
    assert isinstance(fact, MemberJoined)
    assert (fact.joined_on.isoformat(), fact.minutes_reference) == (on(30), "PV-1")


async def test_one_that_cannot_take_effect_holds_nobody_back(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path, other, third = [await entered(client, name) for name in "ABC"]
        await change(client, path, siren="900000001", effective_on=on(1))
        await change(client, third, name="D", effective_on=on(1))
        await change(client, other, siren="900000001")
    async with membership.days_later(1) as later, later.client("network") as client:
        refused = (await client.get(path)).json()
        assert refused["siren"] is None
        assert [entry["value"]["siren"] for entry in refused["upcoming"]] == ["900000001"], "shown until mended"
        assert (await client.get(third)).json()["name"] == "D"
        [receipt] = await later.rows("SELECT code, reference FROM job_receipt WHERE outcome = 'refused'")
        assert (receipt.code, receipt.reference) == ("siren_taken", (await client.get(path)).json()["reference"])


async def test_however_many_they_are_each_takes_effect_once(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.members.jobs._SLICE", 2)
    async with membership.client("network") as client:
        for name in "ABCDE":
            await change(client, await entered(client, name), name=f"{name} nouveau", effective_on=on(1))
    async with membership.days_later(1) as later, later.client("network") as client:
        names = [member["name"] for member in (await client.get("/members")).json()["items"]]
        assert names == [f"{name} nouveau" for name in "ABCDE"]
        receipt = await later.rows("SELECT row, outcome FROM job_receipt ORDER BY row")
        assert [(line.row, line.outcome) for line in receipt] == [(row, "changed") for row in range(1, 6)]


async def test_a_structure_brought_to_a_day_is_not_brought_back(membership: ServiceUnderTest) -> None:
    """Just after midnight: what was begun the day before gets hold of a structure that has already joined."""
    async with membership.client("network", "board") as client:
        member_id = await joining(client, on(1))
        path = f"/members/{member_id}"
        async with membership.days_later(1):
            assert len(await membership.published()) == 1
        assert (await client.get(path)).json()["status"] == "active"
        late = await change(client, path, city="MURET")
        assert (late["status"], late["city"]) == ("active", "MURET")
        async with membership.days_later(2) as after, after.client("network") as later:
            assert (await later.get(path)).json()["status"] == "active"
    assert [fact.wire_name for fact in await membership.published()] == ["member.joined", "member.updated"]


async def test_a_former_name_is_found_as_of_its_days(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, "ANCIENNE")
        await change(client, path, name="NOUVELLE", effective_on=on(5))
        for days, name in ((0, "ancienne"), (5, "nouvelle")):
            found = await client.get("/members", params={"as_of": on(days), "q": name})
            assert len(found.json()["items"]) == 1, name


async def test_sql_says_of_a_day_what_the_rule_says(membership: ServiceUnderTest) -> None:
    """Entries at random over a few days and hours: the list as of a day must be the rule's, structure by structure."""
    dice = random.Random(20260101)  # the same at every run
    async with membership.client("network") as client:
        paths = [await entered(client, name) for name in ("A", "B", "C")]
    ids = [UUID(path.rpartition("/")[2]) for path in paths]
    now = datetime.now(UTC)
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        known = {member_id: await repository.entries_of(tx, [member_id]) for member_id in ids}
        for hour in range(120):
            member_id = dice.choice(ids)
            entry = _drawn(dice, member_id, now + timedelta(hours=hour + 1), known[member_id])
            known[entry.member_id].append(entry)
            await repository.add_entries(tx, [entry])
    for drawn_by in ("the acts themselves", "the migration"):
        if drawn_by == "the migration":
            async with membership.runtime.database.transaction(Actor("test")) as tx:
                await tx.session.execute(text("DELETE FROM member_period"))
                await tx.session.execute(text(migration(service, "0031").DRAW))
        for _ in range(40):
            as_of, known_at = TODAY + timedelta(days=dice.randint(-1, 6)), now + timedelta(hours=dice.randint(0, 121))
            async with membership.client("network") as client:
                asked = {"as_of": as_of.isoformat(), "known_at": known_at.isoformat()}
                listed = (await client.get("/members", params=asked)).json()["items"]
            expected = {member_id: _shown(entries, as_of, known_at) for member_id, entries in known.items()}
            assert {UUID(one["id"]): _as_listed(one) for one in listed} == {
                member_id: shown for member_id, shown in expected.items() if shown is not None
            }, drawn_by


async def test_what_was_entered_and_not_drawn_is_drawn_the_next_day(membership: ServiceUnderTest) -> None:
    """A version of before the days were drawn still runs beside this one."""
    async with membership.client("network") as client:
        path = await entered(client, "AVANT")
        member_id = UUID(path.rpartition("/")[2])
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            value = {"name": "APRÈS", "normalized": "apres"}
            subject, recorded_at = Subject(Topic.NAME), tx.now + timedelta(seconds=1)
            entry = Entry(uuid4(), member_id, subject, TODAY, recorded_at, "test", value)
            await repository.add_first_entries(tx, [entry])
            await tx.session.execute(text("UPDATE member SET answered_for = true"))
    async with membership.days_later(1) as later, later.client("network") as client:
        [then] = (await client.get("/members", params={"as_of": on(0)})).json()["items"]
        assert then["name"] == "APRÈS"
        assert (await client.get("/members", params={"billing_contact": True})).json()["items"] == []
        [line] = await later.rows("SELECT subject_id, outcome FROM job_receipt")
        assert (line.subject_id, line.outcome) == (member_id, "changed")
    async with membership.days_later(2) as later:
        assert len(await later.rows("SELECT 1 FROM job_receipt")) == 1, "what is drawn is not looked at again"


def _drawn(dice: random.Random, member_id: UUID, recorded_at: datetime, known: list[Entry]) -> Entry:
    standing = [entry for entry in counting(known) if entry.effective_on > TODAY]
    if standing and dice.random() < 1 / 4:
        wrong = dice.choice(standing)
        return replace(wrong, id=uuid4(), recorded_at=recorded_at, value=None, withdraws=wrong.id)
    subject, value = dice.choice(
        [
            (Subject(Topic.NAME), {"name": f"N{dice.randint(0, 9)}", "normalized": "n"}),
            (Subject(Topic.DELEGATION), {"code": dice.choice(["idf", "bretagne"])}),
            (Subject(Topic.ADDRESS), {"covering_delegation": dice.choice(["paca", "hdf"])}),
            (Subject(Topic.ACTIVITY, dice.choice(["aci", "ei"])), {}),
            (Subject(Topic.MAIN_ACTIVITY), {"kind": dice.choice(["aci", "ai", "etti"])}),
        ]
    )
    ends = subject.topic is not Topic.NAME and dice.random() < 1 / 3
    return Entry(
        id=uuid4(),
        member_id=member_id,
        subject=subject,
        effective_on=TODAY + timedelta(days=dice.randint(0, 5)),
        recorded_at=recorded_at,
        recorded_by="test",
        value=None if ends else value,
    )


def _shown(entries: list[Entry], as_of: date, known_at: datetime) -> object:
    try:
        member = on_day(Member(id=UUID(int=0), reference="", name=""), entries, as_of, known_at)
    except NotInRegisterThen:
        return None
    return member.name, member.delegation, list(member.activities)


def _as_listed(member: Mapping[str, Any]) -> object:
    return member["name"], member["delegation"], [activity["kind"] for activity in member["activities"]]
