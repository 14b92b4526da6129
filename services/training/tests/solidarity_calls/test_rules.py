"""The rules of the jury, case by case: how a score is reckoned and ranked, who sees it, what may be decided."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import obstacle
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
