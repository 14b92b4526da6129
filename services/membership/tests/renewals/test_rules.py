"""The rules of tacit renewal, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Refusal
from membership.contacts.domain import Mandate, Seat, leading
from membership.members.domain import DepartureCause, Member
from membership.renewals.domain import (
    Line,
    Means,
    Notice,
    NoticeStatus,
    NoticeWindowClosed,
    OptOutTooLate,
    PostedInFuture,
    RenewalState,
    RenewalTooEarly,
    Standing,
    open_renewal,
    possible_actions,
    require_in_time,
    require_open_window,
    require_year,
    state_of,
)
from membership.renewals.queries import renewal_rules

RULE = rule_on(renewal_rules(), date(2026, 12, 31))
RENEWAL = open_renewal(UUID(int=1), 2027, RULE)
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 15), date(2026, 12, 15), date(2027, 1, 2)


def test_members_are_told_between_three_months_and_one_before_they_can_no_longer_refuse() -> None:
    """Code de la consommation, art. L215-1, on which the assumed rule is modelled."""
    assert (RENEWAL.notice_from, RENEWAL.notice_until) == (date(2026, 9, 30), date(2026, 11, 30))
    assert (RENEWAL.opt_out_until, RENEWAL.renews_on) == (date(2026, 12, 31), date(2027, 1, 1))
    assert RENEWAL.rule_status == "assumed"


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        pytest.param(date(2026, 9, 29), NoticeWindowClosed, id="trop tôt"),
        pytest.param(date(2026, 9, 30), None, id="le premier jour"),
        pytest.param(date(2026, 11, 30), None, id="le dernier jour"),
        pytest.param(date(2026, 12, 1), NoticeWindowClosed, id="trop tard"),
    ],
)
def test_a_notice_proves_something_in_its_window_only(day: date, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_open_window(RENEWAL, day)
    else:
        with pytest.raises(refusal):
            require_open_window(RENEWAL, day)


@pytest.mark.parametrize(
    ("said_on", "today", "refusal"),
    [
        pytest.param(OCTOBER, OCTOBER, None, id="dès l'information"),
        pytest.param(date(2026, 12, 31), date(2026, 12, 31), None, id="le dernier jour"),
        pytest.param(date(2026, 12, 30), JANUARY, None, id="postée à temps, reçue en janvier : l'envoi compte"),
        pytest.param(date(2027, 1, 1), JANUARY, OptOutTooLate, id="le 1er janvier : trop tard"),
        pytest.param(JANUARY, DECEMBER, PostedInFuture, id="un jour qui n'est pas venu"),
    ],
)
def test_a_renewal_is_refused_until_31_december(said_on: date, today: date, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_in_time(RENEWAL, said_on, today)
    else:
        with pytest.raises(refusal):
            require_in_time(RENEWAL, said_on, today)


def test_a_renewal_is_opened_from_the_year_before_on() -> None:
    require_year(2027, date(2026, 1, 1))
    require_year(2024, date(2026, 1, 1))
    with pytest.raises(RenewalTooEarly):
        require_year(2028, date(2026, 12, 31))


TOLD = Standing(notified_on=OCTOBER)


@pytest.mark.parametrize(
    ("standing", "today", "expected"),
    [
        pytest.param(Standing(), OCTOBER, RenewalState.TO_NOTIFY, id="rien n'est fait, on peut encore informer"),
        pytest.param(Standing(), date(2026, 11, 30), RenewalState.TO_NOTIFY, id="le dernier jour pour informer"),
        pytest.param(Standing(), date(2026, 12, 1), RenewalState.UNPROVEN, id="trop tard : une personne décide"),
        pytest.param(Standing(sending=True), OCTOBER, RenewalState.SENDING, id="un courriel attend son serveur"),
        pytest.param(replace(TOLD, sending=True), OCTOBER, RenewalState.NOTIFIED, id="déjà informée autrement"),
        pytest.param(TOLD, DECEMBER, RenewalState.NOTIFIED, id="informée"),
        pytest.param(replace(TOLD, excepted=True), DECEMBER, RenewalState.EXCEPTED, id="exception avant la preuve"),
        pytest.param(replace(TOLD, renewed=True), JANUARY, RenewalState.RENEWED, id="renouvelée"),
        pytest.param(
            replace(TOLD, departure=DepartureCause.NOT_RENEWED), DECEMBER, RenewalState.OPTED_OUT, id="a refusé"
        ),
        pytest.param(
            replace(TOLD, departure=DepartureCause.RESIGNED), DECEMBER, RenewalState.LEAVING, id="démissionne ce jour"
        ),
    ],
)
def test_where_a_structure_stands(standing: Standing, today: date, expected: RenewalState) -> None:
    assert state_of(standing, RENEWAL, today) is expected


def notice(status: NoticeStatus) -> Notice:
    return Notice(UUID(int=3), UUID(int=2), Means.MAIL, status, OCTOBER, datetime(2026, 10, 15, tzinfo=UTC), "x")


@pytest.mark.parametrize(
    ("standing", "today", "last", "expected"),
    [
        pytest.param(Standing(), date(2026, 9, 1), None, ["except", "opt_out"], id="avant la période"),
        pytest.param(Standing(), OCTOBER, None, ["record_letter", "except", "opt_out"], id="à informer"),
        pytest.param(TOLD, OCTOBER, notice(NoticeStatus.SENT), ["record_return", "opt_out"], id="informée"),
        pytest.param(
            Standing(),
            OCTOBER,
            notice(NoticeStatus.RETURNED),
            ["record_letter", "except", "opt_out"],
            id="revenu : à informer de nouveau",
        ),
        pytest.param(Standing(excepted=True), DECEMBER, None, ["withdraw_exception", "opt_out"], id="exception"),
        pytest.param(
            Standing(departure=DepartureCause.NOT_RENEWED), DECEMBER, None, ["withdraw_opt_out"], id="a refusé"
        ),
        pytest.param(Standing(departure=DepartureCause.NOT_RENEWED), JANUARY, None, [], id="sortie"),
        pytest.param(Standing(renewed=True), JANUARY, None, [], id="renouvelée"),
    ],
)
def test_what_can_be_done(standing: Standing, today: date, last: Notice | None, expected: list[str]) -> None:
    member = Member(id=UUID(int=2), reference="STR-2026-00001", name="A")
    line = Line(member, standing, state_of(standing, RENEWAL, today))
    assert possible_actions(line, RENEWAL, today, last) == expected


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        pytest.param(["billing", "director", "president"], ["president", "director"], id="la présidence d'abord"),
        pytest.param(["director", "representative"], ["representative", "director"], id="puis la représentation"),
        pytest.param(["billing", "training"], [], id="ni la facturation ni la formation n'engagent la structure"),
    ],
)
def test_who_is_told_of_what_concerns_the_membership(seats: list[str], expected: list[str]) -> None:
    held = [Mandate(Seat(seat), UUID(int=1), date(2026, 1, 1)) for seat in seats]
    assert [mandate.seat for mandate in leading(held)] == expected
