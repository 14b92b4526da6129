"""What the mechanism forgets is only what is past its time."""

from common.retention import sweep
from common.testing.harness import ServiceUnderTest

AGES = "(VALUES (1), (6), (8), (29), (31)) AS age (days)"


async def test_inbox_rows_stay_thirty_days_and_answers_seven(notebook: ServiceUnderTest) -> None:
    connection = await notebook.runtime.database.connect()
    try:
        await connection.execute(
            "INSERT INTO event_inbox SELECT 'notebook', gen_random_uuid(), now() - make_interval(days => days)"
            f" FROM {AGES}"  # our own constant
        )
        await connection.execute(
            "INSERT INTO idempotency_key SELECT 'somebody', days::text, 'POST /', '', 201, '{}', '',"
            f" now() - make_interval(days => days) FROM {AGES}"  # our own constant
        )
        await sweep(connection)
    finally:
        await connection.close()
    assert len(await notebook.rows("SELECT 1 FROM event_inbox")) == 4
    assert len(await notebook.rows("SELECT 1 FROM idempotency_key")) == 2
