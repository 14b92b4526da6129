"""Finance and regions at work on reminders, on the days on which calls are late."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.clock import legal_day
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, run

OWN, OTHER, THIRD = (UUID(int=rank) for rank in (1, 2, 3))
DUE = "800.00"
FIRST, SECOND, NOTICE = 45, 75, 105
"""Days after the issue on which each level comes: calls are due after 30."""


class Desk:
    """Whoever asks, of a service on a day."""

    def __init__(self, dues: ServiceUnderTest) -> None:
        self.dues = dues
        self.today = legal_day(dues.runtime.clock.now())

    async def ask(self, method: str, path: str, *roles: str, who: dict[str, Any] | None = None, **sent: Any) -> Any:
        async with self.dues.client(*(roles or ("finance",)), **(who or {})) as client:
            return await client.request(method, path, **sent)

    async def read(self, path: str, *roles: str, **who: Any) -> Any:
        answer = await self.ask("GET", path, *roles, who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def listed(self, path: str, *roles: str, **who: Any) -> list[dict[str, Any]]:
        return list((await self.read(path, *roles, **who))["items"])

    async def send(self, *member_ids: UUID, **given: Any) -> httpx.Response:
        body = {"member_ids": [str(one) for one in member_ids]} if member_ids else given
        answer: httpx.Response = await self.ask("POST", "/reminders/runs", json=body)
        return answer

    async def sent(self, *member_ids: UUID, **given: Any) -> dict[str, Any]:
        """Remind, print, and return the run."""
        answer = await self.send(*member_ids, **given)
        assert answer.status_code == 202, answer.text
        await self.dues.run_jobs()
        return dict(await self.read(f"/reminders/runs/{answer.json()['run']['id']}"))

    async def place(self, *roles: str, who: dict[str, Any] | None = None, **given: Any) -> httpx.Response:
        body = {
            "member_id": str(OWN),
            "reason": "disputed",
            "note": "Conteste la base.",
            "until": str(self.today + timedelta(days=10)),
        }
        answer: httpx.Response = await self.ask(
            "POST", "/reminder-holds", *(roles or ("finance",)), who=who, json={**body, **given}
        )
        return answer

    async def pay(self, member_id: UUID = OWN, amount: str = DUE) -> dict[str, Any]:
        body = {"method": "debit", "amount": amount, "received_on": str(self.today), "member_id": str(member_id)}
        answer = await self.ask("POST", "/receipts", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def proposals(self, query: str = "", *roles: str, **who: Any) -> list[tuple[str, int, list[str]]]:
        """Return who is to be reminded, at which level, and what stops it."""
        return [
            (one["member_name"], one["level"], [blocker["code"] for blocker in one["blockers"].get("send", ())])
            for one in await self.listed(f"/reminders/proposals?sort=name&{query}", *roles, **who)
        ]


async def call_members(dues: ServiceUnderTest, arranged: Arrange, members: Iterable[int] = (1, 2, 3)) -> None:
    """Call members for 800 euros each: the first two of Occitanie, the third of Bretagne."""
    await arranged(dues, members_called, tuple(members))


async def members_called(dues: ServiceUnderTest, members: tuple[int, ...]) -> None:
    """Members are called: the first two of Occitanie, the third of Bretagne."""
    regions = {3: "bretagne"}
    await dues.receive(*(joined(rank, "ges", delegation=regions.get(rank, "occitanie")) for rank in members))
    async with dues.client("finance") as client:
        await run(dues, client, (await open_campaign(client))["id"])


@asynccontextmanager
async def on_day(dues: ServiceUnderTest, days: int) -> AsyncIterator[Desk]:
    """Open the desk so many days after the calls were issued."""
    async with dues.days_later(days) as later:
        yield Desk(later)


def day(desk: Desk, days: int) -> date:
    return desk.today + timedelta(days=days)
