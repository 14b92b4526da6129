"""What changes of an announced session: its half-days, what is decided of it, the version of its programme."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.contracts.training import SessionConfirmed, SessionMoved, SessionScheduled
from common.testing.harness import ServiceUnderTest

from ..programmes.arrangements import acted as programme_acted
from ..programmes.arrangements import published_again
from .arrangements import (
    Means,
    acted,
    announced,
    kept,
    planned,
    refused,
    trainer,
    two_days,
)

UNKNOWN = str(UUID(int=99))


async def test_what_is_announced_is_moved_and_says_what_changed(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team, training.client("network") as network:
        made = await announced(team, two_days(held))
        slots = kept(made["slots"])
        same = await acted(team, made["id"], "POST", "/move", {"slots": slots, "reason": "Rien"})
        assert refused(same) == (409, "session_nothing_moved")
        rewritten = await acted(team, made["id"], "PUT", "/slots", {"slots": slots})
        assert refused(rewritten) == (409, "session_not_draft")
        late = [{**slots[0], "begins": "10:00", "ends": "13:30"}, *slots[1:]]
        overlapping = await acted(
            team, made["id"], "POST", "/move", {"slots": [{**late[0], "ends": "14:00"}, *slots[1:]], "reason": "x"}
        )
        assert refused(overlapping) == (400, "session_slots_overlap")
        shorter = [{**slots[0], "begins": "10:00"}, *slots[1:]]
        unfit = await acted(team, made["id"], "POST", "/move", {"slots": shorter, "reason": "Train"})
        assert refused(unfit) == (409, "session_incomplete")
        assert [one["code"] for one in unfit.json()["errors"]] == ["hours_differ"]
        moved = await acted(team, made["id"], "POST", "/move", {"slots": late, "reason": "Train du matin"})
        assert moved.status_code == 200, moved.text
        assert moved.json()["slots"][0]["id"] == made["slots"][0]["id"]
        events = (await network.get(f"/sessions/{made['id']}/events")).json()["items"]
        assert [one["kind"] for one in events] == ["moved", "announced"]
        [change] = events[0]["changes"]
        assert (events[0]["reason"], change["subject"], change["slot_id"]) == (
            "Train du matin", "time", made["slots"][0]["id"],
        )  # fmt: skip
        assert change["before"].endswith(", matin, 9 h 00 à 12 h 30")
        assert change["after"].endswith(", matin, 10 h 00 à 13 h 30")
        await acted(team, made["id"], "POST", "/confirm", {"reason": "Six inscrits"})
        again = await acted(team, made["id"], "POST", "/move", {"slots": slots, "reason": "Train revenu"})
        assert again.status_code == 200
    facts = await training.published()
    assert [(type(fact), fact.state.status) for fact in facts] == [
        (SessionScheduled, "scheduled"), (SessionMoved, "scheduled"), (SessionConfirmed, "confirmed"),
        (SessionMoved, "moved"),
    ]  # fmt: skip
    rows = await training.rows("SELECT sequence FROM event_outbox ORDER BY id")
    assert [row.sequence for row in rows] == [1, 2, 3, 4]


async def test_half_days_change_places_in_one_move(training: ServiceUnderTest, held: Means) -> None:
    """Who taught the first day teaches the second, and the other way round: nobody is ever at two places."""
    async with training.client("training") as team:
        other = await trainer(team, "Dominique ESSAI")
        slots = two_days(held)
        made = await announced(team, [*slots[:2], *({**one, "trainers": [other]} for one in slots[2:])])
        swapped = [
            {**one, "trainers": [other if one["trainers"] == [held.trainer] else held.trainer]}
            for one in kept(made["slots"])
        ]
        days = [one["day"] for one in swapped]
        turned = [{**one, "day": day} for one, day in zip(swapped, [*days[2:], *days[:2]], strict=True)]
        moved = await acted(team, made["id"], "POST", "/move", {"slots": turned, "reason": "Échange"})
        assert moved.status_code == 200, moved.text
        assert [one["trainers"][0]["id"] for one in moved.json()["slots"]] == [held.trainer] * 2 + [other] * 2
        who = [{**one, "trainers": [held.trainer, other]} for one in kept(moved.json()["slots"])]
        both = await acted(team, made["id"], "POST", "/move", {"slots": who, "reason": "À deux"})
        assert [len(one["trainers"]) for one in both.json()["slots"]] == [2] * 4
    facts = [type(fact) for fact in await training.published()]
    assert facts == [SessionScheduled, SessionMoved], "who teaches is nobody's outside"


async def test_an_announced_session_is_amended_within_what_people_count_on(
    training: ServiceUnderTest, held: Means
) -> None:
    async with training.client("training") as team:
        made = await announced(team, two_days(held))
        said = {"seats_min": 4, "seats_max": 12}
        reserved = await acted(team, made["id"], "PUT", "", {**said, "reserved_for": [UNKNOWN]})
        assert refused(reserved) == (409, "session_audience_kept")
        large = await acted(team, made["id"], "PUT", "", {**said, "seats_max": 15})
        assert refused(large) == (409, "session_incomplete")
        quiet = await acted(team, made["id"], "PUT", "", {**said, "remote_url": "https://visio.exemple/abc"})
        assert (quiet.json()["seats_min"], quiet.json()["remote_url"]) == (4, "https://visio.exemple/abc")
        assert len(await training.published()) == 1, "nobody outside is told of the seats nor of the address"
        day = (held.first - timedelta(days=3)).isoformat()
        fixed = {**said, "decide_on": day, "decide_reason": "La salle se rend jusque-là", "delegation": "bretagne"}
        out = (await acted(team, made["id"], "PUT", "", fixed)).json()
        assert (out["decide_on"], out["delegation"]) == (day, "bretagne")
        bare = await acted(team, made["id"], "PUT", "", {**said, "decide_on": day})
        assert refused(bare) == (400, "session_date_wrong")
        events = (await team.get(f"/sessions/{made['id']}/events")).json()["items"]
        assert [(one["subject"], one["after"]) for one in events[0]["changes"]][1:] == [
            ("delegation", "bretagne"), ("remote_url", None),
        ]  # fmt: skip
    facts = await training.published()
    assert [(type(fact), fact.state.delegation) for fact in facts] == [
        (SessionScheduled, None),
        (SessionMoved, "bretagne"),
    ]


async def test_a_session_follows_the_next_version_of_its_programme(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await announced(team, two_days(held))
        same = await acted(team, made["id"], "POST", "/adopt-version", {"reason": "Mise à jour"})
        assert refused(same) == (409, "session_at_version")
        await published_again(team, "CIP-01", title="Conduire un entretien, nouvelle édition")
        seen = (await team.get(f"/sessions/{made['id']}")).json()
        assert (seen["programme_number"], seen["current_number"]) == (1, 2)
        out = (await acted(team, made["id"], "POST", "/adopt-version", {"reason": "Mise à jour"})).json()
        assert (out["before"], out["after"], [one["field"] for one in out["changes"]]) == (1, 2, ["title"])
        assert out["session"]["programme_number"] == 2
        await published_again(team, "CIP-01", title="Plus long", hours="21")
        longer = await acted(team, made["id"], "POST", "/adopt-version", {"reason": "Mise à jour"})
        assert refused(longer) == (409, "session_incomplete")
        await programme_acted(team, "CIP-01", "retire")
        gone = await acted(team, made["id"], "POST", "/adopt-version", {"reason": "Mise à jour"})
        assert refused(gone) == (404, "catalogue_sheet_not_found")
        assert (await team.get(f"/sessions/{made['id']}")).json()["current_number"] is None
    moved = (await training.published())[-1]
    assert (type(moved), moved.state.title) == (SessionMoved, "Conduire un entretien, nouvelle édition")


async def test_a_draft_follows_the_next_version_whatever_it_asks(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await planned(team, two_days(held))
        await published_again(team, "CIP-01", hours="21")
        out = (await acted(team, made["id"], "POST", "/adopt-version", {"reason": "Mise à jour"})).json()
        assert [one["code"] for one in out["session"]["defects"]] == ["hours_differ"]
    assert await training.published() == []


async def test_what_has_begun_stays_and_the_rest_can_move(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        slots = two_days(held)
        late = [{**one, "day": (held.first + timedelta(weeks=1)).isoformat()} for one in slots[2:]]
        made = await announced(team, [*slots[:2], *late])
    days = (held.first - training.runtime.clock.now().date()).days
    async with training.days_later(days + 2) as later, later.client("training") as team:
        now = kept(made["slots"])
        without = await acted(team, made["id"], "POST", "/move", {"slots": now[2:], "reason": "Oubli"})
        assert refused(without) == (409, "session_slot_held")
        day = (held.first + timedelta(weeks=2)).isoformat()
        moved = [*now[:2], *({**one, "day": day} for one in now[2:])]
        answer = await acted(team, made["id"], "POST", "/move", {"slots": moved, "reason": "Neige"})
        assert (answer.status_code, answer.json()["last_day"]) == (200, day)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE session_event SET reason = 'x'", "DELETE FROM session_event", "TRUNCATE session_event"],
)
async def test_the_database_refuses_to_change_what_was_done(
    training: ServiceUnderTest, held: Means, statement: str
) -> None:
    async with training.client("training") as team:
        await announced(team, two_days(held))
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_a_room_that_took_another_name_is_told_with_the_next_change(
    training: ServiceUnderTest, held: Means
) -> None:
    """A session is where it was announced until somebody changes it; the bills change nothing of it."""
    async with training.client("training") as team, training.client() as anybody:
        made = await announced(team, two_days(held))
        named = (await team.get(f"/rooms/{held.room}")).json()
        body = {name: named[name] for name in (
            "name", "street", "postcode", "city", "department", "delegation", "capacity", "accessibility", "equipment",
            "cost", "owner",
        )}  # fmt: skip
        renamed = await team.put(
            f"/rooms/{held.room}", json={**body, "name": "Salle Zay"}, headers={"If-Match": '"v1"'}
        )
        assert renamed.status_code == 200, renamed.text
        await acted(team, made["id"], "PUT", "/costs", {"lines": []})
        assert (await anybody.get("/calendar")).json()["items"][0]["venue"] == "Salle Jaurès"
        await acted(team, made["id"], "PUT", "", {"seats_min": 5, "seats_max": 12})
        assert (await anybody.get("/calendar")).json()["items"][0]["venue"] == "Salle Zay"
    assert [fact.state.venue for fact in await training.published()] == ["Salle Jaurès", "Salle Zay"]
