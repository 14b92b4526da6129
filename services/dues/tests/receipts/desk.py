"""Finance at its desk: two structures called for their dues, and the money that comes in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from common.clock import Clock, legal_day
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, run

MEMBER, OTHER = str(UUID(int=1)), str(UUID(int=2))
TODAY = str(legal_day(Clock().now()))
DUE = "800.00"
"""What a group of economic solidarity (GES) owes: the fixed part alone."""


@dataclass
class Desk:
    """Finance at its desk: what it enters, and what then stands."""

    client: httpx.AsyncClient

    async def enter(self, amount: str = DUE, **given: Any) -> dict[str, Any]:
        answer = await self.ask(amount, **given)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def ask(self, amount: str = DUE, **given: Any) -> httpx.Response:
        body = {
            "method": "transfer",
            "amount": amount,
            "received_on": TODAY,
            "member_id": MEMBER,
        }
        return await self.client.post("/receipts", json={**body, **given})

    async def act(self, receipt: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        seen = {"If-Match": f'"v{receipt["version"]}"'}
        return await self.client.post(f"/receipts/{receipt['id']}/{act}", json=body, headers=seen)

    async def done(self, receipt: dict[str, Any], act: str, **body: Any) -> dict[str, Any]:
        answer = await self.act(receipt, act, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def calls(self) -> dict[str, dict[str, Any]]:
        listed = (await self.client.get("/invoices", params={"sort": "number"})).json()["items"]
        return {call["number"][-1]: call for call in listed}

    async def paid(self) -> list[tuple[str, str, str]]:
        return [(call["paid"], call["owed"], call["status"]) for call in (await self.calls()).values()]


async def two_called(dues: ServiceUnderTest) -> None:
    """Two members of two regions are called for 800 euros each."""
    await dues.receive(joined(1, "ges", delegation="occitanie"), joined(2, "ges", delegation="bretagne"))
    async with dues.client("finance") as client:
        await run(dues, client, (await open_campaign(client))["id"])


@asynccontextmanager
async def desk(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Desk]:
    """Open the desk where two members were called."""
    await arranged(dues, two_called)
    async with dues.client("finance") as client:
        yield Desk(client)
