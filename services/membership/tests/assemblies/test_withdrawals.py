"""What a structure takes back before an assembly: by itself or by the network, never by the board; and what is kept."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from membership.assemblies.domain import WithdrawalUnexplained, require_explained

from .test_assembly import RESOLUTION, SEATS, act, convened, person_of


@pytest.mark.parametrize(
    ("reason", "by_itself", "refused"),
    [
        pytest.param(None, True, False, id="elle-même, sans le dire"),
        pytest.param("Départ", True, False, id="elle-même"),
        pytest.param(None, False, True, id="pour elle, sans le dire"),
        pytest.param("Par courrier", False, False, id="pour elle"),
    ],
)
def test_who_acts_for_a_structure_says_why(reason: str | None, *, by_itself: bool, refused: bool) -> None:
    if refused:
        with pytest.raises(WithdrawalUnexplained):
            require_explained(reason, by_itself=by_itself)
    else:
        require_explained(reason, by_itself=by_itself)


async def stood(client: httpx.AsyncClient, seats: str, member_id: str, person: str) -> httpx.Response:
    return await client.post(f"{seats}/candidacies", json={"member_id": member_id, "contact_id": person})


async def withdrawn(client: httpx.AsyncClient, seats: str, member_id: str, **body: Any) -> httpx.Response:
    return await client.post(f"{seats}/candidacies/{member_id}/withdraw", json=body or None)


async def seats_of(client: httpx.AsyncClient, path: str) -> str:
    [item] = [one for one in (await client.get(path)).json()["agenda"] if one["kind"] == "election"]
    return f"{path}/items/{item['id']}"


async def test_the_board_takes_no_part_for_others(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    """Its members stand themselves: they neither put a rival forward, nor withdraw one."""
    async with membership.client("network") as client:
        path = await convened(client, SEATS)
        seats, person = await seats_of(client, path), await person_of(client, ids["Alpha"], "A")
        await stood(client, seats, ids["Alpha"], person)
        await client.post(f"{path}/proxies", json={"giver_id": ids["Bravo"], "holder_id": ids["Alpha"]})
        assert {"add_candidacy", "give_proxy"} <= set((await client.get(path)).json()["allowed_actions"])
    async with membership.client("board") as client:
        refused = [
            await stood(client, seats, ids["Alpha"], person),
            await withdrawn(client, seats, ids["Alpha"], reason="Rival."),
            await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Alpha"]}),
            await client.post(f"{path}/proxies/{ids['Bravo']}/revoke", json={"reason": "x"}),
        ]
        assert [answer.status_code for answer in refused] == [403] * 4
        shown = (await client.get(path)).json()
        assert not {"add_candidacy", "give_proxy"} & set(shown["allowed_actions"])
        assert [one["member_name"] for one in shown["agenda"][0]["candidates"]] == ["Alpha"]
    async with membership.client("board", "member", member_id=UUID(ids["Alpha"])) as client:
        assert (await withdrawn(client, seats, ids["Alpha"])).status_code == 200, "its own"


async def test_what_was_taken_back_stays_to_be_read(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION, SEATS)
        seats = await seats_of(client, path)
        people = {name: await person_of(client, ids[name], name) for name in ("Alpha", "Bravo")}
        for name, person in people.items():
            await stood(client, seats, ids[name], person)
        silent = await withdrawn(client, seats, ids["Alpha"])
        assert (silent.status_code, silent.json()["code"]) == (400, "withdrawal_unexplained")
        gone = await withdrawn(client, seats, ids["Alpha"], reason="Demandé par courrier.")
        assert [one["member_name"] for one in gone.json()["agenda"][1]["candidates"]] == ["Bravo"]
        twice = await withdrawn(client, seats, ids["Alpha"], reason="x")
        assert (twice.status_code, twice.json()["code"]) == (404, "candidacy_not_found")
        assert (await stood(client, seats, ids["Alpha"], people["Alpha"])).status_code == 200, "it may stand again"
    async with membership.client("member", member_id=UUID(ids["Bravo"])) as client:
        stolen = await withdrawn(client, seats, ids["Alpha"], reason="x")
        assert (stolen.status_code, stolen.json()["code"]) == (404, "member_not_found")
        own = (await withdrawn(client, seats, ids["Bravo"])).json()
        assert (own["withdrawals"], len(own["agenda"][1]["candidates"])) == ([], 1)
        await client.post(f"{path}/proxies", json={"giver_id": ids["Bravo"], "holder_id": ids["Alpha"]})
        assert (await client.post(f"{path}/proxies/{ids['Bravo']}/revoke")).status_code == 200
    async with membership.client("network") as client:
        await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Alpha"]})
        silent = await client.post(f"{path}/proxies/{ids['Delta']}/revoke")
        assert (silent.status_code, silent.json()["code"]) == (400, "withdrawal_unexplained")
        await client.post(f"{path}/proxies/{ids['Delta']}/revoke", json={"reason": "Par téléphone."})
    for role in ("network", "board"):
        async with membership.client(role) as client:
            kept = (await client.get(path)).json()["withdrawals"]
        assert [(one["kind"], one["member_name"], one["withdrawn_by"], one["reason"]) for one in kept] == [
            ("candidacy", "Alpha", "test-network", "Demandé par courrier."),
            ("candidacy", "Bravo", "test-member", None),
            ("proxy", "Bravo", "test-member", None),
            ("proxy", "Delta", "test-network", "Par téléphone."),
        ]
        assert all(one["given_at"] <= one["withdrawn_at"] for one in kept)
        assert [one["given_by"] for one in kept] == ["test-network"] * 2 + ["test-member", "test-network"]
        assert [one["holder_id"] for one in kept] == [None, None, ids["Alpha"], ids["Alpha"]]
    for role, claims in (("finance", {}), ("delegation", {"delegation": "occitanie"})):
        async with membership.client(role, **claims) as client:
            assert (await client.get(path)).json()["withdrawals"] == []


async def test_an_election_that_leaves_the_agenda_leaves_its_candidacies_to_be_read(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        body = {"kind": "ordinary", "title": "AG", "held_on": "2040-03-01", "place": "Paris"}
        path = f"/assemblies/{(await client.post('/assemblies', json=body)).json()['id']}"
        assert (await act(client, path, "/agenda", "PUT", items=[SEATS])).status_code == 200
        seats = await seats_of(client, path)
        await stood(client, seats, ids["Alpha"], await person_of(client, ids["Alpha"], "A"))
        changed = await act(client, path, "/agenda", "PUT", items=[RESOLUTION])
        [kept] = changed.json()["withdrawals"]
        assert (kept["member_name"], kept["reason"]) == ("Alpha", "L'ordre du jour a changé.")
        assert seats.endswith(kept["item_id"])
