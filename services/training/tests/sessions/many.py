"""As many sessions as it takes, put straight into the tables: four half-days each, over ten years."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from common.testing.harness import ServiceUnderTest

from .arrangements import Means

_THEMES, _MODES = ("support", "hr", "finance", "strategy"), ("on_site", "remote", "mixed")
_SESSION = """
    INSERT INTO session (id, reference, programme_code, programme_number, title, title_key, theme, hours, access_days,
        zone, seats_min, seats_max, reserved_for, adaptation, decide_reason, status, announced_at, costs, sort_day,
        first_day, last_day, ends_at, mode, decide_on, closes_on, room_id, venue, city, department, version, created_at,
        created_by, changed_at, changed_by)
    VALUES ($1, $2, 'CIP-01', 1, $3::text, lower($3::text), $4, 14, 15, 'Europe/Paris', 6, 12, '{}', '', '', $5::text,
        CASE WHEN $5::text = 'draft' THEN NULL ELSE now() END, '[]', $6::date, $6::date, $6::date + 1, $6::date + 2, $7,
        $6::date - 14, $6::date - 15, $8, 'Salle Jaurès', 'Toulouse', '31', 1, now(), 'essai', now(), 'essai')
"""
_SLOT = """
    INSERT INTO session_slot (id, session_id, day, half, starts_at, ends_at, zone, room_id, remote, held)
    VALUES ($1, $2, $3::date, $4, $3::date + $5::interval, $3::date + $5::interval + '3 hours', 'Europe/Paris', $6,
        false, $7)
"""
_TEACHES = """
    INSERT INTO session_slot_trainer (slot_id, trainer_id, rank, starts_at, ends_at, held)
    SELECT id, $1, 0, starts_at, ends_at, held FROM session_slot WHERE held AND day BETWEEN $2 AND $3
"""


async def fill(training: ServiceUnderTest, made: Means, count: int) -> None:
    """Put sessions in the tables, some of them announced in the room of the test, one in five still a draft."""
    sessions = [_session(made, rank) for rank in range(count)]
    slots = [slot for rank, session in enumerate(sessions) for slot in _slots(made, rank, session)]
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        await connection.executemany(_SESSION, sessions)
        await connection.executemany(_SLOT, slots)
        await connection.execute(_TEACHES, UUID(made.trainer), made.first, made.first + timedelta(days=3_650))
        await connection.execute("VACUUM ANALYZE session, session_slot, session_slot_trainer")
    finally:
        await connection.close()


def _session(made: Means, rank: int) -> tuple[Any, ...]:
    return (
        UUID(int=1_000_000 + rank),
        f"SES-2026-{rank + 100:05d}",
        f"Session d'essai {rank}",
        _THEMES[rank % 4],
        "draft" if rank % 5 == 0 else "scheduled",
        made.first + timedelta(days=rank % 3_650),
        _MODES[rank % 3],
        UUID(made.room),
    )


def _slots(made: Means, rank: int, session: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return the half-days of a session; it holds the room where no other does that day."""
    day: date = session[5]
    held = session[4] == "scheduled" and rank % 2 == 0 and rank < 3_650
    room_id = UUID(made.room) if held else None
    return [
        (UUID(int=10_000_000 + rank * 2 + place), session[0], day, half, timedelta(hours=hour), room_id, held)
        for place, (half, hour) in enumerate((("morning", 9), ("afternoon", 14)))
    ]
