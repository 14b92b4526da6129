"""What the lists cost: one page is read by its index, and its statements do not grow with its lines."""

import asyncpg
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of

from .treasury import ONE, desk, two_members

MANY = """
INSERT INTO envelope_reservation SELECT gen_random_uuid(), (SELECT id FROM envelope), 'other', gen_random_uuid(),
  'Dossier ' || n, NULL, 10, 0, 0, 0, DATE '2020-01-01' + n, 1 FROM generate_series(1, 5000) n;
INSERT INTO envelope_movement SELECT gen_random_uuid(), (SELECT id FROM envelope), n + 10, 'contribution', 1, NULL,
  'Dotation', NULL, 'Essai', DATE '2026-01-01', TIMESTAMPTZ '2020-01-01' + n * INTERVAL '1 minute', 'essai'
  FROM generate_series(1, 5000) n;
INSERT INTO envelope SELECT gen_random_uuid(), 'other', 'Enveloppe ' || n, 2026, 'X', DATE '2020-01-01' + n,
  DATE '2020-01-02' + n, '{}', NULL, NULL, '', 0, 0, 0, 0, now(), now(), 'essai', 1 FROM generate_series(1, 5000) n;
INSERT INTO affiliation (id, envelope_id, member_id, member_type, operator, step, convention_on, version, created_at,
  created_by) SELECT gen_random_uuid(), id, '00000000-0000-0000-0000-000000000001', 'aci', 'X', 'convention',
  opens_on, 1, now(), 'essai' FROM envelope;
ANALYZE;
"""


@pytest.mark.parametrize(
    ("path", "index"),
    [
        ("/envelopes", "ix_envelope_closes_on"),
        ("/movements", "ix_envelope_movement_recorded_at"),
        ("/reservations", "ix_envelope_reservation_reserved_on"),
        ("/affiliations", "ix_affiliation_convention_on"),
    ],
)
async def test_a_page_is_read_by_its_index_in_one_statement(training: ServiceUnderTest, path: str, index: str) -> None:
    await two_members(training)
    async with desk(training) as treasurer:
        await treasurer.envelope("100.00")
        connection = await asyncpg.connect(training.runtime.settings.database_url)
        try:
            await connection.execute(MANY)
            with training.statements() as sent:
                page = await treasurer.get(path, limit=50)
            [(statement, parameters)] = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
        finally:
            await connection.close()
        found = await indexes_of(training, statement, parameters)
    assert (len(page["items"]), index in found) == (50, True), found
    assert all(one.get("member_id") in (None, str(ONE)) for one in page["items"])
