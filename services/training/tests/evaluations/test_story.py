"""Evaluations from the seat that is taken to the result that anybody reads."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import Held, acted, opened, refused
from ..sessions.arrangements import announced, two_days
from .arrangements import days_to, enrolled, full_session, keys, said


async def test_who_has_a_seat_is_asked_where_they_stand(training: ServiceUnderTest) -> None:
    await full_session(training, 2)
    async with training.days_later(1) as later, later.client() as anybody, later.client("training") as team:
        sent = await keys(training, "Avant votre formation")
        assert sorted(sent) == ["personne0@exemple.fr", "personne1@exemple.fr"]
        marks = {"objectives-1": 2, "objectives-2": 1}
        answer = await said(anybody, sent["personne0@exemple.fr"], marks=marks, texts={"expectations": "Oser dire"})
        assert (answer.status_code, answer.json()["status"]) == (200, "answered")
        again = await said(anybody, sent["personne0@exemple.fr"], marks=marks)
        assert refused(again) == (409, "evaluation_answered")
        page = await team.get("/evaluations", params={"kind": "positioning", "status": "answered"})
        [line] = page.json()["items"]
        shown = (await team.get(f"/evaluations/{line['id']}")).json()
        assert (shown["marks"], shown["texts"]) == (marks, {"expectations": "Oser dire"})
        given = await team.post(f"/evaluations/{line['id']}/link")
        assert refused(given) == (409, "evaluation_answered")
        missing = await team.get(f"/evaluations/{UUID(int=9)}")
        assert refused(missing) == (404, "evaluation_not_found")
    for reader in ("network", "board", "member"):
        async with training.client(reader, member_id=UUID(int=1)) as other:
            assert (await other.get("/evaluations")).status_code == 403


async def test_hot_answers_are_counted_apart_and_shown_once_closed(training: ServiceUnderTest) -> None:
    held = await full_session(training, 6)
    over = days_to(training, held.means.first) + 2
    async with training.days_later(over) as later, later.client() as anybody, later.client("network") as network:
        sent = await keys(training, "Votre avis sur votre formation")
        assert len(sent) == 6
        everybody = sorted(sent.values())
        for key in everybody[:5]:
            assert (await said(anybody, key, texts={"comment": "Plus d'exercices"})).status_code == 200
        unfit = await said(anybody, everybody[5], marks={"overall": 9})
        assert refused(unfit) == (400, "evaluation_answers_unfit")
        open_still = (await network.get("/evaluation-results", params={"session_id": held.id})).json()
        assert (open_still["asked"], open_still["answered"], open_still["shown"]) == (6, 5, 0)
        assert (open_still["questions"], open_still["held_back"]) == ([], 5)
        assert (await network.get("/evaluation-comments")).status_code == 403
        unknown = await anybody.get("/evaluation-form", headers={"Evaluation-Key": "x" * 40})
        assert refused(unknown) == (404, "evaluation_link_not_found")
    async with training.days_later(over + 30) as later, later.client() as anybody, later.client("training") as team:
        late = await said(anybody, everybody[5])
        assert refused(late) == (409, "evaluation_closed")
        found = (await team.get("/evaluation-results", params={"session_id": held.id})).json()
        assert (found["shown"], found["held_back"], found["response_rate"]) == (5, 0, "83.3")
        assert found["questions"][0] == {
            "code": "overall", "label": found["questions"][0]["label"], "n": 5, "mean": "4.0", "median": "4",
            "distribution": {"4": 5},
        }  # fmt: skip
        assert [one["text"] for one in (await team.get("/evaluation-comments")).json()["items"]] == [
            "Plus d'exercices"
        ] * 5
        public = (await anybody.get("/catalogue/CIP-01/results")).json()
        [year] = public["years"]
        told = {one["code"]: (one["value"], one["n"]) for one in year["indicators"]}
        assert told == {
            "trainees": ("6", None), "response_rate": ("83.3", 6), "satisfaction": ("100.0", 5),
            "abandon_rate": (None, None),
        }  # fmt: skip
        assert (await anybody.get("/catalogue/NOPE/results")).status_code == 404


async def test_four_answers_are_shown_to_nobody(training: ServiceUnderTest) -> None:
    held = await full_session(training, 4)
    over = days_to(training, held.means.first) + 2
    async with training.days_later(over) as later, later.client() as anybody:
        for key in (await keys(training, "Votre avis sur votre formation")).values():
            assert (await said(anybody, key, texts={"comment": "Merci"})).status_code == 200
    async with training.days_later(over + 30) as later, later.client() as anybody, later.client("training") as team:
        for asked in ({"session_id": held.id}, {"programme_code": "CIP-01"}, {}):
            found = (await team.get("/evaluation-results", params=asked)).json()
            assert (found["answered"], found["shown"], found["questions"]) == (4, 0, [])
        assert (await team.get("/evaluation-comments")).json()["items"] == []
        [year] = (await anybody.get("/catalogue/CIP-01/results")).json()["years"]
        assert {one["value"] for one in year["indicators"]} == {None}


async def test_two_small_sessions_are_shown_together_and_neither_alone(training: ServiceUnderTest) -> None:
    held = await full_session(training, 3)
    async with training.client("training") as team:
        later_days = two_days(held.means, held.means.first + timedelta(2))
        second = await announced(team, later_days, seats_min=1, seats_max=12)
        await enrolled(team, Held(second["id"], held.means), 2, "autre")
    over = days_to(training, held.means.first) + 4
    async with training.days_later(over) as later, later.client() as anybody:
        sent = await keys(training, "Votre avis sur votre formation")
        assert len(sent) == 5
        for key in sent.values():
            assert (await said(anybody, key)).status_code == 200
    async with training.days_later(over + 30) as later, later.client("training") as team:
        for one in (held.id, second["id"]):
            alone = (await team.get("/evaluation-results", params={"session_id": one})).json()
            assert (alone["shown"], alone["questions"]) == (0, [])
        together = (await team.get("/evaluation-results", params={"programme_code": "CIP-01"})).json()
        assert (together["shown"], together["held_back"], together["questions"][0]["n"]) == (5, 0, 5)


async def test_no_table_ties_what_was_said_to_who_said_it(training: ServiceUnderTest) -> None:
    held = await full_session(training, 2)
    async with training.days_later(days_to(training, held.means.first) + 2) as later, later.client() as anybody:
        for key in (await keys(training, "Votre avis sur votre formation")).values():
            await said(anybody, key)
    tallies = await training.rows("SELECT question, mark, count FROM evaluation_tally ORDER BY question")
    assert {(row.question, row.mark, row.count) for row in tallies} == {
        ("conditions", 3, 2), ("content", 4, 2), ("overall", 4, 2), ("teaching", 5, 2),
    }  # fmt: skip
    assert await training.rows("SELECT 1 FROM evaluation_positioning") == []
    for table in ("evaluation_tally", "evaluation_comment"):
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = :name"
        names = {row.column_name for row in await training.rows(query, name=table)}
        assert names <= {"id", "round_id", "question", "mark", "count", "text"}


async def test_one_who_answers_twice_at_once_is_counted_once(training: ServiceUnderTest) -> None:
    held = await full_session(training, 3)
    async with training.days_later(days_to(training, held.means.first) + 2) as later, later.client() as anybody:
        sent = await keys(training, "Votre avis sur votre formation")
        answers = await asyncio.gather(*(said(anybody, key) for key in sent.values() for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 409, 409, 409]
    [tally] = await training.rows("SELECT count FROM evaluation_tally WHERE question = 'overall'")
    [asked] = await training.rows("SELECT answers, asked FROM evaluation_round WHERE kind = 'hot'")
    assert (tally.count, asked.answers, asked.asked) == (3, 3, 3)


async def test_it_is_recalled_twice_then_left(training: ServiceUnderTest) -> None:
    held = await full_session(training, 1)
    over = days_to(training, held.means.first) + 2
    for days in (0, 8, 16, 40):
        async with training.days_later(over + days) as later:
            subjects = [
                row.subject.split(" : ")[0]
                for row in await later.rows("SELECT subject FROM mail WHERE subject LIKE '%avis%' ORDER BY id")
            ]
    assert subjects == ["Votre avis sur votre formation", "Rappel", "Rappel"]
    [row] = await training.rows("SELECT status, chased FROM evaluation WHERE kind = 'hot'")
    assert (row.status, row.chased) == ("closed", 2)


async def test_months_after_comes_the_cold_one(training: ServiceUnderTest) -> None:
    held = await full_session(training, 1)
    async with training.days_later(days_to(training, held.means.first + timedelta(95))) as later:
        kinds = {row.kind for row in await later.rows("SELECT kind FROM evaluation")}
    assert kinds == {"cold"}, "the hot one is too late to be sent by now, and so is the positioning"


async def test_a_seat_given_back_is_asked_no_more(training: ServiceUnderTest) -> None:
    await full_session(training, 1)
    async with training.days_later(1) as later, later.client("training") as team:
        [line] = (await team.get("/evaluations")).json()["items"]
        left = await acted(team, f"/enrolments/{line['enrolment_id']}", "withdraw", {"reason": "absence"})
        assert left.status_code == 200, left.text
    async with training.days_later(20) as later, later.client("training") as team:
        [line] = (await team.get("/evaluations")).json()["items"]
        assert (line["status"], line["chased"]) == ("closed", 0)
        gone = await team.post(f"/evaluations/{line['id']}/link")
        assert refused(gone) == (409, "evaluation_closed")


async def test_who_has_no_address_is_given_a_link(training: ServiceUnderTest) -> None:
    await full_session(training, 1)
    async with training.days_later(1) as later, later.client("training") as team, later.client() as anybody:
        [line] = (await team.get("/evaluations")).json()["items"]
        given = await team.post(f"/evaluations/{line['id']}/link")
        assert given.status_code == 201, given.text
        form = await anybody.get("/evaluation-form", headers={"Evaluation-Key": given.json()["key"]})
        assert (form.status_code, len(form.json()["questions"])) == (200, 3)


@pytest.mark.parametrize("people", [3, 60])
async def test_a_run_killed_between_two_steps_asks_nobody_twice(training: ServiceUnderTest, people: int) -> None:
    held = await opened(training, people, 1)
    async with training.client("training") as team:
        await enrolled(team, held, people)
    worker = training.worker()
    await worker.ask_for_the_day()
    [job] = await training.rows("SELECT id FROM job WHERE kind = 'evaluations.run-day' AND status = 'queued'")
    await training.run_step(job.id)
    await training.run_job(job.id)
    mails = await training.rows("SELECT recipient FROM mail WHERE subject LIKE 'Avant%'")
    assert len({row.recipient for row in mails}) == len(mails) == people


async def test_the_questionnaires_say_that_they_are_to_be_confirmed(training: ServiceUnderTest) -> None:
    async with training.client("board") as board:
        items = (await board.get("/questionnaires")).json()["items"]
    assert [(one["kind"], one["status"]) for one in items] == [
        ("positioning", "assumed"), ("hot", "assumed"), ("cold", "assumed"),
    ]  # fmt: skip
