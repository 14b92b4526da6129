"""The rules of a spread and of an answer, as tables.

Alone or in a group: rapport d'activité 2015. The least number of answers is `assumed`; ADR 0026.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from membership.assessments.domain import (
    Answer,
    AssessmentMode,
    AssessmentState,
    Review,
    ReviewKind,
    ReviewsOpen,
    ReviewState,
    SelfAssessment,
    Sheet,
    TooFewGiven,
    abandon,
    amended,
    end_gathering,
    require_closable,
    spreads,
    spreads_are_told,
)
from membership.banks.queries import bank_of

CAP = bank_of("cap-2026")
TODAY = date(2026, 8, 31)
GROUP = SelfAssessment(UUID(int=1), UUID(int=2), CAP.code, CAP.family, AssessmentMode.GROUP, TODAY)
LINK = "invitation:"
GIVEN = datetime(2026, 9, 1, tzinfo=UTC)


def sheet(who: str, *, given: bool = True, **levels: int | None) -> Sheet:
    answers = {
        code.replace("_", "-"): Answer(level=level, not_applicable=level is None) for code, level in levels.items()
    }
    return Sheet(UUID(int=3), GROUP.id, who, answers, GIVEN if given else None)


@pytest.mark.parametrize(
    ("sheets", "levels"),
    [
        pytest.param([sheet("a", written_project=1)], None, id="une seule personne : ce sont ses réponses"),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", given=False, written_project=3)], None, id="une non donnée"
        ),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", written_project=3), sheet("c", improvement_loop=3)],
            None,
            id="pas la même question",
        ),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", written_project=3)], None, id="deux : chacun lirait l'autre"
        ),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", written_project=3), sheet("c", written_project=3)],
            (0, 1, 0, 2, 0),
            id="trois réponses",
        ),
        pytest.param(
            [sheet("a", written_project=1), sheet(LINK + "1", written_project=3), sheet(LINK + "2", written_project=3)],
            None,
            id="un compte, deux liens : qui tiendrait les liens lirait le compte",
        ),
        pytest.param(
            [sheet("a", written_project=1), sheet("b", written_project=1)]
            + [sheet(f"{LINK}{rank}", written_project=3) for rank in range(3)],
            (0, 0, 0, 3, 0),
            id="deux comptes, trois liens : les liens seuls",
        ),
        pytest.param(
            [sheet(who, written_project=1) for who in "abc"] + [sheet(LINK + "1", written_project=3)],
            (0, 3, 0, 1, 0),
            id="trois comptes : le lien s'y ajoute",
        ),
        pytest.param(
            [sheet(f"{LINK}{rank}", written_project=rank) for rank in range(3)],
            (1, 1, 1, 0, 0),
            id="trois liens",
        ),
    ],
)
def test_a_spread_is_of_three_at_least(sheets: list[Sheet], levels: tuple[int, ...] | None) -> None:
    found = spreads(CAP, sheets, 3).get("written-project")
    assert (found.levels if found else None) == levels


ENDED = end_gathering(GROUP, given=2, minimum=2, today=TODAY)


@pytest.mark.parametrize(
    ("assessment", "told"),
    [
        pytest.param(GROUP, False, id="tant que quelqu'un peut encore donner"),
        pytest.param(ENDED, True, id="la collecte finie"),
        pytest.param(abandon(ENDED), False, id="abandonnée après"),
        pytest.param(abandon(GROUP), False, id="abandonnée avant"),
    ],
)
def test_when_spreads_are_told(assessment: SelfAssessment, told: bool) -> None:
    assert spreads_are_told(assessment) is told


@pytest.mark.parametrize("given", [0, 1])
def test_a_gathering_does_not_end_with_too_few(given: int) -> None:
    with pytest.raises(TooFewGiven):
        end_gathering(GROUP, given=given, minimum=2, today=TODAY)


KNOWN = Answer(level=3, comment="ok", evidence="Projet 2025")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"comment": "précision"}, (3, False, "précision", "Projet 2025"), id="le reste est gardé"),
        pytest.param({"level": 1}, (1, False, "ok", "Projet 2025"), id="le niveau seul"),
        pytest.param({"level": None}, (None, False, "ok", "Projet 2025"), id="null efface"),
        pytest.param({"not_applicable": True}, (None, True, "ok", "Projet 2025"), id="sans objet remplace le niveau"),
        pytest.param({"level": 1, "not_applicable": True}, (1, True, "ok", "Projet 2025"), id="les deux, à refuser"),
    ],
)
def test_only_what_is_named_changes(fields: dict[str, Any], expected: tuple[int | None, bool, str, str]) -> None:
    after = amended(KNOWN, fields)
    assert (after.level, after.not_applicable, after.comment, after.evidence) == expected


def test_a_level_replaces_not_applicable() -> None:
    assert amended(Answer(not_applicable=True), {"level": 2}) == Answer(level=2)


def review(kind: ReviewKind, **fields: Any) -> Review:
    return Review(UUID(int=4), GROUP.id, kind, kind.value, TODAY, **fields)


@pytest.mark.parametrize(
    ("reviews", "closable"),
    [
        pytest.param([], True, id="aucune relecture"),
        pytest.param([review(ReviewKind.THIRD_PARTY)], False, id="un tiers relit"),
        pytest.param([review(ReviewKind.PEER, state=ReviewState.PROPOSED)], True, id="une paire n'est que proposée"),
        pytest.param([review(ReviewKind.OUTSIDE, until=TODAY)], False, id="un lien sert encore ce jour"),
        pytest.param([review(ReviewKind.OUTSIDE, until=date(2026, 8, 30))], True, id="un lien n'a pas servi à temps"),
        pytest.param(
            [review(ReviewKind.OUTSIDE, until=date(2026, 8, 30)), review(ReviewKind.THIRD_PARTY)],
            False,
            id="un lien éteint, et un tiers",
        ),
    ],
)
def test_what_holds_a_closing_back(reviews: list[Review], closable: bool) -> None:
    submitted = replace(GROUP, state=AssessmentState.SUBMITTED, gathered_on=TODAY, submitted_on=TODAY)
    if closable:
        require_closable(submitted, reviews, TODAY)
    else:
        with pytest.raises(ReviewsOpen):
            require_closable(submitted, reviews, TODAY)
