"""The rules of tacit renewal, case by case.

Tacit renewal on 1 January: rapport d'activité 2024. The notice window is modelled on art. L215-1 of the Code de la
consommation, `assumed`; the rest is decided in ADR 0025.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.dated import rule_on
from common.errors import Refusal, obstacle
from membership.contacts.domain import Mandate, Seat, leading
from membership.members.domain import DepartureCause, Entry, Member, NotAMember, Subject, Topic, Value
from membership.notices.domain import (
    DayNotCome,
    Means,
    NoPostalAddress,
    Notice,
    NoticeNotSent,
    NoticePurpose,
    NoticeStatus,
    ReturnedBeforeSent,
    require_returnable,
    require_sent_before,
)
from membership.notices.queries import federation_on, keeping_rule
from membership.renewals import documents
from membership.renewals.domain import (
    ExceptionNotNeeded,
    Line,
    NoException,
    NoOptOut,
    NoticeNotNeeded,
    NoticeWindowClosed,
    OptOutTooLate,
    RenewalState,
    RenewalTooEarly,
    SaidAnotherDay,
    Standing,
    obstacles,
    open_renewal,
    problem_of,
    refusal_in_force,
    refusals,
    require_excepted,
    require_exceptional,
    require_in_time,
    require_open_window,
    require_refused,
    require_staying,
    require_untold,
    require_year,
    said_on,
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
        pytest.param(JANUARY, DECEMBER, DayNotCome, id="un jour qui n'est pas venu"),
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
REFUSED = Standing(departure=DepartureCause.NOT_RENEWED, leaves_on=date(2027, 1, 1))
LATER = Standing(leaves_on=date(2027, 1, 15))
FAILED = "courriel revenu : boîte inconnue"


@pytest.mark.parametrize(
    ("standing", "today", "expected"),
    [
        pytest.param(Standing(), OCTOBER, RenewalState.TO_NOTIFY, id="rien n'est fait, on peut encore informer"),
        pytest.param(Standing(), date(2026, 11, 30), RenewalState.TO_NOTIFY, id="le dernier jour pour informer"),
        pytest.param(Standing(), date(2026, 12, 1), RenewalState.UNPROVEN, id="trop tard : une personne décide"),
        pytest.param(Standing(sending=True), OCTOBER, RenewalState.SENDING, id="un courriel attend son serveur"),
        pytest.param(Standing(sending=True), DECEMBER, RenewalState.UNPROVEN, id="il attend encore : trop tard"),
        pytest.param(replace(TOLD, sending=True), OCTOBER, RenewalState.NOTIFIED, id="déjà informée autrement"),
        pytest.param(TOLD, DECEMBER, RenewalState.NOTIFIED, id="informée"),
        pytest.param(replace(TOLD, excepted=True), DECEMBER, RenewalState.EXCEPTED, id="exception avant la preuve"),
        pytest.param(replace(TOLD, renewed=True), JANUARY, RenewalState.RENEWED, id="renouvelée"),
        pytest.param(
            replace(TOLD, leaves_on=LATER.leaves_on), DECEMBER, RenewalState.LEAVING, id="informée, mais elle s'en va"
        ),
        pytest.param(replace(LATER, excepted=True), DECEMBER, RenewalState.EXCEPTED, id="une personne en a décidé"),
        pytest.param(
            replace(LATER, renewed=True), JANUARY, RenewalState.RENEWED, id="renouvelée, elle partira plus tard"
        ),
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


MEMBER = Member(id=UUID(int=2), reference="STR-2026-00001", name="A", street="1 rue", postcode="31000", city="VILLE")
ALL = {"record_letter", "except", "withdraw_exception", "opt_out", "withdraw_opt_out"}


@pytest.mark.parametrize(
    ("standing", "today", "by_itself", "expected"),
    [
        pytest.param(Standing(), date(2026, 9, 1), False, "record_letter except opt_out", id="avant la période"),
        pytest.param(Standing(), OCTOBER, True, "record_letter except opt_out", id="à informer"),
        pytest.param(TOLD, OCTOBER, True, "opt_out", id="informée"),
        pytest.param(Standing(excepted=True), DECEMBER, True, "withdraw_exception opt_out", id="exception"),
        pytest.param(REFUSED, DECEMBER, True, "withdraw_opt_out", id="a refusé"),
        pytest.param(REFUSED, JANUARY, False, "", id="sortie"),
        pytest.param(REFUSED, date(2027, 1, 1), False, "", id="sortie : le 1er janvier déjà"),
        pytest.param(LATER, OCTOBER, True, "except opt_out", id="sort plus tard : une exception, ou un refus"),
        pytest.param(LATER, date(2027, 2, 1), False, "except", id="sortie depuis : trop tard pour refuser"),
        pytest.param(Standing(renewed=True), JANUARY, True, "", id="renouvelée : la structure ne refuse plus"),
        pytest.param(Standing(renewed=True), JANUARY, False, "opt_out", id="renouvelée : un refus posté à temps"),
    ],
)
def test_what_can_be_done(standing: Standing, today: date, by_itself: bool, expected: str) -> None:
    line = Line(MEMBER, standing, state_of(standing, RENEWAL, today))
    found = obstacles(line, RENEWAL, today, by_itself=by_itself)
    assert set(found) == ALL
    assert [action for action, refusal in found.items() if refusal is None] == expected.split()


def test_a_structure_without_a_postal_address_has_no_letter() -> None:
    line = Line(replace(MEMBER, street=None), Standing(), RenewalState.TO_NOTIFY)
    refusal = obstacles(line, RENEWAL, OCTOBER, by_itself=False)["record_letter"]
    assert isinstance(refusal, NoPostalAddress)


@pytest.mark.parametrize(
    ("standing", "today", "expected"),
    [
        pytest.param(Standing(), OCTOBER, FAILED, id="à informer de nouveau"),
        pytest.param(TOLD, OCTOBER, None, id="informée autrement"),
        pytest.param(Standing(renewed=True), JANUARY, FAILED, id="renouvelée sur un envoi revenu depuis"),
        pytest.param(replace(TOLD, renewed=True), JANUARY, None, id="renouvelée sur une autre preuve"),
        pytest.param(Standing(renewed=True, excepted=True), JANUARY, None, id="renouvelée par exception"),
        pytest.param(TOLD, JANUARY, "renouvellement pas encore inscrit", id="le travail du jour n'a pas abouti"),
        pytest.param(TOLD, date(2027, 1, 1), "renouvellement pas encore inscrit", id="... le 1er janvier déjà"),
        pytest.param(TOLD, date(2026, 12, 31), None, id="la veille, rien n'est en retard"),
        pytest.param(
            Standing(excepted=True), JANUARY, "renouvellement pas encore inscrit", id="une exception non plus"
        ),
        pytest.param(REFUSED, DECEMBER, None, id="a refusé"),
    ],
)
def test_what_somebody_has_to_look_at(standing: Standing, today: date, expected: str | None) -> None:
    problem = problem_of(Line(MEMBER, standing, state_of(standing, RENEWAL, today)), RENEWAL, today, FAILED)
    assert (problem or "").startswith(expected) if expected else problem is None


@pytest.mark.parametrize(
    ("status", "returned_on", "refusal"),
    [
        pytest.param(NoticeStatus.SENT, OCTOBER, None, id="le jour même"),
        pytest.param(NoticeStatus.SENT, date(2026, 10, 14), ReturnedBeforeSent, id="avant son envoi"),
        pytest.param(NoticeStatus.WAITING, OCTOBER, NoticeNotSent, id="pas encore parti"),
        pytest.param(NoticeStatus.REFUSED, OCTOBER, NoticeNotSent, id="jamais parti"),
        pytest.param(NoticeStatus.RETURNED, OCTOBER, NoticeNotSent, id="revenu déjà"),
    ],
)
def test_what_comes_back_was_sent(status: NoticeStatus, returned_on: date, refusal: type[Refusal] | None) -> None:
    sent = Notice(UUID(int=3), UUID(int=2), Means.MAIL, status, OCTOBER, datetime(2026, 10, 15, tzinfo=UTC), "x")
    found = obstacle(lambda: require_returnable(sent), lambda: require_sent_before(sent, returned_on))
    assert type(found) is (refusal or type(None))


@pytest.mark.parametrize("status", NoticeStatus)
def test_only_who_refused_or_sent_back_condemns_an_address(status: NoticeStatus) -> None:
    sent = Notice(UUID(int=3), UUID(int=2), Means.MAIL, status, OCTOBER, datetime(2026, 10, 15, tzinfo=UTC), "x")
    assert sent.condemns_its_address is (status in (NoticeStatus.REFUSED, NoticeStatus.RETURNED))


def test_the_text_that_is_kept_is_the_one_that_is_printed() -> None:
    federation = federation_on(OCTOBER)
    mail, letter = (documents.notice(RENEWAL, MEMBER, federation, means) for means in (Means.MAIL, Means.LETTER))
    assert letter.text.split("\n\n")[:2] == ["Madame, Monsieur,", letter.paragraphs[0]]
    assert "==\nDernier jour pour refuser le renouvellement : 31 décembre 2026\n==" in letter.text
    assert (
        "Sans refus de votre part, l'adhésion de votre structure est renouvelée pour 2027, le 1er janvier 2027."
        in letter.text
    )
    assert "un courrier à Coorace, 1 rue de l'Exemple (adresse fictive), 00000 VILLE FICTIVE" in letter.text
    assert ("Ne répondez pas" in letter.text, "Ne répondez pas" in mail.text) == (False, True)
    assert federation.status == "assumed"


def test_the_proof_outlives_the_dues_that_follow() -> None:
    rule = keeping_rule(NoticePurpose.RENEWAL, OCTOBER)
    assert (rule.days, rule.status) == (3_650, "assumed")


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


def line(standing: Standing, state: RenewalState) -> Line:
    return Line(MEMBER, standing, state)


@pytest.mark.parametrize(
    ("found", "today", "refusal"),
    [
        pytest.param(line(TOLD, RenewalState.NOTIFIED), DECEMBER, None, id="informée : peut refuser"),
        pytest.param(line(LATER, RenewalState.LEAVING), date(2027, 1, 14), None, id="la veille de son départ"),
        pytest.param(line(LATER, RenewalState.LEAVING), date(2027, 1, 15), NotAMember, id="le jour où elle est partie"),
        pytest.param(line(REFUSED, RenewalState.OPTED_OUT), DECEMBER, NotAMember, id="a refusé déjà"),
        pytest.param(line(Standing(), RenewalState.NOT_CONCERNED), DECEMBER, NotAMember, id="n'est plus concernée"),
    ],
)
def test_who_may_refuse(found: Line, today: date, refusal: type[Refusal] | None) -> None:
    assert type(obstacle(lambda: require_staying(found, today))) is (refusal or type(None))


@pytest.mark.parametrize("state", RenewalState)
def test_who_is_told_excepted_and_whose_exception_is_taken_back(state: RenewalState) -> None:
    one, pending = line(Standing(), state), ("to_notify", "sending", "unproven")
    untold = obstacle(lambda: require_untold([one], RENEWAL))
    exceptional = obstacle(lambda: require_exceptional([one], RENEWAL))
    excepted = obstacle(lambda: require_excepted([one]))
    assert type(untold) is (type(None) if state.value in pending else NoticeNotNeeded)
    leaves_later = state is RenewalState.LEAVING  # and no departure stands on 1 January
    assert type(exceptional) is (type(None) if state.value in pending or leaves_later else ExceptionNotNeeded)
    assert type(excepted) is (type(None) if state is RenewalState.EXCEPTED else NoException)


def test_no_exception_is_made_for_who_leaves_before() -> None:
    resigned = line(Standing(departure=DepartureCause.RESIGNED, leaves_on=DECEMBER), RenewalState.LEAVING)
    with pytest.raises(ExceptionNotNeeded):
        require_exceptional([resigned], RENEWAL)


@pytest.mark.parametrize(
    ("asked", "by_itself", "expected"),
    [
        pytest.param(None, True, DECEMBER, id="la structure : aujourd'hui"),
        pytest.param(DECEMBER, True, DECEMBER, id="la structure, qui nomme ce jour"),
        pytest.param(OCTOBER, True, SaidAnotherDay, id="la structure, un autre jour"),
        pytest.param(OCTOBER, False, OCTOBER, id="la fédération enregistre ce qui fut dit"),
        pytest.param(None, False, DECEMBER, id="la fédération : aujourd'hui, faute d'autre jour"),
    ],
)
def test_the_day_of_a_refusal(asked: date | None, by_itself: bool, expected: date | type[Refusal]) -> None:
    if isinstance(expected, date):
        assert said_on(asked, DECEMBER, by_itself=by_itself) == expected
    else:
        with pytest.raises(expected):
            said_on(asked, DECEMBER, by_itself=by_itself)


def entry(number: int, value: Value | None, day: date = date(2027, 1, 1), withdraws: int | None = None) -> Entry:
    return Entry(
        id=UUID(int=number),
        member_id=MEMBER.id,
        subject=Subject(Topic.STATUS),
        effective_on=day,
        recorded_at=datetime(2026, 10, 15, tzinfo=UTC) + timedelta(minutes=number),
        recorded_by="m",
        value=value,
        withdraws=UUID(int=withdraws) if withdraws else None,
    )


SAYS_NO: Value = {"status": "left", "cause": "not_renewed", "left_on": "2027-01-01", "said_on": "2026-10-15"}
NO = entry(1, SAYS_NO)


@pytest.mark.parametrize(
    ("known", "refused"),
    [
        pytest.param([NO], True, id="un refus pour le 1er janvier"),
        pytest.param([entry(1, SAYS_NO, date(2028, 1, 1))], False, id="un refus du renouvellement suivant"),
        pytest.param([entry(1, {**SAYS_NO, "cause": "resigned"})], False, id="une démission au 1er janvier"),
        pytest.param([replace(NO, subject=Subject(Topic.NAME))], False, id="une autre inscription"),
        pytest.param([NO, entry(2, None, withdraws=1)], False, id="un refus retiré"),
    ],
)
def test_which_refusal_counts(known: list[Entry], refused: bool) -> None:
    assert refusal_in_force(known, RENEWAL) == (NO if refused else None)


def test_every_refusal_is_read_with_what_took_it_back() -> None:
    back, again = entry(2, None, withdraws=1), entry(3, SAYS_NO)
    found = refusals([again, back, NO, entry(4, {"status": "active"})], RENEWAL)
    assert [(one.entry.id, one.taken_back) for one in found] == [(NO.id, back), (again.id, None)]
    assert [one.said_on for one in found] == [OCTOBER, OCTOBER]


@pytest.mark.parametrize(
    ("refusal", "today", "expected"),
    [
        pytest.param(NO, date(2026, 12, 31), None, id="le 31 décembre : il se retire encore"),
        pytest.param(NO, date(2027, 1, 1), NoOptOut, id="le 1er janvier : elle est sortie"),
        pytest.param(None, DECEMBER, NoOptOut, id="elle n'a pas refusé"),
    ],
)
def test_until_when_a_refusal_is_taken_back(refusal: Entry | None, today: date, expected: type[Refusal] | None) -> None:
    act = obstacle(lambda: require_refused(refusal, RENEWAL, "Alpha", today))
    assert type(act) is (expected or type(None))


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        (NoticeStatus.WAITING, None),
        (NoticeStatus.SENT, None),
        (NoticeStatus.REFUSED, "courriel refusé par le serveur de courrier : boîte pleine"),
        (NoticeStatus.RETURNED, "courriel revenu : boîte pleine"),
    ],
    ids=["à envoyer", "envoyé", "refusé", "revenu"],
)
def test_what_went_wrong_with_a_notice(status: NoticeStatus, failed: str | None) -> None:
    sent = Notice(UUID(int=3), MEMBER.id, Means.MAIL, status, OCTOBER, datetime(2026, 10, 15, tzinfo=UTC), "x")
    assert replace(sent, reply="boîte pleine").problem == failed
    assert replace(sent, reply="250 OK", returned_reason="boîte pleine").problem == failed
