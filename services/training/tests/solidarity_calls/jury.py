"""A call from its draft to its awards, as the team, the board and the structures live it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from common.clock import Clock, legal_day
from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..envelopes.treasury import joined

TODAY = legal_day(Clock().now())
ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
CALL: dict[str, Any] = {
    "title": "Fonds mutualisés solidaires",
    "text": "Pour former les salariés en insertion.",
    "year": 2026,
    "opens_on": str(TODAY),
    "closes_on": str(TODAY + timedelta(days=9)),
    "budget": "10000.00",
    "max_award": "8000.00",
    "criteria": [
        {"code": "reach", "label": "Nombre de salariés formés", "weight": 3},
        {"code": "quality", "label": "Qualité du projet", "weight": 1},
    ],
    "scale": 5,
    "scores_needed": 1,
    "spread_alarm": "40",
}
PROJECT: dict[str, Any] = {
    "title": "Former les encadrants",
    "description": "Deux jours pour tous les encadrants.",
    "public": "permanent",
    "trainees": 12,
    "hours": "14",
    "asked": "6000.00",
    "costs": [{"label": "Formation", "amount": "7000.00"}],
}
BEST, WORST = {"reach": 5, "quality": 5}, {"reach": 0, "quality": 0}


@dataclass
class Fund:
    """Whoever acts on a call, on one day; what is changed is sent with the version that was last seen."""

    training: ServiceUnderTest
    envelope: str

    async def ask(
        self, method: str, path: str, role: str = "training", who: UUID | None = None, **sent: Any
    ) -> httpx.Response:
        async with self.training.client(role, member_id=who) as client:
            return await client.request(method, path, **sent)

    async def get(self, path: str, role: str = "training", who: UUID | None = None, **params: Any) -> Any:
        answer = await self.ask("GET", path, role, who, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def act(
        self, one: dict[str, Any], act: str, role: str = "training", who: UUID | None = None, **sent: Any
    ) -> httpx.Response:
        """Move a call or an application on, and keep what it became."""
        kind = "solidarity-calls" if "budget" in one else "solidarity-applications"
        seen = {"If-Match": etag(one["version"])}
        answer = await self.ask("POST", f"/{kind}/{one['id']}/{act}", role, who, headers=seen, **sent)
        if answer.status_code == 200 and "dry_run" not in sent.get("params", {}):
            one.update(answer.json().get("call", answer.json()))
        return answer

    async def call(self, *, opened: bool = True, **said: Any) -> dict[str, Any]:
        answer = await self.ask("POST", "/solidarity-calls", json={**CALL, "envelope_id": self.envelope, **said})
        assert answer.status_code == 201, answer.text
        call = dict(answer.json())
        if opened:
            answer = await self.act(call, "open")
            assert answer.status_code == 200, answer.text
        return call

    async def application(
        self, call: dict[str, Any], who: UUID = ONE, *, submitted: bool = True, **said: Any
    ) -> dict[str, Any]:
        path = f"/solidarity-calls/{call['id']}/applications"
        answer = await self.ask("POST", path, "member", who, json={**PROJECT, **said})
        assert answer.status_code == 201, answer.text
        application = dict(answer.json())
        if submitted:
            answer = await self.act(application, "submit", "member", who)
            assert answer.status_code == 200, answer.text
        return application

    async def judge(
        self, application: dict[str, Any], juror: str = "training", marks: dict[str, int] = BEST
    ) -> httpx.Response:
        path = f"/solidarity-applications/{application['id']}/scores"
        return await self.ask("POST", path, juror, json={"marks": marks})

    async def decide(self, call: dict[str, Any], *decisions: dict[str, Any], **sent: Any) -> httpx.Response:
        return await self.act(call, "decide", json={"decisions": list(decisions)}, **sent)

    async def seen(self, one: dict[str, Any], role: str = "training", who: UUID | None = None) -> dict[str, Any]:
        """Read a call or an application again."""
        kind = "solidarity-calls" if "budget" in one else "solidarity-applications"
        return dict(await self.get(f"/{kind}/{one['id']}", role, who))

    async def stands(self) -> tuple[str, str, str, str]:
        """What the envelope has received, has reserved, has spent, has available."""
        position = (await self.get(f"/funding/envelopes/{self.envelope}"))["position"]
        return position["contributed"], position["reserved"], position["consumed"], position["available"]


def yes(application: dict[str, Any], amount: str = "6000.00", **said: Any) -> dict[str, Any]:
    return {"application_id": application["id"], "amount": amount, **said}


def no(application: dict[str, Any], reason: str = "Public déjà formé.") -> dict[str, Any]:
    return {"application_id": application["id"], "reason": reason}


async def with_money(training: ServiceUnderTest) -> None:
    """Three structures, and an envelope of 20,000 euros."""
    await training.receive(*(joined(rank) for rank in (1, 2, 3)))
    said = {
        "kind": "solidarity_fund", "title": "FMS 2026", "year": 2026, "funder": "Coorace Formation",
        "opens_on": str(TODAY), "closes_on": str(TODAY + timedelta(days=300)),
    }  # fmt: skip
    async with training.client("training") as client:
        envelope = (await client.post("/funding/envelopes", json=said)).json()
        money = {"amount": "20000.00", "happened_on": str(TODAY), "label": "Dotation", "cause": "Décision du conseil"}
        assert (await client.post(f"/funding/envelopes/{envelope['id']}/contributions", json=money)).status_code == 201


@asynccontextmanager
async def fund(training: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Fund]:
    """Act on the funds, the day a call may open."""
    await arranged(training, with_money)
    yield await _fund(training)


@asynccontextmanager
async def closed(training: ServiceUnderTest, days: int = 10) -> AsyncIterator[Fund]:
    """The same funds, once the call has closed."""
    async with training.days_later(days) as later:
        yield await _fund(later)


async def _fund(training: ServiceUnderTest) -> Fund:
    async with training.client("training") as client:
        [envelope] = (await client.get("/funding/envelopes")).json()["items"]
    return Fund(training, envelope["id"])


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert not answer.is_success, answer.text
    return answer.status_code, answer.json()["code"]
