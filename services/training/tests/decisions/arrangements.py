"""Two sessions of a programme, and past ones to forecast from."""

from datetime import date, timedelta
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import Held, opened
from ..sessions.arrangements import announced, two_days


async def pair(
    training: ServiceUnderTest, seats: int, sister_seats: int, *members: int, **said: Any
) -> tuple[Held, Held]:
    """A session, and another of the same programme four weeks later."""
    held = await opened(training, seats, *members, **said)
    async with training.client("training") as team:
        later = held.means.first + timedelta(weeks=4)
        made = await announced(team, two_days(held.means, later), seats_min=1, seats_max=sister_seats, **said)
    return held, Held(made["id"], held.means)


async def decided(
    team: httpx.AsyncClient, session_id: str, act: str, body: dict[str, Any], **params: Any
) -> httpx.Response:
    """Decide of a session as it is now."""
    tag = (await team.get(f"/sessions/{session_id}")).headers["etag"]
    return await team.post(f"/sessions/{session_id}/{act}", json=body, params=params, headers={"If-Match": tag})


def outcomes(answer: httpx.Response) -> list[tuple[str, str, int | None]]:
    """Return what became of each seat: whose, what, at which rank."""
    assert answer.status_code == 200, answer.text
    return sorted((one["buyer_name"], one["outcome"], one["rank"]) for one in answer.json()["seats"])


def workday(day: date) -> date:
    """Return a day, or the Monday after it."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
