"""Seats through the API: asked for, waited for, offered, taken, given back, given to another."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest

from ..sessions.arrangements import announced, trainer, two_days
from .arrangements import Held, acted, asked, member, opened, person, quoted, refused, seated, statuses


async def test_what_is_free_is_taken_the_rest_is_waited_for_and_offered_in_turn(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1, 2, 3)
    async with training.client("training") as team:
        first = await seated(team, held, 1, 2, contact_email="accueil@exemple.fr")
        assert (statuses(first), first["waiting"]) == (["confirmed", "confirmed"], None)
        second = await seated(team, held, 2, contact_email="accueil@exemple.fr")
        third = await seated(team, held, 3)
        assert [(one["waiting"]["rank"], one["waiting"]["seats_before"]) for one in (second, third)] == [(1, 0), (2, 1)]
        given_back = await acted(team, f"/enrolments/{first['seats'][0]['id']}", "withdraw", {"reason": "absence"})
        assert (given_back.json()["status"], given_back.json()["due"]["amount"]) == ("cancelled", "0.00")
        [offer] = (await team.get("/seat-offers", params={"status": "open"})).json()["items"]
        assert (offer["request_id"], offer["seats"]) == (second["id"], 1)
        accepted = await acted(team, f"/seat-offers/{offer['id']}", "accept")
        assert accepted.json()["status"] == "accepted"
        assert refused(await acted(team, f"/seat-offers/{offer['id']}", "decline")) == (409, "seat_offer_closed")
        assert statuses((await team.get(f"/enrolment-requests/{second['id']}")).json()) == ["confirmed"]
        seats = (await team.get(f"/sessions/{held.id}/seats")).json()
        assert (seats["capacity"], seats["taken"], seats["waiting"]) == (2, 2, 1)
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["discrepancies"] == []
    facts = [fact for fact in await training.published() if fact.wire_name.startswith("enrolment.")]
    assert [fact.wire_name for fact in facts] == [
        "enrolment.confirmed", "enrolment.confirmed", "enrolment.cancelled", "enrolment.confirmed",
    ]  # fmt: skip
    assert facts[0].state.member_id == UUID(int=1)
    mails = await training.rows("SELECT subject, text FROM mail ORDER BY posted_at")
    assert [row.subject.split(" : ")[0] for row in mails] == [
        "Inscription confirmée", "Demande d'inscription enregistrée", "Places proposées", "Inscription confirmée",
    ]  # fmt: skip
    assert "(heure de Paris) : 1 place." in mails[2].text


async def test_an_offer_without_an_answer_goes_to_the_next(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2, 3)
    async with training.client("training") as team:
        first = await seated(team, held, 1)
        second, third = await seated(team, held, 2), await seated(team, held, 3)
        await acted(team, f"/enrolments/{first['seats'][0]['id']}", "withdraw", {"reason": "absence"})
    async with training.days_later(7) as later, later.client("training") as team:
        assert statuses((await team.get(f"/enrolment-requests/{second['id']}")).json()) == ["cancelled"]
        after = (await team.get(f"/enrolment-requests/{third['id']}")).json()
        assert statuses(after) == ["offered"]
        [offer] = after["open_offers"]
        declined = await acted(team, f"/seat-offers/{offer}", "decline")
        assert declined.json()["status"] == "declined"
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]
        assert (await team.get(f"/sessions/{held.id}/seats")).json()["taken"] == 0


async def test_an_offer_is_not_accepted_once_its_time_is_over(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team:
        first = await seated(team, held, 1)
        second = await seated(team, held, 2)
        await acted(team, f"/enrolment-requests/{first['id']}", "withdraw", {"reason": "absence"})
        [offer] = (await team.get(f"/enrolment-requests/{second['id']}")).json()["open_offers"]
    async with training.runtime.database.engine.begin() as connection:
        await connection.execute(text("UPDATE seat_offer SET expires_at = opened_at"))
    async with training.client("training") as team:
        late = await acted(team, f"/seat-offers/{offer}", "accept")
        assert refused(late) == (409, "seat_offer_expired")
        shown = (await team.get(f"/seat-offers/{offer}")).json()
        assert [one["code"] for one in shown["blockers"]["accept"]] == ["seat_offer_expired"]


async def test_a_group_stays_together_or_takes_what_there_is(training: ServiceUnderTest) -> None:
    held = await opened(training, 3, 1, 2, 3)
    async with training.client("training") as team:
        await seated(team, held, 1, 2)
        whole = await seated(team, held, 2, 2, together=True)
        assert statuses(whole) == ["waiting", "waiting"]
        behind = await seated(team, held, 3)
        assert statuses(behind) == ["waiting"]
        filled = await acted(team, f"/sessions/{held.id}/seats", "policy", {"policy": "fill"})
        assert (filled.json()["taken"], filled.json()["waiting"]) == (3, 2)
        assert statuses((await team.get(f"/enrolment-requests/{behind['id']}")).json()) == ["offered"]
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]


async def test_a_newcomer_whom_the_policy_passes_is_seated_at_once(training: ServiceUnderTest) -> None:
    held = await opened(training, 3, 1, 2, 3)
    async with training.client("training") as team:
        opening = await team.post(f"/sessions/{held.id}/seats/open")
        tag = opening.headers["etag"]
        await team.post(f"/sessions/{held.id}/seats/policy", json={"policy": "fill"}, headers={"If-Match": tag})
        await seated(team, held, 1, 2)
        assert statuses(await seated(team, held, 2, 2, together=True)) == ["waiting", "waiting"]
        assert statuses(await seated(team, held, 3)) == ["confirmed"]
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]


async def test_seats_are_named_now_or_later_and_pass_from_one_person_to_another(training: ServiceUnderTest) -> None:
    held = await opened(training, 4, 1, 2)
    async with training.client("member", member_id=UUID(int=1)) as mine:
        one, other = await person(mine, 1), await person(mine, 1, "AUTRE")
        request = await seated(mine, held, 1, 2, trainees=[one], names_by=held.means.first.replace(day=1).isoformat())
        assert [seat["trainee_id"] for seat in request["seats"]] == [one, None]
        named, unnamed = (f"/enrolments/{seat['id']}" for seat in request["seats"])
        assert refused(await acted(mine, unnamed, "substitute", {"trainee_id": one})) == (
            409, "trainee_already_enrolled",
        )  # fmt: skip
        shown = (await acted(mine, unnamed, "substitute", {"trainee_id": other})).json()
        assert (shown["trainee_name"], shown["version"]) == ("Camille AUTRE", 3)
        stale = await mine.post(f"{named}/withdraw", json={"reason": "absence"}, headers={"If-Match": '"v9"'})
        assert refused(stale) == (412, "version_changed")
    history = await training.rows("SELECT trainee_id FROM enrolment_occupant ORDER BY given_at")
    assert [str(row.trainee_id) for row in history] == [one, other]
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM seat_event"))


async def test_what_is_not_ones_own_does_not_exist(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("member", member_id=UUID(int=1)) as mine:
        theirs = await seated(mine, held, 1)
    async with training.client("member", member_id=UUID(int=2)) as other:
        for path in (
            f"/enrolment-requests/{theirs['id']}", f"/enrolments/{theirs['seats'][0]['id']}",
            f"/quotes/{theirs['quote_id']}",
        ):  # fmt: skip
            assert (await other.get(path)).status_code == 404
        waiting = await seated(other, held, 2)
        assert waiting["waiting"]["rank"] == 1
        for path in ("/enrolments", "/enrolment-requests", "/quotes", f"/sessions/{held.id}/waiting-list"):
            items = (await other.get(path)).json()["items"]
            assert {one["buyer_name"] for one in items} == {"Structure 2"}, path
        assert (await other.get(f"/sessions/{held.id}/seats/log")).status_code == 403
        assert refused(await asked(other, held, 1)) == (404, "member_unknown")
    async with training.client("network") as network:
        assert len((await network.get("/enrolments")).json()["items"]) == 2
        exported = await network.get("/enrolments/export")
        assert exported.text.count("Structure") == 2
        assert (await network.post("/enrolment-requests", json={})).status_code == 403
    async with training.client() as anybody:
        left = (await anybody.get(f"/calendar/{held.id}/seats")).json()
        assert (left["seats"], left["seats_left"], left["waiting"]) == (1, 0, 1)


async def test_who_may_not_ask_is_told_why(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1, 2)
    async with training.client("training") as team:
        stranger = await person(team, 2)
        cases: list[tuple[dict[str, Any], tuple[int, str]]] = [
            ({"names_by": None}, (400, "trainees_mismatch")),
            ({"names_by": held.means.first.isoformat()}, (400, "trainees_mismatch")),
            ({"trainees": [stranger]}, (409, "trainee_not_of_buyer")),
            ({"trainees": [str(UUID(int=77))]}, (404, "trainee_not_found")),
        ]
        for said, expected in cases:
            answer = await asked(team, held, 1, **said)
            assert refused(answer)[1] == expected[1], answer.text
        closed = await team.get(f"/sessions/{held.id}")
        await team.post(
            f"/sessions/{held.id}/cancel",
            json={"reason_code": "too_few", "reason": "Trop peu"},
            headers={"If-Match": closed.headers["etag"]},
        )
        assert refused(await asked(team, held, 1)) == (409, "session_not_open")


async def test_a_session_reserved_for_others_does_not_exist(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1, 2, reserved_for=[str(UUID(int=1))])
    async with training.client("member", member_id=UUID(int=1)) as named:
        assert statuses(await seated(named, held, 1)) == ["confirmed"]
    async with training.client("member", member_id=UUID(int=2)) as other:
        assert refused(await asked(other, held, 2)) == (404, "session_not_found")
    async with training.client("training") as team:
        assert refused(await asked(team, held, 2)) == (409, "session_reserved")
    async with training.client() as anybody:
        assert (await anybody.get(f"/calendar/{held.id}/seats")).status_code == 404


async def test_a_price_that_rests_on_a_membership_is_asked_again_when_it_changes(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1)
    async with training.client("member", member_id=UUID(int=1)) as mine:
        quote = await quoted(mine, held, 1)
        names_by = (held.means.first - timedelta(days=3)).isoformat()
        assert (await mine.get(f"/quotes/{quote}")).json()["price"]["total"] == "560.00"
        await training.receive(member(1, status="suspended"))
        answer = await mine.post("/enrolment-requests", json={"quote_id": quote, "names_by": names_by})
        assert refused(answer) == (409, "quote_outdated")
        assert "suspendue" in answer.json()["detail"]
        again = (await mine.post(f"/quotes/{quote}/renew")).json()
        assert (again["price"]["total"], again["renews"]) == ("700.00", quote)
        taken = await mine.post("/enrolment-requests", json={"quote_id": again["id"], "names_by": names_by})
        assert taken.status_code == 201
        twice = await mine.post("/enrolment-requests", json={"quote_id": again["id"], "names_by": names_by})
        assert refused(twice) == (409, "quote_accepted")


async def test_more_seats_in_the_session_go_to_whom_waits_and_fewer_take_nobody_s(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team:
        await seated(team, held, 1)
        waiting = await seated(team, held, 2)
        assert (await _sized(team, held, 2))["capacity"] == 2
        assert statuses((await team.get(f"/enrolment-requests/{waiting['id']}")).json()) == ["offered"]
        fewer = await _sized(team, held, 1)
        assert (fewer["capacity"], fewer["taken"]) == (2, 2)
        [offer] = (await team.get(f"/enrolment-requests/{waiting['id']}")).json()["open_offers"]
        await acted(team, f"/seat-offers/{offer}", "decline")
        assert statuses(await seated(team, held, 2)) == ["waiting"], "what is given back is not given again"
        assert (await team.get(f"/sessions/{held.id}/seats")).json()["capacity"] == 1
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]


async def _sized(team: httpx.AsyncClient, held: Held, seats: int) -> dict[str, Any]:
    """Give the session so many seats, and have them counted."""
    session = await team.get(f"/sessions/{held.id}")
    tag = {"If-Match": session.headers["etag"]}
    answer = await team.put(f"/sessions/{held.id}", json={"seats_min": 1, "seats_max": seats}, headers=tag)
    assert answer.status_code == 200, answer.text
    return dict((await team.post(f"/sessions/{held.id}/seats/open")).json())


async def test_a_dry_run_shows_the_price_and_the_rank_and_keeps_nothing(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team:
        await seated(team, held, 1)
        body = {
            "quote": {"session_id": held.id, "buyer": {"member_id": str(UUID(int=2))}, "seats": 1},
            "names_by": (held.means.first - timedelta(days=3)).isoformat(),
        }
        tried = (await team.post("/enrolment-requests", params={"dry_run": True}, json=body)).json()
        assert (tried["waiting"]["rank"], tried["unit_price"]) == (1, "560.00")
        assert (await team.get("/enrolment-requests", params={"total": True})).json()["total"] == 1


async def test_a_person_in_two_places_at_once_is_told_and_not_refused(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1)
    async with training.client("training") as team:
        other = await trainer(team, "Dominique EXEMPLE")
        where = {"room_id": None, "remote": True, "trainers": [other]}
        twin = await announced(team, two_days(held.means, **where), seats_min=1, seats_max=2)
        one = await person(team, 1)
        await seated(team, held, 1, trainees=[one])
        second = await seated(team, Held(twin["id"], held.means), 1, trainees=[one])
        shown = (await team.get(f"/enrolments/{second['seats'][0]['id']}")).json()
        first = (await team.get(f"/sessions/{held.id}")).json()
        assert (shown["status"], shown["also_in"]) == ("confirmed", [first["reference"]])
