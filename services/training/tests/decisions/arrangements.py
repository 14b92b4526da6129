"""Two sessions of a programme, past ones to forecast from, and the acts that a test plays."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from common.identifiers import new_id
from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import Held, opened
from ..sessions.arrangements import announced, two_days

_COPY = """INSERT INTO session SELECT (jsonb_populate_record(s, jsonb_build_object('id', $2::uuid,
    'reference', $3::text, 'status', $4::text,
    'confirmed_at', CASE WHEN $4 = 'confirmed' THEN s.announced_at END,
    'sort_day', $5::date, 'first_day', $5::date, 'last_day', $5::date + 1, 'ends_at', $5::date + 2,
    'decide_on', $5::date - 14, 'announced_at', CASE WHEN $4 <> 'draft' THEN s.announced_at END))).*
    FROM session s WHERE s.id = $1"""
_SLOT = """INSERT INTO session_slot (id, session_id, day, half, starts_at, ends_at, zone, remote, held)
    VALUES ($1, $1, $2::date, 'morning', $2::date + interval '9 hours', $2::date + interval '12 hours', 'Europe/Paris',
    true, false)"""
_POOL = "INSERT INTO seat_pool VALUES ($1, 12, 0, 0, 'strict', 0, 0, false, 1)"
_EVENT = """INSERT INTO seat_event (session_id, number, act, kind, seats, given, together, at, by)
    VALUES ($1, $2, $2, 'asked', $3, $3, false, $4::date + interval '12 hours', 'essai')"""


async def copied(
    training: ServiceUnderTest, session_id: str, firsts: list[date], status: str, filling: dict[int, int]
) -> None:
    """Put sessions like another in the tables. ``filling``: seats asked for and taken, by days before the first."""
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        for first in firsts:
            made = new_id()
            await connection.execute(_COPY, UUID(session_id), made, f"SES-{made}", status, first)
            await connection.execute(_SLOT, made, first)
            await connection.execute(_POOL, made)
            for number, (days, seats) in enumerate(filling.items(), 1):
                await connection.execute(_EVENT, made, number, seats, first - timedelta(days=days))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def pair(
    training: ServiceUnderTest, seats: int, sister_seats: int, *members: int, **said: Any
) -> tuple[Held, Held]:
    """A session, and another of the same programme four weeks later."""
    held = await opened(training, seats, *members, **said)
    async with training.client("training") as team:
        later = held.means.first + timedelta(weeks=4)
        made = await announced(team, two_days(held.means, later), seats_min=1, seats_max=sister_seats, **said)
    return held, Held(made["id"], held.means)


async def decided(
    team: httpx.AsyncClient, session_id: str, act: str, body: dict[str, Any], **params: Any
) -> httpx.Response:
    """Decide of a session as it is now."""
    tag = (await team.get(f"/sessions/{session_id}")).headers["etag"]
    return await team.post(f"/sessions/{session_id}/{act}", json=body, params=params, headers={"If-Match": tag})


def outcomes(answer: httpx.Response) -> list[tuple[str, str, int | None]]:
    """Return what became of each seat: whose, what, at which rank."""
    assert answer.status_code == 200, answer.text
    return sorted((one["buyer_name"], one["outcome"], one["rank"]) for one in answer.json()["seats"])
