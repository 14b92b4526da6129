"""Two sessions become one while people enrol in both, on real connections: nobody is lost, no seat is sold twice."""

import asyncio
from collections import Counter
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service

from ..enrolments.arrangements import Held, asked
from .arrangements import decided, pair

_CLIENTS = range(1, 25)


@pytest.mark.parametrize("first", [0, 6, 12])
async def test_who_enrols_while_two_sessions_become_one_is_seated_once(assemble: Assemble, first: int) -> None:
    """Whoever was told that they are in has a seat or a place in the session that is left: the oracle is the sum."""
    training = await assemble(service, database_pool_size=10)
    held, other = await pair(training, 5, 8, *_CLIENTS)
    async with training.client("training") as team:

        async def ask(number: int) -> httpx.Response:
            return await asked(team, held if number % 2 else other, number, 1 + number % 3)

        before = await asyncio.gather(*(ask(number) for number in _CLIENTS[:first]))
        merging = decided(team, held.id, "merge", {"reason": "Deux sessions maigres", "into": other.id})
        done, *rest = await asyncio.gather(merging, *(ask(number) for number in _CLIENTS[first:]))
        assert done.status_code == 200, done.text
        answers = [*before, *rest]
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"session_not_open"}
        promised: Counter[str] = Counter()
        for answer in answers:
            if answer.status_code == 201:
                promised[answer.json()["buyer_name"]] += len(answer.json()["seats"])
        await _check(training, team, (held, other), promised)


async def test_two_sessions_joined_to_each_other_at_once_are_joined_once(assemble: Assemble) -> None:
    training = await assemble(service, database_pool_size=10)
    held, other = await pair(training, 5, 5, 1, 2)
    async with training.client("training") as team:
        promised: Counter[str] = Counter()
        for number, session in ((1, held), (2, other)):
            answer = await asked(team, session, number, 3)
            promised[answer.json()["buyer_name"]] += 3
        both = await asyncio.gather(
            decided(team, held.id, "merge", {"reason": "Trop peu", "into": other.id}),
            decided(team, other.id, "merge", {"reason": "Trop peu", "into": held.id}),
        )
        assert sorted(answer.status_code for answer in both) == [200, 409]
        await _check(training, team, (held, other), promised)


async def _check(
    training: ServiceUnderTest, team: httpx.AsyncClient, sessions: tuple[Held, Held], promised: Counter[str]
) -> None:
    """Compare what everybody was told with what is kept, and each log with the rule."""
    live = await training.rows(
        "SELECT r.buyer_name, e.session_id FROM enrolment e JOIN enrolment_request r ON r.id = e.request_id"
        " WHERE e.status <> 'cancelled'"
    )
    assert Counter(row.buyer_name for row in live) == promised
    assert len({row.session_id for row in live}) <= 1
    pools = await training.rows("SELECT * FROM seat_pool")
    kept = {(row.session_id, row.status): row.n for row in await training.rows(
        "SELECT session_id, status, count(*) AS n FROM enrolment GROUP BY 1, 2"
    )}  # fmt: skip
    for pool in pools:
        held = sum(kept.get((pool.session_id, status), 0) for status in ("confirmed", "offered"))
        assert pool.taken == held <= pool.capacity
        assert pool.waiting == kept.get((pool.session_id, "waiting"), 0)
        assert pool.closed or not pool.waiting or pool.taken == pool.capacity
    for session in sessions:
        proof = await team.get(f"/sessions/{UUID(session.id)}/seats/proof")
        assert proof.json()["discrepancies"] == []
