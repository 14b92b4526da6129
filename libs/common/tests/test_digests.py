"""The two digests that prove a reader has everything: the same when it has, different where it has not."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from common import digests, retention
from common.outbox import bucket_of
from common.subscriptions import follow
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Actor

from .notebook.app import service_with
from .notebook.contracts import NoteState, NoteWritten
from .notebook.reading import receive, sent
from .notebook.tables import NoteCopy

TOPIC = NoteWritten.topic
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
_LEDGER = """
INSERT INTO {table} (event_id, topic, aggregate_id, sequence, bucket, type, payload, actor, occurred_at, recorded_at)
VALUES ($1, $2, $3, $4, $5, 'note.written', '{{}}', 'somebody', $6, $6)
"""


@pytest_asyncio.fixture
async def service(assemble: Assemble) -> ServiceUnderTest:
    """A reader that publishes nothing of its own."""
    return await assemble(service_with(subscriptions=(follow(NoteState, into=NoteCopy, contracts=(NoteWritten,)),)))


@pytest_asyncio.fixture
async def connection(service: ServiceUnderTest) -> AsyncIterator[asyncpg.Connection]:
    opened = await service.runtime.database.connect()
    yield opened
    await opened.close()


async def write(connection: asyncpg.Connection, number: int, at: datetime, *, table: str = "event_archive") -> None:
    """Put one fact in the ledger or the outbox; one aggregate per number, and the same ids as ``sent``."""
    note = UUID(int=number)
    await connection.execute(
        _LEDGER.format(table=table), UUID(int=number * 1_000 + 1), TOPIC, note, 1, bucket_of(note), at
    )


async def ask(service: ServiceUnderTest, side: str, what: str = "digest", **params: Any) -> Any:
    async with service.client("ops") as client:
        response = await client.get(f"/ops/streams/{side}/{what}", params={"topic": TOPIC, **params})
    assert response.status_code == 200, response.text
    return response.json()


def counts(digest: Any) -> list[tuple[str, int, int, int]]:
    return [(one["day"], one["bucket"], one["events"], one["waiting"]) for one in digest["buckets"]]


async def test_a_reader_that_has_everything_has_the_same_digest(
    service: ServiceUnderTest, connection: asyncpg.Connection
) -> None:
    for number in range(1, 41):
        await write(connection, number, NOW - timedelta(days=number % 5))
    for number in range(40, 0, -1):
        await receive(service, sent(service, number, NOW - timedelta(days=number % 5)))
    mine, theirs = await ask(service, "published"), await ask(service, "received")
    assert mine == theirs
    assert len({one["day"] for one in mine["buckets"]}) == 5
    assert sum(one["events"] for one in mine["buckets"]) == 40


async def test_one_event_for_another_of_the_same_bucket_is_seen(
    service: ServiceUnderTest, connection: asyncpg.Connection
) -> None:
    """The counts agree; only the hash tells."""
    first, second = [number for number in range(1, 100) if bucket_of(UUID(int=number)) == 3][:2]
    await write(connection, first, NOW)
    await receive(service, sent(service, second, NOW))
    mine, theirs = await ask(service, "published"), await ask(service, "received")
    assert counts(mine) == counts(theirs)
    assert mine != theirs


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param("2026-03-01T23:59:59.999999+00:00", "2026-03-01", id="la dernière microseconde du jour"),
        pytest.param("2026-03-02T00:00:00+00:00", "2026-03-02", id="minuit"),
        pytest.param("2026-03-02T00:30:00+02:00", "2026-03-01", id="un autre fuseau"),
    ],
)
async def test_both_sides_count_days_in_utc(
    service: ServiceUnderTest, connection: asyncpg.Connection, instant: str, day: str
) -> None:
    at, since = datetime.fromisoformat(instant), date(2026, 2, 1)
    database = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE \"{database}\" SET timezone = 'Pacific/Kiritimati'")
    await write(connection, 1, at)
    await receive(service, sent(service, 1, at))
    async with service.runtime.database.reading(Actor("test")) as read:
        mine = await digests.published(read, TOPIC, since)
        theirs = await digests.received(read, "notebook", TOPIC, since)
    assert mine == theirs
    assert [str(bucket.day) for bucket in mine] == [day]
    listed = await ask(service, "published", "events", day=day, bucket=mine[0].bucket)
    assert [one["event_id"] for one in listed["items"]] == [str(UUID(int=1_001))]


async def test_what_has_still_to_leave_is_counted_apart_and_what_leaves_again_not_at_all(
    service: ServiceUnderTest, connection: asyncpg.Connection
) -> None:
    for number, table in ((1, "event_archive"), (1, "event_outbox"), (2, "event_outbox")):
        await write(connection, number, NOW, table=table)
    await connection.execute("UPDATE event_outbox SET replayed = true WHERE event_id = $1", UUID(int=1_001))
    today, one, two = str(NOW.date()), bucket_of(UUID(int=1)), bucket_of(UUID(int=2))
    assert sorted(counts(await ask(service, "published"))) == sorted([(today, one, 1, 0), (today, two, 0, 1)])
    listed = [
        (item["event_id"], item["sent"])
        for bucket in {one, two}
        for item in (await ask(service, "published", "events", day=today, bucket=bucket))["items"]
    ]
    assert sorted(listed) == [(str(UUID(int=1_001)), True), (str(UUID(int=2_001)), False)]


async def test_the_events_of_a_bucket_are_paged(service: ServiceUnderTest, connection: asyncpg.Connection) -> None:
    numbers = [number for number in range(1, 300) if bucket_of(UUID(int=number)) == 5][:7]
    for number in numbers:
        await write(connection, number, NOW)
        await receive(service, sent(service, number, NOW))
    place = {"day": str(NOW.date()), "bucket": 5, "limit": 3}
    for side in ("published", "received"):
        seen: list[str] = []
        cursor = None
        while True:
            page = await ask(service, side, "events", **place, **({"cursor": cursor} if cursor else {}))
            seen += [one["event_id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == [str(UUID(int=number * 1_000 + 1)) for number in numbers]


async def test_the_longest_period_is_within_what_the_inbox_remembers(
    service: ServiceUnderTest, connection: asyncpg.Connection
) -> None:
    """An event of the first instant of the first day, read at once, is still there after a sweep."""
    digest = await ask(service, "received", days=digests.MOST_DAYS)
    first = datetime.combine(date.fromisoformat(digest["since"]), datetime.min.time(), UTC)
    await receive(service, sent(service, 1, first))
    await connection.execute("UPDATE event_inbox SET received_at = $1", first)
    await retention.sweep(connection)
    assert counts(await ask(service, "received", days=digests.MOST_DAYS)) == [
        (digest["since"], bucket_of(UUID(int=1)), 1, 0)
    ]


async def test_a_topic_that_is_not_read_has_no_digest(service: ServiceUnderTest) -> None:
    async with service.client("ops") as client:
        for what in ("digest", "events?day=2026-03-02&bucket=0"):
            separator = "&" if "?" in what else "?"
            refused = await client.get(f"/ops/streams/received/{what}{separator}topic=silent.note")
            assert (refused.status_code, refused.json()["code"]) == (404, "topic_not_read")


_MANY_FACTS = """
INSERT INTO event_archive (event_id, topic, aggregate_id, sequence, bucket, type, payload, actor, occurred_at,
                           recorded_at)
