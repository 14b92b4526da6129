"""A room's story through the API, and who comes in a wheelchair: what is known of each, and how it is found."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.rooms.domain import RoomNotFound
from training.rooms.queries import rooms_by_id

ROOM: dict[str, Any] = {
    "name": "Salle Jaurès",
    "street": "1 rue de l'Exemple",
    "postcode": "31000",
    "city": "Toulouse",
    "department": "31",
    "delegation": "occitanie",
    "capacity": 12,
    "accessibility": {"step_free_access": "yes", "note": "Rampe côté cour", "checked_on": "2026-02-02"},
    "equipment": ["Vidéoprojecteur"],
    "cost": "90.00",
    "owner": {"office": "Mairie, service des salles"},
}


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def added(client: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/rooms", json={**ROOM, **said})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def acted(client: httpx.AsyncClient, room: str, act: str) -> httpx.Response:
    tag = (await client.get(f"/rooms/{room}")).headers["etag"]
    return await client.post(f"/rooms/{room}/{act}", headers={"If-Match": tag})


async def test_a_room_is_added_amended_archived_and_used_again(training: ServiceUnderTest) -> None:
    async with training.client("training") as team, training.client("board") as board:
        made = await team.post("/rooms", json=ROOM)
        held = made.json()
        assert made.headers["location"] == f"/training/v1/rooms/{held['id']}"
        assert {name: held[name] for name in ROOM if name not in {"accessibility", "owner"}} == {
            name: value for name, value in ROOM.items() if name not in {"accessibility", "owner"}
        }
        assert (held["zone"], held["owner"]["office"]) == ("Europe/Paris", ROOM["owner"]["office"])
        access = held["accessibility"]
        assert (access["step_free_access"], access["hearing_loop"]) == ("yes", "unknown")
        at, tag = f"/rooms/{held['id']}", {"If-Match": made.headers["etag"]}
        overseas = {**ROOM, "postcode": "97400", "city": "Saint-Denis", "department": "974"}
        assert (await team.put(at, json=overseas, headers=tag)).json()["zone"] == "Indian/Reunion"
        assert codes(await team.put(at, json=ROOM, headers=tag)) == (412, "version_changed")
        assert codes(await team.put(at, json=ROOM)) == (428, "if_match_missing")
        assert (await acted(team, held["id"], "archive")).json()["allowed_actions"] == ["restore"]
        assert codes(await acted(team, held["id"], "archive")) == (409, "room_archived")
        assert codes(await team.put(at, json=ROOM, headers={"If-Match": '"v3"'})) == (409, "room_archived")
        assert (await acted(team, held["id"], "restore")).json()["allowed_actions"] == ["amend", "archive"]
        assert codes(await acted(team, held["id"], "restore")) == (409, "room_not_archived")
        assert (await board.get(at)).json()["allowed_actions"] == []
        assert (await board.post("/rooms", json=ROOM)).status_code == 403
    async with training.client() as anybody:
        assert (await anybody.get("/rooms")).status_code == 401


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        pytest.param({"department": "20"}, 422, "validation", id="un département qui n'est plus"),
        pytest.param({"department": "975"}, 422, "validation", id="une collectivité"),
        pytest.param({"capacity": 0}, 422, "validation", id="sans place"),
        pytest.param(
            {"accessibility": {"checked_on": "2100-01-01"}}, 400, "room_checked_later", id="vérifiée plus tard"
        ),
    ],
)
async def test_what_is_refused_of_a_room(
    training: ServiceUnderTest, said: dict[str, Any], status: int, code: str
) -> None:
    async with training.client("training") as team:
        assert codes(await team.post("/rooms", json={**ROOM, **said})) == (status, code)
        room = await added(team)
        amended = await team.put(f"/rooms/{room['id']}", json={**ROOM, **said}, headers={"If-Match": '"v1"'})
        assert codes(amended) == (status, code)


async def test_a_room_that_is_not_there_is_not_found(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        known = UUID((await added(team))["id"])
        missing = f"/rooms/{UUID(int=1)}"
        assert codes(await team.get(missing)) == (404, "room_not_found")
        lost = await team.post(f"{missing}/archive", headers={"If-Match": '"v1"'})
        assert codes(lost) == (404, "room_not_found")
    async with training.runtime.database.reading(Actor("test")) as read:
        assert list(await rooms_by_id(read, [known])) == [known]
        with pytest.raises(RoomNotFound):
            await rooms_by_id(read, [known, UUID(int=1)])


@pytest_asyncio.fixture
async def four(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await added(team, name="Atelier", city="Béziers", department="34", capacity=8)
        await added(team, name="Bocage", accessibility={}, capacity=30)
        await added(team, name="Cèdre", delegation="hdf", department="59", accessibility={"step_free_access": "no"})
        closed = await added(team, name="Ancienne")
        await acted(team, closed["id"], "archive")


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, ["Atelier", "Bocage", "Cèdre"], id="celles en usage, par leur nom"),
        pytest.param({"sort": "capacity"}, ["Atelier", "Cèdre", "Bocage"], id="par leurs places"),
        pytest.param({"archived": True}, ["Ancienne"], id="archivées"),
        pytest.param({"q": "beziers"}, ["Atelier"], id="par la ville, sans accents"),
        pytest.param({"q": "CEDRE"}, ["Cèdre"], id="par le nom, sans casse"),
        pytest.param({"delegation": "hdf"}, ["Cèdre"], id="d'une délégation"),
        pytest.param({"department": ["34", "59"]}, ["Atelier", "Cèdre"], id="de deux départements"),
        pytest.param({"capacity_from": 12}, ["Bocage", "Cèdre"], id="douze places au moins"),
        pytest.param({"step_free": "yes"}, ["Atelier"], id="où l'on entre sans marche"),
        pytest.param({"step_free": ["no", "unknown"]}, ["Bocage", "Cèdre"], id="où l'on n'entre pas, ou nul ne sait"),
    ],
)
async def test_rooms_are_found(training: ServiceUnderTest, asked: dict[str, Any], found: list[str]) -> None:
    async with training.client("network") as reader:
        page = (await reader.get("/rooms", params={**asked, "total": True})).json()
        assert ([one["name"] for one in page["items"]], page["total"]) == (found, len(found))
        narrowing = {name: value for name, value in asked.items() if name != "sort"}
        exported = (await reader.get("/rooms/export", params=narrowing)).content.decode("utf-8-sig").splitlines()[1:]
        assert sorted(line.split(";")[0] for line in exported) == sorted(found)
        turned, cursor = [], None
        for _ in found:
            following = {"cursor": cursor} if cursor else {}
            one = (await reader.get("/rooms", params={**asked, "limit": 1, **following})).json()
            turned, cursor = turned + [room["name"] for room in one["items"]], one["next_cursor"]
        assert (turned, cursor) == (found, None)


async def test_an_export_says_in_words_what_is_known(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await added(team)
        [header, line] = (await team.get("/rooms/export")).content.decode("utf-8-sig").splitlines()
        told = dict(zip(header.split(";"), line.split(";"), strict=True))
        assert (told["Accès sans marche"], told["Boucle magnétique"]) == ("oui", "non vérifié")
        assert (await team.get("/rooms/export", params={"format": "xlsx"})).content[:2] == b"PK"


async def test_two_thousand_rooms_are_listed_by_one_index_in_one_read(training: ServiceUnderTest) -> None:
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        await connection.execute(
            "INSERT INTO room (id, name, name_key, street, postcode, city, department, capacity, step_free_access,"
            " accessible_toilet, hearing_loop, parking, accessibility_note, equipment, version, created_at, created_by,"
            " changed_at, changed_by) SELECT gen_random_uuid(), 'Salle ' || n, 'salle ' || n, 'x', '31000', 'x', '31',"
            " n % 40 + 1, 'yes', 'yes', 'no', 'no', '', '{}', 1, now(), 'x', now(), 'x' FROM generate_series(1, 2000) n"
        )
        await connection.execute("VACUUM ANALYZE room")
        async with training.client("training") as team:
            for asked, index in (({}, "ix_room_name_key"), ({"sort": "-capacity"}, "ix_room_capacity")):
                with training.statements() as sent:
                    page = await team.get("/rooms", params={"limit": 20, **asked})
                assert len(page.json()["items"]) == 20
                [(statement, parameters)] = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
                plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
                assert index in json.dumps(json.loads(plan)), asked
    finally:
        await connection.close()
