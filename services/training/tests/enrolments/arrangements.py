"""Structures, people and an announced session, and the acts that a test plays on its seats through the API."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from common.contracts.dues import DuesStandingChanged, StandingState
from common.contracts.membership import MemberState, MemberUpdated
from common.testing.harness import ServiceUnderTest

from ..sessions.arrangements import Means, announced, means, two_days

_ROOM = 14
"""How many the room of the arrangements holds; more sit at a distance."""


@dataclass(frozen=True)
class Held:
    """An announced session, and what it is made of."""

    id: str
    means: Means


def member(number: int, **said: Any) -> MemberUpdated:
    """What membership says of a structure."""
    fields: dict[str, Any] = {
        "id": UUID(int=number), "reference": f"ADH-{number:05d}", "name": f"Structure {number}", "siren": None,
        "status": "active", "activities": (), "delegation": "occitanie", "department": "31", "address": None,
        "joined_on": date(2020, 1, 6), **said,
    }  # fmt: skip
    return MemberUpdated(state=MemberState(**fields), changed=("name",))


def standing(number: int, code: str, year: int, since: date) -> DuesStandingChanged:
    """What dues says of where a structure stands."""
    state = StandingState(id=UUID(int=1000 + number), member_id=UUID(int=number), year=year, standing=code, since=since)
    return DuesStandingChanged(state=state)


async def opened(training: ServiceUnderTest, seats: int, *members: int, **said: Any) -> Held:
    """An announced session of so many seats, and structures to ask for them."""
    await training.receive(*(member(number) for number in members))
    held = await means(training)
    async with training.client("training") as team:
        where = {"room_id": None, "remote": True} if seats > _ROOM else {}
        made = await announced(team, two_days(held, **where), seats_min=1, seats_max=seats, **said)
    return Held(made["id"], held)


async def person(client: httpx.AsyncClient, member_id: int | None, name: str = "EXEMPLE", **said: Any) -> str:
    """Somebody on the list of a structure."""
    body = {
        "first_name": "Camille", "last_name": name, "situation": "employee",
        "member_id": str(UUID(int=member_id)) if member_id else None, **said,
    }  # fmt: skip
    answer = await client.post("/trainees", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def quote_body(held: Held, member_id: int, seats: int = 1, **said: Any) -> dict[str, Any]:
    return {"session_id": held.id, "buyer": {"member_id": str(UUID(int=member_id))}, "seats": seats, **said}


async def quoted(client: httpx.AsyncClient, held: Held, member_id: int, seats: int = 1, **said: Any) -> str:
    answer = await client.post("/quotes", json=quote_body(held, member_id, seats, **said))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def asked(client: httpx.AsyncClient, held: Held, member_id: int, seats: int = 1, **said: Any) -> httpx.Response:
    """Ask for seats without a name yet, at a price asked for in the same act."""
    names_by = None if said.get("trainees") else held.means.first.replace(day=1).isoformat()
    body = {"quote": quote_body(held, member_id, seats), "names_by": names_by, **said}
    return await client.post("/enrolment-requests", json=body)


async def seated(client: httpx.AsyncClient, held: Held, member_id: int, seats: int = 1, **said: Any) -> dict[str, Any]:
    """The same, that has to pass."""
    answer = await asked(client, held, member_id, seats, **said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def acted(client: httpx.AsyncClient, path: str, act: str, body: dict[str, Any] | None = None) -> httpx.Response:
    """Play an act at the version that a resource has now."""
    tag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/{act}", json=body, headers={"If-Match": tag})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def statuses(request: dict[str, Any]) -> list[str]:
    return [seat["status"] for seat in request["seats"]]
