"""The rules of instalment plans: how a balance is shared out, and what becomes of each instalment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from dues.plans.domain import (
    CallPart,
    Ending,
    EqualParts,
    InstalmentTooSmall,
    Part,
    Plan,
    PlanEnded,
    PlanKept,
    PlanLimits,
    PlannedCall,
    PlanNotLate,
    PlanState,
    Schedule,
    ScheduleDaysWrong,
    ScheduleTooLong,
    ScheduleTotalWrong,
    Settled,
    TooManyInstalments,
    lay_out,
    require_late,
    require_running,
)
from dues.plans.queries import plan_limits

TODAY = date(2026, 1, 15)
LIMITS = PlanLimits(date(2000, 1, 1), 12, 12, Decimal("50.00"), 30, "assumed", "essai")
NOTHING = Settled(Decimal("0.00"), Decimal("0.00"))


def euros(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def planned(*owed: str, before: Settled = NOTHING, now: Settled | None = None) -> tuple[PlannedCall, ...]:
    """Return calls of which so much was owed; ``before`` and ``now`` are of the first, the oldest due."""
    return tuple(
        PlannedCall(
            invoice_id=UUID(int=rank),
            number=f"COT-2026-0000{rank}",
            year=2026,
            due_on=date(2026, rank, 1),
            total=Decimal(amount) + (before.paid + before.credited if rank == 1 else 0),
            then=before if rank == 1 else NOTHING,
            now=(now or before) if rank == 1 else NOTHING,
        )
        for rank, amount in enumerate(owed, start=1)
    )


def schedule(*amounts: str, calls: tuple[PlannedCall, ...] | None = None) -> Schedule:
    """Return instalments of the first of each month from February on."""
    parts = tuple((UUID(int=n), Part(date(2026, n + 1, 1), Decimal(one))) for n, one in enumerate(amounts, start=1))
    return Schedule(
        number=1,
        agreed_on=TODAY,
        reason="Trésorerie",
        recorded_by="finance",
        closed_on=None,
        parts=parts,
        calls=calls or planned(str(sum(euros(*amounts)))),
    )


def settled(one: Schedule, *, paid: str = "0.00", credited: str = "0.00") -> Schedule:
    """Return a schedule of whose first call so much was paid and credited since, less where negative."""
    first, *others = one.calls
    now = Settled(first.then.paid + Decimal(paid), first.then.credited + Decimal(credited))
    return replace(one, calls=(replace(first, now=now), *others))


def plan(one: Schedule, ending: Ending | None = None) -> Plan:
    return Plan(
        id=UUID(int=9),
        reference="ECH-2026-00001",
        member_id=UUID(int=1),
        agreed_on=one.agreed_on,
        schedule=one,
        ending=ending,
    )


@pytest.mark.parametrize(
    ("asked", "balance", "days", "amounts"),
    [
        pytest.param(
            EqualParts(3, date(2026, 2, 1), 1),
            "800.00",
            ["2026-02-01", "2026-03-01", "2026-04-01"],
            ["266.67", "266.67", "266.66"],
            id="au centime",
        ),
        pytest.param(
            EqualParts(3, date(2026, 1, 31), 1),
            "300.00",
            ["2026-01-31", "2026-02-28", "2026-03-31"],
            ["100.00", "100.00", "100.00"],
            id="un mois court n'avance pas les suivants",
        ),
        pytest.param(
            EqualParts(4, TODAY, 3),
            "400.00",
            ["2026-01-15", "2026-04-15", "2026-07-15", "2026-10-15"],
            ["100.00"] * 4,
            id="tous les trois mois",
        ),
        pytest.param(EqualParts(1, date(2026, 6, 1), 1), "20.00", ["2026-06-01"], ["20.00"], id="un petit report"),
        pytest.param(
            (Part(date(2026, 2, 1), Decimal("500.00")), Part(date(2026, 5, 1), Decimal("300.00"))),
            "800.00",
            ["2026-02-01", "2026-05-01"],
            ["500.00", "300.00"],
            id="dites une à une",
        ),
    ],
)
def test_a_balance_is_shared_out(
    asked: EqualParts | tuple[Part, ...], balance: str, days: list[str], amounts: list[str]
) -> None:
    parts = lay_out(asked, Decimal(balance), LIMITS, TODAY)
    assert [str(part.day) for part in parts] == days
    assert [str(part.amount) for part in parts] == amounts


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (EqualParts(13, TODAY, 1), TooManyInstalments),
        (EqualParts(5, TODAY, 4), ScheduleTooLong),
        (EqualParts(1, date(2027, 1, 16), 1), ScheduleTooLong),
        (EqualParts(12, TODAY, 1), InstalmentTooSmall),
        (EqualParts(2, TODAY - timedelta(days=1), 1), ScheduleDaysWrong),
        ((Part(date(2026, 3, 1), Decimal(100)), Part(date(2026, 2, 1), Decimal(300))), ScheduleDaysWrong),
        ((Part(date(2026, 2, 1), Decimal(100)), Part(date(2026, 2, 1), Decimal(300))), ScheduleDaysWrong),
        ((Part(date(2026, 2, 1), Decimal(100)), Part(date(2026, 3, 1), Decimal("299.99"))), ScheduleTotalWrong),
        ((Part(date(2026, 2, 1), Decimal(401)),), ScheduleTotalWrong),
    ],
)
def test_what_a_schedule_may_not_be(asked: EqualParts | tuple[Part, ...], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        lay_out(asked, Decimal("400.00"), LIMITS, TODAY)


def test_the_last_day_allowed_is_allowed() -> None:
    assert lay_out(EqualParts(1, date(2027, 1, 15), 1), Decimal("400.00"), LIMITS, TODAY)


@pytest.mark.parametrize(
    ("moved", "lefts"),
    [
        pytest.param({}, ["300.00", "300.00", "200.00"], id="rien n'est venu"),
        pytest.param({"paid": "100.00"}, ["200.00", "300.00", "200.00"], id="une partie de la première"),
        pytest.param({"paid": "450.00"}, ["0.00", "150.00", "200.00"], id="la suite va sur la suivante"),
        pytest.param({"paid": "800.00"}, ["0.00", "0.00", "0.00"], id="tout"),
        pytest.param({"credited": "100.00"}, ["300.00", "300.00", "100.00"], id="un avoir : la dernière d'abord"),
        pytest.param({"credited": "350.00"}, ["300.00", "150.00", "0.00"], id="un avoir plus grand qu'elle"),
        pytest.param({"paid": "450.00", "credited": "250.00"}, ["0.00", "100.00", "0.00"], id="l'un et l'autre"),
        pytest.param({"paid": "-50.00"}, ["300.00", "300.00", "200.00"], id="revenu d'avant : dû en plus"),
        pytest.param({"paid": "-50.00", "credited": "80.00"}, ["300.00", "300.00", "170.00"], id="et un avoir"),
    ],
)
def test_what_is_left_of_each_instalment(moved: dict[str, str], lefts: list[str]) -> None:
    agreed = schedule("300.00", "300.00", "200.00", calls=planned("800.00", before=Settled(*euros("60.00", "0.00"))))
    now = settled(agreed, **moved)
    assert [str(one.left) for one in now.instalments] == lefts
    assert sum(one.left for one in now.instalments) + now.beyond == now.owed


@pytest.mark.parametrize(
    ("paid", "day", "states"),
    [
        ("0.00", date(2026, 1, 15), ["due", "due", "due"]),
        ("0.00", date(2026, 2, 1), ["due", "due", "due"]),
        ("0.00", date(2026, 2, 2), ["late", "due", "due"]),
        ("100.00", date(2026, 1, 20), ["part_paid", "due", "due"]),
        ("100.00", date(2026, 2, 2), ["late", "due", "due"]),
        ("450.00", date(2026, 2, 2), ["paid", "part_paid", "due"]),
        ("450.00", date(2026, 5, 1), ["paid", "late", "late"]),
        ("800.00", date(2026, 5, 1), ["paid", "paid", "paid"]),
    ],
)
def test_where_each_instalment_stands_on_a_day(paid: str, day: date, states: list[str]) -> None:
    now = settled(schedule("300.00", "300.00", "200.00"), paid=paid)
    assert [one.state_on(day).value for one in now.instalments] == states


def test_money_that_comes_back_reopens_the_last_that_it_paid() -> None:
    agreed = schedule("300.00", "300.00", "200.00")
    paid, returned = settled(agreed, paid="600.00"), settled(agreed, paid="350.00")
    assert [str(one.left) for one in paid.instalments] == ["0.00", "0.00", "200.00"]
    assert [str(one.left) for one in returned.instalments] == ["0.00", "250.00", "200.00"]


def test_what_is_left_goes_on_the_oldest_due_call_first() -> None:
    agreed = schedule("300.00", "300.00", "200.00", calls=planned("400.00", "400.00"))
    first, second = UUID(int=1), UUID(int=2)
    assert [one.calls for one in settled(agreed, paid="250.00").instalments] == [
        (CallPart(first, "COT-2026-00001", Decimal("50.00")),),
        (CallPart(first, "COT-2026-00001", Decimal("100.00")), CallPart(second, "COT-2026-00002", Decimal("200.00"))),
        (CallPart(second, "COT-2026-00002", Decimal("200.00")),),
    ]


def test_a_plan_runs_until_nothing_is_owed_and_again_where_money_comes_back() -> None:
    agreed = schedule("400.00", "400.00")
    assert plan(agreed).state is PlanState.RUNNING
    assert plan(settled(agreed, paid="800.00")).state is PlanState.KEPT
    assert plan(settled(agreed, paid="400.00", credited="400.00")).state is PlanState.KEPT
    assert plan(settled(agreed, paid="700.00")).state is PlanState.RUNNING
    ended = Ending(TODAY, PlanState.BROKEN, "Trois rappels sans réponse", "finance")
    assert plan(settled(agreed, paid="800.00"), ended).state is PlanState.BROKEN


@pytest.mark.parametrize(
    ("paid", "day", "since", "broken"),
    [
        ("0.00", date(2026, 2, 1), None, False),
        ("0.00", date(2026, 2, 2), date(2026, 2, 1), False),
        ("0.00", date(2026, 3, 3), date(2026, 2, 1), False),
        ("0.00", date(2026, 3, 4), date(2026, 2, 1), True),
        ("400.00", date(2026, 3, 4), date(2026, 3, 1), False),
        ("800.00", date(2026, 6, 1), None, False),
    ],
)
def test_since_when_a_plan_is_late_and_when_it_is_proposed_as_broken(
    paid: str, day: date, since: date | None, broken: bool
) -> None:
    one = plan(settled(schedule("400.00", "400.00"), paid=paid))
    assert (one.late_since(day), one.looks_broken(LIMITS, day)) == (since, broken)


def test_an_ended_plan_is_never_late() -> None:
    one = plan(schedule("400.00", "400.00"), Ending(TODAY, PlanState.ENDED, "Reprise", "finance"))
    assert (one.next, one.late_since(date(2027, 1, 1))) == (None, None)


@pytest.mark.parametrize(
    ("paid", "ending", "day", "running", "late"),
    [
        ("0.00", None, date(2026, 2, 1), None, PlanNotLate),
        ("0.00", None, date(2026, 2, 2), None, None),
        ("800.00", None, date(2026, 2, 2), PlanKept, PlanKept),
        ("0.00", Ending(TODAY, PlanState.ENDED, "Fin", "f"), date(2026, 2, 2), PlanEnded, PlanEnded),
    ],
)
def test_what_may_be_done_to_a_plan(
    paid: str, ending: Ending | None, day: date, running: type[Refusal] | None, late: type[Refusal] | None
) -> None:
    one = plan(settled(schedule("400.00", "400.00"), paid=paid), ending)
    assert refused(lambda: require_running(one)) is running
    assert refused(lambda: require_late(one, day)) is late


def refused(act: Callable[[], None]) -> type[Refusal] | None:
    try:
        act()
    except Refusal as refusal:
        return type(refusal)
    return None


def test_the_rule_that_ships_is_said_to_be_assumed() -> None:
    assert [(rule.status, bool(rule.source)) for rule in plan_limits()] == [("assumed", True)]


cents = st.integers(1, 500_000).map(lambda amount: Decimal(amount) / 100)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule of calls on which money came, came back and was credited."""
    calls = []
    for rank in range(1, draw(st.integers(1, 4)) + 1):
        total = draw(cents)
        then = draw(parts_of(total))
        calls.append(
            PlannedCall(
                invoice_id=UUID(int=rank),
                number=str(rank),
                year=2026,
                due_on=date(2026, draw(st.integers(1, 3)), 1),
                total=total,
                then=then,
                now=draw(parts_of(total, credited_from=then.credited)),
            )
        )
    balance = sum((call.balance for call in calls), Decimal("0.00"))
    count = draw(st.integers(1, 12))
    free = replace(LIMITS, least_amount=Decimal(0))
    laid_out = lay_out(EqualParts(count, TODAY, 1), balance, free, TODAY)
    parts = tuple((UUID(int=rank), part) for rank, part in enumerate(laid_out, start=1))
    return replace(schedule("1.00"), parts=parts, calls=tuple(calls))


@st.composite
def parts_of(draw: st.DrawFn, total: Decimal, *, credited_from: Decimal = Decimal("0.00")) -> Settled:
    """Draw what is paid and credited of a call: what was credited is never taken back."""
    credited = draw(st.decimals(credited_from, total, places=2))
    return Settled(draw(st.decimals(0, total - credited, places=2)), credited)


@given(schedules())
def test_what_is_left_of_the_instalments_is_what_is_owed_of_the_calls(one: Schedule) -> None:
    lefts = [instalment.left for instalment in one.instalments]
    assert sum(lefts) == min(one.owed, one.total)
    assert one.beyond == max(one.owed - one.total, Decimal(0))
    assert all(left >= 0 for left in lefts)
    assert all(instalment.paid >= 0 and instalment.credited >= 0 for instalment in one.instalments)
    assert [sum(put.amount for put in instalment.calls) for instalment in one.instalments] == lefts
    by_call = {call.invoice_id: call.owed for call in one.calls}
    for call_id, owed in by_call.items():
        put = [part.amount for instalment in one.instalments for part in instalment.calls if part.invoice_id == call_id]
        assert sum(put) <= owed
