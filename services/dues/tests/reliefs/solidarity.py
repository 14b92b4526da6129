"""Structures called for 800 euros each, ten of which paid: the fund can carry one; and who asks, advises, decides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx

from common.clock import legal_day
from common.contracts.dues import InvoiceFact, PlanFact, ReliefFact
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, run

OWN, OTHER, LONE = (UUID(int=rank) for rank in (1, 2, 3))
DUE = "800.00"
ADVICE_DAYS = 15
PDF = ("bilan.pdf", b"%PDF-1.7 un bilan", "application/pdf")
WHY = "Trésorerie à zéro, licenciements en cours."
OCCITANIE, BRETAGNE = {"delegation": "occitanie"}, {"delegation": "bretagne"}
OWN_TOKEN = {"member_id": OWN}


class Solidarity:
    """Whoever acts on requests, on one day; what is changed is sent with the version that was last seen."""

    def __init__(self, dues: ServiceUnderTest) -> None:
        self.dues = dues
        self.today = legal_day(dues.runtime.clock.now())

    async def ask(self, method: str, path: str, *roles: str, who: Any = None, **sent: Any) -> httpx.Response:
        async with self.dues.client(*(roles or ("finance",)), **(who or {})) as client:
            return await client.request(method, path, **sent)

    async def get(self, path: str, *roles: str, who: Any = None, **params: Any) -> Any:
        answer = await self.ask("GET", path, *roles, who=who, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def try_asking(self, *roles: str, who: Any = None, **given: Any) -> httpx.Response:
        body = {"member_id": str(OWN), "asks": "reduction", "reason": WHY, **given}
        return await self.ask("POST", "/reliefs", *roles, who=who, json=body)

    async def asked(self, **given: Any) -> dict[str, Any]:
        """Ask as the member itself."""
        answer = await self.try_asking("member", who={"member_id": UUID(given.get("member_id", str(OWN)))}, **given)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, one: dict[str, Any], act: str, *roles: str, who: Any = None, **body: Any) -> httpx.Response:
        headers = {"If-Match": etag(one["version"])}
        path = f"/reliefs/{one['id']}/{act}"
        answer = await self.ask("POST", path, *roles, who=who, json=body, headers=headers)
        if answer.is_success:
            one.clear()
            one.update(answer.json())
        return answer

    async def attached(self) -> tuple[dict[str, Any], str]:
        """Ask, and send a document; return the request and the id of the document."""
        one = await self.asked()
        sent = await self.ask("POST", f"/reliefs/{one['id']}/attachments", files={"file": PDF})
        assert sent.status_code == 201, sent.text
        return one, sent.json()["attachments"][0]["id"]

    async def detach(self, one: dict[str, Any], attachment_id: str, *roles: str, who: Any = None) -> httpx.Response:
        headers = {"If-Match": etag(one["version"])}
        path = f"/reliefs/{one['id']}/attachments/{attachment_id}"
        return await self.ask("DELETE", path, *roles, who=who, headers=headers)

    async def advise(self, one: dict[str, Any], opinion: str = "favourable") -> None:
        given = {"opinion": opinion, "text": "Nous les avons vus."}
        answer = await self.act(one, "advise", "delegation", who=OCCITANIE, **given)
        assert answer.status_code == 200, answer.text

    async def decide(self, one: dict[str, Any], outcome: str = "reduction", **given: Any) -> httpx.Response:
        said = {"decided_by": "Conseil d'administration", "sitting_on": str(self.today), "reason": "Après examen."}
        return await self.act(one, "decide", **{"outcome": outcome, **said, **given})

    async def granted(self, **given: Any) -> dict[str, Any]:
        """Ask, advise and grant."""
        one = await self.asked()
        await self.advise(one)
        answer = await self.decide(one, **given)
        assert answer.status_code == 200, answer.text
        return one

    async def pay(self, member_id: UUID, amount: str = DUE) -> dict[str, Any]:
        body = {"method": "transfer", "amount": amount, "received_on": str(self.today), "member_id": str(member_id)}
        answer = await self.ask("POST", "/receipts", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def call(self, member_id: UUID = OWN) -> dict[str, Any]:
        [found] = (await self.get("/invoices", member_id=str(member_id)))["items"]
        return dict(found)

    async def fund(self) -> tuple[str, ...]:
        shown = await self.get("/fund/statement")
        return tuple(shown[name] for name in ("income", "committed", "paid", "free"))

    async def heard(self) -> None:
        """Hear our own facts, as the bus brings them back."""
        ours = InvoiceFact | PlanFact | ReliefFact
        await self.dues.receive(*(fact for fact in await self.dues.published() if isinstance(fact, ours)))

    async def standing(self, member_id: UUID = OWN) -> str:
        await self.heard()
        [found] = (await self.get(f"/standings/{member_id}"))["items"]
        return str(found["standing"])


async def three_called(dues: ServiceUnderTest, paying: int) -> None:
    """``OWN`` of Occitanie, ``OTHER`` of Bretagne, ``LONE`` of Occitanie are called, and as many as have paid."""
    regions = {2: "bretagne"}
    ranks = range(1, 4 + paying)
    await dues.receive(*(joined(rank, "ges", delegation=regions.get(rank, "occitanie")) for rank in ranks))
    async with dues.client("finance") as client:
        await run(dues, client, (await open_campaign(client))["id"])
    now = Solidarity(dues)
    for rank in range(4, 4 + paying):
        await now.pay(UUID(int=rank))


async def call_members(dues: ServiceUnderTest, arranged: Arrange, paying: int = 10) -> Solidarity:
    """Act on requests where three are called beside those who have paid."""
    await arranged(dues, three_called, paying)
    return Solidarity(dues)


@asynccontextmanager
async def days_later(dues: ServiceUnderTest, days: int) -> AsyncIterator[Solidarity]:
    """The same, some days later."""
    async with dues.days_later(days) as later:
        yield Solidarity(later)
