"""A call for projects from its draft to its awards, as finance and two delegations live it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx

from common.clock import Clock, legal_day
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..receipts.desk import DUE, OTHER, Desk, two_called

TODAY = legal_day(Clock().now())
PDF = ("budget.pdf", b"%PDF-1.7 un budget", "application/pdf")
INCOME = "160.00"
"""The fund's tenth of what two structures paid."""
OCCITANIE, BRETAGNE = {"delegation": "occitanie"}, {"delegation": "bretagne"}
CALL = {
    "title": "Projets régionaux",
    "text": "Pour les projets de plusieurs structures.",
    "criteria": "Nombre de structures.\nSuite donnée.",
    "year": 2026,
    "envelope": "120.00",
    "max_award": "100.00",
    "opens_on": str(TODAY),
    "closes_on": str(TODAY + timedelta(days=9)),
}
PROJECT = {
    "title": "Achats en commun",
    "description": "Une plateforme pour toutes les structures de la région.",
    "asked": "80.00",
    "costs": [{"label": "Animation", "amount": "150.00"}, {"label": "Outil", "amount": "50.00"}],
    "funding": [{"label": "Région", "amount": "120.00"}],
    "starts_on": str(TODAY + timedelta(days=30)),
    "ends_on": str(TODAY + timedelta(days=300)),
}


def day(after: int) -> str:
    return str(TODAY + timedelta(days=after))


@dataclass
class Fund:
    """Whoever acts on the fund, on one day; what is changed is sent with the version that was last seen."""

    dues: ServiceUnderTest

    async def ask(self, method: str, path: str, *roles: str, who: Any = None, **sent: Any) -> httpx.Response:
        async with self.dues.client(*(roles or ("finance",)), **(who or {})) as client:
            return await client.request(method, f"/fund{path}", **sent)

    async def get(self, path: str, *roles: str, who: Any = None, **params: Any) -> Any:
        answer = await self.ask("GET", path, *roles, who=who, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def try_on(self, kind: str, one: dict[str, Any], act: str, *roles: str, **sent: Any) -> httpx.Response:
        headers = {"If-Match": etag(one["version"])}
        answer = await self.ask("POST", f"/{kind}/{one['id']}/{act}", *roles, headers=headers, **sent)
        if answer.is_success:
            one.clear()
            one.update(answer.json())
        return answer

    async def call(self, *, opened: bool = True, **given: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/calls", json={**CALL, **given})
        assert answer.status_code == 201, answer.text
        call = dict(answer.json())
        if opened:
            assert (await self.try_on("calls", call, "open")).status_code == 200
        return call

    async def application(
        self, call: dict[str, Any], who: dict[str, str] = OCCITANIE, *, submitted: bool = True, **given: Any
    ) -> dict[str, Any]:
        path = f"/calls/{call['id']}/applications"
        answer = await self.ask("POST", path, "delegation", who=who, json={**PROJECT, **given})
        assert answer.status_code == 201, answer.text
        application = dict(answer.json())
        if submitted:
            sent = await self.try_on("applications", application, "submit", "delegation", who=who)
            assert sent.status_code == 200, sent.text
        return application

    async def decide(self, call: dict[str, Any], *decisions: dict[str, Any], **given: Any) -> httpx.Response:
        body = {"sitting_on": str(legal_day(self.dues.runtime.clock.now())), "decisions": list(decisions), **given}
        call = dict(await self.get(f"/calls/{call['id']}"))
        return await self.try_on("calls", call, "decisions", json=body)

    async def awarded(self, call: dict[str, Any], application: dict[str, Any], **given: Any) -> dict[str, Any]:
        answer = await self.decide(call, {"application_id": application["id"], "amount": "80.00", **given})
        assert answer.status_code == 200, answer.text
        return dict(await self.get(f"/applications/{application['id']}"))

    async def act(self, application: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        return await self.try_on("applications", application, act, json=body)

    async def sums(self, *names: str, **params: Any) -> tuple[str, ...]:
        shown = await self.get("/statement", **params)
        return tuple(shown[name] for name in names or ("income", "committed", "paid", "free"))

    async def lines_tie(self) -> None:
        """The statement is the sum of its lines, and nothing of it is negative."""
        shown = await self.get("/statement")
        page = await self.get("/movements", limit=200, total=True)
        assert page["total"] == shown["movements"]
        assert sum(Decimal(line["free"]) for line in page["items"]) == Decimal(shown["free"])
        assert Decimal(shown["free"]) == Decimal(shown["income"]) - Decimal(shown["paid"]) - Decimal(shown["committed"])
        assert min(Decimal(shown[name]) for name in ("committed", "paid", "free", "reserved", "available")) >= 0


def paying(instalment: int, paid_on: date | str, **given: Any) -> dict[str, Any]:
    return {"instalment": instalment, "paid_on": str(paid_on), "bank_reference": f"VIR-{instalment}", **given}


async def two_paid(dues: ServiceUnderTest) -> None:
    """Two structures have paid: the fund has its tenth of it."""
    await two_called(dues)
    async with dues.client("finance") as client:
        finance = Desk(client)
        await finance.enter()
        await finance.enter(DUE, member_id=OTHER)


@asynccontextmanager
async def fund(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Fund]:
    """Act on the fund of a federation where two structures have paid."""
    await arranged(dues, two_paid)
    yield Fund(dues)


@asynccontextmanager
async def days_later(dues: ServiceUnderTest, days: int) -> AsyncIterator[Fund]:
    """The same fund, some days later."""
    async with dues.days_later(days) as later:
        yield Fund(later)
