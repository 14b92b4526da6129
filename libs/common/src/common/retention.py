"""What the mechanism forgets, and when: never what still protects against a repetition.

The archive is the ledger and is kept. An inbox row only saves a look at the mark, which is kept for ever; it outlives
any topic retention (7 days). An idempotency key outlives any client's patience.
"""

import asyncpg

_SLICE = 5_000
_OLD_INBOX = """
DELETE FROM event_inbox WHERE (consumer, event_id) IN (
    SELECT consumer, event_id FROM event_inbox
    WHERE received_at < clock_timestamp() - interval '30 days' LIMIT $1)
"""
_OLD_ANSWERS = """
DELETE FROM idempotency_key WHERE (actor, key) IN (
    SELECT actor, key FROM idempotency_key
    WHERE created_at < clock_timestamp() - interval '7 days' LIMIT $1)
"""


async def sweep(connection: asyncpg.Connection) -> bool:
    """Delete a slice of what is past its retention; return whether nothing is left."""
    statuses = [await connection.execute(statement, _SLICE) for statement in (_OLD_INBOX, _OLD_ANSWERS)]
    return all(int(status.removeprefix("DELETE ")) < _SLICE for status in statuses)
