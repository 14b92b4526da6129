"""What is to be decided: the list of a Monday morning, its forecast, its export, and who reads it."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import opened, refused, seated
from ..sessions.arrangements import announced, two_days
from .arrangements import copied, decided, pair


async def test_a_forecast_rests_on_how_past_sessions_filled(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1, 2)
    today = training.runtime.clock.now().date()
    days = (held.means.first - today).days
    past = [today - timedelta(days=100 + 30 * rank) for rank in range(5)]
    async with training.client("training") as team:
        await seated(team, held, 1, 3)
        before = (await team.get(f"/sessions/{held.id}/decision")).json()
        assert (before["expected"], before["forecast_sessions"], before["curve"]) == (None, 0, [])
        assert "il en faut 5" in before["forecast_text"]
        await copied(training, held.id, past, "confirmed", {days + 5: 4, days - 5: 4})
        await copied(training, held.id, past, "draft", {days + 5: 9})
        sheet = (await team.get(f"/sessions/{held.id}/decision")).json()
        assert (sheet["expected"], sheet["low"], sheet["high"]) == (6, 6, 6)
        assert (sheet["forecast_basis"], sheet["forecast_sessions"]) == ("programme", 5)
        assert (sheet["taken"], sheet["revenue"], sheet["margin"]) == (3, "1680.00", None)
        shares = {one["days"]: one["share"] for one in sheet["curve"]}
        assert (shares[84], shares[0]) == ("0.50", "1.00")
        assert {one["status"] for one in sheet["rules"]} == {"assumed"}
        assert sheet["allowed_actions"] == ["confirm", "postpone_decision", "cancel", "merge"]
        assert sheet["suggestion"]["act"] == "confirm"
        await decided(team, held.id, "confirm", {"reason": "Trois inscrits"})
        closed = (await team.get(f"/sessions/{held.id}/decision")).json()
        assert [one["code"] for one in closed["blockers"]["confirm"]] == ["session_confirmed"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        pytest.param({}, 3, id="tout"),
        pytest.param({"overdue": True}, 1, id="en retard"),
        pytest.param({"overdue": False}, 2, id="pas encore"),
        pytest.param({"delegation": "occitanie"}, 1, id="d'une délégation"),
        pytest.param({"programme": "CIP-02"}, 0, id="d'un autre programme"),
        pytest.param({"until": "2020-01-01"}, 0, id="jusqu'à un jour"),
    ],
)
async def test_sessions_to_decide_are_found_and_the_late_ones_come_first(
    training: ServiceUnderTest, params: dict[str, Any], found: int
) -> None:
    held, _ = await pair(training, 6, 6, 1)
    today = training.runtime.clock.now().date()
    async with training.client("training") as team:
        slots = two_days(held.means, held.means.first + timedelta(weeks=6))
        await announced(team, slots, seats_min=1, seats_max=2, delegation="occitanie")
        gone = await announced(team, two_days(held.means, held.means.first + timedelta(weeks=7)), seats_min=1)
        await decided(team, gone["id"], "cancel", {"reason": "Trop peu", "reason_code": "too_few"})
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    await connection.execute("UPDATE session SET decide_on = $1 WHERE id = $2", today - timedelta(1), held.id)
    await connection.close()
    async with training.client("network") as reader:
        page = (await reader.get("/decisions/due", params={**params, "total": True})).json()
        assert page["total"] == len(page["items"]) == found
        days = [one["decide_on"] for one in page["items"]]
        assert days == sorted(days)
        assert [one["overdue"] for one in page["items"]] == [one < today.isoformat() for one in days]
        exported = await reader.get("/decisions/due/export", params=params)
        assert len(exported.text.splitlines()) == found + 1
        assert refused(await reader.get("/decisions/due", params={"sort": "title"})) == (400, "sort_unknown")
        held_sheet = (await reader.get(f"/sessions/{held.id}/decision")).json()
        assert held_sheet["allowed_actions"] == []
    async with training.client("member") as outsider:
        assert (await outsider.get("/decisions/due")).status_code == 403


async def test_the_list_is_read_in_as_many_statements_whatever_its_length(training: ServiceUnderTest) -> None:
    """Among a thousand sessions to decide, and three hundred to forecast from."""
    held = await opened(training, 12, 1)
    today = training.runtime.clock.now().date()
    async with training.client("training") as team:
        await seated(team, held, 1, 2)
        past = [today - timedelta(days=60 + rank) for rank in range(300)]
        await copied(training, held.id, past, "confirmed", {30: 2, 20: 4, 10: 4})
        few = await _statements(training, team, 1)
        to_come = [held.means.first + timedelta(days=rank) for rank in range(1_000)]
        await copied(training, held.id, to_come, "scheduled", {})
        many = await _statements(training, team, 50)
        assert len(many) == len(few) <= 10
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    try:
        [plan] = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {many[0][0]}", *many[0][1]))
    finally:
        await connection.close()
    assert "ix_session_decide_on" in json.dumps(plan)


async def test_an_export_has_a_bound(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    to_come = [held.means.first + timedelta(days=rank) for rank in range(1_000)]
    await copied(training, held.id, to_come, "scheduled", {})
    async with training.client("training") as team:
        assert refused(await team.get("/decisions/due/export")) == (400, "session_export_too_large")


async def _statements(training: ServiceUnderTest, team: Any, expected: int) -> list[tuple[str, tuple[Any, ...]]]:
    with training.statements() as sent:
        page = (await team.get("/decisions/due", params={"limit": 50})).json()
    assert len(page["items"]) == expected
    return [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
