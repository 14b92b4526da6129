"""Finance at work on direct debits: structures called for their dues, their mandates, the runs that collect them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from common.clock import legal_day
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.workdays import TARGET

from ..campaigns.test_campaign import joined, open_campaign, run
from ..mandates.conftest import Desk as MandateDesk

OWN, OTHER = UUID(int=1), UUID(int=2)
DUE = "800.00"
"""What a group of economic solidarity (GES) owes: the fixed part alone."""


class Desk:
    """Finance at its desk: what it does to runs, and what then stands."""

    def __init__(self, dues: ServiceUnderTest, client: httpx.AsyncClient) -> None:
        self.dues = dues
        self.client = client
        self.mandates = MandateDesk(dues)
        self.today = legal_day(dues.runtime.clock.now())
        self.day = TARGET.first_from(self.today + timedelta(60))

    def on(self, dues: ServiceUnderTest, client: httpx.AsyncClient) -> "Desk":
        """Return the same desk on another day, which still collects on the day that was chosen."""
        later = Desk(dues, client)
        later.day = self.day
        return later

    async def ask(self, **given: Any) -> httpx.Response:
        return await self.client.post("/collections", json={"collection_on": str(self.day), **given})

    async def prepare(self, **given: Any) -> dict[str, Any]:
        answer = await self.ask(**given)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, run: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        """Do something to a run as it was last seen; its job, if it has one, is run."""
        seen = {"If-Match": etag(run["version"])}
        answer = await self.client.post(f"/collections/{run['id']}/{act}", json=body or None, headers=seen)
        if answer.is_success:
            await self.dues.run_jobs()
            run.update((await self.client.get(f"/collections/{run['id']}")).json())
        return answer

    async def done(self, run: dict[str, Any], act: str, **body: Any) -> dict[str, Any]:
        answer = await self.act(run, act, **body)
        assert answer.is_success, answer.text
        return run

    async def presented(self, **given: Any) -> dict[str, Any]:
        run = await self.prepare(**given)
        await self.done(run, "announce")
        return await self.done(run, "file")

    async def lines(self, **params: Any) -> list[dict[str, Any]]:
        answer = await self.client.get("/collections/lines", params={"sort": "end_to_end", **params})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def on_line(self, line: dict[str, Any], act: str, **body: Any) -> httpx.Response:
        path, seen = f"/collections/lines/{line['id']}", {"If-Match": etag(line["version"])}
        answer = await self.client.post(f"{path}/{act}", json=body, headers=seen)
        if answer.is_success:
            line.update(answer.json())
        return answer

    async def preview(self) -> dict[str, Any]:
        answer = await self.client.get("/collections/preview", params={"collection_on": str(self.day)})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def owed(self) -> list[str]:
        listed = (await self.client.get("/invoices", params={"sort": "number"})).json()["items"]
        return [call["owed"] for call in listed]


async def call(dues: ServiceUnderTest, client: httpx.AsyncClient, *ranks: int) -> None:
    """Call structures for 800 euros each: the odd ones in Occitanie, the even ones in Brittany."""
    regions = ("bretagne", "occitanie")
    await dues.receive(*(joined(rank, "ges", delegation=regions[rank % 2]) for rank in ranks))
    known = (await client.get("/campaigns")).json()["items"]
    await run(dues, client, (known or [await open_campaign(client)])[0]["id"])


async def two_signed(dues: ServiceUnderTest) -> None:
    """Three structures are called; the first two signed a mandate."""
    async with dues.client("finance") as client:
        await call(dues, client, 1, 2, 3)
    for member in (OWN, OTHER):
        await MandateDesk(dues).signed(member)


async def run_presented(dues: ServiceUnderTest) -> dict[str, Any]:
    """A run of two debits was presented."""
    await two_signed(dues)
    async with dues.client("finance") as client:
        return await Desk(dues, client).presented()


@pytest_asyncio.fixture
async def desk(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Desk]:
    """Finance at its desk where two signed a mandate."""
    await arranged(dues, two_signed)
    async with dues.client("finance") as client:
        yield Desk(dues, client)


Presented = tuple[Desk, dict[str, Any]]
"""Finance at its desk, and the run of two debits that it presented."""


@pytest_asyncio.fixture
async def presented(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Presented]:
    run = await arranged(dues, run_presented)
    async with dues.client("finance") as client:
        yield Desk(dues, client), run
