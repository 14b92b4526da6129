"""Two hundred structures on twenty seats, at the same instant, through the API and on real connections."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service

from .arrangements import Held, opened, quoted

_CLIENTS, _SEATS = 200, 20


async def test_two_hundred_at_once_on_twenty_seats(assemble: Assemble) -> None:
    training = await assemble(service, database_pool_size=10)
    held = await opened(training, _SEATS, *range(1, _CLIENTS + 1))
    async with training.client("training") as team:
        quotes = [await quoted(team, held, number) for number in range(1, _CLIENTS + 1)]
        names_by = (held.means.first - timedelta(days=3)).isoformat()
        began = time.perf_counter()

        async def ask(quote: str) -> tuple[float, httpx.Response]:
            body = {"quote_id": quote, "names_by": names_by}
            answer = await team.post("/enrolment-requests", json=body)
            return time.perf_counter() - began, answer

        answered = await asyncio.gather(*map(ask, quotes))
        took = sorted(t for t, _ in answered)
        print("TOOK", took[0], took[100], took[-1])
        assert Counter(answer.status_code for _, answer in answered) == {201: _CLIENTS}
        given = Counter(seat["status"] for _, answer in answered for seat in answer.json()["seats"])
        assert given == {"confirmed": _SEATS, "waiting": _CLIENTS - _SEATS}
        ranks = sorted(answer.json()["waiting"]["rank"] for _, answer in answered if answer.json()["waiting"])
        assert ranks == list(range(1, _CLIENTS - _SEATS + 1))
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]
        with training.statements() as sent:
            q = await quoted(team, held, 1)
            sent.clear()
            await ask(q)
        for s, _ in sent:
            print("STMT", s[:110].replace("\n", " "))
