"""What is recorded during an assembly: comings and goings, votes and their corrections, a second convening."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.testing.harness import ServiceUnderTest

from ..electoral_roll.test_roll import at, freeze, joined
from .test_assembly import (
    HELD,
    RESOLUTION,
    ROLL_DAY,
    SEATS,
    act,
    came,
    convened,
    convened_again,
    opens,
    text_of,
)
from .test_elections import agenda_of, polled, stands


async def shows_hands(client: httpx.AsyncClient, path: str, item: str, *totals: int, **more: Any) -> httpx.Response:
    body = dict(zip(("votes_for", "votes_against", "abstentions"), totals, strict=True)) | more
    answer = await act(client, path, f"/items/{item}/vote", "PUT", **body)
    assert isinstance(answer, httpx.Response)
    return answer


async def test_a_vote_is_corrected_by_the_room_it_was_voted_in(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION, {**RESOLUTION, "title": "Quitus"})
        first, second = await agenda_of(client, path)
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Bravo"], ids["Charlie"])
        empty = await act(client, path, f"/items/{first}/vote", "PUT", abstentions=0)
        assert empty.status_code == 422
        assert (await shows_hands(client, path, first, 1, 2, 0)).json()["agenda"][0]["result"]["adopted"] is False
        await client.post(f"{path}/attendance/{ids['Alpha']}/leave")
        await client.post(f"{path}/attendance/{ids['Bravo']}/leave")
        again = await shows_hands(client, path, first, 2, 1, 0)
        assert (again.status_code, again.json()["code"]) == (409, "item_voted")
        corrected = await shows_hands(client, path, first, 2, 1, 0, reason="pour et contre inversés")
        assert corrected.status_code == 200, corrected.text
        result = corrected.json()["agenda"][0]["result"]
        assert (result["adopted"], result["room"]["votes"], corrected.json()["room"]["votes"]) == (True, 3, 1)
        [before] = result["replaced"]
        assert before["explanation"].startswith("1 voix pour, 2 contre")
        withdrawn = await act(client, path, f"/items/{first}/withdraw", reason="oups")
        assert (withdrawn.status_code, withdrawn.json()["code"]) == (409, "item_voted")
        assert (await shows_hands(client, path, second, 1, 0, 0)).json()["code"] == "assembly_without_quorum"
        assert "pour et contre inversés" in text_of((await client.get(f"{path}/minutes/draft")).content)
        # The room is empty of a quorum: the point that was not voted stays for a second convening.
        closed = (await act(client, path, "/close")).json()
        assert closed["quorum_failed"] is True
        assert [item["without_quorum"] for item in closed["agenda"]] == [False, True]
        again = await convened_again(client, path, held_on=(HELD + timedelta(days=20)).isoformat())
        assert await agenda_of(client, again) == [second]


async def test_a_second_convening_is_of_what_was_left_and_once(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION, SEATS, kind="extraordinary")
        resolution, seats = await agenda_of(client, path)
        await stands(client, path, seats, ids["Alpha"], "A")
        loose = {"kind": "extraordinary", "title": "AGE", "held_on": HELD.isoformat(), "place": "Paris"}
        other = f"/assemblies/{(await client.post('/assemblies', json=loose)).json()['id']}"
        easy = await act(client, other, "/agenda", "PUT", items=[{**RESOLUTION, "majority": "simple"}])
        assert (easy.status_code, easy.json()["code"]) == (400, "majority_unknown")
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await act(client, path, f"/items/{resolution}/withdraw", reason="remise")
        assert (await act(client, path, "/close")).json()["quorum_failed"] is True
        body = {**loose, "second_of": path.rpartition("/")[2]}
        same_day = await client.post("/assemblies", json=body)
        assert (same_day.status_code, same_day.json()["code"]) == (409, "not_second")
        body = {**body, "held_on": (HELD + timedelta(days=20)).isoformat()}
        both = await asyncio.gather(*(client.post("/assemblies", json=body) for _ in range(2)))
        assert sorted(one.status_code for one in both) == [201, 409]
        [made] = [one.json() for one in both if one.status_code == 201]
        [item] = made["agenda"]
        assert (item["id"], [one["member_name"] for one in item["candidates"]]) == (seats, ["Alpha"])
        again = f"/assemblies/{made['id']}"
        fixed = await act(client, again, "/agenda", "PUT", items=[RESOLUTION])
        assert (fixed.status_code, fixed.json()["code"]) == (409, "second_agenda")
        earlier = await act(client, again, "", "PATCH", held_on=HELD.isoformat())
        assert (earlier.status_code, earlier.json()["code"]) == (409, "not_second")


async def test_each_stay_is_kept_and_changes_what_a_vote_is_about(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION)
        [item] = await agenda_of(client, path)
        early = await client.post(f"{path}/attendance", json={"member_id": ids["Echo"], "name": "x"})
        assert (early.status_code, early.json()["code"]) == (409, "assembly_day_to_come")
    async with at(membership, HELD, "network", "board") as client:
        recent = await joined(client, "Foxtrot")
        await freeze(client, ROLL_DAY)
        await came(client, path, ids["Alpha"])
        opened = (await opens(client, path)).json()
        assert (opened["opening"]["present"], opened["opening"]["reached"]) == (1, False)
        seen = (await client.get(path)).headers["etag"]
        await came(client, path, ids["Bravo"], recent)
        stale = await client.put(
            f"{path}/items/{item}/vote",
            json={"votes_for": 1, "votes_against": 0, "abstentions": 0},
            headers={"If-Match": seen},
        )
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        twice = await client.post(f"{path}/attendance", json={"member_id": ids["Alpha"], "name": "x"})
        assert (twice.status_code, twice.json()["code"]) == (409, "already_present")
        desks = await asyncio.gather(
            *(
                client.post(f"{path}/attendance", json={"member_id": ids["Charlie"], "name": name})
                for name in ("Un", "Deux")
            )
        )
        assert sorted(one.status_code for one in desks) == [200, 409]
        await client.post(f"{path}/attendance/{ids['Alpha']}/leave")
        room = (await came(client, path, ids["Alpha"]))["room"]
        assert (room["present"], room["structures"]) == (3, 3)  # Foxtrot attends, and has no vote
        before = (datetime.fromisoformat(opened["opened_at"]) - timedelta(minutes=1)).isoformat()
        for when in (before, (datetime.fromisoformat(opened["opened_at"]) + timedelta(hours=5)).isoformat()):
            body = {"member_id": ids["Delta"], "name": "x", "at": when}
            refused = await client.post(f"{path}/attendance", json=body)
            assert (refused.status_code, refused.json()["code"]) == (400, "moment_outside")
        earlier = await client.post(f"{path}/attendance/{ids['Alpha']}/leave", json={"at": opened["opened_at"]})
        assert (earlier.status_code, earlier.json()["code"]) == (400, "moment_outside")
        rows = {one["name"]: one for one in (await client.get(f"{path}/participants")).json()["items"]}
        first, last = rows["Alpha"]["stays"]
        assert (first["left_at"] is not None, last["left_at"], rows["Foxtrot"]["votes"]) == (True, None, 0)
        # Late at the desk, there since the opening: the minutes count the room of then.
        late = (await came(client, path, ids["Delta"], at=opened["opened_at"]))["opening"]
        assert (late["present"], late["reached"]) == (2, True)


async def test_a_withdrawn_point_is_no_vote(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION, {**RESOLUTION, "title": "Quitus"})
        first, _ = await agenda_of(client, path)
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await act(client, path, f"/items/{first}/withdraw", reason="remis")
        body = {"giver_id": ids["Delta"], "holder_id": ids["Alpha"]}
        assert (await client.post(f"{path}/proxies", json=body)).status_code == 200


async def test_of_a_poll_only_totals_are_stored(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [seats] = await agenda_of(client, path)
        for name in ("Alpha", "Bravo"):
            await stands(client, path, seats, ids[name], name)
    async with at(membership, HELD, "network", "board") as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Charlie"], ids["Echo"])
        assert (await polled(client, path, seats, 2, **{ids["Alpha"]: 2, ids["Bravo"]: 1})).status_code == 200
    [row] = await membership.rows("SELECT result FROM assembly_result")
    stored = row.result if isinstance(row.result, dict) else json.loads(row.result)
    assert {name for name, value in stored.items() if value not in (None, [])} == {
        "item_id", "room", "voices", "ballots", "candidates", "poll", "electors",
    }  # fmt: skip
    assert stored["ballots"] == {"cast": 2, "blank": 0, "void": 0}
    # Who was in the room, with how many votes: nothing of what they chose.
    assert {tuple(sorted(voice)) for voice in stored["voices"]} == {("holder_id", "member_id", "votes")}
    assert {tuple(sorted(one)) for one in stored["candidates"]} == {
        ("contact_id", "joined_on", "member_id", "name", "votes")
    }
    assert set(stored["poll"]) == {"elected", "tied", "vacant", "explanation"}
    named = await membership.rows(
        "SELECT table_name FROM information_schema.columns WHERE table_name LIKE 'assembly%' AND column_name = 'choice'"
    )
    assert named == []


async def test_a_structure_gives_one_proxy_though_two_are_sent_at_once(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION)
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)
        pairs = (("Bravo", "Alpha"), ("Bravo", "Echo"), ("Charlie", "Alpha"), ("Delta", "Alpha"))
        sent = await asyncio.gather(
            *(
                client.post(f"{path}/proxies", json={"giver_id": ids[giver], "holder_id": ids[holder]})
                for giver, holder in pairs
            )
        )
        assert {one.status_code for one in sent} == {200, 409}
        standing = await membership.rows("SELECT giver_id, holder_id FROM assembly_proxy WHERE revoked_at IS NULL")
        givers = [row.giver_id for row in standing]
        assert len(set(givers)) == len(givers)
        assert sum(row.holder_id == UUID(ids["Alpha"]) for row in standing) <= 2
