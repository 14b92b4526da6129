"""The treasurer's acts through the API, and the structures that a test lets training know of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from common.clock import Clock, legal_day
from common.contracts.membership import MemberJoined, MemberState
from common.etags import etag
from common.testing.harness import ServiceUnderTest

TODAY = legal_day(Clock().now())
LAST_DAY = TODAY + timedelta(days=60)
ONE, OTHER = UUID(int=1), UUID(int=2)
ACCOUNT = {
    "kind": "group_account",
    "title": "Compte groupe 2026",
    "year": 2026,
    "opens_on": str(TODAY),
    "closes_on": str(LAST_DAY),
}


def joined(rank: int) -> MemberJoined:
    """The fact that a structure is a member, under an invented name."""
    state = MemberState(
        id=UUID(int=rank),
        reference=f"ADH-{rank:05d}",
        name=f"Structure {rank:03d}",
        siren=None,
        status="active",
        activities=(),
        delegation="occitanie",
        department="31",
        address=None,
        joined_on=date(2015, 1, 5),
    )
    return MemberJoined(state=state, joined_on=state.joined_on, sitting_id=UUID(int=9_999), minutes_reference="PV-1")


async def two_members(training: ServiceUnderTest) -> None:
    await training.receive(joined(1), joined(2))


class Desk:
    """Somebody at work on the envelopes; what is changed is sent with the version that was last seen."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(f"/funding{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.client.post(f"/funding{path}", json=body, params=params)

    async def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self.post(path, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(self, path: str, seen: dict[str, Any], body: Any = None) -> httpx.Response:
        """Do something to a thing, and keep what it became."""
        headers = {"If-Match": etag(seen["version"])}
        answer = await self.client.post(f"/funding{path}", json=body, headers=headers)
        if answer.is_success:
            seen.clear()
            seen.update(answer.json())
        return answer

    async def envelope(self, money: str = "0.00", **said: Any) -> dict[str, Any]:
        """An envelope with money in it."""
        made = await self.made("/envelopes", {**ACCOUNT, **said})
        if money == "0.00":
            return made
        came = {"amount": money, "happened_on": str(TODAY), "label": "Dotation", "cause": "Notification"}
        return await self.made(f"/envelopes/{made['id']}/contributions", came)

    async def reserved(self, envelope: dict[str, Any], amount: str, **given: Any) -> dict[str, Any]:
        body = {"amount": amount, "label": "Dossier 1", "cause": "Accord du 3 mars", **given}
        return await self.made(f"/envelopes/{envelope['id']}/reservations", body)

    async def stands(self, envelope: dict[str, Any]) -> tuple[str, str, str, str]:
        """What came in, is reserved, is consumed, is available; the same as the sum of the ledger."""
        shown = (await self.get(f"/envelopes/{envelope['id']}"))["position"]
        told = await self.get(f"/envelopes/{envelope['id']}/balance")
        assert told["position"] == shown, "the sums of an envelope are those of its movements"
        return shown["contributed"], shown["reserved"], shown["consumed"], shown["available"]


@asynccontextmanager
async def desk(training: ServiceUnderTest, role: str = "training", **who: Any) -> AsyncIterator[Desk]:
    async with training.client(role, **who) as client:
        yield Desk(client)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
