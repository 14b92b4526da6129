"""The rules of a plan, of a spread and of a comparison, as tables."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from membership.assessments.domain import (
    Answer,
    AssessmentMode,
    SelfAssessment,
    Sheet,
    build,
    compare,
    end_gathering,
    proposals,
    sees_the_others,
    spreads,
)
from membership.banks.domain import Choice
from membership.banks.queries import bank_of

CAP, OLD = bank_of("cap-2026"), bank_of("cap-2015")
TODAY = date(2026, 8, 31)
GROUP = SelfAssessment(UUID(int=1), UUID(int=2), CAP.code, CAP.family, AssessmentMode.GROUP, TODAY)
GIVEN = datetime(2026, 9, 1, tzinfo=UTC)


def sheet(who: str, *, given: bool = True, **levels: int | None) -> Sheet:
    answers = {
        code.replace("_", "-"): Answer(level=level, not_applicable=level is None) for code, level in levels.items()
    }
    return Sheet(UUID(int=3), GROUP.id, who, answers, GIVEN if given else None)


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
    ("sheets", "levels"),
    [
        pytest.param([sheet("a", written_project=1)], None, id="une seule personne : ce sont ses réponses"),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", given=False, written_project=3)], None, id="une non donnée"
        ),
        pytest.param([sheet("a", written_project=1), sheet("b", improvement_loop=3)], None, id="pas la même question"),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", written_project=3)], (0, 1, 0, 1, 0), id="deux réponses"
        ),
    ],
)
def test_a_spread_is_of_two_at_least(sheets: list[Sheet], levels: tuple[int, ...] | None) -> None:
    found = spreads(CAP, sheets).get("written-project")
    assert (found.levels if found else None) == levels


@pytest.mark.parametrize(
    ("assessment", "own", "sees"),
    [
        pytest.param(GROUP, None, False, id="sans avoir répondu"),
        pytest.param(GROUP, sheet("a", given=False), False, id="avant d'avoir donné"),
        pytest.param(GROUP, sheet("a"), True, id="après avoir donné"),
        pytest.param(end_gathering(GROUP, TODAY), None, True, id="la collecte finie"),
    ],
)
def test_who_sees_the_others(assessment: SelfAssessment, own: Sheet | None, sees: bool) -> None:
    assert sees_the_others(assessment, own) is sees


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
