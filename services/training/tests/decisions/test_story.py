"""A thin session through the API: what is known of it, what is decided, and where its people go."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.workdays import FRANCE

from ..enrolments.arrangements import acted, asked, opened, person, refused, seated, statuses
from ..sessions.arrangements import HOURS, announced, drafted, half_day, two_days
from ..sessions.arrangements import acted as played
from .arrangements import decided, outcomes, pair

MERGE = {"reason": "Deux sessions maigres"}


async def test_a_thin_session_is_joined_to_another(training: ServiceUnderTest) -> None:
    held, sister = await pair(training, 4, 4, 1, 2, 3, 4)
    async with training.client("training") as team:
        first = await seated(team, held, 1, 2, contact_email="accueil@exemple.fr")
        await seated(team, held, 2, 2, together=True)
        await seated(team, held, 3)
        await seated(team, sister, 4, 3)
        assert statuses(await seated(team, sister, 3, 2, together=True)) == ["waiting", "waiting"]
        sheet = (await team.get(f"/sessions/{held.id}/decision")).json()
        assert (sheet["taken"], sheet["waiting"], sheet["revenue"]) == (4, 1, "2240.00")
        assert [(one["session_id"], one["seats_left"], one["nearness"]) for one in sheet["sisters"]] == [
            (sister.id, 1, "department")
        ]
        into = {**MERGE, "into": sister.id}
        shown = await decided(team, held.id, "merge", into, dry_run=True)
        assert (await team.get(f"/sessions/{held.id}")).json()["status"] == "scheduled"
        done = await decided(team, held.id, "merge", into)
        assert outcomes(shown) == outcomes(done) == [
            ("Structure 1", "moved", None),
            ("Structure 1", "waiting", 1),
            ("Structure 2", "waiting", 2),
            ("Structure 2", "waiting", 2),
            ("Structure 3", "waiting", 3),
        ]  # fmt: skip
        body = done.json()
        assert (body["status"], body["reason_code"], body["decision"]["act"]) == ("cancelled", "too_few", "merge")
        assert (body["decision"]["figures"]["taken"], body["decision"]["figures"]["waiting"]) == (4, 1)
        for session in (held, sister):
            assert (await team.get(f"/sessions/{session.id}/seats/proof")).json()["discrepancies"] == []
        pool = (await team.get(f"/sessions/{sister.id}/seats")).json()
        assert (pool["taken"], pool["waiting"]) == (4, 6)
        assert statuses((await team.get(f"/enrolment-requests/{first['id']}")).json()) == ["cancelled", "cancelled"]
        [mine] = (await team.get("/enrolment-requests", params={"session_id": sister.id, "member_id": _id(1)})).json()[
            "items"
        ]
        assert (mine["unit_price"], mine["asked_at"]) == (first["unit_price"], first["asked_at"])
        assert (await team.get(f"/sessions/{held.id}/decisions")).json()["items"] == [body["decision"]]
    facts = [fact.wire_name for fact in await training.published()]
    assert facts[-6:].count("enrolment.cancelled") == 4
    assert "session.cancelled" in facts[-6:]
    assert "enrolment.confirmed" in facts[-6:]
    told = await training.rows("SELECT subject, text FROM mail WHERE subject LIKE 'Session annulée%'")
    assert len(told) == 1
    assert "au même prix, 560,00" in told[0].text
    assert "sans frais" in told[0].text


async def test_people_of_a_cancelled_session_go_to_several_others_once_each(training: ServiceUnderTest) -> None:
    held, near = await pair(training, 6, 2, 1, 2, 3)
    async with training.client("training") as team:
        third = await announced(
            team, two_days(held.means, held.means.first + timedelta(weeks=5)), seats_min=1, seats_max=1
        )
        twice, once = await person(team, 1), await person(team, 1, "AUTRE")
        await seated(team, held, 1, 2, trainees=[twice, once])
        await seated(team, near, 1, trainees=[twice])
        await seated(team, held, 2, 2)
        await seated(team, held, 3)
        body = {"reason": "Salle fermée", "reason_code": "venue", "into": [near.id, third["id"]]}
        done = await decided(team, held.id, "cancel", body)
        assert outcomes(done) == [
            ("Structure 1", "moved", None),
            ("Structure 1", "not_moved", None),
            ("Structure 2", "moved", None),
            ("Structure 2", "waiting", 1),
            ("Structure 3", "waiting", 2),
        ]  # fmt: skip
        went = {(one["buyer_name"], one["session_id"]) for one in done.json()["seats"] if one["outcome"] == "moved"}
        assert went == {("Structure 1", near.id), ("Structure 2", third["id"])}
        history = await training.rows("SELECT DISTINCT trainee_id FROM enrolment_occupant")
        assert {str(row.trainee_id) for row in history} == {twice, once}
        for session_id in (held.id, near.id, third["id"]):
            assert (await team.get(f"/sessions/{session_id}/seats/proof")).json()["discrepancies"] == []


async def test_without_another_session_every_seat_is_given_back_and_said(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team:
        taken = await seated(team, held, 1, contact_email="accueil@exemple.fr")
        await seated(team, held, 2, contact_email="autre@exemple.fr")
        done = await decided(team, held.id, "cancel", {"reason": "Trop peu", "reason_code": "too_few"})
        assert outcomes(done) == [("Structure 1", "released", None), ("Structure 2", "released", None)]
        given_back = (await team.get(f"/enrolments/{taken['seats'][0]['id']}")).json()
        assert (given_back["reason"], given_back["due"]["amount"]) == ("organiser", "0.00")
        assert (await team.get("/reseats")).json()["items"] == []
    assert [fact.wire_name for fact in await training.published()][-2:] == ["enrolment.cancelled", "session.cancelled"]
    mails = await training.rows("SELECT recipient, text FROM mail WHERE subject LIKE 'Session annulée%'")
    assert {one.recipient for one in mails} == {"accueil@exemple.fr", "autre@exemple.fr"}
    assert all("rien n'est dû" in one.text for one in mails)


async def test_who_waited_is_offered_what_is_free_elsewhere(training: ServiceUnderTest) -> None:
    held, other = await pair(training, 1, 3, 1, 2)
    async with training.client("training") as team:
        await seated(team, held, 1)
        await seated(team, held, 2)
        done = await decided(team, held.id, "merge", {**MERGE, "into": other.id})
        assert outcomes(done) == [("Structure 1", "moved", None), ("Structure 2", "offered", None)]
        [offer] = (await team.get("/seat-offers", params={"status": "open"})).json()["items"]
        assert offer["session_id"] == other.id
        offered = next(one for one in done.json()["seats"] if one["outcome"] == "offered")
        declined = await acted(team, f"/reseats/{offered['new_enrolment_id']}", "decline")
        assert refused(declined) == (409, "seat_offer_pending")


async def test_a_structure_refuses_another_session_free_of_charge_until_a_day(training: ServiceUnderTest) -> None:
    held, other = await pair(training, 2, 2, 1, 2)
    async with training.client("training") as team:
        await seated(team, held, 1, 2)
        own = await seated(team, other, 2)
        await decided(team, held.id, "merge", {**MERGE, "into": other.id})
    async with training.client("member", member_id=UUID(int=1)) as mine:
        listed = (await mine.get("/reseats", params={"session_id": other.id})).json()["items"]
        assert sorted(one["enrolment"]["status"] for one in listed) == ["confirmed", "waiting"]
        assert (await mine.get("/reseats", params={"from_session_id": other.id})).json()["items"] == []
        moved = next(one for one in listed if one["enrolment"]["status"] == "confirmed")
        path = f"/reseats/{moved['enrolment']['id']}"
        assert (await mine.get(path)).json()["allowed_actions"] == ["decline"]
        declined = (await acted(mine, path, "decline")).json()
        assert (declined["enrolment"]["status"], declined["enrolment"]["reason"]) == ("cancelled", "date_moved")
        assert (await mine.get(f"/enrolments/{moved['enrolment']['id']}")).json()["due"]["amount"] == "0.00"
        assert refused(await acted(mine, path, "decline")) == (409, "enrolment_cancelled")
        assert refused(await mine.get(f"/reseats/{own['seats'][0]['id']}")) == (404, "reseat_not_found")
    async with training.client("member", member_id=UUID(int=2)) as stranger:
        assert refused(await stranger.get(path)) == (404, "reseat_not_found")
        assert (await stranger.get("/reseats")).json()["items"] == []
    kept = next(one for one in listed if one["enrolment"]["status"] == "waiting")["enrolment"]["id"]
    async with training.days_later(10) as later, later.client("member", member_id=UUID(int=1)) as mine:
        assert refused(await acted(mine, f"/reseats/{kept}", "decline")) == (409, "reseat_kept")
        assert [one["code"] for one in (await mine.get(f"/reseats/{kept}")).json()["blockers"]["decline"]] == [
            "reseat_kept"
        ]


async def test_a_decision_is_confirmed_or_put_off_and_its_figures_are_kept(training: ServiceUnderTest) -> None:
    held = await opened(training, 3, 1)
    today = training.runtime.clock.now().date()
    later = FRANCE.first_from(today + timedelta(days=20))
    async with training.client("training") as team:
        put_off = await decided(
            team, held.id, "postpone-decision", {"reason": "Deux structures hésitent", "decide_on": later.isoformat()}
        )
        assert (put_off.json()["decide_on"], put_off.json()["decision"]["postponed_to"]) == (later.isoformat(),) * 2
        for day, code in (
            (today, "decision_day_wrong"),
            (later + timedelta(days=5 - later.weekday()), "decision_day_wrong"),
            (held.means.first, "decision_day_wrong"),
        ):
            body = {"reason": "Plus tard", "decide_on": day.isoformat()}
            assert refused(await decided(team, held.id, "postpone-decision", body)) == (400, code)
        await seated(team, held, 1, 2)
        costs = {"lines": [{"kind": "room", "label": "Salle", "amount": "300.00", "lost_if_cancelled": "120.00"}]}
        assert (await played(team, held.id, "PUT", "/costs", costs)).status_code == 200
        done = (await decided(team, held.id, "confirm", {"reason": "Deux inscrits"})).json()
        figures = done["decision"]["figures"]
        assert (done["status"], figures["taken"], figures["margin"], figures["cancelling"]) == (
            "confirmed", 2, "820.00", "120.00",
        )  # fmt: skip
        again = await decided(team, held.id, "confirm", {"reason": "Encore"})
        assert refused(again) == (409, "session_confirmed")
        body = {"reason": "Plus tard", "decide_on": later.isoformat()}
        assert refused(await decided(team, held.id, "postpone-decision", body)) == (409, "session_confirmed")
        kept = (await team.get(f"/sessions/{held.id}/decisions")).json()["items"]
        assert [one["act"] for one in kept] == ["confirm", "postpone"]
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text("UPDATE session_decision SET reason = 'Autre'"))


async def test_what_is_no_place_to_go_is_refused_and_changes_nothing(training: ServiceUnderTest) -> None:
    held, other = await pair(training, 2, 2, 1)
    async with training.client("training") as team:
        await seated(team, held, 1)
        draft = await drafted(team)
        reserved = await announced(
            team,
            two_days(held.means, held.means.first + timedelta(weeks=6)),
            seats_min=1, seats_max=2, reserved_for=[_id(1)],
        )  # fmt: skip
        cases = (
            ([held.id], (409, "session_not_sister")),
            ([other.id, other.id], (409, "session_not_sister")),
            ([reserved["id"]], (409, "session_not_sister")),
            ([draft["id"]], (409, "session_not_open")),
            ([_id(77)], (404, "session_not_found")),
        )
        for into, expected in cases:
            body = {"reason": "Trop peu", "reason_code": "too_few", "into": into}
            assert refused(await decided(team, held.id, "cancel", body)) == expected
        not_yet = await decided(team, draft["id"], "merge", {**MERGE, "into": other.id})
        assert refused(not_yet) == (409, "session_not_announced")
        assert refused(await team.get(f"/sessions/{draft['id']}/decision")) == (409, "session_not_announced")
        assert refused(await team.get(f"/sessions/{_id(77)}/decisions")) == (404, "session_not_found")
        stale = await team.post(
            f"/sessions/{held.id}/merge", json={**MERGE, "into": other.id}, headers={"If-Match": '"v77"'}
        )
        assert refused(stale) == (412, "version_changed")
        await decided(team, other.id, "cancel", {"reason": "Trop peu", "reason_code": "too_few"})
        gone = await decided(team, held.id, "merge", {**MERGE, "into": other.id})
        assert refused(gone) == (409, "session_ended")
        assert (await team.get(f"/sessions/{held.id}")).json()["status"] == "scheduled"
        assert (await team.get(f"/sessions/{held.id}/seats")).json()["taken"] == 1


async def test_people_are_not_moved_out_of_a_session_that_has_begun(training: ServiceUnderTest) -> None:
    """Seven days between its two days: it has begun, and is not over."""
    held, other = await pair(training, 2, 2, 1)
    days = (held.means.first, held.means.first + timedelta(weeks=1))
    where = {"room_id": None, "remote": True, "trainers": [held.means.trainer]}
    async with training.client("training") as team:
        tag = await decided(team, held.id, "cancel", {"reason": "Trop peu", "reason_code": "too_few"})
        assert tag.status_code == 200
        long = await announced(
            team, [half_day(day, half, **where) for day in days for half in HOURS], seats_min=1, seats_max=2
        )
    until_first = (held.means.first - training.runtime.clock.now().date()).days
    async with training.days_later(until_first + 2) as begun, begun.client("training") as team:
        assert (await team.get(f"/sessions/{long['id']}/decision")).json()["sisters"] == []
        late = await decided(team, long["id"], "merge", {**MERGE, "into": other.id})
        assert refused(late) == (409, "session_begun")
        back = await decided(team, other.id, "merge", {**MERGE, "into": long["id"]})
        assert refused(back) == (409, "session_not_sister")
        given_up = await decided(team, long["id"], "cancel", {"reason": "Formateur malade", "reason_code": "speaker"})
        assert (given_up.status_code, given_up.json()["seats"]) == (200, [])


async def test_nobody_asks_for_a_seat_of_a_session_given_up_before_anybody_had(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1)
    async with training.client("training") as team:
        await decided(team, held.id, "cancel", {"reason": "Trop peu", "reason_code": "too_few"})
        assert (await team.get(f"/sessions/{held.id}/seats")).json()["closed"]
        assert refused(await asked(team, held, 1)) == (409, "session_not_open")


def _id(number: int) -> str:
    return str(UUID(int=number))
