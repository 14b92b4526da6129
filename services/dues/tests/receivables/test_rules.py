"""How debts are told apart by their age, and how an account reads."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from dues.receivables.domain import (
    AccountDaysReversed,
    AgedBalanceTooLong,
    AgeingRule,
    AsOfInFuture,
    LineKind,
    Movement,
    age,
    require_come,
    require_in_order,
    require_printable,
    state_account,
)

RULE = AgeingRule(date(2000, 1, 1), [30, 60, 90], "assumed", "essai")
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (-400, "not_due"),
        (0, "not_due"),
        (1, "1_30"),
        (30, "1_30"),
        (31, "31_60"),
        (60, "31_60"),
        (61, "61_90"),
        (90, "61_90"),
        (91, "over_90"),
        (4000, "over_90"),
    ],
)
def test_a_debt_is_in_one_bucket(days: int, code: str) -> None:
    assert [bucket.code for bucket in RULE.buckets if bucket.holds(days)] == [code]


def test_the_buckets_say_what_they_hold() -> None:
    assert [bucket.label for bucket in RULE.buckets] == [
        "non échu", "1 à 30 jours", "31 à 60 jours", "61 à 90 jours", "plus de 90 jours",
    ]  # fmt: skip


def movement(day: int, kind: LineKind, amount: int, rank: str = "1", call: int = 1) -> Movement:
    return Movement(
        day=date(2026, 1, day),
        kind=kind,
        rank=rank,
        piece=rank,
        label="",
        amount=Decimal(amount),
        invoice_id=UUID(int=call),
        due_on=date(2026, 2, call),
    )


YEAR = [
    movement(5, LineKind.PAYMENT, -300, "2"),
    movement(5, LineKind.CALL, 800),
    movement(9, LineKind.RETURN, 300, "3"),
    movement(9, LineKind.CALL, 500, call=2),
    movement(20, LineKind.CREDIT, -800),
]


def test_what_is_asked_for_comes_before_what_answers_it_and_the_balance_follows() -> None:
    stated = state_account(YEAR, None)
    told = [(one.movement.day.day, one.movement.kind.value, one.balance) for one in stated.lines]
    assert told == [
        (5, "call", 800), (5, "payment", 500), (9, "call", 1000), (9, "return", 1300), (20, "credit", 500),
    ]  # fmt: skip
    assert (stated.opening, stated.balance) == (0, 500)


def test_what_is_before_the_first_day_is_one_sum() -> None:
    stated = state_account(YEAR, date(2026, 1, 9))
    assert (stated.opening, len(stated.lines), stated.balance) == (500, 3, 500)
    late = state_account(YEAR, date(2026, 2, 1))
    assert (late.opening, late.lines, late.balance) == (500, (), 500)


def test_what_is_left_of_each_call_is_aged_by_its_own_due_day() -> None:
    aged = age(YEAR, RULE.buckets, date(2026, 2, 2) + timedelta(days=31))
    assert (aged.calls, aged.owed, aged.overdue) == (1, 500, 500)
    assert {code: amount for code, amount in aged.amounts.items() if amount} == {"31_60": 500}
    nothing = age([], RULE.buckets, TODAY)
    assert (nothing.calls, nothing.owed, nothing.overdue) == (0, 0, 0)


def test_only_days_that_have_come_are_read_in_their_order() -> None:
    require_come(TODAY, TODAY)
    require_in_order(TODAY, TODAY)
    require_in_order(None, TODAY)
    with pytest.raises(AsOfInFuture):
        require_come(TODAY + timedelta(days=1), TODAY)
    with pytest.raises(AccountDaysReversed):
        require_in_order(TODAY, TODAY - timedelta(days=1))


def test_a_paper_that_nobody_reads_is_refused() -> None:
    require_printable(2, 2)
    with pytest.raises(AgedBalanceTooLong):
        require_printable(3, 2)
