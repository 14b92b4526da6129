"""What the lists of the registers cost at 20,000 lines: how many statements, and by which index."""

from typing import Any

import pytest
from sqlalchemy import text

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of

_COMPLAINTS = """
INSERT INTO complaint (id, reference, kind, channel, received_on, acknowledge_due_on, answer_due_on, due_on, status,
                       acknowledged_on, answered_on, closed_on, member_id, version)
SELECT gen_random_uuid(), 'REC-2026-' || lpad(n::text, 5, '0'), 'complaint', 'form', day, day + 2, day + 21, day + 21,
       CASE WHEN n % 50 = 0 THEN 'acknowledged' ELSE 'closed' END, day, CASE WHEN n % 50 > 0 THEN day END,
       CASE WHEN n % 50 > 0 THEN day END, md5((n % 500)::text)::uuid, 1
FROM (SELECT n, DATE '2020-01-01' + n / 10 AS day FROM generate_series(1, 20000) AS n) AS lines
"""
_ACTIONS = """
INSERT INTO improvement_action (id, reference, title, indicators, owner, due_on, status, restricted, planned_on,
                                version)
SELECT gen_random_uuid(), 'ACT-2026-' || lpad(n::text, 5, '0'), 'Action ' || n, ARRAY[1 + n % 32], 'Direction',
       DATE '2020-01-01' + n / 10, 'done', false, DATE '2020-01-01', 1
FROM generate_series(1, 20000) AS n
"""
_RISKS = """
INSERT INTO improvement_risk (id, reference, title, description, cause, likelihood, severity, level, owner, reviewed_on,
                              next_review_on, status, version)
SELECT gen_random_uuid(), 'RIS-2026-' || lpad(n::text, 5, '0'), 'Risque ' || n, 'd', 'c', 1 + n % 4, 2, 2 + 2 * (n % 4),
       'Direction', DATE '2020-01-01', DATE '2020-01-01' + n / 10, 'open', 1
FROM generate_series(1, 20000) AS n
"""
_WATCH = """
INSERT INTO improvement_watch_item (id, reference, kind, title, source, dated_on, says, follows, status, recorded_on,
                                    recorded_by, version)
SELECT gen_random_uuid(), 'VEI-2026-' || lpad(n::text, 5, '0'), 'legal', 'Veille ' || n, 's',
       DATE '2020-01-01' + n / 10, 'd', 'f', 'open', DATE '2020-01-01', 'x', 1
FROM generate_series(1, 20000) AS n
"""


@pytest.mark.parametrize(
    ("filling", "path", "params", "statements", "index"),
    [
        pytest.param(_COMPLAINTS, "/complaints", {}, 1, "ix_complaint_received_on", id="les réclamations"),
        pytest.param(
            _COMPLAINTS, "/complaints", {"overdue": True, "sort": "due_on"}, 1, "ix_complaint_waiting", id="en retard"
        ),
        pytest.param(
            _COMPLAINTS, "/complaints", {"member_id": "c4ca4238-a0b9-2382-0dcc-509a6f75849b"}, 1,
            "ix_complaint_member_id", id="d'une structure",
        ),
        pytest.param(_ACTIONS, "/improvements/actions", {}, 2, "ix_improvement_action_due_on", id="les actions"),
        pytest.param(_RISKS, "/improvements/risks", {}, 1, "ix_improvement_risk_level", id="les risques"),
        pytest.param(
            _RISKS, "/improvements/risks", {"sort": "next_review_on"}, 1, "ix_improvement_risk_next_review_on",
            id="les risques à revoir d'abord",
        ),
        pytest.param(
            _WATCH, "/improvements/watch-items", {}, 2, "ix_improvement_watch_item_dated_on", id="les veilles"
        ),
    ],
)  # fmt: skip
async def test_a_list_reads_its_page_by_an_index(
    training: ServiceUnderTest, filling: str, path: str, params: dict[str, Any], statements: int, index: str
) -> None:
    async with training.runtime.database.engine.begin() as connection:
        await connection.execute(text(filling))
        await connection.execute(text(f"ANALYZE {filling.split()[2]}"))
    async with training.client("training") as team:
        with training.statements() as sent:
            page = (await team.get(path, params={**params, "limit": 50})).json()
    assert len(page["items"]) >= 40, page
    reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
    assert len(reads) == statements, [statement for statement, _ in reads]
    assert index in await indexes_of(training, *reads[0])
