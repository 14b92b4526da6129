"""Who sees what: the structure, its delegation, another's, the network, the board; a peer by invitation only."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act
from .test_alone import levels, opened, structure_of, structures_of, submitted


async def total(client: httpx.AsyncClient, **filters: Any) -> int:
    answer = await client.get("/assessments", params={"total": "true", **filters})
    return int(answer.json()["total"])


async def test_who_sees_an_assessment(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, structures_of, "A", "B")
    async with membership.client("member", member_id=own) as client:
        path = await opened(client)
        await act(client, path, "PATCH", "answers", answers=levels("cap-2026", 1)[:5])
    reach: list[tuple[str, dict[str, Any]]] = [("network", {}), ("delegation", {"delegation": "occitanie"})]
    for role, claims in reach:
        async with membership.client(role, **claims) as client:
            seen = (await client.get(path)).json()
            hidden = ("answers", "scores", "missing", "group", "mode", "points", "level")
            assert [seen[name] for name in hidden] == [None] * len(hidden)
            assert (seen["state"], seen["version"]) == ("open", 0)
            assert seen["blockers"]["review"][0]["code"] == "assessment_not_submitted"
            assert await total(client) == 1
            for part in ("plan", "progress", "print", "plan/export"):
                assert (await client.get(f"{path}/{part}")).status_code == 404, part
            assert (await client.post(f"{path}/reviews")).json()["code"] == "assessment_not_submitted"
    away: list[tuple[str, dict[str, Any]]] = [
        ("delegation", {"delegation": "bretagne"}),
        ("member", {"member_id": other}),
        ("member", {}),
        ("delegation", {}),
    ]
    for role, claims in away:
        async with membership.client(role, **claims) as client:
            for part in ("", "/plan", "/progress", "/print"):
                assert (await client.get(path + part)).status_code == 404, part
            assert await total(client) == 0
            assert await total(client, member_id=str(own)) == 0
    for role in ("board", "finance", "ops"):
        async with membership.client(role) as client:
            assert (await client.get(path)).status_code == 403
            assert (await client.get("/assessments")).status_code == 403
    async with membership.client("member", member_id=own) as client:
        abandoned = await act(client, path, "POST", "abandon")
        assert (abandoned.json()["state"], abandoned.json()["allowed_actions"]) == ("abandoned", [])
        assert await total(client) == 1
    async with membership.client("network") as client:
        assert (await client.get(path)).status_code == 404
        assert await total(client) == 0


async def test_a_delegation_reviews_and_the_answers_stay_the_structures(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        assert (await member.post(f"{path}/reviews")).json()["code"] == "own_assessment"
    async with (
        membership.client("delegation", delegation="occitanie") as adviser,
        membership.client("member", member_id=own) as member,
        membership.client("network") as network,
    ):
        assert (await adviser.get(path)).json()["allowed_actions"] == ["review", "propose_peer"]
        started = await adviser.post(f"{path}/reviews")
        assert started.status_code == 201, started.text
        review = f"{path}/reviews/{started.json()['id']}"
        assert (await adviser.post(f"{path}/reviews")).json()["code"] == "review_exists"
        etag = started.headers["etag"]
        remark = {"question": "written-project", "level": 1, "comment": "Le projet date de 2012."}
        written = await adviser.patch(review, json={"remarks": [remark]}, headers={"If-Match": etag})
        assert written.status_code == 200, written.text
        bare = await act(adviser, review, "POST", "give")
        assert (bare.status_code, bare.json()["code"]) == (409, "conclusion_needed")
        # Until it is given, its author alone reads it.
        for reader in (member, network):
            [seen] = (await reader.get(path)).json()["reviews"]
            assert (seen["author"], seen["remarks"], seen["conclusion"]) == ("delegation:occitanie", None, None)
        assert (await act(network, review, "POST", "give")).json()["code"] == "review_not_found"
        etag = (await adviser.get(review)).headers["etag"]
        await adviser.patch(review, json={"conclusion": "Réécrire le projet."}, headers={"If-Match": etag})
        given = await act(adviser, review, "POST", "give")
        assert given.json()["state"] == "given"
        seen = (await member.get(path)).json()
        assert seen["state"] == "reviewed"
        assert seen["reviews"][0]["remarks"] == [{**remark, "action": None}]
        assert seen["reviews"][0]["author_name"] == "Occitanie"
        assert {one["level"] for one in seen["answers"]} == {2}
        late = await act(adviser, review, "POST", "give")
        assert (late.status_code, late.json()["code"]) == (409, "review_closed")
        closed = await act(member, path, "POST", "close")
        assert (closed.json()["state"], closed.json()["allowed_actions"]) == ("closed", ["reopen"])
        assert (await network.post(f"{path}/reviews")).json()["code"] == "assessment_not_submitted"


async def test_a_peer_sees_what_it_is_invited_to_and_nothing_else(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, peer = await arranged(membership, structures_of, "A", "B")
    async with (
        membership.client("member", member_id=own) as member,
        membership.client("member", member_id=peer) as guest,
    ):
        first = await submitted(member)
        await act(member, first, "POST", "close")
        path = await submitted(member, level=3)
        assert await total(guest) == 0
        for unfit in (own, UUID(int=5)):
            refused = await member.post(f"{path}/peers", json={"member_id": str(unfit)})
            assert (refused.status_code, refused.json()["code"]) == (409, "peer_unfit")
        invited = await member.post(f"{path}/peers", json={"member_id": str(peer)})
        assert invited.status_code == 201, invited.text
        review = f"{path}/reviews/{invited.json()['id']}"
        assert invited.json()["allowed_actions"] == ["withdraw"]
        assert await total(guest) == 1
        seen = (await guest.get(path)).json()
        assert (seen["points"], seen["allowed_actions"], len(seen["answers"])) == (75, [], 24)
        for part in ("", "/plan", "/progress", "/print"):
            assert (await guest.get(first + part)).status_code == 404
        for part in ("/plan", "/progress", "/print", "/sheet"):
            assert (await guest.get(path + part)).status_code == 404, part
        assert (await act(guest, path, "PATCH", "answers", answers=levels("cap-2026", 0))).status_code == 404
        assert (await act(guest, path, "POST", "close")).status_code == 404
        async with membership.client("network") as network:
            third = await network.post(f"{path}/reviews")
        assert [one["id"] for one in (await guest.get(path)).json()["reviews"]] == [invited.json()["id"]]
        assert (await guest.get(f"{path}/reviews/{third.json()['id']}")).json()["code"] == "review_not_found"

        withdrawn = await act(member, review, "POST", "withdraw", reason="agenda")
        assert withdrawn.status_code == 204, withdrawn.text
        assert (await guest.get(path)).status_code == 404
        assert await total(guest) == 0
        again = await member.post(f"{path}/peers", json={"member_id": str(peer)})
        review = f"{path}/reviews/{again.json()['id']}"
        etag = (await guest.get(review)).headers["etag"]
        await guest.patch(review, json={"conclusion": "Bravo."}, headers={"If-Match": etag})
        given = await act(guest, review, "POST", "give")
        assert given.json()["state"] == "given", given.text
        # Nobody closes it under the hands of who is still reviewing.
        early = await act(member, path, "POST", "close")
        assert (early.status_code, early.json()["code"]) == (409, "reviews_open")
        assert (await member.get(path)).json()["blockers"]["close"][0]["code"] == "reviews_open"
        async with membership.client("network") as network:
            await act(network, f"{path}/reviews/{third.json()['id']}", "POST", "withdraw", reason="agenda")
        await act(member, path, "POST", "close")
        assert (await guest.get(path)).status_code == 404


async def test_a_candidate_is_no_peer(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("network", "board") as client:
        candidate = await receive(client, **structure("C"))
    async with membership.client("member", member_id=candidate["member_id"]) as client:
        early = await client.post("/assessments", json={"bank": "cap-2026", "mode": "alone"})
        assert (early.status_code, early.json()["code"]) == (409, "not_a_member")
    async with membership.client("member", member_id=own) as member:
        path = await submitted(member)
        refused = await member.post(f"{path}/peers", json={"member_id": candidate["member_id"]})
        assert refused.json()["code"] == "peer_unfit"
    async with membership.client("network", "board") as client:
        await admit(client, candidate, "PV-C")
    async with membership.client("member", member_id=own) as member:
        assert (await member.post(f"{path}/peers", json={"member_id": candidate["member_id"]})).status_code == 201


async def test_a_list_is_filtered_and_says_no_more_than_one_sees(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    first, second = await arranged(membership, structures_of, "Alpha", "Bravo")
    async with membership.client("member", member_id=first) as client:
        path = await submitted(client)
        await opened(client, "cap-rse-2026")
    async with membership.client("member", member_id=second) as client:
        await opened(client)
    async with membership.client("delegation", delegation="occitanie") as client:
        filters: list[tuple[dict[str, Any], int]] = [
            ({}, 3),
            ({"state": "open"}, 2),
            ({"state": ["open", "submitted"]}, 3),
            ({"family": "cap"}, 2),
            ({"bank": "cap-rse-2026"}, 1),
            ({"q": "ALPHA"}, 2),
            ({"member_id": str(second)}, 1),
            ({"delegation": "bretagne"}, 0),
            ({"submitted_from": "2020-01-01"}, 1),
            ({"submitted_to": "2020-01-01"}, 0),
            ({"level": "structured"}, 0),
            ({"review": "none"}, 1),
            ({"review": "mine"}, 0),
            ({"review": "invited"}, 0),
        ]
        for wanted, count in filters:
            assert await total(client, **wanted) == count, wanted
        names = [one["name"] for one in (await client.get("/assessments", params={"sort": "name"})).json()["items"]]
        assert names == ["Alpha", "Alpha", "Bravo"]
        oldest = (await client.get("/assessments", params={"sort": "submitted_on"})).json()["items"]
        assert [one["state"] for one in oldest] == ["submitted", "open", "open"]
        exported = (await client.get("/assessments/export", params={"q": "alpha"})).content.decode("utf-8-sig")
        assert [line.split(";")[0] for line in exported.splitlines()] == ["Structure", "Alpha", "Alpha"]
        [level] = {(await client.get(path)).json()["level"]["code"]}
        assert await total(client, level=level) == 1
        review = (await client.post(f"{path}/reviews")).json()
        assert [await total(client, review=one) for one in ("mine", "none", "invited")] == [1, 0, 0]
        assert review["author_name"] == "Occitanie"
        seen = (await client.get(path)).json()
        assert {answer["recorded_by"] for answer in seen["answers"]} == {None}


@pytest.mark.parametrize("mode", ["alone", "group"])
async def test_nothing_is_opened_without_a_structure(membership: ServiceUnderTest, mode: str) -> None:
    async with membership.client("member") as client:
        refused = await client.post("/assessments", json={"bank": "cap-2026", "mode": mode})
        assert (refused.status_code, refused.json()["code"]) == (404, "member_not_found")
