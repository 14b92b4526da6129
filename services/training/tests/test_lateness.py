"""What is late is late on the same day in a list's filter as on each of its lines: the rule and its SQL are one."""

from typing import Any

import httpx
import pytest

from common.clock import legal_day
from common.testing.harness import ServiceUnderTest
from common.workdays import FRANCE

from .complaints.arrangements import filed
from .improvements.arrangements import day, planned, risk


async def late(client: httpx.AsyncClient, path: str, flag: str) -> tuple[list[str], list[str]]:
    """The references that the filter finds, and those of the lines that say so."""
    found, every = [(await client.get(path, params=params)).json()["items"] for params in ({flag: True}, {})]
    return [one["reference"] for one in found], [one["reference"] for one in every if one[flag]]


@pytest.mark.parametrize(
    ("path", "flag", "due_in"),
    [
        pytest.param("/improvements/actions", "overdue", 2, id="une action"),
        pytest.param("/improvements/risks", "review_due", 2, id="la revue d'un risque"),
        pytest.param("/complaints", "overdue", None, id="une réclamation"),
    ],
)
async def test_a_filter_finds_what_its_lines_say(
    training: ServiceUnderTest, path: str, flag: str, due_in: int | None
) -> None:
    today = legal_day(training.runtime.clock.now())
    days = due_in or (FRANCE.after(today, 2) - today).days
    async with training.client("training") as team:
        await planned(team, training, "audit", "NC-3", due_on=day(training, days))
        body: dict[str, Any] = risk(training, next_review_on=day(training, days))
        assert (await team.post("/improvements/risks", json=body)).status_code == 201
        await filed(team)
    for after, expected in ((days - 1, 0), (days, 0), (days + 1, 1)):
        async with training.days_later(after) as later, later.client("training") as team:
            found, told = await late(team, path, flag)
            assert found == told
            assert len(found) == expected, after
