"""A structure assesses itself: over several days, complete or not, then for good, and its plan follows."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from common.dated import months_after
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.banks.queries import bank_of

from ..departures.test_departures import joined
from ..members.test_dates import on
from ..sittings.test_minutes import act

CAP = bank_of("cap-2026")


def levels(bank: str, level: int, **others: int | None) -> list[dict[str, Any]]:
    """Answer every question alike, some otherwise; None says that one does not apply."""
    chosen = {question.code: level for question in bank_of(bank).questions} | {
        code.replace("_", "-"): other for code, other in others.items()
    }
    return [
        {"question": code, "not_applicable": True} if one is None else {"question": code, "level": one}
        for code, one in chosen.items()
    ]


async def structure_of(membership: ServiceUnderTest, name: str) -> UUID:
    async with membership.client("network", "board") as client:
        return UUID((await joined(client, name)).rpartition("/")[2])


async def structures_of(membership: ServiceUnderTest, *names: str) -> list[UUID]:
    return [await structure_of(membership, name) for name in names]


async def opened(client: httpx.AsyncClient, bank: str = "cap-2026", mode: str = "alone") -> str:
    answer = await client.post("/assessments", json={"bank": bank, "mode": mode})
    assert answer.status_code == 201, answer.text
    return f"/assessments/{answer.json()['id']}"


async def submitted(client: httpx.AsyncClient, bank: str = "cap-2026", level: int = 2, **others: int | None) -> str:
    path = await opened(client, bank)
    answered = await act(client, path, "PATCH", "answers", answers=levels(bank, level, **others))
    assert answered.status_code == 200, answered.text
    sent = await act(client, path, "POST", "submit")
    assert sent.status_code == 200, sent.text
    return path


async def test_a_director_answers_over_weeks_and_submits(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await opened(client)
        twice = await client.post("/assessments", json={"bank": "cap-2015", "mode": "alone"})
        assert (twice.status_code, twice.json()["code"]) == (409, "assessment_already_open")
        first = await act(
            client, path, "PATCH", "answers", answers=[{"question": "written-project", "level": 3, "evidence": "2025"}]
        )
        assert first.status_code == 200, first.text
        assert first.json()["scores"]["whole"] == {
            "code": "cap-2026",
            "name": CAP.name,
            "points": 75,
            "level": {"code": "settled", "label": "Installée", "points": 51, "status": "assumed"},
            "questions": 24,
            "answered": 1,
            "applicable": 24,
        }
        themes = {theme["code"]: theme["points"] for theme in first.json()["scores"]["themes"]}
        assert themes == {"identity": 75, "services": None, "supports": None, "improvement": None}
    async with membership.days_later(20) as later, later.client("member", member_id=own) as client:
        stale = await client.patch(
            f"{path}/answers",
            json={"answers": [{"question": "written-project", "level": 4}]},
            headers={"If-Match": '"v1"'},
        )
        assert stale.status_code == 412
        assert stale.json()["current"]["answers"][3]["level"] == 3
        early = await act(client, path, "POST", "submit")
        assert (early.status_code, early.json()["code"], len(early.json()["errors"])) == (409, "answers_missing", 23)
        assert (await client.get(path)).json()["blockers"]["submit"][0]["code"] == "answers_missing"
        whole = levels("cap-2026", 2, volunteers=None, risk_assessment=0, pathway_built=4)
        await act(client, path, "PATCH", "answers", answers=whole)
        sent = await act(client, path, "POST", "submit")
        assert sent.status_code == 200, sent.text
        assert (sent.json()["state"], sent.json()["submitted_on"], sent.json()["missing"]) == ("submitted", on(20), [])
        assert sent.json()["allowed_actions"] == ["add_action", "invite_peer", "invite_to_review", "close"]
        changed = await act(client, path, "PATCH", "answers", answers=levels("cap-2026", 4))
        assert (changed.status_code, changed.json()["code"]) == (409, "assessment_submitted")
        assert (await client.get(path)).json()["answers"] == sent.json()["answers"]
        plan = (await client.get(f"{path}/plan")).json()
        assert len(plan["actions"]) == 10
        worst = plan["actions"][0]
        assert (worst["question"], worst["level"], worst["target"]) == ("risk-assessment", 0, 1)
        assert worst["due_on"] == months_after(date.fromisoformat(on(20)), 2).isoformat()
        # All the others lack two levels: the heaviest first, and the bank's order among equals.
        heavy = [one.code for one in CAP.questions if one.weight == 3 and one.code != "risk-assessment"]
        assert [one["question"] for one in plan["actions"][1:]] == heavy[:9]
        assert "pathway-built" not in {one["question"] for one in plan["proposals"]}
