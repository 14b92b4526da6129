"""A session's story through the API: prepared, planned, announced, moved, confirmed, cancelled, prepared again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.contracts.training import SessionCancelled, SessionConfirmed, SessionMoved, SessionScheduled
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..programmes.arrangements import acted as programme_acted
from ..programmes.arrangements import published, published_again
from .arrangements import (
    MEMBER,
    Means,
    acted,
    announced,
    drafted,
    half_day,
    kept,
    means,
    planned,
    refused,
    room,
    trainer,
    two_days,
)

UNKNOWN = str(UUID(int=99))


@pytest_asyncio.fixture
async def held(training: ServiceUnderTest, arranged: Arrange) -> Means:
    made: Means = await arranged(training, means)
    return made


async def test_a_session_is_prepared_then_announced_and_anybody_reads_it(
    training: ServiceUnderTest, held: Means
) -> None:
    async with training.client("training") as team:
        made = await drafted(team)
        assert (made["reference"][:4], made["status"], made["type"]) == ("SES-", "draft", "inter")
        assert (made["programme_number"], made["seats_min"], made["seats_max"]) == (1, 6, 12)
        assert [one["code"] for one in made["defects"]] == ["slots_missing"]
        assert made["allowed_actions"] == ["amend", "plan", "discard"]
        early = await acted(team, made["id"], "POST", "/schedule")
        assert refused(early) == (409, "session_incomplete")
        out = (await acted(team, made["id"], "PUT", "/slots", {"slots": two_days(held)})).json()
        assert (out["defects"], out["mode"], out["hours"], out["city"]) == ([], "on_site", "14", "Toulouse")
        assert out["closes_on"] == (held.first - timedelta(days=15)).isoformat()
        assert out["decide_on"] < out["first_day"]
        assert out["decision_rule"]["status"] == "assumed"
        assert "schedule" in out["allowed_actions"]
        done = (await acted(team, made["id"], "POST", "/schedule")).json()
        assert (done["status"], done["allowed_actions"]) == (
            "scheduled", ["amend", "move", "duplicate", "confirm", "cancel"],
        )  # fmt: skip
    async with training.client() as anybody:
        [line] = (await anybody.get("/calendar")).json()["items"]
        assert (line["reference"], line["city"], line["access"]["step_free_access"]) == (
            made["reference"], "Toulouse", "yes",
        )  # fmt: skip
        sheet = (await anybody.get(f"/calendar/{made['reference']}")).json()
        assert [(one["half"], one["begins"]) for one in sheet["slots"]][:2] == [
            ("morning", "09:00:00"), ("afternoon", "13:30:00"),
        ]  # fmt: skip
        assert "EXEMPLE" not in str(sheet)
        assert (await anybody.get("/sessions")).status_code == 401
    [fact] = await training.published()
    assert isinstance(fact, SessionScheduled)
    state = fact.state
    assert (state.status, state.audience, state.kind, state.city) == (
        "scheduled",
        "public",
        "training_session",
        "Toulouse",
    )
    assert (state.zone, state.department, state.delegation, state.url) == ("Europe/Paris", "31", None, None)
    assert "EXEMPLE" not in fact.model_dump_json()


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


async def test_what_is_cancelled_is_free_again_and_says_so(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team, training.client() as anybody:
        made = await announced(team, two_days(held), delegation="occitanie")
        why = {"reason_code": "too_few", "reason": "Deux inscrits seulement"}
        out = (await acted(team, made["id"], "POST", "/cancel", why)).json()
        assert (out["status"], out["reason_code"], out["allowed_actions"]) == ("cancelled", "too_few", ["duplicate"])
        assert refused(await acted(team, made["id"], "POST", "/cancel", why)) == (409, "session_ended")
        assert refused(await acted(team, made["id"], "POST", "/confirm", {"reason": "x"})) == (409, "session_ended")
        assert refused(await acted(team, made["id"], "DELETE")) == (409, "session_not_draft")
        assert (await anybody.get("/calendar")).json()["items"] == []
        sheet = (await anybody.get(f"/calendar/{made['reference']}")).json()
        assert (sheet["status"], sheet["reason_code"]) == ("cancelled", "too_few")
        assert "seulement" not in str(sheet)
        assert (await team.get("/sessions/slots")).json()["items"] == []
        again = await announced(team, two_days(held))
        assert again["status"] == "scheduled"
    cancelled = (await training.published())[1]
    assert isinstance(cancelled, SessionCancelled)
    assert (cancelled.state.status, cancelled.state.reason_code, cancelled.state.delegation) == (
        "cancelled", "too_few", "occitanie",
    )  # fmt: skip
    assert "seulement" not in cancelled.model_dump_json()


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


async def test_next_year_is_prepared_from_this_year(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await announced(team, two_days(held))
        lines = [{"kind": "room", "label": "Salle", "amount": "400.00", "recoverable_until": "2027-01-04"}]
        await acted(team, made["id"], "PUT", "/costs", {"lines": lines})
        first = held.first + timedelta(weeks=52)
        body = {"first_day": first.isoformat()}
        tried = await team.post(f"/sessions/{made['id']}/duplicate", json=body, params={"dry_run": True})
        assert tried.status_code == 201
        assert (await team.get("/sessions", params={"total": True})).json()["total"] == 1
        copied = (await team.post(f"/sessions/{made['id']}/duplicate", json=body)).json()
        assert (copied["status"], copied["first_day"], copied["defects"]) == ("draft", first.isoformat(), [])
        assert [one["begins"] for one in copied["slots"]] == [one["begins"] for one in made["slots"]]
        assert not {one["id"] for one in copied["slots"]} & {one["id"] for one in made["slots"]}
        costs = (await team.get(f"/sessions/{copied['id']}/costs")).json()
        assert costs["lines"][0]["recoverable_until"] == "2028-01-03"
        bare = await drafted(team)
        assert refused(await team.post(f"/sessions/{bare['id']}/duplicate", json=body)) == (
            409,
            "session_without_slots",
        )


async def test_what_a_session_costs_and_what_cancelling_it_would(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team, training.client("board") as board:
        made = await planned(team, two_days(held))
        assert "costs_missing" in {one["code"] for one in made["warnings"]}
        asked = (await team.get(f"/sessions/{made['id']}/costs")).json()
        assert [(one["kind"], one["amount"]) for one in asked["proposed"]] == [
            ("trainer", "1200.00"),
            ("room", "400.00"),
        ]
        lines = [
            {**asked["proposed"][0], "recoverable_until": "2027-01-04", "lost_if_cancelled": "300.00"},
            asked["proposed"][1],
        ]
        out = (await acted(team, made["id"], "PUT", "/costs", {"lines": lines})).json()
        assert (out["total"], out["version"]) == ("1600.00", 3)
        for day, lost in (("2027-01-04", "0.00"), ("2027-01-05", "300.00")):
            seen = (await team.get(f"/sessions/{made['id']}/costs", params={"on": day})).json()["cancelling"]
            assert seen == {"on": day, "known": lost, "unknown": "400.00"}
        assert (await board.get(f"/sessions/{made['id']}/costs")).status_code == 403, "a trainer's cost is training's"


async def test_who_has_not_read_the_last_state_changes_nothing(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await planned(team, two_days(held))
        blind = await team.post(f"/sessions/{made['id']}/schedule")
        assert refused(blind) == (428, "if_match_missing")
        late = await team.post(f"/sessions/{made['id']}/schedule", headers={"If-Match": '"v1"'})
        assert refused(late) == (412, "version_changed")
        assert late.json()["current"]["version"] == 2
        tried = await team.post(
            f"/sessions/{made['id']}/schedule", params={"dry_run": True}, headers={"If-Match": '"v2"'}
        )
        assert tried.json()["status"] == "scheduled"
        assert (await team.get(f"/sessions/{made['id']}")).json()["status"] == "draft"
    assert await training.published() == []


async def test_a_draft_is_thrown_away_with_its_half_days(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await planned(team, two_days(held))
        assert (await acted(team, made["id"], "DELETE")).status_code == 204
        assert refused(await team.get(f"/sessions/{made['id']}")) == (404, "session_not_found")
    assert (await training.rows("SELECT count(*) FROM session_slot"))[0][0] == 0


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"programme_code": "PACK-1"}, (409, "session_of_no_programme")),
        ({"programme_code": "NON-01"}, (404, "catalogue_sheet_not_found")),
        ({"zone": "Europe/Nulle"}, (400, "session_zone_unknown")),
        ({"decide_reason": "Sans jour"}, (400, "session_date_wrong")),
        ({"remote_url": "http://visio.exemple"}, (422, "validation")),
    ],
)
async def test_what_cannot_be_prepared(
    training: ServiceUnderTest, held: Means, said: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert held.trainer
    async with training.client("training") as team:
        await published(team, "PACK-1", "pack", parts=["CIP-01"])
        assert refused(await team.post("/sessions", json={"programme_code": "CIP-01", **said})) == refusal


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"id": UNKNOWN}, (400, "session_slot_unknown")),
        ({"room_id": UNKNOWN}, (404, "room_not_found")),
        ({"trainers": [UNKNOWN]}, (404, "trainer_not_found")),
        ({"ends": "08:00"}, (400, "session_slot_times_wrong")),
    ],
)
async def test_half_days_that_cannot_be_planned(
    training: ServiceUnderTest, held: Means, said: dict[str, Any], refusal: tuple[int, str]
) -> None:
    async with training.client("training") as team:
        made = await drafted(team)
        body = {"slots": [half_day(held.first, **said)]}
        assert refused(await acted(team, made["id"], "PUT", "/slots", body)) == refusal


async def test_a_session_overseas_is_at_the_hour_of_its_room(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        place = {"postcode": "97400", "city": "Saint-Denis", "department": "974"}
        there = await room(team, "Salle du Port", **place)
        mixed = [{**one, "remote": True} for one in two_days(held, room_id=there)]
        made = await announced(team, mixed, remote_url="https://visio.exemple/abc")
        first = made["slots"][0]
        assert (first["begins"], first["zone"], first["starts_at"][11:16]) == ("09:00:00", "Indian/Reunion", "05:00")
        remote = await planned(team, [half_day(held.first, remote=True)], zone="America/Guadeloupe")
        assert (remote["slots"][0]["starts_at"][11:16], remote["mode"]) == ("13:00", "remote")
        said = {"seats_min": 6, "seats_max": 12, "zone": "America/Cayenne"}
        elsewhere = (await acted(team, remote["id"], "PUT", "", said)).json()["slots"][0]
        assert (elsewhere["begins"], elsewhere["starts_at"][11:16]) == ("09:00:00", "12:00")
    [fact] = await training.published()
    assert (fact.state.zone, fact.state.mode, fact.state.city) == ("Indian/Reunion", "mixed", "Saint-Denis")
    assert "visio" not in fact.model_dump_json()


async def test_a_session_of_some_structures_is_nobody_elses(training: ServiceUnderTest, held: Means) -> None:
    await training.receive(MEMBER)
    own = {"reserved_for": [str(MEMBER.state.id)], "adaptation": "Une seule journée", "adapted_hours": "7"}
    async with training.client("training") as team, training.client() as anybody:
        made = await announced(team, two_days(held)[:2], **own)
        assert (made["type"], made["hours_due"]) == ("tailor_made", "7")
        assert made["reserved_for"] == [{"id": str(MEMBER.state.id), "name": "Structure d'essai"}]
        assert (await anybody.get("/calendar")).json()["items"] == []
        assert refused(await anybody.get(f"/calendar/{made['reference']}")) == (404, "session_not_found")
    [fact] = await training.published()
    assert fact.state.audience == "participants"


async def test_a_delegation_reads_its_own_and_those_of_the_country(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = {one: (await drafted(team, delegation=one))["id"] for one in ("bretagne", "occitanie", None)}
        await planned(team, two_days(held))
    async with training.client("delegation", delegation="bretagne") as there:
        listed = {one["delegation"] for one in (await there.get("/sessions")).json()["items"]}
        assert listed == {"bretagne", None}
        seen = (await there.get(f"/sessions/{made['bretagne']}")).json()
        assert seen["allowed_actions"] == []
        for path in ("", "/events"):
            assert refused(await there.get(f"/sessions/{made['occitanie']}{path}")) == (404, "session_not_found")
        assert len((await there.get("/sessions/export")).text.splitlines()) == 4
        assert (await there.post("/sessions", json={"programme_code": "CIP-01"})).status_code == 403


async def test_once_over_a_session_does_not_change_but_for_its_bills(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team:
        made = await announced(team, two_days(held))
    days = (held.first - training.runtime.clock.now().date()).days
    async with training.days_later(days + 3) as later, later.client("training") as team, later.client() as anybody:
        over = (await team.get(f"/sessions/{made['id']}")).json()
        assert (over["status"], over["allowed_actions"]) == ("over", ["duplicate"])
        why = {"reason_code": "weather", "reason": "Neige"}
        assert refused(await acted(team, made["id"], "POST", "/cancel", why)) == (409, "session_ended")
        assert (await acted(team, made["id"], "PUT", "/costs", {"lines": []})).status_code == 200
        assert (await anybody.get("/calendar")).json()["items"] == []
        assert (await anybody.get(f"/calendar/{made['reference']}")).json()["status"] == "over"


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
