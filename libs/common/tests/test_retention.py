"""What the mechanism forgets is only what is past its time."""

from common.retention import sweep
from common.testing.harness import ServiceUnderTest

_AGED_INBOX = (
    "INSERT INTO event_inbox SELECT 'notebook', gen_random_uuid(), 'notebook.note', current_date, 0,"
    " now() - make_interval(days => days)"
    " FROM unnest($1::integer[]) AS age (days)"
)
_AGED_ANSWERS = (
    "INSERT INTO idempotency_key SELECT 'somebody', days::text, 'POST /', '', 201, '{}', '',"
    " now() - make_interval(days => days) FROM unnest($1::integer[]) AS age (days)"
)


async def test_inbox_rows_stay_thirty_days_and_answers_seven(notebook: ServiceUnderTest) -> None:
    ages = [1, 6, 8, 29, 31]
    connection = await notebook.runtime.database.connect()
    try:
        await connection.execute(_AGED_INBOX, ages)
        await connection.execute(_AGED_ANSWERS, ages)
        await sweep(connection)
    finally:
        await connection.close()
    assert len(await notebook.rows("SELECT 1 FROM event_inbox")) == 4
    assert len(await notebook.rows("SELECT 1 FROM idempotency_key")) == 2
