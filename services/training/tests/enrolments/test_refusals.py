"""What is refused of seats, each refusal through the door that answers it; and what a decision on a session does."""

from datetime import timedelta
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.enrolments.domain import WithdrawalReason
from training.enrolments.queries.seats import HeadCount, head_count
from training.enrolments.use_cases.reseating import empty, open_books

from .arrangements import acted, asked, opened, person, quote_body, refused, seated, statuses

NOBODYS = UUID(int=404)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/enrolment-requests/{}", "enrolment_request_not_found"),
        ("/enrolments/{}", "enrolment_not_found"),
        ("/seat-offers/{}", "seat_offer_not_found"),
        ("/sessions/{}/seats", "seat_pool_not_found"),
        ("/sessions/{}/seats/log", "seat_pool_not_found"),
        ("/calendar/{}/seats", "session_not_found"),
    ],
)
async def test_what_is_not_there_is_not_found(training: ServiceUnderTest, path: str, code: str) -> None:
    async with training.client("training") as team:
        assert refused(await team.get(path.format(NOBODYS))) == (404, code)


async def test_a_seat_is_given_back_once_and_an_offer_is_answered(training: ServiceUnderTest) -> None:
    held = await opened(training, 1, 1, 2)
    async with training.client("training") as team, training.client("member", member_id=UUID(int=2)) as other:
        first, second = await seated(team, held, 1), await seated(other, held, 2)
        seat = f"/enrolments/{first['seats'][0]['id']}"
        assert (await acted(team, seat, "withdraw", {"reason": "absence"})).status_code == 200
        assert refused(await acted(team, seat, "withdraw", {"reason": "absence"})) == (409, "enrolment_cancelled")
        request = f"/enrolment-requests/{first['id']}"
        assert refused(await acted(team, request, "withdraw", {"reason": "absence"})) == (409, "enrolment_cancelled")
        offered = f"/enrolments/{second['seats'][0]['id']}"
        assert refused(await acted(other, offered, "withdraw", {"reason": "absence"})) == (409, "seat_offer_pending")
        for reason in ("force_majeure", "organiser", "expired"):
            answer = await acted(other, offered, "withdraw", {"reason": reason})
            assert refused(answer) == (403, "withdrawal_reason_not_yours")


async def test_a_closed_list_and_a_session_that_has_begun(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1, 2)
    async with training.client("training") as team:
        one, other = await person(team, 1), await person(team, 1, "AUTRE")
        request = await seated(team, held, 1, 2, trainees=[one, other])
        waiting = await seated(team, held, 2)
    days = (held.means.first - training.runtime.clock.now().date()).days
    async with training.days_later(days - 1) as eve, eve.client("training") as team:
        assert refused(await asked(team, held, 2)) == (409, "enrolments_closed")
    async with (
        training.days_later(days + 1) as begun,
        begun.client("member", member_id=UUID(int=1)) as mine,
        begun.client("training") as team,
    ):
        seat = f"/enrolments/{request['seats'][0]['id']}"
        instead = {"trainee_id": await person(mine, 1, "TIERS")}
        assert refused(await acted(mine, seat, "substitute", instead)) == (409, "session_begun")
        assert (await acted(team, seat, "substitute", instead)).status_code == 200
        shown = (await mine.get(f"/enrolments/{request['seats'][1]['id']}")).json()
        assert (shown["due"]["basis"], shown["due"]["contract_unknown"]) == ("carried_out", True)
        given_back = await acted(mine, f"/enrolments/{request['seats'][1]['id']}", "withdraw", {"reason": "absence"})
        assert given_back.json()["due"] == shown["due"]
        assert statuses((await team.get(f"/enrolment-requests/{waiting['id']}")).json()) == ["waiting"]
        seats = await team.get(f"/sessions/{held.id}/seats")
        assert seats.json()["closed"]
        policy = await team.post(
            f"/sessions/{held.id}/seats/policy", json={"policy": "fill"}, headers={"If-Match": seats.headers["etag"]}
        )
        assert refused(policy) == (409, "seat_pool_closed")
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]


async def test_who_pays_alone_takes_a_seat_for_oneself(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1)
    async with training.client("training") as team:
        alone, other = await person(team, 1), await person(team, None, "AUTRE")
        quote = quote_body(held, 1, buyer={"trainee_id": alone})
        wrong = await team.post("/enrolment-requests", json={"quote": quote, "trainees": [other]})
        assert refused(wrong) == (409, "trainee_not_of_buyer")
        taken = (await team.post("/enrolment-requests", json={"quote": quote, "trainees": [alone]})).json()
        assert (taken["buyer_name"], statuses(taken)) == ("une personne à ses frais", ["confirmed"])
        seat = f"/enrolments/{taken['seats'][0]['id']}"
        assert refused(await acted(team, seat, "substitute", {"trainee_id": other})) == (409, "trainee_not_of_buyer")
        assert (await acted(team, seat, "withdraw", {"reason": "absence"})).json()["due"]["basis"] == "cooling_off"


async def test_a_price_for_several_is_shared_to_the_cent(training: ServiceUnderTest) -> None:
    held = await opened(training, 3, 1)
    cut = {"discount": {"reason": "Groupe", "amount": "680.00"}}
    async with training.client("training") as team:
        body = {"quote": quote_body(held, 1, 3, **cut), "names_by": (held.means.first - timedelta(3)).isoformat()}
        assert (await team.post("/enrolment-requests", json=body)).json()["unit_price"] == "333.33"


async def test_a_decision_counts_heads_and_gives_every_seat_back(training: ServiceUnderTest) -> None:
    held = await opened(training, 2, 1, 2, 3)
    session = UUID(held.id)
    database, staff = training.runtime.database, Actor("test", roles=frozenset({"training"}))
    async with training.client("training") as team:
        first, second = await seated(team, held, 1, 2), await seated(team, held, 2)
        await acted(team, f"/enrolments/{first['seats'][0]['id']}", "withdraw", {"reason": "absence"})
        third = await seated(team, held, 3)
        async with database.reading(staff) as read:
            assert await head_count(read, [session]) == {session: HeadCount(2, 1, 1, 1)}
        async with database.transaction(staff) as tx:
            books = await open_books(tx, [session])
            left = await empty(tx, books[session], [], WithdrawalReason.ORGANISER)
        assert {str(one.request.id) for one in left} == {first["id"], second["id"], third["id"]}
        async with database.reading(staff) as read:
            assert await head_count(read, [session]) == {session: HeadCount(2, 0, 0, 0)}
        assert refused(await asked(team, held, 3)) == (409, "session_not_open")
        assert (await team.get("/seat-offers", params={"status": "withdrawn"})).json()["items"][0]["seats"] == 1
        last = (await team.get(f"/enrolments/{first['seats'][1]['id']}")).json()
        assert (last["due"]["basis"], last["due"]["amount"]) == ("organiser", "0.00")
        assert (await team.get(f"/sessions/{held.id}/seats/proof")).json()["sound"]
