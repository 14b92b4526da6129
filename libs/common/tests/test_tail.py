"""The end of the ledger, as ops look at it."""

import pytest

from common.testing.harness import ServiceUnderTest

_ENTRIES = (
    "INSERT INTO event_archive (event_id, topic, aggregate_id, sequence, bucket, type, payload, actor, occurred_at,"
    " recorded_at) SELECT gen_random_uuid(), CASE WHEN n = 1 THEN 'quiet.note' ELSE 'busy.note' END,"
    " gen_random_uuid(), 1, 0, 'note.written', '{}', 'somebody', now(), now() FROM generate_series(1, 60) AS n"
)


@pytest.mark.parametrize(
    ("params", "positions"),
    [
        pytest.param({"limit": 3}, [58, 59, 60], id="les derniers, dans l'ordre"),
        pytest.param({"topic": "quiet.note"}, [1], id="d'un sujet qui s'est tu depuis longtemps"),
        pytest.param({"cursor": 10, "limit": 2}, [11, 12], id="à partir d'une position"),
        pytest.param({"topic": "silent.note"}, [], id="d'un sujet inconnu"),
    ],
)
async def test_tail(notebook: ServiceUnderTest, params: dict[str, object], positions: list[int]) -> None:
    connection = await notebook.runtime.database.connect()
    try:
        await connection.execute(_ENTRIES)
    finally:
        await connection.close()
    async with notebook.client("ops") as client:
        page = (await client.get("/ops/events", params=params)).json()
    assert [entry["position"] for entry in page["items"]] == positions
