"""The register through its doors: completing, seeing, following, exporting."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import MemberUpdated
from common.testing.harness import ServiceUnderTest

TODAY_YEAR = date.today().year  # noqa: DTZ011  # the year a person would look at


def structure(name: str, department: str = "31", postcode: str = "31000") -> dict[str, Any]:
    return {
        "name": name,
        "department": department,
        "activities": ["ai"],
        "street": "1 rue des Exemples",
        "postcode": postcode,
        "city": "VILLE",
    }


async def receive(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    received = await client.post("/applications", json=fields)
    assert received.status_code == 201, received.text
    return dict(received.json())


async def admit(client: httpx.AsyncClient, application: dict[str, Any], reference: str = "PV-1", **voted: Any) -> None:
    sitting = {"held_on": application["received_on"], "in_office": 9, "present": 9, "minutes_reference": reference}
    path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
    vote = {
        "matter_id": application["id"],
        "outcome": "admitted",
        "votes_for": 9,
        "reservations": ["pièces"],
        **voted,
    }
    await client.post(f"{path}/decisions", json={"decisions": [vote]}, headers={"If-Match": '"v1"'})
    closed = await client.post(f"{path}/close", headers={"If-Match": '"v2"'})
    assert closed.status_code == 200, closed.text


async def test_a_candidate_is_completed_until_a_sitting_can_decide(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, name="Structure fictive", department="77")
        assert application["ready"] is False
        path = f"/members/{application['member_id']}"
        etag = (await client.get(path)).headers["etag"]
        fields = {"activities": ["aci"], "street": "2 rue B", "postcode": "77000", "city": "MELUN"}
        amended = await client.patch(path, json=fields, headers={"If-Match": etag})
        assert amended.json()["missing"] == []
        assert amended.json()["delegation"] == "idf"
        assert (await client.get(f"/applications/{application['id']}")).json()["ready"] is True


async def test_two_people_do_not_overwrite_each_other(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = f"/members/{(await receive(client, **structure('A')))['member_id']}"
        etag = (await client.get(path)).headers["etag"]
        first = await client.patch(path, json={"city": "BLAGNAC"}, headers={"If-Match": etag})
        second = await client.patch(path, json={"city": "MURET"}, headers={"If-Match": etag})
        without = await client.patch(path, json={"city": "MURET"})
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "version_changed")
    assert second.json()["current"]["city"] == "BLAGNAC"
    assert (without.status_code, without.json()["code"]) == (428, "if_match_missing")


async def test_a_change_of_a_member_is_told_to_the_others(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        await admit(client, application)
        path = f"/members/{application['member_id']}"
        etag = (await client.get(path)).headers["etag"]
        await client.patch(path, json={"siren": "900000019"}, headers={"If-Match": etag})
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberUpdated)
    assert (fact.changed, fact.state.siren) == (("siren",), "900000019")


async def test_a_dry_run_shows_the_result_and_keeps_nothing(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        shown = await client.post("/applications", params={"dry_run": True}, json=structure("A"))
        assert shown.status_code == 201
        assert shown.headers["dry-run"] == "true"
    assert await membership.rows("SELECT 1 FROM member") == []


@pytest.mark.parametrize(
    ("roles", "who", "seen"),
    [
        pytest.param(("network",), {}, ["A", "B"], id="le réseau voit tout"),
        pytest.param(("delegation",), {"delegation": "idf"}, ["B"], id="une délégation voit les siennes"),
        pytest.param(("delegation",), {}, [], id="une délégation sans nom ne voit rien"),
        pytest.param(("member",), {"member_id": UUID(int=5)}, [], id="une structure inconnue ne voit rien"),
    ],
)
async def test_each_sees_its_own_in_lists_counts_exports_and_feeds(
    membership: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], seen: list[str]
) -> None:
    async with membership.client("network") as network:
        ids = {
            name: (await receive(network, **structure(name, department, postcode)))["member_id"]
            for name, department, postcode in (("A", "31", "31000"), ("B", "77", "77000"))
        }
    async with membership.client(*roles, **who) as client:
        page = (await client.get("/members", params={"total": True})).json()
        assert [member["name"] for member in page["items"]] == seen
        assert page["total"] == len(seen)
        export = (await client.get("/members/export")).text
        assert [line.split(";")[1] for line in export.splitlines()[1:]] == seen
        for name, member_id in ids.items():
            assert (await client.get(f"/members/{member_id}")).status_code == (200 if name in seen else 404)


@pytest.mark.parametrize(
    ("params", "names"),
    [
        pytest.param({"q": "ecole"}, ["École des métiers"], id="sans accent ni casse"),
        pytest.param({"kind": "ai", "sort": "-name"}, ["École des métiers", "Atelier"], id="par activité"),
        pytest.param({"department": ["75", "31"]}, ["Atelier"], id="l'un de ces départements"),
        pytest.param({"status": "active"}, [], id="adhérentes seulement"),
    ],
)
async def test_the_list_is_searched_and_sorted(
    membership: ServiceUnderTest, params: dict[str, Any], names: list[str]
) -> None:
    async with membership.client("network") as client:
        await receive(client, **structure("Atelier"))
        await receive(client, **structure("École des métiers", "77", "77000"))
        listed = (await client.get("/members", params=params)).json()["items"]
    assert [member["name"] for member in listed] == names


async def test_the_filter_on_complete_files_is_the_rule_itself(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        complete = structure("A")
        await receive(client, **complete)
        for field in ("activities", "street", "postcode", "city"):
            await receive(client, **{**complete, "name": field, field: [] if field == "activities" else None})
        await receive(client, **structure("Grand Est", "67", "67000"))
        every = (await client.get("/applications")).json()["items"]
        ready = (await client.get("/applications", params={"ready": True})).json()["items"]
        not_ready = (await client.get("/applications", params={"ready": False})).json()["items"]
    assert ready == [application for application in every if application["ready"]]
    assert not_ready == [application for application in every if not application["ready"]]
    assert [application["name"] for application in ready] == ["A"]


SIREN, SIRET, OTHER_SIREN, OTHER_SIRET = "900000001", "90000000100017", "356000000", "35600000049837"


@pytest.mark.parametrize(
    ("held", "amendment"),
    [
        pytest.param({"siret": SIRET}, {"siren": OTHER_SIREN}, id="un SIREN qui n'est pas celui du SIRET connu"),
        pytest.param({"siren": SIREN}, {"siret": OTHER_SIRET}, id="un SIRET qui n'est pas du SIREN connu"),
        pytest.param({}, {"siren": SIREN, "siret": OTHER_SIRET}, id="les deux, mal assortis"),
    ],
)
async def test_a_siret_of_another_siren_is_refused_and_nothing_changes(
    membership: ServiceUnderTest, held: dict[str, str], amendment: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = f"/members/{(await receive(client, **structure('A'), **held))['member_id']}"
        before = await client.get(path)
        refused = await client.patch(path, json=amendment, headers={"If-Match": before.headers["etag"]})
        assert (refused.status_code, refused.json()["code"]) == (400, "siret_of_another_siren"), refused.text
        assert (await client.get(path)).json() == before.json()


async def test_a_mismatched_pair_is_refused_at_the_reception(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        body = {**structure("A"), "siren": SIREN, "siret": OTHER_SIRET}
        refused = await client.post("/applications", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "siret_of_another_siren")
    assert await membership.rows("SELECT 1 FROM member") == []


async def test_a_siret_alone_fills_the_siren(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = f"/members/{(await receive(client, **structure('A')))['member_id']}"
        etag = (await client.get(path)).headers["etag"]
        amended = await client.patch(path, json={"siret": SIRET}, headers={"If-Match": etag})
        assert (amended.status_code, amended.json()["siren"]) == (200, SIREN)
        assert (await client.get(f"/members/by-siret/{SIRET}")).json() == amended.json()
        assert (await client.get(f"/members/by-siret/{OTHER_SIRET}")).status_code == 404


@pytest.mark.parametrize(
    ("roles", "who", "allowed"),
    [
        pytest.param(("network",), {}, {"A": ["amend"], "B": ["amend"]}, id="le réseau : toutes"),
        pytest.param(("finance",), {}, {"A": [], "B": []}, id="les finances lisent seulement"),
        pytest.param(("delegation",), {"delegation": "idf"}, {"B": ["amend"]}, id="une délégation : les siennes"),
        pytest.param(
            ("finance", "delegation"),
            {"delegation": "idf"},
            {"A": [], "B": ["amend"]},
            id="lit tout, modifie les siennes",
        ),
    ],
)
async def test_only_those_who_may_amend_are_told_so(
    membership: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], allowed: dict[str, list[str]]
) -> None:
    async with membership.client("network") as network:
        for name, department, postcode in (("A", "31", "31000"), ("B", "77", "77000")):
            await receive(network, **structure(name, department, postcode))
    async with membership.client(*roles, **who) as client:
        listed = (await client.get("/members")).json()["items"]
        assert {member["name"]: member["allowed_actions"] for member in listed} == allowed
        for member in listed:
            assert (await client.get(f"/members/{member['id']}")).json() == member


async def test_a_delegation_may_move_a_structure_out_of_its_area(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as network:
        path = f"/members/{(await receive(network, **structure('B', '77', '77000')))['member_id']}"
        etag = (await network.get(path)).headers["etag"]
    async with membership.client("delegation", delegation="idf") as client:
        address = {"department": "31", "postcode": "31000"}
        moved = await client.patch(path, json=address, headers={"If-Match": etag})
        assert (moved.status_code, moved.json()["delegation"]) == (200, "occitanie")
        assert moved.json()["allowed_actions"] == []
        assert (await client.get(path)).status_code == 404
