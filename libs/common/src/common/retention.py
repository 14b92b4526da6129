"""What the mechanism forgets, and when: never what still protects against a repetition.

The archive is the ledger and is kept. An inbox row only saves a look at the mark, which is kept for ever; it outlives
any topic retention (7 days). An idempotency key outlives any client's patience.
"""

import asyncpg

_INBOX_DAYS = 30
_IDEMPOTENCY_DAYS = 7


async def sweep(connection: asyncpg.Connection) -> None:
    """Delete what is past its retention. Run once a day by the relay that holds buckets."""
    await connection.execute(
        "DELETE FROM event_inbox WHERE received_at < clock_timestamp() - make_interval(days => $1)", _INBOX_DAYS
    )
    await connection.execute(
        "DELETE FROM idempotency_key WHERE created_at < clock_timestamp() - make_interval(days => $1)",
        _IDEMPOTENCY_DAYS,
    )
