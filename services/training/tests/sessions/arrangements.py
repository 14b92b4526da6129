"""A programme, a trainer and a room to make sessions of, and the acts that a test plays on one through the API."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.contracts.membership import MemberState, MemberUpdated
from common.testing.harness import ServiceUnderTest

from ..programmes.arrangements import published

MEMBER = MemberUpdated(
    state=MemberState(
        id=UUID(int=1), reference="ADH-00001", name="Structure d'essai", siren=None, status="active", activities=(),
        delegation="occitanie", department="31", address=None, joined_on=date(2026, 1, 5),
    ),
    changed=("name",),
)  # fmt: skip
HOURS = {"morning": ("09:00", "12:30"), "afternoon": ("13:30", "17:00")}


@dataclass(frozen=True)
class Means:
    """What sessions are made of. ``first``: a Tuesday in the middle of the weeks to come."""

    trainer: str
    room: str
    first: date


def soon(today: date, weeks: int = 12) -> date:
    """Return the Tuesday that is so many weeks after this one's."""
    return today + timedelta(days=1 - today.weekday(), weeks=weeks)


async def means(training: ServiceUnderTest) -> Means:
    """Have CIP-01 in the catalogue, somebody who teaches it, and a room."""
    async with training.client("training") as team:
        await published(team, "CIP-01")
        return Means(await trainer(team), await room(team), soon(training.runtime.clock.now().date()))


async def trainer(team: httpx.AsyncClient, name: str = "Camille EXEMPLE", **said: Any) -> str:
    """Somebody who may teach CIP-01."""
    cost = {"amount": "300.00", "unit": "half_day"}
    made = await team.post("/trainers", json={"name": name, "kind": "employee", "cost": cost, **said})
    assert made.status_code == 201, made.text
    competence = {
        "trainer_id": made.json()["id"], "programme_code": "CIP-01", "evidence": "experience", "reference": "Dossier 1",
        "assessed_on": "2026-01-05", "assessed_by": "Coorace Formation",
    }  # fmt: skip
    held = await team.post("/competences", json=competence)
    assert held.status_code == 201, held.text
    return str(made.json()["id"])


async def room(team: httpx.AsyncClient, name: str = "Salle Jaurès", **said: Any) -> str:
    """A room in Toulouse."""
    described = {
        "name": name, "street": "1 rue de l'Exemple", "postcode": "31000", "city": "Toulouse", "department": "31",
        "capacity": 14, "cost": "100.00", "accessibility": {"step_free_access": "yes"}, **said,
    }  # fmt: skip
    made = await team.post("/rooms", json=described)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def half_day(day: date, half: str = "morning", **said: Any) -> dict[str, Any]:
    begins, ends = HOURS[half]
    return {"day": day.isoformat(), "half": half, "begins": begins, "ends": ends, **said}


def two_days(held: Means, first: date | None = None, **said: Any) -> list[dict[str, Any]]:
    """Fourteen hours on two days in a row."""
    begins = first or held.first
    where = {"room_id": held.room, "trainers": [held.trainer], **said}
    return [half_day(begins + timedelta(days), half, **where) for days in range(2) for half in HOURS]


async def drafted(team: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    made = await team.post("/sessions", json={"programme_code": "CIP-01", **said})
    assert made.status_code == 201, made.text
    return dict(made.json())


async def acted(
    team: httpx.AsyncClient, session_id: str, method: str, path: str = "", body: dict[str, Any] | None = None
) -> httpx.Response:
    """Play an act at the version that the session has now."""
    tag = (await team.get(f"/sessions/{session_id}")).headers["etag"]
    return await team.request(method, f"/sessions/{session_id}{path}", json=body, headers={"If-Match": tag})


async def planned(team: httpx.AsyncClient, slots: list[dict[str, Any]], **said: Any) -> dict[str, Any]:
    """A draft with its half-days."""
    made = await drafted(team, **said)
    answer = await acted(team, made["id"], "PUT", "/slots", {"slots": slots})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def announced(team: httpx.AsyncClient, slots: list[dict[str, Any]], **said: Any) -> dict[str, Any]:
    made = await planned(team, slots, **said)
    answer = await acted(team, made["id"], "POST", "/schedule")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def kept(slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write half-days that were read as they are asked for again."""
    return [
        {name: one[name] for name in ("id", "day", "half", "begins", "ends", "remote")}
        | {"room_id": one["room"] and one["room"]["id"], "trainers": [who["id"] for who in one["trainers"]]}
        for one in slots
    ]
