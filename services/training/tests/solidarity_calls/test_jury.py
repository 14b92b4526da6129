"""The jury by the API: what stays blind and until when, who declines, what is decided; those who come at once."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.etags import etag
from common.rights import Grant, Scope
from common.testing.acts import try_acts
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from training.solidarity_calls import use_cases
from training.solidarity_calls.schemas import SolidarityScoreIn

from .jury import BEST, ONE, OTHER, THIRD, WORST, Fund, closed, fund, no, refused, yes


async def test_scores_are_blind_until_one_s_own_is_in(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one, two = await now.application(call), await now.application(call, OTHER, title="Autre projet")
        assert refused(await now.judge(one)) == (409, "solidarity_not_scoring")
    async with closed(training) as then:
        assert (await then.judge(one, "training", WORST)).status_code == 201
        assert (await then.judge(two, "training", BEST)).status_code == 201
        path = f"/solidarity-applications/{one['id']}/scores"
        before = await then.get(path, "board")
        assert (before["given"], before["blind"], before["scores"], before["mean"]) == (1, True, [], None)
        board = f"/solidarity-calls/{call['id']}/board"
        lines = (await then.get(board, "board"))["items"]
        assert [(line["given"], line["mean"], line["spread"], line["to_discuss"]) for line in lines] == [
            (1, None, None, None)
        ] * 2
        for sort in ("created_at", "-created_at", "asked", "trainees", "title"):
            listed = await then.get("/solidarity-applications", "board", sort=sort)
            assert {(each["rank"], each["score"]) for each in listed["items"]} == {(None, None)}
        assert (
            refused(await then.ask("GET", "/solidarity-applications", "board", params={"sort": "score"}))[1]
            == "sort_unknown"
        )
        assert refused(await then.ask("GET", board, "board", params={"sort": "mean"}))[1] == "sort_unknown"
        tried = await then.ask("POST", path, "board", json={"marks": BEST}, params={"dry_run": True})
        assert (tried.status_code, tried.json()["blind"], tried.json()["scores"]) == (201, True, [])
        export = (await then.ask("GET", "/solidarity-applications/export", "board")).text
        assert "note" not in export.splitlines()[0]
        assert (await then.judge(one, "board", BEST)).status_code == 201
        after = await then.get(path, "board")
        assert (after["blind"], after["mean"], after["spread"], after["to_discuss"]) == (False, "50.00", "100.00", True)
        lines = (await then.get(board, "board"))["items"]
        assert [(line["mean"], line["own"]) for line in lines] == [("50.00", "scored"), (None, None)]
        assert [line["title"] for line in (await then.get(board, "board", waiting=True))["items"]] == ["Autre projet"]
        assert refused(await then.judge(one, "board", WORST)) == (409, "solidarity_score_given")
        async with then.training.client("board") as client:
            mine = {"score": ("POST", "/scores", {"marks": BEST}), "recuse": ("POST", "/recusals", {"reason": "-"})}
            assert await try_acts(client, f"/solidarity-applications/{one['id']}", mine) == set()
            assert await try_acts(client, f"/solidarity-applications/{two['id']}", mine) == {"score", "recuse"}


async def test_a_juror_who_declines_sees_nothing_before_the_ranking(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call)
        gone = await now.application(call)
        assert (await now.act(gone, "withdraw", "member", ONE)).status_code == 200
    async with closed(training) as then:
        path = f"/solidarity-applications/{one['id']}"
        tie = {"reason": "Administratrice de la structure"}
        await then.judge(one)
        shown = await then.ask("POST", f"{path}/recusals", "board", json=tie)
        assert (shown.status_code, shown.json()["blind"], shown.json()["scores"]) == (201, True, [])
        assert refused(await then.judge(one, "board")) == (409, "solidarity_juror_recused")
        assert refused(await then.ask("POST", f"{path}/recusals", "board", json=tie)) == (
            409,
            "solidarity_juror_recused",
        )
        assert refused(await then.judge(gone)) == (409, "solidarity_application_ended")
        assert refused(await then.judge(one, marks={"reach": 1})) == (409, "solidarity_score_given")
        call = await then.seen(call)
        assert (await then.act(call, "rank")).status_code == 200
        shown = await then.get(f"{path}/scores", "board")
        assert (shown["blind"], [each["part"] for each in shown["scores"]]) == (False, ["scored", "recused"])
        assert refused(await then.judge(one, "board")) == (409, "solidarity_not_scoring")


async def test_a_ranking_waits_for_its_scores_and_a_decision_for_its_ranking(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call(scores_needed=2)
        one = await now.application(call)
        assert refused(await now.act(call, "rank")) == (409, "solidarity_not_scoring")
        assert refused(await now.act(one, "close")) == (409, "solidarity_award_missing")
        spent = {"label": "-", "spent_on": "2026-01-01", "trainees": 1, "hours": "1", "amount": "1.00"}
        path = f"/solidarity-applications/{one['id']}/spending"
        assert refused(await now.ask("POST", path, json=spent)) == (409, "solidarity_award_missing")
    async with closed(training) as then:
        await then.judge(one)
        call = await then.seen(call)
        answer = await then.act(call, "rank")
        assert refused(answer) == (409, "solidarity_scores_missing")
        assert answer.json()["references"] == [one["reference"]]
        assert refused(await then.decide(call, yes(one))) == (409, "solidarity_not_ranked")
        record = f"/solidarity-calls/{call['id']}/decision-record"
        assert refused(await then.ask("GET", record)) == (409, "solidarity_not_decided")
        await then.judge(one, "board", WORST)
        assert (await then.act(call, "rank")).status_code == 200
        assert refused(await then.decide(call, no(one), no(one))) == (400, "solidarity_decisions_wrong")
        assert refused(await then.decide(call, no(one, ""))) == (400, "solidarity_reason_missing")
        assert refused(await then.decide(call, yes(one, "6000.01"))) == (409, "solidarity_award_too_large")
        taken = {"amount": "15000.00", "label": "Autre", "cause": "-"}
        assert (
            await then.ask("POST", f"/funding/envelopes/{then.envelope}/reservations", json=taken)
        ).status_code == 201
        assert refused(await then.decide(call, yes(one))) == (409, "envelope_short")
        assert (await then.decide(call, no(one))).status_code == 200
        assert refused(await then.decide(call, no(one))) == (409, "solidarity_decided")
        told = await then.seen(one, "member", ONE)
        assert (told["status"], told["reason"], told["rank"], told["score"]) == (
            "refused",
            "Public déjà formé.",
            None,
            None,
        )


async def test_of_two_decisions_that_come_at_once_one_is_taken(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with closed(training) as then:
        await then.judge(one)
        call = await then.seen(call)
        await then.act(call, "rank")
        answers = await asyncio.gather(*(then.decide(dict(call), yes(one)) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        assert await then.stands() == ("20000.00", "6000.00", "0.00", "14000.00")


async def test_a_juror_who_clicks_twice_scores_once(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        one = await now.application(await now.call())
    async with closed(training) as then:
        answers = await asyncio.gather(*(then.judge(one, marks=marks) for marks in (BEST, WORST) * 6))
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 11]
        [kept] = (await then.get(f"/solidarity-applications/{one['id']}/scores"))["scores"]
        assert kept["total"] in ("100.00", "0.00")


async def test_a_score_that_is_being_given_is_ranked_or_comes_too_late(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with closed(training) as then:
        await then.judge(one)
        call = await then.seen(call)
        database, board = then.training.runtime.database, Actor("board-1", frozenset({"board"}))
        async with database.transaction(board) as tx:
            await use_cases.give_score(tx, Grant(board, Scope.ALL), UUID(one["id"]), SolidarityScoreIn(marks=WORST))
            ranking = asyncio.ensure_future(then.act(dict(call), "rank", params={"dry_run": True}))
            await eventually(lambda: _count(then, WAITING), awaited="the ranking waits")
        assert (await ranking).status_code == 200
        async with database.transaction(Actor("team", frozenset({"training"}))) as tx:
            await use_cases.freeze_ranking(tx, UUID(call["id"]), etag(call["version"]))
            late = asyncio.ensure_future(then.judge(one, "board"))
            await eventually(lambda: _count(then, WAITING), awaited="the score waits")
        assert refused(await late) == (409, "solidarity_not_scoring")
        assert (await then.seen(one))["score"] == "50.00", "the mean of both that came in time"


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _count(now: Fund, query: str) -> int:
    [row] = await now.training.rows(query)
    return int(row[0])


async def test_one_award_is_not_spent_twice_by_those_who_come_at_once(
    training: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with closed(training) as then:
        await then.judge(one)
        call = await then.seen(call)
        await then.act(call, "rank")
        await then.decide(call, yes(one))
        today = (await then.seen(call))["decided_on"]
        bill = {"label": "Session", "spent_on": today, "trainees": 3, "hours": "7", "amount": "2500.00"}
        path = f"/solidarity-applications/{one['id']}/spending"
        answers = await asyncio.gather(*(then.ask("POST", path, json=bill) for _ in range(10)))
        assert [answer.status_code for answer in answers].count(201) == 2
        assert {refused(one) for one in answers if one.status_code != 201} == {(409, "solidarity_award_short")}
        assert await then.stands() == ("20000.00", "1000.00", "5000.00", "14000.00")
        [line] = (await then.get("/solidarity-applications", unclosed=True))["items"]
        assert (line["award"]["left"], line["award"]["trainees_trained"]) == ("1000.00", 6)


@pytest.mark.parametrize(
    "change",
    ["UPDATE solidarity_score SET comment = 'x'", "DELETE FROM solidarity_score", "TRUNCATE solidarity_spending"],
)
async def test_what_was_scored_and_spent_is_only_added_to(
    training: ServiceUnderTest, arranged: Arrange, change: str
) -> None:
    async with fund(training, arranged) as now:
        one = await now.application(await now.call())
    async with closed(training) as then:
        await then.judge(one)
        with pytest.raises(DBAPIError, match="only ever added to"):
            async with training.runtime.database.engine.begin() as connection:
                await connection.execute(text(change))


async def test_a_structure_sees_its_own_application_alone(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one, two = await now.application(call), await now.application(call, OTHER)
        draft = await now.application(call, submitted=False, title="Un brouillon")
        for role, who, found in (
            ("member", ONE, 2), ("member", OTHER, 1), ("member", THIRD, 0), ("training", None, 2), ("network", None, 2),
            ("board", None, 2),
        ):  # fmt: skip
            listed = await now.get("/solidarity-applications", role, who, total=True)
            export = await now.ask("GET", "/solidarity-applications/export", role, who)
            assert (listed["total"], len(export.text.splitlines()) - 1) == (found, found)
            drafted = await now.ask("GET", f"/solidarity-applications/{draft['id']}", role, who)
            assert drafted.status_code == (200 if who == ONE else 404)
        for path in ("", "/spending"):
            assert (
                await now.ask("GET", f"/solidarity-applications/{two['id']}{path}", "member", ONE)
            ).status_code == 404
        assert refused(await now.act(two, "withdraw", "member", ONE)) == (404, "solidarity_application_not_found")
        for path in (f"/solidarity-applications/{one['id']}/scores", f"/solidarity-calls/{call['id']}/board"):
            for role in ("member", "network"):
                assert (await now.ask("GET", path, role, ONE)).status_code == 403


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"status": "submitted", "year": 2026}, 2),
        ({"status": "refused"}, 0),
        ({"public": "integration"}, 1),
        ({"member_id": str(OTHER)}, 1),
        ({"q": "structure 001"}, 1),
        ({"q": "FMS-"}, 2),
        ({"unclosed": False}, 2),
        ({"unclosed": True}, 0),
        ({"call_id": str(THIRD)}, 0),
    ],
    ids=str,
)
async def test_filters_narrow_list_and_export_alike(
    training: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], found: int
) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        await now.application(call)
        await now.application(call, OTHER, public="integration")
        listed = await now.get("/solidarity-applications", total=True, **params)
        export = await now.ask("GET", "/solidarity-applications/export", params=params)
        assert (listed["total"], len(listed["items"]), len(export.text.splitlines()) - 1) == (found, found, found)
        open_calls = await now.get("/solidarity-calls", state=["open"], year=2026, q="solidaires", total=True)
        assert open_calls["total"] == 1
        assert (await now.get("/solidarity-calls", state=["draft", "announced", "closed", "ranked", "decided"]))[
            "items"
        ] == []


async def test_lists_cost_as_many_statements_for_many_as_for_one(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        costs = dict[str, set[int]]()
        for _ in range(2):
            await now.application(call)
            await now.call()
            for path in ("/solidarity-applications", "/solidarity-calls", f"/solidarity-calls/{call['id']}/board"):
                with training.statements() as sent:
                    await now.get(path)
                costs.setdefault(path, set()).add(sum(one[0].lstrip().upper().startswith("SELECT") for one in sent))
        assert all(len(counts) == 1 and max(counts) <= 5 for counts in costs.values()), costs
