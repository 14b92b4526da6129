"""What is still owed of a call: a table that an accountant can read."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from dues.invoices.domain import (
    Balance,
    CreditEmpty,
    CreditTooLarge,
    InvoiceStatus,
    PaymentNotThere,
    PaymentTooLarge,
    credit,
    pay,
    require_voidable,
)

EUROS = Decimal


def called(paid: str = "0.00", credited: str = "0.00", total: str = "800.00") -> Balance:
    return Balance("COT-2026-00001", EUROS(total), EUROS(paid), EUROS(credited))


@pytest.mark.parametrize(
    ("balance", "owed", "status"),
    [
        pytest.param(called(), "800.00", InvoiceStatus.ISSUED, id="rien de réglé"),
        pytest.param(called("300.00"), "500.00", InvoiceStatus.PARTLY_PAID, id="réglé en partie"),
        pytest.param(called("800.00"), "0.00", InvoiceStatus.PAID, id="réglé"),
        pytest.param(called(credited="800.00"), "0.00", InvoiceStatus.CREDITED, id="annulé par un avoir"),
        pytest.param(called(credited="300.00"), "500.00", InvoiceStatus.ISSUED, id="un avoir en partie, rien de réglé"),
        pytest.param(called("500.00", "300.00"), "0.00", InvoiceStatus.PAID, id="un avoir, le reste réglé"),
        pytest.param(called("100.00", "300.00"), "400.00", InvoiceStatus.PARTLY_PAID, id="un avoir, un règlement"),
        pytest.param(called(total="0.00"), "0.00", InvoiceStatus.PAID, id="rien à régler"),
    ],
)
def test_what_is_owed(balance: Balance, owed: str, status: InvoiceStatus) -> None:
    assert (balance.owed, balance.status) == (EUROS(owed), status)


@pytest.mark.parametrize(
    ("act", "balance", "amount", "after"),
    [
        pytest.param(pay, called(), "800.00", called("800.00"), id="en entier"),
        pytest.param(pay, called("300.00"), "500.00", called("800.00"), id="le solde"),
        pytest.param(pay, called(), "800.01", PaymentTooLarge, id="un centime de trop"),
        pytest.param(pay, called(credited="300.00"), "500.01", PaymentTooLarge, id="plus que ce qu'un avoir laisse"),
        pytest.param(pay, called("300.00"), "-300.00", called(), id="un rejet"),
        pytest.param(pay, called("300.00"), "-300.01", PaymentNotThere, id="un rejet de plus que le règlement"),
        pytest.param(credit, called(), "800.00", called(credited="800.00"), id="avoir total"),
        pytest.param(credit, called("500.00"), "300.00", called("500.00", "300.00"), id="avoir du reste"),
        pytest.param(credit, called("500.00"), "300.01", CreditTooLarge, id="avoir de ce qui est réglé"),
    ],
)
def test_what_moves_it(
    act: Callable[[Balance, Decimal], Balance], balance: Balance, amount: str, after: Balance | type[Refusal]
) -> None:
    if isinstance(after, Balance):
        assert act(balance, EUROS(amount)) == after
    else:
        with pytest.raises(after):
            act(balance, EUROS(amount))


@pytest.mark.parametrize(
    ("balance", "refusal"),
    [
        pytest.param(called(), None, id="rien de réglé"),
        pytest.param(called(credited="300.00"), None, id="un avoir en partie : de tout le reste"),
        pytest.param(called("0.01"), CreditTooLarge, id="un centime réglé"),
        pytest.param(called("500.00", "300.00"), CreditTooLarge, id="un avoir, le reste réglé"),
        pytest.param(called(credited="800.00"), CreditEmpty, id="tout est déjà annulé"),
        pytest.param(called(total="0.00"), CreditEmpty, id="rien à régler"),
    ],
)
def test_what_can_be_voided(balance: Balance, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_voidable(balance)
    else:
        with pytest.raises(refusal):
            require_voidable(balance)


@given(st.lists(st.decimals("-900", "900", places=2), max_size=30))
def test_whatever_is_paid_and_taken_back_it_stays_between_nothing_and_the_total(amounts: list[Decimal]) -> None:
    balance = called()
    for amount in amounts:
        with suppress(PaymentTooLarge, PaymentNotThere):
            balance = pay(balance, amount)
        assert balance.paid >= 0
        assert balance.owed >= 0
        assert (balance.status is InvoiceStatus.PAID) == (balance.owed == 0)
