"""Elections of the board by an assembly: proxies from elsewhere, one seat each, closing out of order."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..electoral_roll.test_roll import at, freeze
from .test_assembly import HELD, NAMES, RESOLUTION, ROLL_DAY, SEATS, act, came, convened, opens, person_of

COLLEGE: dict[str, Any] = {**SEATS, "title": "Collège", "scope": "college", "scope_code": "intermediation", "seats": 1}


async def stands(client: httpx.AsyncClient, path: str, item: str, member_id: str, name: str) -> httpx.Response:
    body = {"member_id": member_id, "contact_id": await person_of(client, member_id, name)}
    return await client.post(f"{path}/items/{item}/candidacies", json=body)


async def polled(client: httpx.AsyncClient, path: str, item: str, cast: int, **votes: int) -> httpx.Response:
    """Record a poll; ``votes`` are by member id."""
    candidates = [{"member_id": one, "votes": count} for one, count in votes.items()]
    answer = await act(client, path, f"/items/{item}/poll", "PUT", cast=cast, candidates=candidates)
    assert isinstance(answer, httpx.Response)
    return answer


async def agenda_of(client: httpx.AsyncClient, path: str) -> list[str]:
    return [item["id"] for item in (await client.get(path)).json()["agenda"]]


async def test_a_proxy_held_from_another_region_votes_for_the_seats_of_its_giver(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS)
        [seats] = await agenda_of(client, path)
        assert (await stands(client, path, seats, ids["Alpha"], "A")).status_code == 200
    async with at(membership, HELD, "network", "board") as client:
        await freeze(client, ROLL_DAY)
        given = await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Echo"]})
        assert given.status_code == 200
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Bravo"], ids["Echo"])
        too_many = await polled(client, path, seats, 4, **{ids["Alpha"]: 4})
        assert too_many.json()["code"] == "tally_inconsistent"
        answer = await polled(client, path, seats, 3, **{ids["Alpha"]: 3})
        assert answer.status_code == 200, answer.text
        result = answer.json()["agenda"][0]["result"]
        # Echo, of Île-de-France, votes for Delta of Occitanie, and not for itself.
        assert result["electors"] == {"structures": 3, "votes": 3, "enrolled_structures": 4, "enrolled": 4}
        assert (result["room"]["votes"], result["room"]["enrolled"], result["room"]["reached"]) == (4, 5, True)


async def test_a_structure_stands_once_and_holds_one_seat(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, SEATS, COLLEGE)
        region, college = await agenda_of(client, path)
        assert (await stands(client, path, region, ids["Alpha"], "A")).status_code == 200
        both = await stands(client, path, college, ids["Alpha"], "A2")
        assert (both.status_code, both.json()["code"]) == (409, "candidacy_elsewhere")
        assert (await stands(client, path, college, ids["Bravo"], "B")).status_code == 200
    async with at(membership, HELD, "network", "board") as client:
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await came(client, path, *(ids[name] for name in NAMES))
        await polled(client, path, region, 4, **{ids["Alpha"]: 4})
        await polled(client, path, college, 4, **{ids["Bravo"]: 4})
        closed = (await act(client, path, "/close")).json()
        assert {(one["code"], one["member_name"]) for one in closed["mandates"]} == {
            ("occitanie", "Alpha"),
            ("intermediation", "Bravo"),
        }
        again = await convened(client, COLLEGE, held_on=(HELD + timedelta(days=30)).isoformat())
        [item] = await agenda_of(client, again)
        seated = await stands(client, again, item, ids["Alpha"], "A3")
        assert (seated.status_code, seated.json()["code"]) == (409, "holds_another_seat")
        assert (await stands(client, again, item, ids["Bravo"], "B2")).status_code == 200
        board = (await client.get("/board")).json()
        assert {one["number"] for one in board["seats"] if one["code"] == "intermediation"} == {1, 2}


async def test_an_election_that_is_now_of_other_seats_loses_its_candidacies(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        body = {"kind": "ordinary", "title": "AG", "held_on": HELD.isoformat(), "place": "Paris"}
        path = f"/assemblies/{(await client.post('/assemblies', json=body)).json()['id']}"
        await act(client, path, "/agenda", "PUT", items=[SEATS])
        [item] = await agenda_of(client, path)
        await stands(client, path, item, ids["Alpha"], "A")
        kept = await act(client, path, "/agenda", "PUT", items=[{**SEATS, "id": item, "title": "Occitanie"}])
        assert [one["member_name"] for one in kept.json()["agenda"][0]["candidates"]] == ["Alpha"]
        moved = await act(client, path, "/agenda", "PUT", items=[{**SEATS, "id": item, "scope_code": "idf"}])
        assert moved.json()["agenda"][0]["candidates"] == []


async def test_assemblies_closed_out_of_order_are_refused_with_what_to_do(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    later = HELD + timedelta(days=10)

    async def prepared(client: httpx.AsyncClient, day: date, name: str) -> tuple[str, str]:
        path = await convened(client, {**SEATS, "seats": 1}, RESOLUTION, held_on=day.isoformat())
        item = (await agenda_of(client, path))[0]
        await stands(client, path, item, ids[name], name)
        return path, item

    async def voted(client: httpx.AsyncClient, path: str, item: str, day: date, name: str) -> httpx.Response:
        await freeze(client, day - timedelta(days=15))
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Bravo"])
        await polled(client, path, item, 2, **{ids[name]: 2})
        resolution = (await agenda_of(client, path))[1]
        await act(client, path, f"/items/{resolution}/vote", "PUT", votes_for=2, votes_against=0, abstentions=0)
        answer = await act(client, path, "/close")
        assert isinstance(answer, httpx.Response)
        return answer

    async with membership.client("network", "board") as client:
        first, second = await prepared(client, HELD, "Alpha"), await prepared(client, later, "Charlie")
    async with at(membership, later, "network", "board") as client:
        closed = await voted(client, *second, later, "Charlie")
        [mandate] = closed.json()["mandates"]
        refused = await voted(client, *first, HELD, "Alpha")
        assert (refused.status_code, refused.json()["code"]) == (409, "seat_filled_later")
        body = {"end": "resigned", "reason": "rendu", "ended_on": later.isoformat()}
        assert (await act(client, f"/board/mandates/{mandate['id']}", "/end", **body)).status_code == 200
        assert (await act(client, first[0], "/close")).json()["status"] == "closed"


async def test_two_assemblies_that_close_at_once_give_no_seat_twice(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    names = ("Alpha", "Charlie")
    async with membership.client("network", "board") as client:
        paths = [await convened(client, {**SEATS, "seats": 1}) for _ in names]
        items = [(await agenda_of(client, path))[0] for path in paths]
        for path, item, name in zip(paths, items, names, strict=True):
            await stands(client, path, item, ids[name], name)
    async with at(membership, HELD, "network", "board") as client:
        await freeze(client, ROLL_DAY)
        for path, item, name in zip(paths, items, names, strict=True):
            await opens(client, path)
            await came(client, path, ids["Alpha"], ids["Bravo"])
            await polled(client, path, item, 2, **{ids[name]: 2})
        closed = await asyncio.gather(*(act(client, path, "/close") for path in paths))
        assert [one.status_code for one in closed] == [200, 200]
        held = (await client.get("/board/mandates", params={"held": "true"})).json()["items"]
        assert {(one["number"], one["member_name"]) for one in held} in (
            {(1, "Alpha"), (2, "Charlie")},
            {(2, "Alpha"), (1, "Charlie")},
        )
