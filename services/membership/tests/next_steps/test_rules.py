"""What an interview or a meeting leaves to do: until when it is in time, and what settles it. ADR 0029."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.errors import Refusal
from membership.next_steps.domain import (
    InterviewFollowed,
    MeetingFollowed,
    NextStep,
    NextStepOpen,
    NextStepOwner,
    NextStepSettled,
    NextStepState,
    amend,
    drop_all,
    is_overdue,
    reopen,
    settle,
)

DUE = date(2026, 12, 1)
AT = datetime(2026, 11, 22, tzinfo=UTC)
STEP = NextStep(
    UUID(int=1), UUID(int=2), None, UUID(int=3), "occitanie", "Envoyer le guide", next(iter(NextStepOwner)), None, None,
    DUE, shared=True, recorded_at=AT, recorded_by="d",
)  # fmt: skip
DONE, DROPPED = (
    settle(STEP, state, DUE, reason)
    for state, reason in ((NextStepState.DONE, None), (NextStepState.DROPPED, "sans objet"))
)


@pytest.mark.parametrize(
    ("step", "today", "overdue"),
    [
        pytest.param(STEP, DUE, False, id="son dernier jour : à temps"),
        pytest.param(STEP, DUE + timedelta(1), True, id="le lendemain : en retard"),
        pytest.param(DONE, DUE + timedelta(1), False, id="faite"),
        pytest.param(DROPPED, DUE + timedelta(1), False, id="abandonnée"),
    ],
)
def test_when_it_is_late(step: NextStep, today: date, overdue: bool) -> None:
    assert is_overdue(step, today) is overdue


@pytest.mark.parametrize("settled", [DONE, DROPPED], ids=["faite", "abandonnée"])
def test_what_is_settled_changes_only_once_it_is_open_again(settled: NextStep) -> None:
    with pytest.raises(NextStepSettled):
        amend(settled, {"text": "Autre"})
    with pytest.raises(NextStepSettled):
        settle(settled, NextStepState.DONE, DUE)
    again = reopen(settled, AT, "d", "dit par erreur")
    assert (again.state, again.settled_on, again.dropped_reason) == (NextStepState.OPEN, None, None)
    [kept] = again.reopenings
    assert (kept.state, kept.settled_on, kept.dropped_reason) == (settled.state, DUE, settled.dropped_reason)
    with pytest.raises(NextStepOpen):
        reopen(again, AT, "d", "x")


@pytest.mark.parametrize(
    ("left", "refusal"),
    [
        pytest.param(STEP, InterviewFollowed, id="d'un entretien"),
        pytest.param(replace(STEP, interview_id=None, meeting_id=UUID(int=4)), MeetingFollowed, id="d'une rencontre"),
    ],
)
def test_what_is_cancelled_drops_what_it_left_once_that_is_agreed(left: NextStep, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        drop_all([left], DUE, "annulé", agreed=False)
    assert refused.value.extra["next_steps"] == [{"id": str(left.id), "text": left.text, "due_on": "2026-12-01"}]
    [dropped] = drop_all([left], DUE, "annulé", agreed=True)
    assert (dropped.state, dropped.dropped_reason, dropped.settled_on) == (NextStepState.DROPPED, "annulé", DUE)
    assert drop_all([], DUE, "annulé", agreed=False) == []