SELECT gen_random_uuid(), 'notebook.note', gen_random_uuid(), 1, n % 16, 'note.written',
       convert_to(repeat('payload', 100), 'UTF8'), 'somebody', day, day
FROM (SELECT n, now() - n * interval '5 minutes' AS day FROM generate_series(1, 20000) AS n) AS facts
"""
_MANY_RECEIVED = """
INSERT INTO event_inbox (consumer, event_id, topic, day, bucket, received_at)
SELECT 'notebook', event_id, topic, CAST(occurred_at AT TIME ZONE 'UTC' AS date), bucket, occurred_at
FROM event_archive ORDER BY occurred_at
"""


@pytest.mark.parametrize(
    ("query", "plan"),
    [
        pytest.param(
            digests._PUBLISHED, "Index Only Scan using event_archive_default_topic_occurred_at", id="registre"
        ),
        pytest.param(digests._RECEIVED, "ix_event_inbox_day", id="boîte de réception"),
    ],
)
async def test_a_digest_reads_an_index_and_no_payload(connection: asyncpg.Connection, query: Any, plan: str) -> None:
    await connection.execute(_MANY_FACTS)
    await connection.execute(_MANY_RECEIVED)
    for table in ("event_archive", "event_inbox", "event_outbox"):
        await connection.execute(f"VACUUM ANALYZE {table}")
    wanted = {":topic": "'notebook.note'", ":since": "now() - interval '7 days'", ":day": "current_date - 7"}
    statement = query.text.replace(":consumer", "'notebook'")
    for name, value in wanted.items():
        statement = statement.replace(name, value)
    explained = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}"))
    assert plan in explained
    assert "Seq Scan on event_archive" not in explained
    assert "Seq Scan on event_inbox" not in explained
