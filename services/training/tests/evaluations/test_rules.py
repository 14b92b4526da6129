"""Who is asked when, what is an answer, what may be shown: décret 2019-565, indicators 2, 8 and 30; ADR 0070."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluations.domain import (
    AlreadyAnswered,
    AnswersUnfit,
    Closed,
    Distribution,
    Evaluation,
    EvaluationClosed,
    EvaluationKind,
    EvaluationStatus,
    Said,
    answer,
    asked_of,
    blocks,
    chase,
    cold_until,
    last_to_answer,
    require_fit,
)
from training.evaluations.queries.rules import asking_rule, questionnaire_on

TODAY = date(2026, 11, 23)
RULE = asking_rule(TODAY)
MINIMUM = 5


@pytest.mark.parametrize(
    ("today", "last"),
    [
        pytest.param(date(2026, 11, 23), date(2026, 8, 23), id="trois mois après"),
        pytest.param(date(2026, 5, 31), date(2026, 2, 28), id="mois trop court : son dernier jour"),
    ],
)
def test_the_cold_evaluation_is_due_three_months_after(today: date, last: date) -> None:
    assert cold_until(RULE, today) == last


@pytest.mark.parametrize(
    ("asked_on", "last"),
    [
        pytest.param(date(2026, 11, 23), date(2026, 12, 9), id="douze jours ouvrés"),
        pytest.param(date(2026, 12, 21), date(2027, 1, 8), id="Noël et le jour de l'an n'en sont pas"),
    ],
)
def test_the_last_day_to_answer_is_one_delay_after_each_mail(asked_on: date, last: date) -> None:
    assert last_to_answer(RULE, asked_on) == last


def _evaluation(**said: object) -> Evaluation:
    one = Evaluation(
        id=UUID(int=1), kind=EvaluationKind.HOT, enrolment_id=UUID(int=2), session_id=UUID(int=3),
        trainee_id=UUID(int=4), programme_code="CIP-01", programme_number=1, questionnaire=date(2026, 1, 1),
        round_id=UUID(int=5), asked_on=TODAY, closes_on=date(2026, 12, 9), next_on=date(2026, 11, 27),
    )  # fmt: skip
    return replace(one, **said)  # type: ignore[arg-type]


def test_it_is_recalled_twice_and_left() -> None:
    once = chase(_evaluation(), RULE, date(2026, 11, 27))
    twice = chase(once, RULE, date(2026, 12, 3))
    assert [(one.chased, one.next_on) for one in (once, twice)] == [(1, date(2026, 12, 3)), (2, None)]


@pytest.mark.parametrize(
    ("evaluation", "today", "refusal"),
    [
        pytest.param(_evaluation(), date(2026, 12, 9), None, id="le dernier jour : oui"),
        pytest.param(_evaluation(), date(2026, 12, 10), EvaluationClosed, id="le lendemain : non"),
        pytest.param(_evaluation(status=EvaluationStatus.CLOSED), TODAY, EvaluationClosed, id="close avant"),
        pytest.param(_evaluation(status=EvaluationStatus.ANSWERED), TODAY, AlreadyAnswered, id="déjà répondue"),
    ],
)
def test_it_is_answered_once_and_in_time(evaluation: Evaluation, today: date, refusal: type[Exception] | None) -> None:
    if refusal is None:
        assert answer(evaluation, today).status is EvaluationStatus.ANSWERED
    else:
        with pytest.raises(refusal):
            answer(evaluation, today)


GOOD = {"overall": 5, "content": 4, "teaching": 1, "conditions": 3}


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        pytest.param(Said(GOOD, {}), True, id="toutes les notes"),
        pytest.param(Said(GOOD, {"comment": "Plus d'exercices"}), True, id="et un texte"),
        pytest.param(Said({"overall": 5}, {}), False, id="des notes manquent"),
        pytest.param(Said({**GOOD, "other": 1}, {}), False, id="une question de trop"),
        pytest.param(Said({**GOOD, "overall": 6}, {}), False, id="au-dessus de 5"),
        pytest.param(Said({**GOOD, "overall": 0}, {}), False, id="au-dessous de 1"),
        pytest.param(Said(GOOD, {"overall": "bien"}), False, id="un texte à la place d'une note"),
    ],
)
def test_every_question_with_marks_has_one(said: Said, *, fits: bool) -> None:
    questions = questionnaire_on(EvaluationKind.HOT, TODAY).questions
    if fits:
        require_fit(said, questions)
    else:
        with pytest.raises(AnswersUnfit):
            require_fit(said, questions)


def test_a_positioning_asks_each_objective_of_the_version() -> None:
    questions = questionnaire_on(EvaluationKind.POSITIONING, TODAY).questions
    asked = asked_of(questions, ["Préparer un entretien", "Formuler un objectif"])
    assert [one.code for one in asked] == ["objectives-1", "objectives-2", "expectations"]
    assert asked[0].label.startswith("Préparer un entretien")


def test_figures_of_a_question() -> None:
    found = Distribution(counts={2: 1, 4: 2, 5: 3})
    assert (found.n, found.mean, found.median, found.satisfied) == (
        6, Decimal("4.2"), Decimal("4.5"), Decimal("83.3"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        pytest.param([5], [[0]], id="cinq : seule"),
        pytest.param([4], [], id="quatre : rien"),
        pytest.param([3, 2], [[0, 1]], id="trois et deux : ensemble"),
        pytest.param([3, 9, 1], [[1]], id="la grande ne couvre pas les petites"),
        pytest.param([3, 0, 2], [[0, 2]], id="sans réponse : n'ajoute rien"),
        pytest.param([4, 4, 4], [[0, 1]], id="la troisième attend"),
    ],
)
def test_what_is_shown_together(answers: list[int], shown: list[list[int]]) -> None:
    waiting = [Closed(UUID(int=number), count) for number, count in enumerate(answers)]
    assert [[one.int for one in block] for block in blocks(waiting, MINIMUM)] == shown


@given(st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=6))
def test_no_two_reads_differ_by_fewer_answers_than_the_minimum(days: Sequence[Sequence[int]]) -> None:
    """Sessions close day after day. What a day adds to any figure is made of blocks, each of five answers at least."""
    waiting: list[Closed] = []
    sizes: dict[UUID, int] = {}
    shown: set[UUID] = set()
    for closing in days:
        closed = [Closed(UUID(int=len(sizes) + place), count) for place, count in enumerate(closing)]
        sizes |= {one.id: one.answers for one in closed}
        waiting += closed
        for block in blocks(waiting, MINIMUM):
            assert sum(sizes[one] for one in block) >= MINIMUM
            assert not shown & set(block)
            shown |= set(block)
        waiting = [one for one in waiting if one.id not in shown]
        assert sum(one.answers for one in waiting) < MINIMUM
