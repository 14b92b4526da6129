"""The catalogue of a delegation: what it offers, to whom it is shown, and its slots."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from common.testing.harness import ServiceUnderTest

from ..assessments.test_alone import structure_of
from ..members.test_dates import on
from ..sittings.test_minutes import act

LINK = "https://visio.example/salle"


async def offered(client: httpx.AsyncClient, delegation: str | None = "occitanie", **fields: Any) -> str:
    body = {
        "kind": "coodiag",
        "delegation": delegation,
        "level": "first",
        "title": "Coodiag : entretien d'une heure",
        "preparation": "Vos deux derniers bilans",
        "duration_minutes": 60,
        "mode": "remote",
        **fields,
    }
    answer = await client.post("/accompaniments", json=body)
    assert answer.status_code == 201, answer.text
    return f"/accompaniments/{answer.json()['id']}"


def series(days: int = 10, **fields: Any) -> dict[str, Any]:
    return {
        "first_day": on(days),
        "begins": "09:00",
        "ends": "10:00",
        "link": LINK,
        "keep_holidays": True,
        **fields,
    }


async def opened(client: httpx.AsyncClient, path: str, days: int = 10, **fields: Any) -> list[dict[str, Any]]:
    answer = await client.post(f"{path}/slots", json=series(days, **fields))
    assert answer.status_code == 201, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def listed(client: httpx.AsyncClient, under: str, **filters: Any) -> list[dict[str, Any]]:
    answer = await client.get(under, params={"total": "true", **filters})
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_delegation_offers_and_its_structures_find_a_free_place(membership: ServiceUnderTest) -> None:
    own = await structure_of(membership, "A")
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await offered(client)
        slots = await opened(client, path, ends="13:00")
        assert (len(slots), slots[0]["zone"], slots[0]["link"]) == (4, "Europe/Paris", LINK)
        assert len({slot["series_id"] for slot in slots}) == 1
        further = await offered(client, level="further", title="Coodiag : plan d'action", activities=["etti"])
    async with membership.client("network") as client:
        await offered(client, None, kind="zest", title="Zest' pour toutes")
        await offered(client, "bretagne", title="Coodiag de Bretagne")
    async with membership.client("member", member_id=own) as client:
        shown = await listed(client, "/accompaniments")
        assert [(one["title"], one["free"]) for one in shown] == [
            ("Coodiag : entretien d'une heure", True),
            ("Coodiag : plan d'action", False),
            ("Zest' pour toutes", True),
        ]
        assert [slot["id"] for slot in shown[0]["next_slots"]] == [slot["id"] for slot in slots[:3]]
        assert shown[0]["allowed_actions"] == []
        [found] = await listed(client, "/accompaniments", q="ENTRETIEN", free_from=on(10), free_to=on(10))
        assert found["id"] == shown[0]["id"]
        assert await listed(client, "/accompaniments", free_from=on(11)) == []
        assert len(await listed(client, "/accompaniments", activity="ai")) == 2
        seen = await listed(client, "/accompaniment-slots", free="true")
        assert [slot["link"] for slot in seen] == [None] * 4
        assert seen[0]["allowed_actions"] == ["book"]
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await act(client, further, "POST", "close")).json()["is_open"] is False
        again = await act(client, further, "POST", "close")
        assert (again.status_code, again.json()["code"]) == (409, "accompaniment_closed")
    async with membership.client("member", member_id=own) as client:
        assert (await client.get(further)).status_code == 404
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await act(client, further, "POST", "reopen")).json()["allowed_actions"] == [
            "amend",
            "open_slots",
            "close",
        ]


async def test_who_may_do_what_to_an_offer(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        national, elsewhere = await offered(client, None), await offered(client, "bretagne")
    async with membership.client("delegation", delegation="occitanie") as client:
        body = {"kind": "coodiag", "level": "first", "title": "A", "duration_minutes": 60, "mode": "remote"}
        for delegation in (None, "bretagne"):
            refused = await client.post("/accompaniments", json={**body, "delegation": delegation})
            assert (refused.status_code, refused.json()["code"]) == (403, "accompaniment_not_yours")
        closing = await act(client, national, "POST", "close")
        assert (closing.status_code, closing.json()["code"]) == (403, "accompaniment_not_yours")
        assert (await client.post(f"{national}/slots", json=series())).status_code == 403
        assert (await client.get(elsewhere)).status_code == 404
        assert (await client.post(f"{elsewhere}/slots", json=series())).status_code == 404
        for wrong in ({"kind": "inconnu"}, {"delegation": "nulle-part"}):
            assert (await client.post("/accompaniments", json={**body, "delegation": "occitanie", **wrong})).json()[
                "code"
            ] in ("accompaniment_kind_unknown", "delegation_unknown")
    async with membership.client("member", member_id=uuid4()) as client:
        assert await listed(client, "/accompaniments") == []
        assert (await client.get(national)).status_code == 404


async def test_a_dry_run_shows_the_slots_and_opens_none(membership: ServiceUnderTest) -> None:
    year = datetime.now(UTC).year + 1
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await offered(client)
        body = series(weekdays=[0, 1, 2, 3, 4, 5, 6], first_day=f"{year}-07-13", keep_holidays=False)
        tried = await client.post(f"{path}/slots", json=body, params={"dry_run": "true"})
        assert (tried.status_code, len(tried.json()["items"])) == (201, 6), tried.text
        assert tried.json()["left_out"] == [{"day": f"{year}-07-14", "name": "Fête nationale"}]
        assert await listed(client, "/accompaniment-slots") == []
        made = await client.post(f"{path}/slots", json=body, headers={"Idempotency-Key": "juillet"})
        again = await client.post(f"{path}/slots", json=body, headers={"Idempotency-Key": "juillet"})
        assert (again.status_code, again.json()) == (made.status_code, made.json())
        assert len(await listed(client, "/accompaniment-slots")) == 6


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"first_day": on(-1)}, 400, "slot_in_past", id="hier"),
        pytest.param({"minutes": 90}, 400, "slots_out_of_bounds", id="rien n'entre"),
        pytest.param({"zone": "America/Cayenne"}, 400, "slot_zone_unknown", id="l'heure d'ailleurs"),
        pytest.param({"link": "http://visio.example"}, 422, "validation", id="un lien sans https"),
        pytest.param({"link": None}, 422, "validation", id="ni lieu ni lien"),
        pytest.param({"begins": "09:00+02:00"}, 422, "validation", id="une heure avec son fuseau"),
        pytest.param({"capacity": 0}, 422, "validation", id="aucune place"),
        pytest.param({"couleur": "bleu"}, 422, "validation", id="un champ inconnu"),
    ],
)
async def test_what_is_no_slot(membership: ServiceUnderTest, fields: dict[str, Any], status: int, code: str) -> None:
    async with membership.client("network") as client:
        path = await offered(client)
        refused = await client.post(f"{path}/slots", json=series(**fields))
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


async def test_an_adviser_holds_one_slot_at_a_time(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        one, other = await offered(client), await offered(client, "bretagne")
        await opened(client, one)
        busy = await client.post(f"{other}/slots", json=series(begins="09:30", ends="10:30"))
        assert (busy.status_code, busy.json()["code"]) == (409, "adviser_busy")
        await opened(client, one, begins="10:00", ends="11:00")  # one after the other
        await opened(client, one, adviser="Chargée de mission")
        await opened(client, other, adviser="Chargée de mission")  # another delegation's is another person
        twice = await client.post(f"{one}/slots", json=series(adviser="Chargée de mission"))
        assert twice.json()["code"] == "adviser_busy"


async def test_two_at_once_for_the_same_adviser(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await offered(client)
        both = await asyncio.gather(*(client.post(f"{path}/slots", json=series()) for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [201, 409]
        assert len(await listed(client, "/accompaniment-slots")) == 1


async def test_what_is_free_is_the_same_in_a_list_and_in_the_rule(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await offered(client)
        late = await opened(client, path, 1, begins="00:00", ends="01:00")  # less than 24 hours ahead, whenever it is
        [gone] = await opened(client, path, 20)
        await opened(client, path, 30)
        assert (await act(client, f"/accompaniment-slots/{gone['id']}", "POST", "cancel", reason="Salle prise")).json()[
            "cancel_reason"
        ] == "Salle prise"
        free = {slot["id"] for slot in await listed(client, "/accompaniment-slots", free="true")}
        everything = await listed(client, "/accompaniment-slots")
        assert {slot["id"] for slot in everything if "book" in slot["allowed_actions"]} == free
        assert late[0]["id"] not in free
        assert [slot["id"] for slot in await listed(client, "/accompaniment-slots", cancelled="true")] == [gone["id"]]


async def test_an_amended_offer_is_another_edition(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await offered(client)
        etag = (await client.get(path)).headers["etag"]
        changed = await client.patch(path, json={"title": "Coodiag, autrement"}, headers={"If-Match": etag})
        assert (changed.json()["edition"], changed.json()["duration_minutes"]) == (2, 60)
        stale = await client.patch(path, json={"title": "x"}, headers={"If-Match": etag})
        assert stale.status_code == 412
        assert (await client.patch(path, json={"title": "x"})).status_code == 428
        etag = changed.headers["etag"]
        same = await client.patch(path, json={"title": "Coodiag, autrement"}, headers={"If-Match": etag})
        assert (same.json()["edition"], same.headers["etag"]) == (2, etag)
        assert len(await membership.rows("SELECT 1 FROM accompaniment_edition")) == 2
