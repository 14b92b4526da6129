"""What is not a merge is refused before anything is looked at."""

from typing import Any
from uuid import uuid4

import pytest

from common.testing.harness import ServiceUnderTest

PLAN = "0123456789.0123456789"
ASKED = {"stays_id": str(uuid4()), "stays_version": 1, "goes_version": 1, "plan": PLAN, "reason": "-"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"stays_id": "x"}, id="pas un identifiant"),
        pytest.param({"stays_id": str(uuid4()), "stays_version": 1, "goes_version": 1, "plan": PLAN}, id="sans raison"),
        pytest.param(
            {"stays_id": str(uuid4()), "stays_version": 0, "goes_version": 1, "plan": PLAN, "reason": "-"},
            id="une version nulle",
        ),
        pytest.param(
            {**ASKED, "take": ["status"]},
            id="un champ qui n'existe pas",
        ),
        pytest.param(
            {**ASKED, "take": ["activities"]},
            id="un champ qui ne se choisit pas",
        ),
        pytest.param(
            {**ASKED, "declared_by_stays": [2025], "declared_by_goes": [2025]}, id="deux déclarations d'une année"
        ),
        pytest.param({**ASKED, "plan": None}, id="sans avoir lu le plan"),
    ],
)
async def test_what_is_not_a_merge_is_refused(membership: ServiceUnderTest, body: dict[str, Any]) -> None:
    async with membership.client("network") as client:
        answer = await client.post(f"/duplicates/{uuid4()}/merge", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
