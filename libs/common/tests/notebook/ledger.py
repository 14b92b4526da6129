"""The ledger as a test makes it: as old as it likes."""

from datetime import date, timedelta

from common import partitions
from common.partitions import ExpiredDays
from common.testing.harness import ServiceUnderTest


async def grow_old(service: ServiceUnderTest, days: int = 1) -> None:
    """Let that many days go by: each day of the ledger becomes an older one, and a new one begins."""
    connection = await service.runtime.database.connect()
    try:
        await partitions.prepare(connection)
        today = await connection.fetchval("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        for _ in range(days):
            for day in sorted(await day_tables(service)):
                if day <= today:
                    await _rename(service, day, day - timedelta(days=1))
            await partitions.prepare(connection)
    finally:
        await connection.close()


async def _rename(service: ServiceUnderTest, day: date, earlier: date) -> None:
    old, new = f"event_archive_{day:%Y%m%d}", f"event_archive_{earlier:%Y%m%d}"
    connection = await service.runtime.database.connect()
    try:
        async with connection.transaction():
            await connection.execute(f"ALTER TABLE event_archive DETACH PARTITION {old}")
            await connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
            await connection.execute(f"UPDATE {new} SET day = '{earlier}'")  # noqa: S608  # names of ours
            await connection.execute(
                f"ALTER TABLE event_archive ATTACH PARTITION {new} FOR VALUES FROM ('{earlier}') TO ('{day}')"
            )
    finally:
        await connection.close()


async def day_tables(service: ServiceUnderTest) -> list[date]:
    """Return the days the ledger has a partition for, oldest first."""
    rows = await service.rows(
        "SELECT to_date(right(relname, 8), 'YYYYMMDD') AS day FROM pg_class"
        " WHERE relkind = 'r' AND relname ~ '^event_archive_[0-9]{8}$' ORDER BY 1"
    )
    return [row.day for row in rows]


async def drop_older_than(service: ServiceUnderTest, keep_days: int) -> None:
    """Drop the days past their keeping, as the relay does, down to the last slice."""
    connection = await service.runtime.database.connect()
    try:
        expired = ExpiredDays(connection, keep_days)
        while await expired.drop_slice():
            pass
    finally:
        await connection.close()


async def kept(service: ServiceUnderTest) -> list[tuple[str, int]]:
    """Return what the ledger holds: the title of each fact and its sequence, in its order."""
    rows = await service.rows(
        "SELECT CAST(convert_from(payload, 'UTF8') AS json) -> 'state' ->> 'title' AS title, sequence"
        " FROM event_archive ORDER BY position"
    )
    return [(row.title, row.sequence) for row in rows]
