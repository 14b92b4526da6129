"""The days of the ledger: made ahead of time, and dropped whole once past their keeping.

A ledger that is kept for ever has a partition a month instead: every reader locks and plans all of them.

Everything here is short and gives up soon: a lock on the ledger that waits would hold up every reader behind it.
Days are the database's own, in UTC: its clock dates the rows too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import asyncpg
import structlog

from common import archive
from common.periods import Period, expired, period_of

_LIMITS = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '5s'"
_PAGE_ROWS = 1_000
_PAGES_AT_ONCE = 20
_TODAY = "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date"
_PERIODS = """
SELECT to_date(rpad(digits, 8, '01'), 'YYYYMMDD') AS first, length(digits) = 6 AS is_month
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, substring(c.relname FROM '^event_archive_([0-9]+)$') AS digits
WHERE i.inhparent = 'event_archive'::regclass AND length(digits) IN (6, 8)
"""
_COLUMNS = """position, event_id, topic, aggregate_id, sequence, bucket, type, payload, traceparent,
    actor, reason, occurred_at, recorded_at, archived_at"""
_EMPTY_DEFAULT = f"""
WITH moved AS (
    DELETE FROM event_archive_default
    WHERE position IN (SELECT position FROM event_archive_default ORDER BY position LIMIT $2) RETURNING *
)
INSERT INTO event_archive ({_COLUMNS}, day) SELECT {_COLUMNS}, $1 FROM moved
"""  # noqa: S608  # names of ours
# An event is the latest in the ledger when no other follows, or the next one has not been sent yet.
_KEEP_LATEST = f"""
WITH page AS MATERIALIZED (
    SELECT position, topic, aggregate_id, sequence FROM {{day}} WHERE position > $1 ORDER BY position LIMIT $2
), latest AS MATERIALIZED (
    SELECT p.position FROM page p
    LEFT JOIN event_stream s ON s.topic = p.topic AND s.aggregate_id = p.aggregate_id
    WHERE s.sequence IS NULL OR s.sequence <= p.sequence OR EXISTS (
        SELECT 1 FROM event_outbox o WHERE o.topic = p.topic AND o.aggregate_id = p.aggregate_id
        AND o.sequence = p.sequence + 1 AND NOT o.replayed)
), gone AS MATERIALIZED (
    SELECT topic, aggregate_id, max(sequence - CASE WHEN position IN (SELECT position FROM latest) THEN 1 ELSE 0 END)
        AS through
    FROM page GROUP BY topic, aggregate_id
), superseded AS (
    DELETE FROM event_archive_latest l USING gone g
    WHERE l.topic = g.topic AND l.aggregate_id = g.aggregate_id AND l.sequence <= g.through
    RETURNING l.topic, l.position
), kept AS (
    DELETE FROM {{day}} WHERE position IN (SELECT position FROM latest) RETURNING *
), moved AS (
    INSERT INTO event_archive_latest ({_COLUMNS}, day) SELECT {_COLUMNS}, '-infinity' FROM kept
), told AS (
    INSERT INTO event_dropped AS d (topic, aggregate_id, sequence)
    SELECT topic, aggregate_id, through FROM gone WHERE through > 0
    ON CONFLICT (topic, aggregate_id) DO UPDATE SET sequence = greatest(d.sequence, excluded.sequence)
), feeds AS (
    INSERT INTO event_feed_start AS f (topic, position)
    SELECT topic, max(position) FROM (
        SELECT topic, position FROM superseded UNION ALL
        SELECT topic, position FROM page WHERE position NOT IN (SELECT position FROM latest)) AS lost
    GROUP BY topic
    ON CONFLICT (topic) DO UPDATE SET position = greatest(f.position, excluded.position)
)
SELECT max(position) FROM page
"""  # noqa: S608  # names of ours

log = structlog.get_logger(__name__)


async def prepare(connection: asyncpg.Connection, *, by_month: bool = False) -> None:
    """Make the partitions of today and tomorrow where they are missing.

    One that cannot be made now is left for the next time: the default partition holds its rows meanwhile.
    """
    today = await connection.fetchval(_TODAY)
    await _empty_default(connection, today)  # first: making a day reads all that is there
    for day in (today, today + timedelta(days=1)):
        missing = period_of(day, await _periods(connection), by_month=by_month)
        if missing and not await _make(connection, missing) and missing.is_month:
            await _make(connection, Period(day))  # rows of today keep the month from being made, but not tomorrow
    await _empty_default(connection, today)


async def _make(connection: asyncpg.Connection, period: Period) -> bool:
    """Make a partition; return False when the default one already holds rows of its days."""
    try:
        async with _briefly(connection):
            await connection.execute(archive.LOCK)
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {period.table} PARTITION OF event_archive"
                f" FOR VALUES FROM ('{period.first}') TO ('{period.end}')"
            )
    except (asyncpg.CheckViolationError, asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError) as error:
        log.warning("ledger_day_postponed", table=period.table, error=f"{type(error).__name__}: {error}")
        return not isinstance(error, asyncpg.CheckViolationError)
    return True


async def _empty_default(connection: asyncpg.Connection, today: date) -> None:
    """Give the rows of days that nobody had prepared to a day there is: in the default partition they would stay."""
    made = [max(one.first, today) for one in await _periods(connection) if one.end > today]
    for _ in range(_PAGES_AT_ONCE if made else 0):
        async with _briefly(connection):
            status = await connection.execute(_EMPTY_DEFAULT, min(made), _PAGE_ROWS)
        if int(status.split()[-1]) < _PAGE_ROWS:
            return


class ExpiredDays:
    """Drops the days past their keeping, oldest first and a slice at a time, for one relay at once.

    The latest event of each aggregate is put apart first. Whoever misses the others is told that they are gone.
    """

    def __init__(self, connection: asyncpg.Connection, keep_days: int) -> None:
        self._connection = connection
        self._keep_days = keep_days
        self._dropping: Period | None = None
        self._read_to = 0

    async def drop_slice(self) -> bool:
        """Do a slice; return whether more can be done right now."""
        today = await self._connection.fetchval(_TODAY)
        by_last_day = {one.end - timedelta(days=1): one for one in await _periods(self._connection)}
        days = expired(by_last_day, today, self._keep_days)
        if not days:
            return False
        period = by_last_day[days[0]]
        if period != self._dropping:
            self._dropping, self._read_to = period, 0
        async with _briefly(self._connection):
            statement = _KEEP_LATEST.format(day=period.table)
            last = await self._connection.fetchval(statement, self._read_to, _PAGE_ROWS)
        if last is None:
            return await self._drop(period.table)
        self._read_to = last
        return True

    async def _drop(self, name: str) -> bool:
        try:
            async with _briefly(self._connection):
                await self._connection.execute("LOCK TABLE ONLY event_archive IN ACCESS EXCLUSIVE MODE")
                # A clock that went back may have put rows there since they were read.
                if not await self._connection.fetchval(
                    f"SELECT EXISTS (SELECT 1 FROM {name} WHERE position > $1)",  # noqa: S608  # a name of ours
                    self._read_to,
                ):
                    await self._connection.execute(f"DROP TABLE {name}")
                    log.info("ledger_day_dropped", table=name)
        except asyncpg.LockNotAvailableError:
            log.info("ledger_day_in_use", table=name)
            return False
        return True


async def _periods(connection: asyncpg.Connection) -> set[Period]:
    return {Period(row["first"], row["is_month"]) for row in await connection.fetch(_PERIODS)}


@asynccontextmanager
async def _briefly(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Open a transaction that waits for no lock and takes no long time."""
    async with connection.transaction():
        await connection.execute(_LIMITS)
        yield
