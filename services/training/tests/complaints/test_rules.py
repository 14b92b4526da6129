"""The rules of complaints, as tables: their deadlines, their life, what a year of them says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.complaints.domain import complaint as domain
from training.complaints.domain.complaint import Channel, Complaint, ComplaintKind, ComplaintStatus
from training.complaints.domain.refusals import (
    AlreadyAcknowledged,
    AlreadyClosed,
    AlreadyErased,
    ErasedTooEarly,
    FollowUpContradicted,
    FollowUpMissing,
    NotAnswered,
    NothingToAnswer,
    ReceivedInFuture,
)
from training.complaints.domain.year import Told, year_of
from training.complaints.queries.complaints import deadlines

[RULE] = deadlines()
TODAY = date(2026, 11, 23)
COMPLAINT = Complaint(
    id=UUID(int=1),
    reference="REC-2026-00001",
    kind=ComplaintKind.COMPLAINT,
    channel=Channel.FORM,
    member_id=None,
    session=None,
    programme=None,
    received_on=TODAY,
    acknowledge_due_on=date(2026, 11, 25),
    answer_due_on=date(2026, 12, 14),
    due_on=date(2026, 11, 25),
)


@pytest.mark.parametrize(
    ("received_on", "acknowledge_by", "answer_by"),
    [
        pytest.param(date(2026, 11, 23), date(2026, 11, 25), date(2026, 12, 14), id="un lundi sans férié"),
        pytest.param(date(2026, 11, 10), date(2026, 11, 13), date(2026, 12, 2), id="la veille du 11 novembre"),
        pytest.param(date(2026, 11, 14), date(2026, 11, 17), date(2026, 12, 4), id="un samedi : lundi compte un"),
        pytest.param(date(2026, 12, 24), date(2026, 12, 29), date(2027, 1, 18), id="Noël et le jour de l'an"),
        pytest.param(date(2026, 5, 7), date(2026, 5, 12), date(2026, 6, 2), id="8 mai, Ascension, lundi de Pentecôte"),
        pytest.param(date(2026, 7, 13), date(2026, 7, 16), date(2026, 8, 4), id="la veille du 14 juillet"),
    ],
)  # fmt: skip
def test_the_deadlines(received_on: date, acknowledge_by: date, answer_by: date) -> None:
    """Source: ``data/deadlines.toml``, 2 and 15 working days, assumed; holidays: Code du travail, art. L3133-1."""
    assert (RULE.acknowledge_days, RULE.answer_days, RULE.status) == (2, 15, "assumed")
    assert domain.acknowledge_due(RULE, received_on) == acknowledge_by
    assert domain.answer_due(RULE, received_on) == answer_by


@given(st.dates(date(2020, 1, 1), date(2099, 1, 1)))
def test_an_acknowledgement_is_never_due_after_its_answer(received_on: date) -> None:
    due = domain.acknowledge_due(RULE, received_on), domain.answer_due(RULE, received_on)
    assert received_on < due[0] < due[1]


Act = Callable[[Complaint], Complaint]
ACTS: dict[str, Act] = {
    "accuser": lambda one: domain.acknowledge(one, TODAY),
    "répondre": lambda one: domain.answer(one, TODAY),
    "rattacher": domain.tie,
    "clore": lambda one: domain.close(one, TODAY, has_actions=True, has_reason=False),
    "rouvrir": lambda one: domain.reopen(one, RULE, TODAY),
    "effacer": lambda one: domain.erase(one, TODAY),
}
R, A, W, C, N = (  # reçue, accusée, répondue, close, rouverte
    ComplaintStatus.RECEIVED,
    ComplaintStatus.ACKNOWLEDGED,
    ComplaintStatus.ANSWERED,
    ComplaintStatus.CLOSED,
    ComplaintStatus.REOPENED,
)
BECOMES: dict[str, dict[ComplaintStatus, object]] = {
    "accuser": {R: A, A: AlreadyAcknowledged, W: AlreadyAcknowledged, C: AlreadyAcknowledged, N: AlreadyAcknowledged},
    "répondre": {R: W, A: W, W: NothingToAnswer, C: NothingToAnswer, N: W},
    "rattacher": {R: R, A: A, W: W, C: AlreadyClosed, N: N},
    "clore": {R: NotAnswered, A: NotAnswered, W: C, C: AlreadyClosed, N: NotAnswered},
    "rouvrir": {R: NotAnswered, A: NotAnswered, W: N, C: N, N: NotAnswered},
    "effacer": {R: ErasedTooEarly, A: ErasedTooEarly, W: W, C: C, N: ErasedTooEarly},
}


@pytest.mark.parametrize("status", ComplaintStatus)
@pytest.mark.parametrize("act", ACTS)
def test_the_life_of_a_complaint(act: str, status: ComplaintStatus) -> None:
    before, expected = replace(COMPLAINT, status=status), BECOMES[act][status]
    if isinstance(expected, ComplaintStatus):
        after = ACTS[act](before)
        assert (after.status, after.version) == (expected, before.version + 1)
    else:
        assert isinstance(expected, type)
        with pytest.raises(expected):
            ACTS[act](before)


@pytest.mark.parametrize(
    ("has_actions", "has_reason", "refusal"),
    [
        pytest.param(True, False, None, id="une action"),
        pytest.param(False, True, None, id="aucune action, et pourquoi"),
        pytest.param(False, False, FollowUpMissing, id="ni l'une ni l'autre"),
        pytest.param(True, True, FollowUpContradicted, id="les deux"),
    ],
)
def test_what_a_complaint_ends_with(has_actions: bool, has_reason: bool, refusal: type[Exception] | None) -> None:
    answered = replace(COMPLAINT, status=ComplaintStatus.ANSWERED)
    if refusal is None:
        assert domain.close(answered, TODAY, has_actions=has_actions, has_reason=has_reason).closed_on == TODAY
        return
    with pytest.raises(refusal):
        domain.close(answered, TODAY, has_actions=has_actions, has_reason=has_reason)


def test_who_complained_is_forgotten_once_until_it_is_reopened() -> None:
    erased = domain.erase(replace(COMPLAINT, status=ComplaintStatus.CLOSED), TODAY)
    assert erased.erased_on == TODAY
    with pytest.raises(AlreadyErased):
        domain.erase(erased, TODAY)
    opened = domain.reopen(erased, RULE, TODAY)
    assert opened.erased_on is None
    assert domain.erase(domain.answer(opened, TODAY), TODAY).erased_on == TODAY, "what was written since can go too"


def test_a_complaint_is_not_received_tomorrow() -> None:
    domain.require_received(TODAY, TODAY)
    with pytest.raises(ReceivedInFuture):
        domain.require_received(TODAY + timedelta(days=1), TODAY)


@pytest.mark.parametrize(
    ("status", "due_on", "late"),
    [
        pytest.param(R, TODAY, False, id="à accuser aujourd'hui"),
        pytest.param(R, TODAY - timedelta(days=1), True, id="à accuser hier"),
        pytest.param(A, TODAY - timedelta(days=1), True, id="à répondre hier"),
        pytest.param(N, TODAY - timedelta(days=1), True, id="rouverte, à répondre hier"),
        pytest.param(W, TODAY - timedelta(days=1), False, id="répondue"),
        pytest.param(C, TODAY - timedelta(days=1), False, id="close"),
    ],
)
def test_somebody_waits_too_long_from_the_day_after(status: ComplaintStatus, due_on: date, late: bool) -> None:
    assert domain.is_overdue(replace(COMPLAINT, status=status, due_on=due_on), TODAY) is late


def test_what_is_due_follows_what_was_done() -> None:
    read = domain.acknowledge(COMPLAINT, TODAY)
    assert read.due_on == COMPLAINT.answer_due_on
    answered = domain.answer(read, date(2026, 12, 1))
    assert (answered.acknowledged_on, answered.answered_on) == (TODAY, date(2026, 12, 1))
    opened = domain.reopen(answered, RULE, date(2026, 12, 2))
    assert (opened.due_on, opened.answer_due_on) == (date(2026, 12, 23), COMPLAINT.answer_due_on)
    again = domain.answer(opened, date(2026, 12, 10))
    assert again.answered_on == date(2026, 12, 1), "the delays of a year are those of the first answer"
    at_once = domain.answer(COMPLAINT, TODAY)
    assert (at_once.acknowledged_on, at_once.answered_on) == (TODAY, TODAY)


def told(kind: ComplaintKind, acknowledged: int | None, answered: int | None, programme: str | None = None) -> Told:
    """A complaint received on 2 November 2026, acknowledged and answered so many days later."""
    received = date(2026, 11, 2)
    after = [None if days is None else received + timedelta(days=days) for days in (acknowledged, answered)]
    return Told(
        kind=kind,
        programme=programme,
        received_on=received,
        acknowledge_due_on=date(2026, 11, 4),
        answer_due_on=date(2026, 11, 24),
        acknowledged_on=after[0],
        answered_on=after[1],
        times_reopened=0,
    )


def test_what_a_year_says() -> None:
    complaint, hazard = ComplaintKind.COMPLAINT, ComplaintKind.HAZARD
    year = year_of(
        [
            replace(told(complaint, 1, 10, "CIP-01"), times_reopened=2),
            told(complaint, 2, 15, "CIP-01"),
            told(hazard, 4, 23, "ETI-01"),
            told(complaint, None, None),
        ],
        TODAY,
    )
    assert (year.total, year.reopened) == (4, 1)
    assert year.by_kind == ((complaint, 3), (hazard, 1))
    assert year.by_programme == (("CIP-01", 2), ("ETI-01", 1))
    first, second = year.acknowledged, year.answered
    assert (first.done, first.median_days, first.in_time, first.late) == (3, Decimal("2.0"), 2, 2)
    assert (second.done, second.median_days, second.in_time, second.late) == (3, Decimal("15.0"), 2, 1)
    even = year_of([told(complaint, 1, 10), told(complaint, 2, 15)], TODAY)
    assert even.answered.median_days == Decimal("12.5")


def test_a_year_without_complaints_says_so() -> None:
    year = year_of([], TODAY)
    assert (year.total, year.by_kind, year.answered.median_days, year.answered.late) == (0, (), None, 0)
