"""The rules of reminders, in tables that a treasurer can read."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from common.errors import Blocker, Refusal
from dues.reminders.domain import (
    CallOutcome,
    DayKind,
    Dispatch,
    Hold,
    HoldDaysWrong,
    HoldEnded,
    HoldReason,
    HoldState,
    LateCall,
    Means,
    Proposal,
    RegionCall,
    RegionCallWrong,
    Reminded,
    ReminderDispatchWrong,
    ReminderNotPrinted,
    ReminderSent,
    days_after,
    propose,
    require_call,
    require_dispatch,
    require_hold_days,
    require_liftable,
    require_unsent,
    ripe,
    why_held,
    why_promised,
)
from dues.reminders.queries import reminder_rules

[RULE] = reminder_rules()
MEMBER = UUID(int=1)
DUE = date(2026, 3, 2)  # a Monday
FRIENDLY, SECOND, NOTICE = RULE.levels


def call(rank: int = 1, *, due_on: date = DUE, owed: str = "800.00") -> LateCall:
    number = f"COT-2026-{rank:05d}"
    return LateCall(id=UUID(int=rank), number=number, year=2026, member_id=MEMBER, due_on=due_on, owed=Decimal(owed))


def reminded(rank: int, on: date) -> Reminded:
    return Reminded(rank, RULE.levels[rank - 1].label, on)


def hold(since: date, until: date, *, invoice: int | None = None, lifted_on: date | None = None) -> Hold:
    return Hold(
        id=UUID(int=9),
        member_id=MEMBER,
        invoice_id=UUID(int=invoice) if invoice else None,
        reason=HoldReason.DISPUTED,
        since=since,
        until=until,
        lifted_on=lifted_on,
    )


def region_call(day: date, promised_for: date | None = None) -> RegionCall:
    outcome = CallOutcome.PROMISED if promised_for else CallOutcome.REACHED
    return RegionCall(member_id=MEMBER, day=day, outcome=outcome, promised_for=promised_for)


def codes(blockers: tuple[Blocker, ...]) -> list[str]:
    return [blocker.code for blocker in blockers]


@pytest.mark.parametrize(
    ("history", "today", "rank", "since"),
    [
        pytest.param([], date(2026, 3, 16), None, None, id="échéance + 14 : rien encore"),
        pytest.param([], date(2026, 3, 17), 1, date(2026, 3, 17), id="échéance + 15 : relance amiable"),
        pytest.param(
            [], date(2026, 6, 30), 1, date(2026, 3, 17), id="très en retard, jamais relancé : le premier rang"
        ),
        pytest.param([(1, date(2026, 3, 17))], date(2026, 4, 15), None, None, id="amiable faite, + 44 : rien"),
        pytest.param([(1, date(2026, 3, 17))], date(2026, 4, 16), 2, date(2026, 4, 16), id="+ 45 : seconde relance"),
        pytest.param(
            [(1, date(2026, 4, 10))], date(2026, 4, 25), 2, date(2026, 4, 25), id="15 jours après une tardive"
        ),
        pytest.param(
            [(1, date(2026, 3, 17)), (2, date(2026, 4, 23))],
            date(2026, 5, 16),
            3,
            date(2026, 5, 16),
            id="+ 75 : demeure",
        ),
        pytest.param(
            [(1, date(2026, 3, 17)), (2, date(2026, 4, 23)), (3, date(2026, 5, 16))],
            date(2026, 12, 31),
            None,
            None,
            id="après la mise en demeure : plus rien",
        ),
    ],
)
def test_which_level_a_late_call_has_come_to(
    history: list[tuple[int, date]], today: date, rank: int | None, since: date | None
) -> None:
    found = ripe(call(), [reminded(*one) for one in history], (), RULE, today)
    assert (found.level.rank if found else None, found.since if found else None) == (rank, since)
    assert found is None or found.blockers == ()


def test_a_level_sent_late_leaves_the_next_one_its_delay() -> None:
    found = ripe(call(), [reminded(1, date(2026, 6, 1))], (), RULE, date(2026, 6, 10))
    assert found is not None
    assert (found.since, codes(found.blockers)) == (date(2026, 6, 16), ["reminded_recently"])
    assert found.blockers[0].message == (
        "COT-2026-00001 : relance amiable du 1er juin 2026, rien de plus avant le 16 juin 2026."
    )


@pytest.mark.parametrize(
    ("day", "held"),
    [
        pytest.param(date(2026, 3, 19), False, id="la veille"),
        pytest.param(date(2026, 3, 20), True, id="le premier jour"),
        pytest.param(date(2026, 3, 31), True, id="le dernier jour"),
        pytest.param(date(2026, 4, 1), False, id="le lendemain : elle finit d'elle-même"),
    ],
)
def test_a_hold_holds_from_its_day_to_its_day(day: date, held: bool) -> None:
    state = hold(date(2026, 3, 20), date(2026, 3, 31)).state_on(day)
    assert (state is HoldState.IN_FORCE) is held


def test_a_lifted_hold_holds_no_more_from_that_day_on() -> None:
    lifted = hold(date(2026, 3, 20), date(2026, 3, 31), lifted_on=date(2026, 3, 25))
    assert lifted.state_on(date(2026, 3, 24)) is HoldState.IN_FORCE
    assert lifted.state_on(date(2026, 3, 25)) is HoldState.LIFTED
    with pytest.raises(HoldEnded):
        require_liftable(lifted, date(2026, 3, 25))
    require_liftable(hold(date(2026, 3, 20), date(2026, 3, 31)), date(2026, 3, 19))
    with pytest.raises(HoldEnded):
        require_liftable(hold(date(2026, 3, 20), date(2026, 3, 31)), date(2026, 4, 1))


def proposed(
    *calls: tuple[LateCall, list[Reminded], Hold | None],
    today: date,
    excuse: Blocker | None = None,
    called: RegionCall | None = None,
) -> Proposal | None:
    found = [ripe(one, history, [why_held(held)] if held else (), RULE, today) for one, history, held in calls]
    return propose([one for one in found if one], excuse, called, RULE, today)


def test_one_letter_for_all_the_calls_of_a_member_at_the_highest_of_their_levels() -> None:
    today = date(2026, 5, 20)
    found = proposed(
        (call(1), [reminded(1, date(2026, 3, 17)), reminded(2, date(2026, 4, 23))], None),
        (call(2, due_on=date(2026, 5, 1), owed="120.50"), [], None),
        (call(3, due_on=date(2026, 5, 10)), [], None),
        today=today,
    )
    assert found is not None
    assert [(one.call.number[-1], one.level.label) for one in found.calls] == [
        ("1", "mise en demeure"),
        ("2", "relance amiable"),
    ]
    assert (found.level, found.owed, found.since, found.blockers) == (NOTICE, Decimal("920.50"), date(2026, 5, 16), ())


def test_a_call_that_waits_stays_out_of_the_letter_and_is_told() -> None:
    today = date(2026, 4, 1)
    disputed = hold(date(2026, 3, 20), date(2026, 4, 30), invoice=2)
    found = proposed((call(1), [], None), (call(2), [], disputed), today=today)
    assert found is not None
    assert [one.call.number[-1] for one in found.calls] == ["1"]
    assert [(one.call.number[-1], codes(one.blockers)) for one in found.waiting] == [("2", ["call_held"])]
    assert found.blockers == ()
    alone = proposed((call(2), [], disputed), today=today)
    assert alone is not None
    assert codes(alone.blockers) == ["call_held"]


@pytest.mark.parametrize(
    ("today", "called", "blockers", "to_call"),
    [
        pytest.param(date(2026, 4, 16), None, ["region_may_call"], True, id="au rang 2, la délégation appelle d'abord"),
        pytest.param(date(2026, 4, 23), None, ["region_may_call"], True, id="le cinquième jour ouvré"),
        pytest.param(date(2026, 4, 24), None, [], True, id="passé le délai : la relance part sans l'appel"),
        pytest.param(date(2026, 4, 17), date(2026, 4, 17), [], False, id="elle a appelé : rien à attendre"),
        pytest.param(date(2026, 4, 17), date(2026, 3, 18), [], False, id="elle a appelé depuis la relance d'avant"),
        pytest.param(
            date(2026, 4, 17), date(2026, 3, 10), ["region_may_call"], True, id="un appel d'avant ne compte pas"
        ),
    ],
)
def test_the_region_calls_before_the_second_reminder(
    today: date, called: date | None, blockers: list[str], to_call: bool
) -> None:
    history = [reminded(1, date(2026, 3, 17))]
    found = proposed((call(), history, None), today=today, called=region_call(called) if called else None)
    assert found is not None
    assert (found.level, found.call_by) == (SECOND, date(2026, 4, 23))
    assert (codes(found.blockers), found.to_call) == (blockers, to_call)


def test_the_first_reminder_and_the_formal_notice_wait_for_no_call() -> None:
    friendly = proposed((call(), [], None), today=date(2026, 3, 17))
    history = [reminded(1, date(2026, 3, 17)), reminded(2, date(2026, 4, 23))]
    notice = proposed((call(), history, None), today=date(2026, 5, 16))
    assert friendly is not None
    assert notice is not None
    assert (friendly.level, friendly.call_by, friendly.blockers) == (FRIENDLY, None, ())
    assert (notice.level, notice.call_by, notice.blockers) == (NOTICE, None, ())


@pytest.mark.parametrize(
    ("day", "code"),
    [
        pytest.param(date(2026, 4, 29), "promised", id="la veille du jour promis"),
        pytest.param(date(2026, 4, 30), "promised", id="le jour promis"),
        pytest.param(date(2026, 5, 1), None, id="le lendemain"),
    ],
)
def test_a_promise_holds_until_its_day(day: date, code: str | None) -> None:
    blocker = why_promised(region_call(date(2026, 4, 17), date(2026, 4, 30)), day)
    assert (blocker.code if blocker else None) == code


@pytest.mark.parametrize(
    ("day", "kind", "later"),
    [
        pytest.param(date(2026, 4, 16), DayKind.BUSINESS, date(2026, 4, 23), id="du jeudi au jeudi"),
        pytest.param(date(2026, 4, 18), DayKind.BUSINESS, date(2026, 4, 24), id="d'un samedi"),
        pytest.param(date(2026, 4, 30), DayKind.BUSINESS, date(2026, 5, 11), id="par-dessus le 1er et le 8 mai"),
        pytest.param(date(2026, 5, 13), DayKind.BUSINESS, date(2026, 5, 21), id="par-dessus l'Ascension"),
        pytest.param(date(2026, 7, 13), DayKind.BUSINESS, date(2026, 7, 21), id="par-dessus le 14 juillet"),
        pytest.param(date(2026, 12, 24), DayKind.BUSINESS, date(2027, 1, 4), id="par-dessus Noël et l'an neuf"),
        pytest.param(date(2026, 4, 30), DayKind.CALENDAR, date(2026, 5, 5), id="jours calendaires, fériés ou non"),
        pytest.param(date(2026, 4, 16), DayKind.CALENDAR, date(2026, 4, 21), id="jours calendaires"),
    ],
)
def test_five_days_later(day: date, kind: DayKind, later: date) -> None:
    assert days_after(day, 5, kind) == later
    assert replace(RULE, region_days_are=kind).call_by(day) == later


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(date(2026, 3, 1), date(2026, 3, 31), id="commence hier"),
        pytest.param(date(2026, 3, 10), date(2026, 3, 9), id="finit avant de commencer"),
        pytest.param(date(2026, 3, 2), date(2026, 6, 1), id="91 jours"),
    ],
)
def test_a_hold_whose_days_are_wrong_is_refused(since: date, until: date) -> None:
    with pytest.raises(HoldDaysWrong):
        require_hold_days(since, until, RULE, DUE)
    require_hold_days(DUE, date(2026, 5, 31), RULE, DUE)


@pytest.mark.parametrize(
    ("day", "outcome", "promised_for"),
    [
        pytest.param(date(2026, 3, 3), CallOutcome.REACHED, None, id="un appel de demain"),
        pytest.param(DUE, CallOutcome.PROMISED, None, id="une promesse sans jour"),
        pytest.param(DUE, CallOutcome.NO_ANSWER, date(2026, 3, 20), id="un jour sans promesse"),
        pytest.param(DUE, CallOutcome.PROMISED, date(2026, 3, 1), id="promis pour hier"),
        pytest.param(DUE, CallOutcome.PROMISED, date(2026, 4, 2), id="promis dans 31 jours"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(day: date, outcome: CallOutcome, promised_for: date | None) -> None:
    wrong = RegionCall(member_id=MEMBER, day=day, outcome=outcome, promised_for=promised_for)
    with pytest.raises(RegionCallWrong):
        require_call(wrong, RULE, DUE)


@pytest.mark.parametrize(
    ("means", "sent_on", "reference", "refusal"),
    [
        pytest.param(Means.POST, DUE, None, None, id="lettre simple, le jour même"),
        pytest.param(Means.REGISTERED, DUE, "1A 123", None, id="recommandée, avec son numéro"),
        pytest.param(Means.REGISTERED, DUE, None, ReminderDispatchWrong, id="recommandée sans numéro"),
        pytest.param(Means.POST, date(2026, 3, 1), None, ReminderDispatchWrong, id="avant d'être faite"),
        pytest.param(Means.EMAIL, date(2026, 3, 6), None, ReminderDispatchWrong, id="demain"),
    ],
)
def test_how_a_letter_left(means: Means, sent_on: date, reference: str | None, refusal: type[Refusal] | None) -> None:
    dispatch = Dispatch(means=means, sent_on=sent_on, reference=reference)
    if refusal is None:
        require_dispatch(dispatch, DUE, date(2026, 3, 5))
        return
    with pytest.raises(refusal):
        require_dispatch(dispatch, DUE, date(2026, 3, 5))


def test_a_letter_leaves_once_and_printed() -> None:
    require_unsent(None, printed=True)
    with pytest.raises(ReminderNotPrinted):
        require_unsent(None, printed=False)
    with pytest.raises(ReminderSent):
        require_unsent(DUE, printed=True)


def test_the_shipped_levels_are_in_order_and_say_that_they_are_assumed() -> None:
    assert [level.rank for level in RULE.levels] == [1, 2, 3]
    delays = [level.after_days for level in RULE.levels]
    assert delays == sorted(set(delays))
    assert (RULE.status, bool(RULE.note), NOTICE.registered) == ("assumed", True, True)
    said = " ".join(text for level in RULE.levels for text in (level.subject, *level.text, level.follows)).lower()
    assert not any(word in said for word in ("pénalité", "indemnité", "intérêt", "40")), "dues bear none (§6.2)"
