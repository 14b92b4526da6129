"""What the list of the addresses costs at 20,000 of them: how many statements, and by which index."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of

_FILLING = """
INSERT INTO calendar_address (id, token_hash, created_at, expires_on, reader, reader_id, label, created_by)
SELECT gen_random_uuid(), n::text, TIMESTAMPTZ '2020-01-01' + n * INTERVAL '1 hour', DATE '2030-01-01', 'trainee',
       md5((n % 400)::text)::uuid, 'Téléphone', 'essai'
FROM generate_series(1, 20000) AS n
"""


@pytest.mark.parametrize(
    ("params", "index"),
    [
        pytest.param({}, "ix_calendar_address_created", id="les dernières"),
        pytest.param(
            {"reader": "trainee", "reader_id": str(UUID("c4ca4238-a0b9-2382-0dcc-509a6f75849b"))},
            "ix_calendar_address_reader",
            id="d'une personne",
        ),
    ],
)
async def test_the_list_of_addresses_reads_its_page_by_an_index(
    training: ServiceUnderTest, params: dict[str, Any], index: str
) -> None:
    async with training.runtime.database.engine.begin() as connection:
        await connection.execute(text(_FILLING))
        await connection.execute(text("ANALYZE calendar_address"))
    async with training.client("training") as team:
        with training.statements() as sent:
            page = (await team.get("/calendar-feeds", params={**params, "limit": 40})).json()
    assert len(page["items"]) == 40
    [read] = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
    assert index in await indexes_of(training, *read)
