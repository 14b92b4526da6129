"""A session that is being held now, its people, its trainer, and the acts that a test plays on its attendance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from common.testing.harness import ServiceUnderTest
from common.workdays import FRANCE

from ..enrolments.arrangements import Held, member, person, seated
from ..sessions.arrangements import announced, means, soon, trainer, two_days

OTHER = UUID(int=2)
_MORNING = 10


@dataclass(frozen=True)
class Class:
    """An announced session with people of the structures 1 and 2. ``days``: until its first day."""

    id: str
    trainer: str
    slots: tuple[str, ...]
    seats: tuple[str, ...]
    days: int

    @property
    def path(self) -> str:
        return f"/sessions/{self.id}/attendance"

    def slot(self, number: int = 0) -> str:
        return f"{self.path}/slots/{self.slots[number]}"


def zone_of_morning(now: datetime) -> str:
    """Return a zone where it is ten o'clock now, give or take the clocks' change: a half-day is on there."""
    ahead = (_MORNING - now.astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


async def planned_class(training: ServiceUnderTest, people: int = 3) -> Class:
    """Two days some weeks from now, whose mornings are on at this hour of the clock."""
    await training.receive(member(1), member(2))
    held = await means(training)
    now = training.runtime.clock.now()
    zone = zone_of_morning(now)
    async with training.client("training") as team:
        who = await trainer(team, "Dominique MODÈLE", account="test-trainer")
        today = now.astimezone(ZoneInfo(zone)).date()
        first = working_tuesday(today)
        slots = two_days(held, first, room_id=None, remote=True, trainers=[who])
        made = await announced(team, slots, zone=zone, seats_min=1, seats_max=max(people, 4))
        kept = Held(made["id"], held)
        seats = []
        for number in range(people):
            structure = 2 if number == people - 1 else 1
            named = await person(
                team, structure, f"NOM{number:02d}", first_name="Claude", email=f"claude{number}@exemple.fr"
            )
            asked = await seated(team, kept, structure, trainees=[named])
            seats.append(asked["seats"][0]["id"])
    return Class(made["id"], who, tuple(one["id"] for one in made["slots"]), tuple(seats), (first - today).days)


def working_tuesday(today: date) -> date:
    """Return a Tuesday in twelve weeks or a little more, that is no holiday, nor the day after it."""
    weeks = (soon(today, count) for count in range(12, 20))
    return next(day for day in weeks if FRANCE.holds(day) and FRANCE.holds(day + timedelta(days=1)))


async def said(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Play an act that has to pass."""
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def marked(client: httpx.AsyncClient, held: Class, slot: int, seat: int, **mark: Any) -> dict[str, Any]:
    body = {"enrolment_id": held.seats[seat], "kind": "present", **mark}
    return await said(client, f"{held.slot(slot)}/marks", body)


async def whole(client: httpx.AsyncClient, held: Class, slot: int, *present: int) -> dict[str, Any]:
    """Open a half-day, have some people sign on the device, and close it."""
    await said(client, f"{held.slot(slot)}/open")
    for seat in present:
        await marked(client, held, slot, seat)
    return await said(client, f"{held.slot(slot)}/close", {"trainer_id": held.trainer})


async def keys(training: ServiceUnderTest) -> list[str]:
    """The keys of the links that were mailed, by address."""
    rows = await training.rows("SELECT text FROM mail WHERE subject LIKE 'Émargement%' ORDER BY recipient, id")
    return [row.text.partition("#")[2].split()[0] for row in rows]


@asynccontextmanager
async def on_the_day(training: ServiceUnderTest, held: Class, day: int = 0) -> AsyncIterator[ServiceUnderTest]:
    """The same service on a day of the session; day 2: once it is over."""
    async with training.days_later(held.days + day) as then:
        yield then
