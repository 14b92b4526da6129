"""Entering things in the register, one by one; its history, and taking back what was never so."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from common.testing.harness import ServiceUnderTest
from membership.territory.domain import Delegation, Territory

from .test_dates import change, enter, entered, on


async def test_the_history_tells_who_when_and_why(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, city="MURET", reason="déménagement")
        await change(client, path, city="AUCH", reason="faute de frappe")
        history = (await client.get(f"{path}/entries", params={"topic": "address", "total": True})).json()
    assert history["total"] == 3
    told = [(entry["value"]["city"], entry["counts"], entry["reason"]) for entry in history["items"]]
    assert told == [("AUCH", True, "faute de frappe"), ("MURET", False, "déménagement"), ("VILLE", False, None)]
    assert {entry["recorded_by"] for entry in history["items"]} == {"test-network"}
    assert [entry["allowed_actions"] for entry in history["items"]] == [["withdraw"], [], []]


async def test_what_was_never_so_is_withdrawn_and_stays_in_the_history(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, city="MURET", effective_on=on(1))
        [wrong] = (await client.get(path)).json()["upcoming"]
        after = await change(client, path, "POST", f"/entries/{wrong['id']}/withdraw", reason="autre structure")
        assert after["upcoming"] == []
        assert (await client.get(path, params={"as_of": on(1)})).json()["city"] == "VILLE"
        history = (await client.get(f"{path}/entries", params={"topic": "address"})).json()["items"]
        assert [(entry["withdraws"], entry["withdrawn"], entry["counts"]) for entry in history] == [
            (wrong["id"], False, False),
            (None, True, False),
            (None, False, True),
        ]


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        pytest.param("name", "entry_needed", id="le premier nom : une structure en a toujours un"),
        pytest.param("status", "entry_of_a_decision", id="la situation vient d'une décision"),
        pytest.param("address", "entry_superseded", id="ce qui a été remplacé"),
        pytest.param(None, "entry_not_found", id="ce qui n'existe pas"),
    ],
)
async def test_what_cannot_be_withdrawn(membership: ServiceUnderTest, topic: str | None, code: str) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, city="MURET")
        history = (await client.get(f"{path}/entries", params={"topic": topic or "name"})).json()["items"]
        entry_id = history[-1]["id"] if topic else uuid4()
        before = await client.get(path)
        refused = await client.post(
            f"{path}/entries/{entry_id}/withdraw", json={"reason": "x"}, headers={"If-Match": before.headers["etag"]}
        )
        assert refused.json()["code"] == code
        assert (await client.get(path)).json() == before.json()


async def test_activities_begin_change_and_end_each_on_its_day(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        agreed = {"convention": "ACI 031 26 0001", "convention_ends_on": on(700)}
        await enter(client, path, topic="activity", kind="aci", effective_on=on(2), **agreed)
        await enter(client, path, topic="activity", kind="etti", effective_on=on(4), main=True)
        await enter(client, path, topic="activity", kind="ai", effective_on=on(6), ended=True)
        seen = {}
        for days in (1, 2, 4, 6):
            then = (await client.get(path, params={"as_of": on(days)})).json()
            seen[days] = [activity["kind"] for activity in then["activities"]]
            listed = await client.get("/members", params={"as_of": on(days), "kind": "aci"})
            assert bool(listed.json()["items"]) == (days >= 2)
        assert seen == {1: ["ai"], 2: ["ai", "aci"], 4: ["etti", "ai", "aci"], 6: ["etti", "aci"]}
        assert then["activities"][1] == {
            "kind": "aci",
            "label": "ACI (atelier et chantier d'insertion)",
            "main": False,
            **agreed,
        }


async def test_what_is_announced_of_one_activity_leaves_the_others_alone(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, activities=["ai", "aci"])
        await enter(client, path, topic="activity", kind="etti", effective_on=on(10), main=True)
        await enter(client, path, topic="activity", kind="aci", convention="ACI 031 26 0001")
        await enter(client, path, topic="activity", kind="ai", ended=True)
        then = (await client.get(path, params={"as_of": on(10)})).json()
    assert [(activity["kind"], activity["convention"]) for activity in then["activities"]] == [
        ("etti", None),
        ("aci", "ACI 031 26 0001"),
    ]


async def test_made_the_main_one_an_activity_keeps_its_convention(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, activities=["ai", "aci"])
        await enter(client, path, topic="activity", kind="aci", convention="ACI 031 26 0001")
        main = await enter(client, path, topic="activity", kind="aci", main=True)
        assert [(one["kind"], one["convention"]) for one in main["activities"]] == [
            ("aci", "ACI 031 26 0001"),
            ("ai", None),
        ]
        without = await enter(client, path, topic="activity", kind="aci", convention=None)
        assert without["activities"][0]["convention"] is None


async def test_an_end_that_was_a_mistake_gives_the_main_activity_back(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client, activities=["etti", "ai"])
        ended = await enter(client, path, topic="activity", kind="etti", ended=True)
        assert [one["kind"] for one in ended["activities"]] == ["ai"]
        [wrong, *_] = (await client.get(f"{path}/entries", params={"topic": "activity"})).json()["items"]
        back = await change(client, path, "POST", f"/entries/{wrong['id']}/withdraw", reason="faute")
        assert [(one["kind"], one["main"]) for one in back["activities"]] == [("etti", True), ("ai", False)]


async def test_a_correction_of_the_same_day_is_withdrawn_alone(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await change(client, path, name="FAUTE")
        [wrong] = (await client.get(f"{path}/entries", params={"topic": "name", "limit": 1})).json()["items"]
        assert (await change(client, path, "POST", f"/entries/{wrong['id']}/withdraw", reason="faute"))["name"] == "A"


async def test_a_delegation_joins_only_a_group_that_it_may_see(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        groups = {
            name: (await entered(client, name, activities=["ges"], department=department, postcode=postcode))
            for name, department, postcode in (("ICI", "31", "31000"), ("AILLEURS", "77", "77000"))
        }
    async with membership.client("delegation", delegation="occitanie") as client:
        for name, status in (("AILLEURS", 404), ("ICI", 200)):
            etag = (await client.get(path)).headers["etag"]
            body = {"topic": "group", "group_id": groups[name].rpartition("/")[2]}
            joined = await client.post(f"{path}/entries", json=body, headers={"If-Match": etag})
            assert joined.status_code == status, joined.text
            assert "AILLEURS" not in joined.text


async def test_a_redistricting_does_not_reach_a_structure_that_did_not_move(
    membership: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        redrawn = Territory.of({"31": "Haute-Garonne"}, [Delegation("nouvelle", "Nouvelle", frozenset({"31"}))])
        monkeypatch.setattr("membership.members.use_cases.load_territory", lambda: redrawn)
        assert (await change(client, path, name="B"))["delegation"] == "occitanie"
        assert (await change(client, path, postcode="31100", city="MURET"))["delegation"] == "nouvelle"


async def test_a_delegation_may_be_imposed_with_a_reason(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        imposed = await enter(client, path, topic="delegation", code="idf", reason="siège à Paris")
        assert (imposed["delegation"], imposed["delegation_imposed"]) == ("idf", True)
        moved = await change(client, path, postcode="13001", city="MARSEILLE")
        assert (moved["delegation"], moved["department"]) == ("idf", "13")
        back = await enter(client, path, topic="delegation", code=None, reason="comme les autres")
        assert (back["delegation"], back["delegation_imposed"]) == ("paca", False)
        etag = (await client.get(path)).headers["etag"]
        without = {"topic": "delegation", "code": "idf"}
        refused = await client.post(f"{path}/entries", json=without, headers={"If-Match": etag})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/body/reason")


async def test_a_structure_is_part_of_groups(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        group_id = (await entered(client, "GROUPE", activities=["ges"])).rpartition("/")[2]
        joined = await enter(client, path, topic="group", group_id=group_id)
        assert joined["groups"] == [group_id]
        [part] = (await client.get("/members", params={"group": group_id})).json()["items"]
        assert part == joined
        left = await enter(client, path, topic="group", group_id=group_id, ended=True)
        assert left["groups"] == []
        assert (await client.get("/members", params={"group": group_id})).json()["items"] == []


async def test_letters_of_one_purpose_go_elsewhere(membership: ServiceUnderTest) -> None:
    address = {"attention": "Service comptabilité", "street": "2 rue B", "postcode": "31000", "city": "TOULOUSE"}
    async with membership.client("network") as client:
        path = await entered(client)
        sent = await enter(client, path, topic="correspondence", purpose="dues", address=address)
        assert sent["correspondence"] == [{"purpose": "dues", "label": "cotisations", "address": address}]
        back = await enter(client, path, topic="correspondence", purpose="dues", address=None)
        assert back["correspondence"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"topic": "activity", "kind": "etti", "ended": True}, 409, "activity_not_held", id="pas tenue"),
        pytest.param(
            {"topic": "activity", "kind": "ai", "ended": True, "main": True},
            422,
            "validation",
            id="finie et principale",
        ),
        pytest.param(
            {"topic": "activity", "kind": "ai", "convention_ends_on": "2027-01-01"},
            422,
            "validation",
            id="la fin d'une convention sans son numéro",
        ),
        pytest.param({"topic": "activity", "kind": "ai", "ended": True}, 409, "last_activity", id="la dernière"),
        pytest.param(
            {"topic": "delegation", "code": "mars", "reason": "x"}, 400, "delegation_unknown", id="délégation"
        ),
        pytest.param({"topic": "group", "group_id": str(UUID(int=4))}, 404, "member_not_found", id="groupe inconnu"),
        pytest.param(
            {"topic": "group", "group_id": str(UUID(int=4)), "ended": True}, 409, "not_in_group", id="pas du groupe"
        ),
        pytest.param({"topic": "name", "name": "B"}, 422, "validation", id="un objet qui s'inscrit autrement"),
        pytest.param({}, 422, "validation", id="rien"),
    ],
)
async def test_an_entry_that_is_refused_changes_nothing(
    membership: ServiceUnderTest, body: dict[str, Any], status: int, code: str
) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        before = await client.get(path)
        refused = await client.post(f"{path}/entries", json=body, headers={"If-Match": before.headers["etag"]})
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
        assert (await client.get(path)).json() == before.json()
