"""The jury: how a score is reckoned and ranked, what stays blind and until when, who declines, what may be decided."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.errors import obstacle
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from training.solidarity_calls.domain import (
    Application,
    BudgetLine,
    Call,
    CallText,
    Criterion,
    Decision,
    JurorPart,
    Project,
    Score,
    SolidarityApplicationStatus,
    SolidarityPublic,
    may_see,
    outcome_of,
    ranking,
    require_decisions,
    require_marks,
    standing,
    total,
)

from .jury import BEST, ONE, OTHER, THIRD, WORST, closed, fund, no, refused, yes

EUROS = Decimal
SAID = CallText(
    title="FMS",
    text="",
    year=2026,
    envelope_id=UUID(int=9),
    opens_on=date(2026, 3, 1),
    closes_on=date(2026, 3, 31),
    budget=EUROS("10000.00"),
    max_award=EUROS("8000.00"),
    criteria=(Criterion("reach", "Portée", 3), Criterion("quality", "Qualité", 1)),
    scale=5,
    scores_needed=2,
    spread_alarm=EUROS(40),
)
CALL = Call(id=UUID(int=8), said=SAID, opened_on=date(2026, 2, 1), ranked_on=date(2026, 4, 1))
PROJECT = Project(
    title="Former",
    description="-",
    partners=(),
    public=SolidarityPublic.BOTH,
    trainees=10,
    hours=EUROS(14),
    asked=EUROS("6000.00"),
    costs=(BudgetLine("-", EUROS("7000.00")),),
)


def application(rank: int, **said: Any) -> Application:
    return Application(
        id=UUID(int=rank),
        call=CALL,
        member_id=UUID(int=100 + rank),
        project=replace(PROJECT, **said),
        status=SolidarityApplicationStatus.SUBMITTED,
        reference=f"FMS-2026-{rank:05d}",
    )


def score(reach: int, quality: int, juror: str = "a") -> Score:
    return Score(juror=juror, part=JurorPart.SCORED, marks={"reach": reach, "quality": quality}, comment="")


DECLINED = Score(juror="z", part=JurorPart.RECUSED, marks={}, comment="Administratrice de la structure")


@pytest.mark.parametrize(
    ("reach", "quality", "points"),
    [
        pytest.param(5, 5, "100.00", id="les meilleures notes"),
        pytest.param(0, 0, "0.00", id="les pires"),
        pytest.param(5, 0, "75.00", id="le critère qui pèse trois fois"),
        pytest.param(0, 5, "25.00", id="celui qui pèse une fois"),
        pytest.param(3, 4, "65.00", id="(3 × 3 + 4) sur 20"),
    ],
)
def test_a_score_is_the_weighted_total_of_its_marks(reach: int, quality: int, points: str) -> None:
    assert str(total(SAID, {"reach": reach, "quality": quality})) == points


@pytest.mark.parametrize(
    "marks",
    [{"reach": 3}, {"reach": 3, "quality": 3, "other": 1}, {"reach": 6, "quality": 3}, {"reach": -1, "quality": 3}],
    ids=["un critère manque", "un de trop", "au-dessus de l'échelle", "au-dessous"],
)
def test_marks_are_of_the_criteria_and_on_the_scale(marks: dict[str, int]) -> None:
    refusal = obstacle(lambda: require_marks(SAID, marks))
    assert refusal is not None
    assert refusal.code == "solidarity_marks_wrong"


@pytest.mark.parametrize(
    ("scores", "mean", "spread", "to_discuss"),
    [
        pytest.param([score(5, 5)], "100.00", "0.00", False, id="un juré"),
        pytest.param([score(5, 5), score(3, 4)], "82.50", "35.00", False, id="35 points d'écart, sous l'alarme de 40"),
        pytest.param([score(5, 5), score(3, 3)], "80.00", "40.00", True, id="40 points d'écart : à discuter"),
        pytest.param([score(5, 5), score(5, 0), score(5, 0)], "83.33", "25.00", False, id="une moyenne arrondie"),
        pytest.param([score(4, 4), DECLINED], "80.00", "0.00", False, id="un déport ne compte pas"),
    ],
)
def test_where_an_application_stands(scores: list[Score], mean: str, spread: str, to_discuss: bool) -> None:
    found = standing(SAID, scores)
    assert found is not None
    assert (str(found.mean), str(found.spread), found.to_discuss) == (mean, spread, to_discuss)


def test_nobody_s_score_is_no_standing() -> None:
    assert standing(SAID, [DECLINED]) is None


@pytest.mark.parametrize(
    ("ranked", "own", "sees"),
    [
        pytest.param(False, None, False, id="n'a pas noté"),
        pytest.param(False, score(1, 1), True, id="a noté"),
        pytest.param(False, DECLINED, False, id="s'est déporté"),
        pytest.param(True, None, True, id="le classement est arrêté"),
        pytest.param(True, DECLINED, True, id="déporté, le classement arrêté"),
    ],
)
def test_who_sees_the_scores_of_others(ranked: bool, own: Score | None, sees: bool) -> None:
    assert may_see(replace(CALL, ranked_on=date(2026, 4, 1) if ranked else None), own) is sees


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=4), max_size=12))
def test_a_ranking_is_in_the_order_of_the_means_whatever_the_jury(marks: list[list[tuple[int, int]]]) -> None:
    scores = {UUID(int=rank): [score(*one) for one in given] for rank, given in enumerate(marks)}
    ranked = ranking(CALL, scores, {one: str(one) for one in scores})
    assert {one.application_id for one in ranked} == scores.keys()
    for before, after in pairwise(ranked):
        assert (before.score > after.score) == (before.rank < after.rank)
        assert before.score >= after.score
    for place, one in enumerate(ranked, start=1):
        assert one.rank == place or ranked[one.rank - 1].score == one.score


FIRST, SECOND = application(1), application(2)


def decision(of: Application, amount: str | None, trainees: int | None = None, reason: str = "") -> Decision:
    return Decision(
        application_id=of.id, amount=None if amount is None else EUROS(amount), trainees=trainees, reason=reason
    )


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        pytest.param(
            [decision(FIRST, "6000.00"), decision(SECOND, "4000.00", reason="Budget")], None, id="tout le budget"
        ),
        pytest.param([decision(FIRST, "6000.00"), decision(SECOND, None, reason="Hors champ")], None, id="une refusée"),
        pytest.param([decision(FIRST, "6000.00")], "solidarity_decisions_wrong", id="une oubliée"),
        pytest.param([decision(FIRST, "1.00", reason="-")] * 2, "solidarity_decisions_wrong", id="la même deux fois"),
        pytest.param(
            [decision(FIRST, "6000.00"), decision(SECOND, "4000.01", reason="-")],
            "solidarity_budget_exceeded",
            id="un centime de trop",
        ),
        pytest.param(
            [decision(FIRST, "6000.01"), decision(SECOND, None, reason="-")],
            "solidarity_award_too_large",
            id="plus que demandé",
        ),
        pytest.param(
            [decision(FIRST, "6000.00", 11), decision(SECOND, None, reason="-")],
            "solidarity_award_too_large",
            id="plus de stagiaires que prévu",
        ),
        pytest.param(
            [decision(FIRST, "6000.00"), decision(SECOND, None)], "solidarity_reason_missing", id="refusée sans raison"
        ),
        pytest.param(
            [decision(FIRST, "6000.00", 9), decision(SECOND, None, reason="-")],
            "solidarity_reason_missing",
            id="moins de stagiaires, sans raison",
        ),
    ],
)
def test_what_a_decision_may_be(decisions: list[Decision], why: str | None) -> None:
    refusal = obstacle(lambda: require_decisions(CALL, [FIRST, SECOND], decisions))
    assert (refusal.code if refusal else None) == why


def test_the_most_that_a_call_gives_to_one_application() -> None:
    large = application(1, asked=EUROS("9000.00"))
    refusal = obstacle(lambda: require_decisions(CALL, [large], [decision(large, "8000.01", reason="-")]))
    assert refusal is not None
    assert refusal.code == "solidarity_award_too_large"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (decision(FIRST, "6000.00"), SolidarityApplicationStatus.KEPT),
        (decision(FIRST, "5999.99"), SolidarityApplicationStatus.REDUCED),
        (decision(FIRST, "6000.00", 9), SolidarityApplicationStatus.REDUCED),
        (decision(FIRST, None), SolidarityApplicationStatus.REFUSED),
    ],
    ids=["tout", "un centime de moins", "un stagiaire de moins", "rien"],
)
def test_what_a_decision_makes_of_an_application(given: Decision, outcome: SolidarityApplicationStatus) -> None:
    assert outcome_of(FIRST, given) is outcome


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
        answers = await asyncio.gather(*(then.judge(one, marks=marks) for marks in (BEST, WORST, BEST)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        [kept] = (await then.get(f"/solidarity-applications/{one['id']}/scores"))["scores"]
        assert kept["total"] in ("100.00", "0.00")


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
        answers = await asyncio.gather(*(then.ask("POST", path, json=bill) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
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
