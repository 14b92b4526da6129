"""The ledger's days: made by the database's clock, dropped whole, and nobody waits behind either."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from common import archive, partitions
from common.identifiers import new_id
from common.partitions import ExpiredDays
from common.periods import Period, expired, period_of
from common.retention import Keeping
from common.testing.acknowledging import acknowledge
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

from .notebook.bus import relay_of
from .notebook.contracts import written_on
from .notebook.effects import publish, story
from .notebook.ledger import day_tables, drop_older_than, grow_old, kept
from .test_inbox import waits_for_a_lock
from .test_relay import is_drained

TODAY = date(2026, 11, 21)
NOTES = written_on("notebook.note")


def days_ago(*ages: int) -> list[date]:
    return [TODAY - timedelta(days=age) for age in ages]


# name: ages of the days there are, days to keep | ages of those to drop
EXPIRED = {
    "rien de trop vieux": (range(-1, 4), 3, []),
    "un jour de trop": (range(-1, 5), 3, [4]),
    "plusieurs, le plus ancien d'abord": (range(-1, 7), 3, [6, 5, 4]),
    "des jours manquent : on en garde autant": ([0, 1, 8, 9], 3, []),
    "l'horloge a sauté d'un an en avant": ([364, 365, 366, 367], 3, [367]),
    "l'horloge est revenue : des jours à venir": ([-366, -365, -1, 0, 1, 2, 3], 3, []),
}


@pytest.mark.parametrize(("ages", "keep_days", "dropped"), EXPIRED.values(), ids=EXPIRED)
def test_a_day_past_its_keeping_may_be_dropped(ages: list[int], keep_days: int, dropped: list[int]) -> None:
    assert expired(days_ago(*ages), TODAY, keep_days) == days_ago(*dropped)


JANUARY = Period(date(2027, 1, 1), is_month=True)


# name: day, partitions there are, whether for ever | the partition to make
TO_MAKE = {
    "un jour, gardé un temps": (date(2026, 12, 31), [], False, Period(date(2026, 12, 31))),
    "un mois, gardé pour toujours": (date(2027, 1, 15), [], True, JANUARY),
    "le jour y est": (date(2027, 1, 15), [Period(date(2027, 1, 15))], False, None),
    "le mois y est": (date(2027, 1, 31), [JANUARY], True, None),
    "le mois y est, gardé un temps désormais": (date(2027, 1, 31), [JANUARY], False, None),
    "le mois a déjà des jours": (date(2027, 1, 15), [Period(date(2027, 1, 14))], True, Period(date(2027, 1, 15))),
    "le mois d'après n'en a pas": (date(2027, 2, 1), [Period(date(2027, 1, 31))], True, Period(date(2027, 2, 1), True)),
}


@pytest.mark.parametrize(("day", "there", "for_ever", "made"), TO_MAKE.values(), ids=TO_MAKE)
def test_each_day_has_its_partition(day: date, there: list[Period], for_ever: bool, made: Period | None) -> None:
    assert period_of(day, there, by_month=for_ever) == made


def test_a_month_ends_where_the_next_begins() -> None:
    assert (JANUARY.end, JANUARY.table) == (date(2027, 2, 1), "event_archive_202701")
    assert Period(date(2028, 2, 1), is_month=True).end == date(2028, 3, 1)


async def test_a_ledger_kept_for_ever_has_months_and_loses_them_once_it_is_kept_for_a_time(
    notebook: ServiceUnderTest,
) -> None:
    connection = await notebook.runtime.database.connect()
    try:
        for year in (2024, 2025):
            bounds = f"FROM ('{year}-01-01') TO ('{year}-02-01')"
            await connection.execute(
                f"CREATE TABLE event_archive_{year}01 PARTITION OF event_archive FOR VALUES {bounds}"
            )
        await partitions.prepare(connection, by_month=True)
        january, _, *current = [row.name for row in await notebook.rows(_TABLES)]
        assert {len(name) for name in current} == {len(january)}
        await drop_older_than(notebook, 1)
        assert [row.name for row in await notebook.rows(_TABLES)] == ["event_archive_202501", *current]
    finally:
        await connection.close()


_TABLES = "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^event_archive_[0-9]+$' ORDER BY 1"


async def prepared(service: ServiceUnderTest, *, by_month: bool = False) -> dict[str, int]:
    """Prepare the ledger; return how many facts each of its tables holds, those that hold some."""
    connection = await service.runtime.database.connect()
    try:
        await partitions.prepare(connection, by_month=by_month)
    finally:
        await connection.close()
    rows = await service.rows("SELECT tableoid::regclass::text AS name, count(*) FROM event_archive GROUP BY 1")
    return {row.name: row.count for row in rows}


async def database_day(service: ServiceUnderTest, ahead: int = 0) -> str:
    """Return the name of the table of today, or of a later day."""
    query = (
        "SELECT 'event_archive_' || to_char((now() AT TIME ZONE 'UTC')::date + CAST(:ahead AS integer), 'YYYYMMDD')"
        " AS name"
    )
    return str((await service.rows(query, ahead=ahead))[0].name)


async def put_in_the_ledger(service: ServiceUnderTest, days_ahead: int = 0) -> None:
    """Put a fact there with no day prepared, by a database whose clock is that far ahead."""
    await publish(service, *story(NOTES, ["a"]))
    connection = await service.runtime.database.connect()
    try:
        await archive.move(connection, [row.id for row in await service.rows("SELECT id FROM event_outbox")])
        await connection.execute("UPDATE event_archive SET day = day + $1::integer", days_ahead)
    finally:
        await connection.close()


async def test_a_fact_that_came_before_its_day_was_made_stops_nothing(notebook: ServiceUnderTest) -> None:
    await put_in_the_ledger(notebook)
    assert await prepared(notebook) == {await database_day(notebook, ahead=1): 1}
    assert await prepared(notebook) == {await database_day(notebook, ahead=1): 1}
    assert len(await day_tables(notebook)) == 2


async def test_facts_of_a_month_that_was_not_made_find_a_day(notebook: ServiceUnderTest) -> None:
    await put_in_the_ledger(notebook)
    [table] = await prepared(notebook, by_month=True)
    assert table in {row.name for row in await notebook.rows(_TABLES)}
    assert await prepared(notebook, by_month=True) == {table: 1}


async def test_facts_of_a_clock_that_was_ahead_find_a_day(notebook: ServiceUnderTest) -> None:
    await put_in_the_ledger(notebook, days_ahead=700)
    assert await prepared(notebook) == {await database_day(notebook): 1}


async def test_a_relay_whose_day_cannot_be_made_goes_on(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    """A long reader of the ledger: the day is not made behind it, and the next reader does not wait behind that."""
    await publish(notebook, *story(written_on(topic), ["a"]))
    async with notebook.runtime.database.reading(Actor("reader")) as read:
        await read.session.execute(text("SELECT count(*) FROM event_archive"))
        async with running(relay_of(notebook, broker).run):
            await eventually(lambda: is_drained(notebook))
        assert await day_tables(notebook) == []
    rows = await notebook.rows("SELECT tableoid::regclass::text AS name FROM event_archive")
    assert [row.name for row in rows] == ["event_archive_default"]


async def test_the_latest_event_of_an_aggregate_outlives_its_day(notebook: ServiceUnderTest) -> None:
    """One that ended long ago, one that goes on, one whose next event the broker does not have yet."""
    ended, active, held = new_id(), new_id(), new_id()
    for title, note in (("ended", ended), ("active", active), ("held", held)):
        await publish(notebook, *story(NOTES, [f"{title} 1", f"{title} 2"], note))
    await acknowledge(notebook)
    await grow_old(notebook, 2)
    await publish(notebook, *story(NOTES, ["active 3"], active))
    await acknowledge(notebook)
    await publish(notebook, *story(NOTES, ["held 3"], held))
    await grow_old(notebook, 1)
    await drop_older_than(notebook, 1)
    assert await kept(notebook) == [("ended 2", 2), ("held 2", 2), ("active 3", 3)]


async def dropped(service: ServiceUnderTest) -> list[int]:
    return [row.sequence for row in await service.rows("SELECT sequence FROM event_dropped ORDER BY 1")]


async def test_what_goes_is_told_aggregate_by_aggregate(notebook: ServiceUnderTest) -> None:
    note = new_id()
    for number in range(1, 5):
        await publish(notebook, *story(NOTES, [f"day {number}"], note))
        await acknowledge(notebook)
        await grow_old(notebook)
    seen = []
    for keep_days in (4, 3, 2, 1):
        await drop_older_than(notebook, keep_days)
        seen.append(([sequence for _, sequence in await kept(notebook)], await dropped(notebook)))
    assert seen == [([1, 2, 3, 4], []), ([2, 3, 4], [1]), ([3, 4], [2]), ([4], [3])]


async def test_what_was_kept_as_the_latest_goes_with_the_day_of_what_followed(notebook: ServiceUnderTest) -> None:
    note = new_id()
    seen = []
    for number in (1, 2, 3):
        await publish(notebook, *story(NOTES, [f"story {number}"], note))
        await acknowledge(notebook)
        seen.append(await kept(notebook))
        await grow_old(notebook, 3)
        await drop_older_than(notebook, 1)
    one, two, three = (f"story {number}" for number in (1, 2, 3))
    assert seen == [[(one, 1)], [(one, 1), (two, 2)], [(two, 2), (three, 3)]]
    assert (await kept(notebook), await dropped(notebook)) == ([(three, 3)], [2])


async def test_what_is_told_to_be_gone_is_not_sent_again(notebook: ServiceUnderTest) -> None:
    """Told first, then dropped: between the two, a replay already leaves it out."""
    await publish(notebook, *story(NOTES, ["a", "b", "c"], new_id()))
    await acknowledge(notebook)
    await grow_old(notebook, 3)
    connection = await notebook.runtime.database.connect()
    try:
        assert await ExpiredDays(connection, 1).drop_slice()
    finally:
        await connection.close()
    async with notebook.runtime.database.transaction(Actor("operator")) as tx:
        await archive.replay(tx)
    rows = await notebook.rows("SELECT sequence, dropped_through FROM event_outbox")
    assert [(row.sequence, row.dropped_through) for row in rows] == [(3, 2)]


async def test_a_day_in_use_is_dropped_another_time(notebook: ServiceUnderTest) -> None:
    """And nobody waits meanwhile: neither who reads, nor who archives."""
    await publish(notebook, *story(NOTES, ["a", "b"], new_id()))
    await acknowledge(notebook)
    await grow_old(notebook, 3)
    async with notebook.runtime.database.reading(Actor("reader")) as read:
        await read.session.execute(text("SELECT count(*) FROM event_archive"))
        before = await day_tables(notebook)
        await drop_older_than(notebook, 1)
        assert await day_tables(notebook) == before
        assert await kept(notebook) == [("a", 1), ("b", 2)]
    await drop_older_than(notebook, 1)
    assert await kept(notebook) == [("b", 2)]


async def test_a_fact_that_comes_to_a_day_about_to_be_dropped_is_not_lost(notebook: ServiceUnderTest) -> None:
    """The clock went back: a fact is being given the day that has just been read to its end."""
    await publish(notebook, *story(NOTES, ["a", "b"], new_id()))
    await acknowledge(notebook)
    await grow_old(notebook, 3)
    await publish(notebook, *story(NOTES, ["late"], new_id()))
    await acknowledge(notebook)
    oldest, *_, today, _ = await day_tables(notebook)
    connection, other = [await notebook.runtime.database.connect() for _ in range(2)]
    expired_days = ExpiredDays(connection, 1)

    async def has_dropped() -> bool:
        await expired_days.drop_slice()
        return oldest not in await day_tables(notebook)

    try:
        assert await expired_days.drop_slice()
        async with other.transaction():
            await other.execute("UPDATE event_archive SET day = $1 WHERE day = $2", oldest, today)
            dropping = asyncio.ensure_future(expired_days.drop_slice())
            await waits_for_a_lock(notebook)
        await dropping
        await eventually(has_dropped)
    finally:
        await connection.close()
        await other.close()
    assert await kept(notebook) == [("b", 2), ("late", 1)]


async def test_a_relay_drops_the_days_past_their_keeping(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    await publish(notebook, *story(NOTES, ["a", "b"], new_id()))
    await acknowledge(notebook)
    await grow_old(notebook, 4)

    oldest_kept = (await day_tables(notebook))[2]

    async def has_dropped() -> bool:
        return (await day_tables(notebook))[0] == oldest_kept

    async with running(relay_of(notebook, broker, keeping=Keeping(archive_days=2)).run):
        await eventually(has_dropped)
    assert await kept(notebook) == [("b", 2)]
