"""Two hundred structures on twenty seats, at the same instant, through the API and on real connections."""

import asyncio
import random
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service
from training.enrolments.domain import seats_that_fit

from .arrangements import Held, acted, opened, quoted, seated

_CLIENTS, _SEATS = 200, 20
_POOL_OF_API = 10
_STATEMENTS = 11
"""What is said to the database to ask for a seat."""
_COST_OF_READS = 6
"""To ask costs so many times a read of what was asked, at most: measured in one run, whatever else the machine does."""


async def test_two_hundred_at_once_on_twenty_seats(assemble: Assemble) -> None:
    """Never more, never fewer, in order, nobody told to try again; and for little more work than reading it again."""
    training = await assemble(service, database_pool_size=_POOL_OF_API)
    held = await opened(training, _SEATS, *range(1, _CLIENTS + 1))
    async with training.client("training") as team:
        quotes = await asyncio.gather(*(quoted(team, held, number) for number in range(1, _CLIENTS + 1)))
        names_by = (held.means.first - timedelta(days=3)).isoformat()

        async def ask(quote: str) -> httpx.Response:
            return await team.post("/enrolment-requests", json={"quote_id": quote, "names_by": names_by})

        began = time.process_time()
        answers = await asyncio.gather(*map(ask, quotes))
        asking = time.process_time() - began
        assert Counter(answer.status_code for answer in answers) == {201: _CLIENTS}
        requests = [answer.json() for answer in answers]
        given = Counter(seat["status"] for request in requests for seat in request["seats"])
        assert given == {"confirmed": _SEATS, "waiting": _CLIENTS - _SEATS}
        ranks = sorted(request["waiting"]["rank"] for request in requests if request["waiting"])
        assert ranks == list(range(1, _CLIENTS - _SEATS + 1))
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["discrepancies"] == []
        began = time.process_time()
        await asyncio.gather(*(team.get(f"/enrolment-requests/{request['id']}") for request in requests))
        assert asking < _COST_OF_READS * (time.process_time() - began)
        last = await quoted(team, held, 1)
        with training.statements() as sent:
            assert (await ask(last)).status_code == 201
        assert len(sent) <= _STATEMENTS, [statement for statement, _ in sent]
    order = await training.rows(
        "SELECT status FROM enrolment e JOIN enrolment_request r ON r.id = e.request_id ORDER BY r.place"
    )
    assert [row.status for row in order] == ["confirmed"] * _SEATS + ["waiting"] * (_CLIENTS - _SEATS + 1)
    numbers = [
        row.reference for row in await training.rows("SELECT reference FROM enrolment_request ORDER BY reference")
    ]
    assert [int(number[-5:]) for number in numbers] == list(range(1, _CLIENTS + 2))


@pytest.mark.parametrize("policy", ["strict", "fill", "one_each_first"])
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_is_done_at_once_no_seat_is_lost_sold_twice_or_given_out_of_turn(
    assemble: Assemble, policy: str, seed: int
) -> None:
    training = await assemble(service, database_pool_size=_POOL_OF_API)
    held = await opened(training, 5, *range(1, 9))
    chance = random.Random(seed)  # a play to repeat, not a secret
    async with training.client("training") as team:
        opening = await team.post(f"/sessions/{held.id}/seats/open")
        chosen = {"If-Match": opening.headers["etag"]}
        await team.post(f"/sessions/{held.id}/seats/policy", json={"policy": policy}, headers=chosen)
        for _ in range(3):
            plays = [_play(team, held, chance.randint(0, 2**32)) for _ in range(12)]
            codes = await asyncio.gather(*plays)
            assert set(codes) <= {200, 201, 409, 412}
            await _check(training, team, held)


async def _play(team: httpx.AsyncClient, held: Held, seed: int) -> int:
    """Ask for seats, give some back or answer an offer, as a person would from what they read just before."""
    chance = random.Random(seed)
    move = chance.choice(["ask", "ask", "leave", "answer"])
    if move == "leave":
        live = (await team.get("/enrolments", params={"status": ["confirmed", "waiting"]})).json()["items"]
        if live:
            path = f"/enrolments/{chance.choice(live)['id']}"
            return (await acted(team, path, "withdraw", {"reason": "absence"})).status_code
    if move == "answer":
        offers = (await team.get("/seat-offers", params={"status": "open"})).json()["items"]
        if offers:
            path = f"/seat-offers/{chance.choice(offers)['id']}"
            return (await acted(team, path, chance.choice(["accept", "decline"]))).status_code
    seats, together = chance.randint(1, 3), chance.random() < 0.5
    await seated(team, held, chance.randint(1, 8), seats, together=together)
    return 201


async def _check(training: ServiceUnderTest, team: httpx.AsyncClient, held: Held) -> None:
    """Compare what is counted with what is kept, and the log with the rule."""
    [pool] = await training.rows("SELECT * FROM seat_pool")
    kept: dict[str, Any] = {row.status: row.n for row in await training.rows(
        "SELECT status, count(*) AS n FROM enrolment GROUP BY status"
    )}  # fmt: skip
    assert pool.taken == kept.get("confirmed", 0) + kept.get("offered", 0) <= pool.capacity
    assert pool.waiting == kept.get("waiting", 0)
    proof = (await team.get(f"/sessions/{held.id}/seats/proof")).json()
    assert proof["discrepancies"] == []
    waiting = (await team.get(f"/sessions/{held.id}/waiting-list")).json()["items"]
    free = pool.capacity - pool.taken
    considered = waiting[:1] if pool.policy == "strict" else waiting
    assert not any(seats_that_fit(one["seats"], free, together=one["together"]) for one in considered)


async def test_a_price_is_taken_once_and_an_offer_ends_once(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    names_by = (held.means.first - timedelta(days=3)).isoformat()
    async with training.client("training") as team:
        body = {"quote_id": await quoted(team, held, 1), "names_by": names_by}
        twice = await asyncio.gather(*(team.post("/enrolment-requests", json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in twice) == [201, 409, 409, 409]
        await seated(team, held, 2)
        [first] = (await team.get("/enrolments", params={"status": "confirmed"})).json()["items"]
        await acted(team, f"/enrolments/{first['id']}", "withdraw", {"reason": "absence"})
        [offer] = (await team.get("/seat-offers", params={"status": "open"})).json()["items"]
        answers = await asyncio.gather(
            *(
                team.post(f"/seat-offers/{offer['id']}/{act}", headers={"If-Match": '"v1"'})
                for act in ("accept", "decline", "accept", "decline")
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        await _check(training, team, held)
