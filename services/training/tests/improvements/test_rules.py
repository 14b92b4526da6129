"""The rules of improvement, as tables: an action's life, what is kept apart, a risk's reviews, what a watch gives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from training.improvements.domain import actions, risks, watch
from training.improvements.domain.actions import Action, ActionStatus, Cause, CauseKind, Plan
from training.improvements.domain.refusals import (
    ActionEnded,
    ActionNotDone,
    ActionNotInProgress,
    ActionNotPlanned,
    CauseApart,
    DueInPast,
    ReviewInPast,
    RiskClosed,
    WatchItemExploited,
)
from training.improvements.domain.risks import Risk, RiskStatus
from training.improvements.domain.watch import WatchItem, WatchKind, WatchStatus

TODAY, BEFORE, LATER = date(2026, 11, 23), date(2026, 11, 22), date(2026, 12, 31)
ACTION = Action(
    id=UUID(int=1),
    reference="ACT-2026-00001",
    plan=Plan(title="Former", indicators=(21,), owner="Responsable pédagogique", due_on=TODAY),
    causes=(Cause(kind=CauseKind.AUDIT, reference="NC-3"),),
    restricted=False,
    planned_on=BEFORE,
)
RISK = Risk(
    id=UUID(int=2), reference="RIS-2026-00001", title="Absence", description="Seule", cause="Recrutement", likelihood=2,
    severity=3, owner="Responsable qualité", reviewed_on=BEFORE, next_review_on=TODAY,
)  # fmt: skip
ITEM = WatchItem(
    id=UUID(int=3), reference="VEI-2026-00001", kind=WatchKind.LEGAL, title="Décret", source="JO", dated_on=BEFORE,
    says="33 indicateurs", follows="Revoir les fiches",
)  # fmt: skip
Act = Callable[[Action], Action]
ACTS: dict[str, Act] = {
    "commencer": actions.start,
    "dire faite": actions.finish,
    "vérifier efficace": lambda one: actions.verify(one, effective=True),
    "vérifier sans effet": lambda one: actions.verify(one, effective=False),
    "abandonner": actions.abandon,
    "reporter": lambda one: actions.reschedule(one, LATER, TODAY),
}
BECOMES = {
    (ActionStatus.PLANNED, "commencer"): ActionStatus.IN_PROGRESS,
    (ActionStatus.PLANNED, "dire faite"): ActionNotInProgress,
    (ActionStatus.PLANNED, "vérifier efficace"): ActionNotDone,
    (ActionStatus.PLANNED, "vérifier sans effet"): ActionNotDone,
    (ActionStatus.PLANNED, "abandonner"): ActionStatus.ABANDONED,
    (ActionStatus.PLANNED, "reporter"): ActionStatus.PLANNED,
    (ActionStatus.IN_PROGRESS, "commencer"): ActionNotPlanned,
    (ActionStatus.IN_PROGRESS, "dire faite"): ActionStatus.DONE,
    (ActionStatus.IN_PROGRESS, "vérifier efficace"): ActionNotDone,
    (ActionStatus.IN_PROGRESS, "vérifier sans effet"): ActionNotDone,
    (ActionStatus.IN_PROGRESS, "abandonner"): ActionStatus.ABANDONED,
    (ActionStatus.IN_PROGRESS, "reporter"): ActionStatus.IN_PROGRESS,
    (ActionStatus.DONE, "commencer"): ActionNotPlanned,
    (ActionStatus.DONE, "dire faite"): ActionNotInProgress,
    (ActionStatus.DONE, "vérifier efficace"): ActionStatus.EFFECTIVE,
    (ActionStatus.DONE, "vérifier sans effet"): ActionStatus.INEFFECTIVE,
    (ActionStatus.DONE, "abandonner"): ActionEnded,
    (ActionStatus.DONE, "reporter"): ActionEnded,
    **{
        (ended, name): refusal
        for ended in (ActionStatus.EFFECTIVE, ActionStatus.INEFFECTIVE, ActionStatus.ABANDONED)
        for name, refusal in zip(
            ACTS,
            (ActionNotPlanned, ActionNotInProgress, ActionNotDone, ActionNotDone, ActionEnded, ActionEnded),
            strict=True,
        )
    },
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", ActionStatus)
def test_the_life_of_an_action(status: ActionStatus, act: str) -> None:
    expected = BECOMES[status, act]
    if isinstance(expected, ActionStatus):
        after = ACTS[act](replace(ACTION, status=status))
        assert (after.status, after.version) == (expected, ACTION.version + 1)
    else:
        with pytest.raises(expected):
            ACTS[act](replace(ACTION, status=status))


@pytest.mark.parametrize(
    ("status", "due_on", "late"),
    [
        pytest.param(ActionStatus.PLANNED, TODAY, False, id="à faire aujourd'hui"),
        pytest.param(ActionStatus.PLANNED, BEFORE, True, id="à faire hier"),
        pytest.param(ActionStatus.IN_PROGRESS, BEFORE, True, id="commencée, à faire hier"),
        pytest.param(ActionStatus.DONE, BEFORE, False, id="faite"),
        pytest.param(ActionStatus.ABANDONED, BEFORE, False, id="abandonnée"),
    ],
)
def test_an_action_is_overdue_the_day_after(status: ActionStatus, due_on: date, late: bool) -> None:
    action = replace(ACTION, status=status, plan=replace(ACTION.plan, due_on=due_on))
    assert actions.is_overdue(action, TODAY) is late


def test_nothing_is_due_yesterday() -> None:
    actions.require_due(TODAY, TODAY)
    with pytest.raises(DueInPast):
        actions.require_due(BEFORE, TODAY)
    with pytest.raises(DueInPast):
        actions.reschedule(ACTION, BEFORE, TODAY)


@pytest.mark.parametrize(
    ("restricted", "kind", "allowed"),
    [
        pytest.param(False, CauseKind.COMPLAINT, True, id="une réclamation, à une action ordinaire"),
        pytest.param(False, CauseKind.REPORT, False, id="un signalement, à une action ordinaire"),
        pytest.param(True, CauseKind.REPORT, True, id="un signalement, à une action tenue à part"),
        pytest.param(True, CauseKind.COMPLAINT, False, id="une réclamation, à une action tenue à part"),
    ],
)
def test_what_comes_of_a_report_is_kept_apart(restricted: bool, kind: CauseKind, allowed: bool) -> None:
    """Source: indicator 12 of 2026; that the training team alone knows is our decision."""
    cause = Cause(kind=kind, reference="X-1")
    action = replace(ACTION, restricted=restricted)
    if not allowed:
        with pytest.raises(CauseApart):
            actions.link(action, cause)
        return
    once = actions.link(action, cause)
    assert once.causes == (*ACTION.causes, cause)
    assert actions.link(once, cause).causes == once.causes


def test_causes_of_both_sorts_make_two_actions() -> None:
    assert actions.kept_apart([True, True]) is True
    assert actions.kept_apart([False]) is False
    with pytest.raises(CauseApart):
        actions.kept_apart([True, False])


@pytest.mark.parametrize(("likelihood", "severity", "level"), [(1, 1, 1), (4, 1, 4), (2, 3, 6), (4, 4, 16)])
def test_the_level_of_a_risk(likelihood: int, severity: int, level: int) -> None:
    assert replace(RISK, likelihood=likelihood, severity=severity).level == level


@pytest.mark.parametrize(
    ("status", "next_review_on", "due"),
    [
        pytest.param(RiskStatus.OPEN, TODAY, False, id="à revoir aujourd'hui"),
        pytest.param(RiskStatus.OPEN, BEFORE, True, id="à revoir hier"),
        pytest.param(RiskStatus.CLOSED, BEFORE, False, id="clos"),
    ],
)
def test_a_review_is_due_the_day_after(status: RiskStatus, next_review_on: date, due: bool) -> None:
    assert risks.is_review_due(replace(RISK, status=status, next_review_on=next_review_on), TODAY) is due


def test_a_risk_is_reviewed_until_it_is_closed() -> None:
    seen = risks.review(RISK, 1, 2, LATER, TODAY)
    assert (seen.level, seen.reviewed_on, seen.next_review_on, seen.version) == (2, TODAY, LATER, 2)
    with pytest.raises(ReviewInPast):
        risks.review(RISK, 1, 2, TODAY, TODAY)
    closed = risks.close(seen)
    refused: list[Callable[[], object]] = [
        lambda: risks.review(closed, 1, 1, LATER, TODAY),
        lambda: risks.close(closed),
    ]
    for act in refused:
        with pytest.raises(RiskClosed):
            act()


@pytest.mark.parametrize(("kind", "indicator"), [(WatchKind.LEGAL, 23), (WatchKind.JOBS, 24), (WatchKind.TEACHING, 25)])
def test_the_indicator_of_a_watch(kind: WatchKind, indicator: int) -> None:
    """Source: décret 2019-565, annex; unchanged in 2026."""
    assert kind.indicator == indicator


def test_a_watch_is_exploited_by_an_action_or_by_a_decision() -> None:
    aside = watch.set_aside(ITEM, "Déjà fait en 2025", BEFORE)
    assert (aside.status, aside.reason, aside.exploited_on) == (WatchStatus.SET_ASIDE, "Déjà fait en 2025", BEFORE)
    acted = watch.act_on(aside, TODAY)
    assert (acted.status, acted.exploited_on) == (WatchStatus.ACTED_ON, BEFORE)
    assert watch.act_on(ITEM, TODAY).exploited_on == TODAY
    for settled in (aside, acted):
        with pytest.raises(WatchItemExploited):
            watch.set_aside(settled, "Encore", TODAY)
