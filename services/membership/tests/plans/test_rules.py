"""The rules of a plan and of a comparison, as tables.

A plan built from the answers: rapport d'activité 2015; how it is built is decided in ADR 0026.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from membership.assessments.domain import Remark, Review, ReviewKind, ReviewState
from membership.banks.domain import Choice
from membership.banks.queries import bank_of
from membership.plans.domain import ActionOrigin, ActionState, PlanAction, build, compare, left_over, proposals

CAP, OLD = bank_of("cap-2026"), bank_of("cap-2015")
TODAY = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        pytest.param({}, [], id="rien de répondu, rien à proposer"),
        pytest.param({"written-project": Choice(4)}, [], id="au plus haut"),
        pytest.param({"volunteers": Choice(not_applicable=True)}, [], id="sans objet"),
        pytest.param(
            {"limited-profit": Choice(0), "written-project": Choice(1)},
            [("written-project", 2), ("limited-profit", 1)],
            id="3 × 3/4 passe avant 2 × 4/4",
        ),
        pytest.param(
            {"written-project": Choice(2), "democratic-governance": Choice(2)},
            [("democratic-governance", 3), ("written-project", 3)],
            id="à égalité, l'ordre de la banque",
        ),
    ],
)
def test_what_matters_most_is_proposed_first(choices: dict[str, Choice], expected: list[tuple[str, int]]) -> None:
    assert [(one.question, one.target) for one in proposals(CAP, choices, TODAY)] == expected


def test_an_action_and_its_day_depend_on_the_level() -> None:
    low, high = (proposals(CAP, {"written-project": Choice(level)}, TODAY)[0] for level in (1, 2))
    assert (low.text, low.due_on) == (CAP.by_code["written-project"].actions[0].text, date(2027, 2, 28))
    assert (high.text, high.due_on) == (CAP.by_code["written-project"].actions[1].text, date(2027, 8, 31))


def test_a_plan_is_no_longer_than_a_structure_can_carry() -> None:
    choices = {question.code: Choice(0) for question in CAP.questions}
    assert (len(build(CAP, choices, TODAY)), len(proposals(CAP, choices, TODAY))) == (10, 24)


@pytest.mark.parametrize(
    ("then", "now", "compared", "change"),
    [
        pytest.param({}, {"written-project": Choice(4)}, 0, None, id="rien avant"),
        pytest.param({"premises": Choice(3)}, {"limited-profit": Choice(4)}, 0, None, id="rien de commun"),
        pytest.param({"written-project": Choice(3)}, {"written-project": Choice(4)}, 1, 0, id="le plus haut des deux"),
        pytest.param({"written-project": Choice(0)}, {"written-project": Choice(1)}, 1, 25, id="de 0/3 à 1/4"),
        pytest.param(
            {"written-project": Choice(3), "local-partners": Choice(0)},
            {"written-project": Choice(4), "local-partners": Choice(not_applicable=True)},
            1,
            0,
            id="sans objet une fois : pas comparée",
        ),
    ],
)
def test_what_is_compared(then: dict[str, Choice], now: dict[str, Choice], compared: int, change: int | None) -> None:
    whole = compare(OLD, then, CAP, now).whole
    assert (whole.compared, whole.change) == (compared, change)


def review(remarks: Mapping[str, Remark], *, given: bool = True) -> Review:
    state = ReviewState.GIVEN if given else ReviewState.OPEN
    return Review(UUID(int=1), UUID(int=2), ReviewKind.THIRD_PARTY, "network", TODAY, state=state, remarks=remarks)


@pytest.mark.parametrize(
    ("answer", "remark", "given", "expected"),
    [
        pytest.param(Choice(3), Remark(1), True, (1, 2, "review"), id="relue plus bas : le plus bas des deux"),
        pytest.param(Choice(1), Remark(3), True, (1, 2, "answer"), id="relue plus haut : la réponse"),
        pytest.param(Choice(4), Remark(1), True, (1, 2, "review"), id="au plus haut, relue plus bas"),
        pytest.param(Choice(4), Remark(1), False, None, id="tant que la relecture n'est pas rendue"),
        pytest.param(Choice(4), Remark(comment="Vu."), True, None, id="un commentaire seul"),
        pytest.param(Choice(not_applicable=True), Remark(0), True, (0, 1, "review"), id="sans objet, et pourtant"),
        pytest.param(Choice(4), Remark(action="Le dire."), True, (4, 4, "review"), id="une action proposée"),
    ],
)
def test_a_given_review_feeds_the_plan(
    answer: Choice, remark: Remark, given: bool, expected: tuple[int, int, str] | None
) -> None:
    found = proposals(CAP, {"volunteers": answer}, TODAY, [review({"volunteers": remark}, given=given)])
    assert [(one.level, one.target, one.origin.value) for one in found] == ([expected] if expected else [])
    assert [one.text for one in found if remark.action] == ["Le dire."] * bool(remark.action)


def action(text: str, state: ActionState = ActionState.TODO, question: str | None = None) -> PlanAction:
    return PlanAction(UUID(int=1), UUID(int=2), 1, text, TODAY, question, state=state, origin=ActionOrigin.OWN)


@pytest.mark.parametrize(
    ("before", "plan", "left"),
    [
        pytest.param([action("a")], [], ["a"], id="à faire"),
        pytest.param([action("a", ActionState.DOING)], [], ["a"], id="en cours"),
        pytest.param([action("a", ActionState.DONE), action("b", ActionState.DROPPED)], [], [], id="finies"),
        pytest.param([action("a", question="q")], [action("b", question="q")], [], id="la même question est au plan"),
        pytest.param([action("a")], [action("a")], [], id="déjà reprise"),
    ],
)
def test_what_is_left_of_the_plan_before(before: list[PlanAction], plan: list[PlanAction], left: list[str]) -> None:
    assert [one.text for one in left_over(before, plan)] == left
