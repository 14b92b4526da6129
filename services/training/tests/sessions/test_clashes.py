"""A trainer and a room are in one place at a time, whoever asks and at whatever moment."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest

from .arrangements import Means, acted, announced, kept, planned, refused, room, trainer, two_days


async def test_what_another_session_has_is_named_with_the_session_that_has_it(
    training: ServiceUnderTest, held: Means
) -> None:
    async with training.client("training") as team:
        first = await announced(team, two_days(held))
        second = await planned(team, two_days(held))
        assert {one["code"] for one in second["clashes"]} == {"room_taken", "trainer_taken"}
        answer = await acted(team, second["id"], "POST", "/schedule")
        assert refused(answer) == (409, "session_resource_taken")
        assert {one["code"] for one in answer.json()["errors"]} == {"room_taken", "trainer_taken"}
        assert len(answer.json()["errors"]) == 8
        for name in ("« Salle Jaurès »", "Camille EXEMPLE", first["reference"], "matin, 9 h 00 à 12 h 30"):
            assert name in answer.json()["detail"]
        assert [one["code"] for one in second["blockers"]["schedule"]] == ["session_resource_taken"]
        elsewhere = two_days(
            held, room_id=await room(team, "Salle Curie"), trainers=[await trainer(team, "Dominique ESSAI")]
        )
        assert (await acted(team, second["id"], "PUT", "/slots", {"slots": elsewhere})).json()["clashes"] == []
        assert (await acted(team, second["id"], "POST", "/schedule")).status_code == 200
        back = [
            {**one, "room_id": held.room} for one in kept((await team.get(f"/sessions/{second['id']}")).json()["slots"])
        ]
        moved = await acted(team, second["id"], "POST", "/move", {"slots": back, "reason": "Retour"})
        assert refused(moved) == (409, "session_resource_taken")
        assert {one["code"] for one in moved.json()["errors"]} == {"room_taken"}


async def test_half_days_that_only_touch_do_not_clash(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        slots = two_days(held)
        await announced(team, slots)
        between = [{**one, "begins": "12:30", "ends": "13:30"} for one in slots if one["half"] == "morning"]
        second = await planned(team, between)
        assert second["clashes"] == []


async def test_of_many_who_want_one_room_and_one_trainer_at_once_one_has_them(
    training: ServiceUnderTest, held: Means
) -> None:
    """Each in a transaction of its own, half of them with the half-days the other way round."""
    async with training.client("training") as team:
        drafts = [await planned(team, two_days(held)[:: (1, -1)[rank % 2]]) for rank in range(8)]
        answers = await asyncio.gather(*(_scheduled(team, one) for one in drafts))
    outcomes = sorted(answer.status_code for answer in answers)
    assert outcomes == [200, *[409] * 7]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"session_resource_taken"}
    assert (await training.rows("SELECT count(*) FROM session WHERE status = 'scheduled'"))[0][0] == 1
    assert len(await training.published()) == 1


async def test_two_moves_onto_the_same_day_leave_one_there(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = [await announced(team, two_days(held, held.first + timedelta(weeks=week))) for week in (1, 2)]
        answers = await asyncio.gather(*(_moved(team, one, held) for one in made))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def _scheduled(team: httpx.AsyncClient, made: dict[str, object]) -> httpx.Response:
    return await team.post(f"/sessions/{made['id']}/schedule", headers={"If-Match": '"v2"'})


async def _moved(team: httpx.AsyncClient, made: dict[str, object], held: Means) -> httpx.Response:
    wanted = two_days(held)
    slots = [{**one, "day": wanted[place]["day"]} for place, one in enumerate(kept(made["slots"]))]  # type: ignore[arg-type]
    body = {"slots": slots, "reason": "Plus tôt"}
    return await team.post(f"/sessions/{made['id']}/move", json=body, headers={"If-Match": '"v3"'})


@pytest.mark.parametrize(
    ("table", "constraint"),
    [("session_slot", "ex_session_slot_room"), ("session_slot_trainer", "ex_session_slot_trainer_trainer")],
)
async def test_the_database_itself_refuses_two_places_at_once(
    training: ServiceUnderTest, held: Means, table: str, constraint: str
) -> None:
    """Whatever writes past the use cases: a half-day of a draft that is made to hold what another holds."""
    async with training.client("training") as team:
        await announced(team, two_days(held))
        await planned(team, two_days(held))
    with pytest.raises(DBAPIError, match=constraint):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(f"UPDATE {table} SET held = true"))  # noqa: S608  # one of the two above
