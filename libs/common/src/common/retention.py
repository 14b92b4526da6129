"""What the mechanism forgets, and when: never what still protects against a repetition.

An inbox row only saves a look at the mark, which is kept for ever; it outlives any topic retention (7 days) twice over.
An idempotency key outlives any client's patience. A mail stays for the days that whoever posted it gave: the time in
which one may have to prove that it was sent.
"""

from dataclasses import dataclass

import asyncpg

SHORTEST_DAYS = 14
"""Twice what the topics keep: nothing is forgotten while the bus may still bring it back."""
_SLICE = 1_000
_OLD_INBOX = """
DELETE FROM event_inbox WHERE (consumer, event_id) IN (
    SELECT consumer, event_id FROM event_inbox
    WHERE received_at < clock_timestamp() - make_interval(days => $2) LIMIT $1)
"""
_OLD_ANSWERS = """
DELETE FROM idempotency_key WHERE (actor, key) IN (
    SELECT actor, key FROM idempotency_key
    WHERE created_at < clock_timestamp() - make_interval(days => $2) LIMIT $1)
"""
_ANSWER_DAYS = 7
_OLD_MAILS = """
DELETE FROM mail WHERE id IN (
    SELECT id FROM mail WHERE (settled_at AT TIME ZONE 'UTC') + kept_days * interval '1 day' < now() AT TIME ZONE 'UTC'
    LIMIT $1)
"""


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many days a service keeps inbox rows, and the ledger; without a number, for ever."""

    inbox_days: int = 30
    archive_days: int | None = None


DEFAULT = Keeping()


async def sweep(connection: asyncpg.Connection, keeping: Keeping) -> bool:
    """Delete a slice of what is past its time; return whether there may be more."""
    statuses = [
        await connection.execute(_OLD_INBOX, _SLICE, keeping.inbox_days),
        await connection.execute(_OLD_ANSWERS, _SLICE, _ANSWER_DAYS),
        await connection.execute(_OLD_MAILS, _SLICE),
    ]
    return any(int(status.removeprefix("DELETE ")) == _SLICE for status in statuses)
