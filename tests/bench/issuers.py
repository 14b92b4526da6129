"""Many issuers on one series: what they leave has neither a duplicate nor a hole, and its days never go back."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import httpx

from common.testing.harness import ServiceUnderTest

WRITERS = 8
_CALLS = "SELECT id FROM invoice ORDER BY number LIMIT :writers"
_ISSUED = "SELECT reference, issued_on FROM credit WHERE status = 'issued' ORDER BY reference"
_BOOKED = "SELECT rank, day FROM ledger_entry ORDER BY rank"


@dataclass(frozen=True, slots=True)
class Series:
    """What a series holds: its ranks with their days, in order."""

    places: Sequence[tuple[int, date]]

    @property
    def duplicates(self) -> int:
        """How many ranks were given more than once."""
        return sum(count > 1 for count in Counter(rank for rank, _ in self.places).values())

    @property
    def holes(self) -> int:
        """How many ranks were given to nothing."""
        ranks = {rank for rank, _ in self.places}
        return max(ranks, default=0) - len(ranks)

    @property
    def steps_back(self) -> int:
        """How many bear a day before that of the one they follow."""
        days = [day for _, day in self.places]
        return sum(following < day for day, following in pairwise(days))

    @property
    def is_sound(self) -> bool:
        """Whether it holds each rank once, in the order of time."""
        return not (self.duplicates or self.holes or self.steps_back)


async def issue_together(service: ServiceUnderTest, goes_on: Callable[[int], bool]) -> tuple[Series, Series]:
    """Have writers issue credit notes, a cent each, at once; return that series and the one of the books.

    Each writer takes from a call of its own, for as long as ``goes_on`` says of what it has issued.
    """
    calls = [row.id for row in await service.rows(_CALLS, writers=WRITERS)]

    async def write(call: object) -> None:
        async with service.client("finance") as client:
            done = 0
            while goes_on(done):
                await _issue_one(client, str(call))
                done += 1

    await asyncio.gather(*map(write, calls))
    issued = [(int(row.reference[-5:]), row.issued_on) for row in await service.rows(_ISSUED)]
    return Series(issued), Series([tuple(row) for row in await service.rows(_BOOKED)])


async def _issue_one(client: httpx.AsyncClient, call: str) -> None:
    asked = {"invoice_id": call, "fixed": "0.01", "variable": "0.00", "reason": "mistake", "note": "Un centime."}
    draft = await client.post("/credits", json=asked)
    assert draft.status_code == 201, draft.text
    path = f"/credits/{draft.json()['id']}/issue"
    issued = await client.post(path, headers={"If-Match": draft.headers["etag"]})
    assert issued.status_code == 200, issued.text
