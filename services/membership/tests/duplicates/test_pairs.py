"""The pairs: found every day, seen by whoever sees both, decided by a person, and silent from then on."""

import httpx
import pytest

from common.testing.harness import ServiceUnderTest

from ..members.test_dates import change, enter, entered
from .conftest import Twins
from .test_merging import id_of, merge, reported

RENNES = {"department": "35", "postcode": "35000"}


async def searched(service: ServiceUnderTest, client: httpx.AsyncClient) -> None:
    asked = await client.post("/duplicates/search")
    assert asked.status_code == 202, asked.text
    await service.run_jobs()


async def names(client: httpx.AsyncClient, **params: object) -> list[tuple[str, str]]:
    answer = await client.get("/duplicates", params=params)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [(one["first"]["name"], one["second"]["name"]) for one in answer.json()["items"]]


async def decide(client: httpx.AsyncClient, pair: str, act: str, **body: str) -> httpx.Response:
    etag = {"If-Match": (await client.get(pair)).headers["etag"]}
    return await client.post(f"{pair}/{act}", json=body or None, headers=etag)


async def test_the_register_is_searched_and_the_pairs_listed(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await entered(client, "Régain Services")
        await entered(client, "Regain Service")
        await entered(client, "Tremplin", **RENNES)
        twin = await entered(client, "Tremplin", **RENNES)
        await enter(client, twin, topic="activity", kind="aci", convention="ACI 35-1")
        other = await entered(client, "Passerelle", **RENNES)
        await enter(client, other, topic="activity", kind="aci", convention="aci-35-1")
        await searched(membership, client)
        assert await names(client) == [
            ("Tremplin", "Passerelle"),
            ("Tremplin", "Tremplin"),
            ("Régain Services", "Regain Service"),
        ]
        assert await names(client, reason="same_convention") == [("Tremplin", "Passerelle")]
        assert await names(client, delegation="occitanie") == [("Régain Services", "Regain Service")]
        assert await names(client, q="passer") == [("Tremplin", "Passerelle")]
        assert len(await names(client, member_id=id_of(twin))) == 2
        assert await names(client, state="merged") == []
        [first] = (await client.get("/duplicates", params={"limit": 1})).json()["items"]
        assert (first["score"], [one["label"] for one in first["reasons"]]) == (85, ["même numéro de convention"])
        page = (await client.get("/duplicates", params={"limit": 2, "total": True})).json()
        assert (len(page["items"]), page["total"]) == (2, 3)
        rest = (await client.get("/duplicates", params={"limit": 2, "cursor": page["next_cursor"]})).json()
        assert len(rest["items"]) == 1


async def test_a_number_that_another_once_bore_is_found(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        one, other = await entered(client, "Régain"), await entered(client, "Tremplin", **RENNES)
        await change(client, one, siret="90000000100017")
        await change(client, one, siren="900000019", siret="90000001900019")
        await change(client, other, siret="90000000100017")
        await searched(membership, client)
        [pair] = (await client.get("/duplicates")).json()["items"]
        assert [one["code"] for one in pair["reasons"]] == ["same_siret"]
        plan = await client.get(f"/duplicates/{pair['id']}/plan")
        assert plan.json()["blockers"] == []  # one entity, that changed its number


async def test_a_suspicion_that_lost_its_ground_goes_and_a_decision_stays(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        one, other = await entered(client, "Régain"), await entered(client, "Regain")
        await searched(membership, client)
        [pair] = (await client.get("/duplicates")).json()["items"]
        path = f"/duplicates/{pair['id']}"
        dismissed = await decide(client, path, "dismiss", reason="une AI et son ETTI")
        assert (dismissed.status_code, dismissed.json()["state"], dismissed.json()["allowed_actions"]) == (
            200,
            "dismissed",
            ["reopen"],
        )
        await searched(membership, client)
        assert await names(client) == []
        again = await decide(client, path, "dismiss", reason="-")
        assert (again.status_code, again.json()["code"]) == (409, "duplicate_decided")
        assert (await reported(client, one, other)) == path
        assert (await decide(client, path, "reopen")).json()["state"] == "suspected"
        assert (await decide(client, path, "reopen")).json()["code"] == "duplicate_not_dismissed"
        stale = await client.post(f"{path}/dismiss", json={"reason": "-"}, headers={"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        assert stale.json()["current"] == (await client.get(path)).json()
        assert (await client.post(f"{path}/dismiss", json={"reason": "-"})).status_code == 428
        third = await entered(client, "Régain bis", **RENNES)
        fourth = await entered(client, "Régain bis", **RENNES)
        await searched(membership, client)
        assert len(await names(client)) == 2
        await change(client, fourth, name="Tout autre chose")
        await searched(membership, client)
        assert await names(client) == [("Régain", "Regain")]  # reported: a person said so
        assert third


async def test_what_is_merged_is_not_suspected_any_more(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        third = await entered(client, "REGAIN")
        await searched(membership, client)
        assert len(await names(client)) == 3
        await merge(client, stays, goes)
        assert await names(client) == [("Régain", "REGAIN")]
        assert await names(client, state="merged") == [("Régain", "Regain")]
        pair = await merge(client, stays, third)
        held_already = await client.get(f"{pair}/plan", params={"stays_id": id_of(third)})
        assert "holds_merge" in [one["code"] for one in held_already.json()["blockers"]]


async def test_a_delegation_sees_its_own_tells_them_apart_and_proposes(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        ours = await reported(client, await entered(client, "A"), await entered(client, "B"))
        across = await reported(client, await entered(client, "C"), await entered(client, "D", **RENNES))
    async with membership.client("delegation", delegation="occitanie") as client:
        listed = (await client.get("/duplicates", params={"total": True})).json()
        assert ([one["id"] for one in listed["items"]], listed["total"]) == ([id_of(ours)], 1)
        for path in (across, f"{across}/plan"):
            assert (await client.get(path)).status_code in {403, 404}
        assert (await client.get(across)).json()["code"] == "duplicate_pair_not_found"
        seen = (await client.get(ours)).json()
        assert seen["allowed_actions"] == ["dismiss", "propose"]
        proposed = await decide(client, ours, "propose", reason="la même adresse")
        assert proposed.json()["proposed_reason"] == "la même adresse"
        body = {"stays_id": id_of(ours), "stays_version": 1, "goes_version": 1, "reason": "-"}
        assert (await client.post(f"{ours}/merge", json=body)).status_code == 403
        assert (await client.post("/duplicates/search")).status_code == 403
        unseen = await client.post(f"{across}/dismiss", json={"reason": "-"}, headers={"If-Match": '"v1"'})
        assert unseen.status_code == 404
    async with membership.client("network") as client:
        assert [one["id"] for one in (await client.get("/duplicates", params={"proposed": True})).json()["items"]] == [
            id_of(ours)
        ]


@pytest.mark.parametrize("role", ["member", "finance", "board"])
async def test_nobody_else_sees_pairs(membership: ServiceUnderTest, role: str) -> None:
    async with membership.client(role) as client:
        assert (await client.get("/duplicates")).status_code == 403


async def test_a_pair_is_of_two_records_within_reach(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        one, there = id_of(await entered(client, "A")), id_of(await entered(client, "B", **RENNES))
        itself = await client.post("/duplicates", json={"first_id": one, "second_id": one})
        assert (itself.status_code, itself.json()["code"]) == (400, "duplicate_of_itself")
    async with membership.client("delegation", delegation="occitanie") as client:
        across = await client.post("/duplicates", json={"first_id": one, "second_id": there})
        assert (across.status_code, across.json()["code"]) == (404, "member_not_found")
