"""Two structures called for 800 euros each, and finance that agrees on how they pay."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from common.clock import legal_day
from common.dated import months_after
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..receipts.desk import Desk, desk

OWN, OTHER = UUID(int=1), UUID(int=2)


class Finance(Desk):
    """Finance at its desk: the money that comes in, and the plans that it agrees."""

    def __init__(self, dues: ServiceUnderTest, client: httpx.AsyncClient) -> None:
        super().__init__(client)
        self.dues = dues
        self.today = legal_day(dues.runtime.clock.now())

    def months_on(self, months: int) -> str:
        return str(months_after(self.today, months))

    def days_on(self, days: int) -> str:
        return str(self.today + timedelta(days=days))

    def asked(self, count: int = 4, *, first_on: date | str | None = None, **given: Any) -> dict[str, Any]:
        """Return what is asked of a plan: four equal parts from today on, where nothing else is said."""
        equal = {"count": count, "first_on": str(first_on or self.today)}
        return {"member_id": str(OWN), "schedule": equal, "reason": "Trésorerie tendue", **given}

    async def agree(self, count: int = 4, **given: Any) -> dict[str, Any]:
        answer = await self.client.post("/plans", json=self.asked(count, **given))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def to_plan(self, plan: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        """Do something to a plan as it was last seen, and see what became of it."""
        seen = {"If-Match": etag(plan["version"])}
        answer = await self.client.post(f"/plans/{plan['id']}/{act}", json=body, headers=seen)
        if answer.is_success:
            plan.update(answer.json())
        return answer

    async def plan(self, plan: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/plans/{plan['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def lefts(self, plan: dict[str, Any]) -> list[tuple[str, str]]:
        shown = await self.plan(plan)
        return [(one["left"], one["state"]) for one in shown["schedule"]["instalments"]]

    async def listed(self, query: str = "") -> list[str]:
        answer = await self.client.get(f"/plans?{query}")
        assert answer.status_code == 200, answer.text
        return [plan["reference"] for plan in answer.json()["items"]]

    async def credit(self, invoice_id: str, amount: str) -> None:
        why = {"reason": "solidarity", "note": "Solidarité"}
        parts = {"invoice_id": invoice_id, "fixed": amount, "variable": "0.00"}
        draft = (await self.client.post("/credits", json={**why, **parts})).json()
        seen = {"If-Match": etag(draft["version"])}
        issued = await self.client.post(f"/credits/{draft['id']}/issue", headers=seen)
        assert issued.status_code == 200, issued.text


@pytest_asyncio.fixture
async def finance(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Finance]:
    async with desk(dues, arranged) as at_work:
        yield Finance(dues, at_work.client)
