"""A session's story through the API: prepared, planned, announced, moved, confirmed, cancelled, prepared again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from common.contracts.training import SessionCancelled, SessionScheduled
from common.testing.harness import ServiceUnderTest

from ..programmes.arrangements import published
from .arrangements import (
    MEMBER,
    Means,
    acted,
    announced,
    drafted,
    half_day,
    planned,
    refused,
    room,
    two_days,
)

UNKNOWN = str(UUID(int=99))


async def test_a_session_is_prepared_then_announced_and_anybody_reads_it(
    training: ServiceUnderTest, held: Means
) -> None:
    async with training.client("training") as team:
        made = await drafted(team)
        assert (made["reference"][:4], made["status"], made["type"]) == ("SES-", "draft", "inter")
        assert (made["programme_number"], made["seats_min"], made["seats_max"]) == (1, 6, 12)
        assert [one["code"] for one in made["defects"]] == ["slots_missing"]
        assert made["allowed_actions"] == ["amend", "plan", "price", "discard"]
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
            "scheduled",
            ["amend", "move", "price", "duplicate", "confirm", "postpone_decision", "cancel", "merge"],
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


async def test_what_is_cancelled_is_free_again_and_says_so(training: ServiceUnderTest, held: Means) -> None:
    async with training.client("training") as team, training.client() as anybody:
        made = await announced(team, two_days(held), delegation="occitanie")
        why = {"reason_code": "too_few", "reason": "Deux inscrits seulement"}
        out = (await acted(team, made["id"], "POST", "/cancel", why)).json()
        assert (out["status"], out["reason_code"], out["allowed_actions"]) == (
            "cancelled",
            "too_few",
            ["price", "duplicate"],
        )
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
        assert [one["amount"] for one in costs["lines"]] == ["400.00"]
        assert costs["lines"][0]["recoverable_until"] is None, "what this room gives back is to be asked again"
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
        assert "EXEMPLE" not in str(asked["proposed"]), "a line is kept: it names nobody"
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
        assert (over["status"], over["allowed_actions"]) == ("over", ["price", "duplicate"])
        why = {"reason_code": "weather", "reason": "Neige"}
        assert refused(await acted(team, made["id"], "POST", "/cancel", why)) == (409, "session_ended")
        assert (await acted(team, made["id"], "PUT", "/costs", {"lines": []})).status_code == 200
        assert (await anybody.get("/calendar")).json()["items"] == []
        assert (await anybody.get(f"/calendar/{made['reference']}")).json()["status"] == "over"
