"""Which calls money pays, and what may be done with it: tables that an accountant can read."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from common.sourced import DatumStatus
from dues.invoices.domain import OwedCall
from dues.receipts import domain
from dues.receipts.domain import Receipt, ReceiptMethod, ReceiptStatus, propose, reason_of
from dues.receipts.queries import return_reasons

MEMBER, CALL = UUID(int=1), UUID(int=11)
RECEIVED, TODAY = date(2026, 3, 2), date(2026, 3, 20)


def call(rank: int, owed: str, due_on: date = RECEIVED) -> OwedCall:
    return OwedCall(
        id=UUID(int=rank),
        number=f"COT-2026-{rank:05d}",
        member_id=UUID(int=99),
        member_name="Structure",
        owed=Decimal(owed),
        due_on=due_on,
    )


def receipt(**known: Any) -> Receipt:
    amounts = {name: Decimal(known.pop(name)) for name in ("allocated", "refunded") if name in known}
    given = {"method": ReceiptMethod.CHEQUE, "member_id": MEMBER, **amounts, **known}
    return Receipt(
        id=UUID(int=5),
        number="REC-2026-00001",
        entity="federation",
        amount=Decimal("800.00"),
        received_on=RECEIVED,
        **given,
    )


OLD, NEW = date(2025, 2, 14), date(2026, 2, 14)


@pytest.mark.parametrize(
    ("amount", "calls", "expected"),
    [
        pytest.param("800.00", [call(1, "800.00")], {1: "800.00"}, id="juste ce qui est dû"),
        pytest.param("300.00", [call(1, "800.00")], {1: "300.00"}, id="une partie"),
        pytest.param("900.00", [call(1, "800.00")], {1: "800.00"}, id="plus : le reste n'est pas proposé"),
        pytest.param(
            "800.00", [call(1, "500.00", OLD), call(2, "800.00", NEW)], {2: "800.00"}, id="le montant exact l'emporte"
        ),
        pytest.param(
            "700.00",
            [call(2, "800.00", NEW), call(1, "500.00", OLD)],
            {1: "500.00", 2: "200.00"},
            id="sinon le plus ancien d'abord",
        ),
        pytest.param(
            "800.00", [call(2, "800.00", NEW), call(1, "800.00", OLD)], {1: "800.00"}, id="deux exacts : le plus ancien"
        ),
        pytest.param("100.00", [call(2, "80.00"), call(1, "80.00")], {1: "80.00", 2: "20.00"}, id="par numéro"),
        pytest.param("100.00", [], {}, id="rien n'est dû"),
    ],
)
def test_what_a_payment_is_proposed_to_pay(amount: str, calls: list[OwedCall], expected: dict[int, str]) -> None:
    assert propose(Decimal(amount), calls) == {UUID(int=rank): Decimal(put) for rank, put in expected.items()}


cents = st.decimals("0.01", "2000", places=2)


@given(cents, st.lists(cents, max_size=6))
def test_a_proposal_never_puts_more_than_there_is_nor_than_is_owed(amount: Decimal, owed: list[Decimal]) -> None:
    calls = [call(rank, str(due)) for rank, due in enumerate(owed)]
    proposed = propose(amount, calls)
    assert sum(proposed.values(), Decimal(0)) == min(amount, sum(owed, Decimal(0)))
    assert all(0 < put <= next(one.owed for one in calls if one.id == call_id) for call_id, put in proposed.items())


@pytest.mark.parametrize(
    ("state", "rest", "to_recover", "status"),
    [
        pytest.param(receipt(), "800.00", "0.00", ReceiptStatus.OPEN, id="rien d'affecté"),
        pytest.param(receipt(allocated="300.00"), "500.00", "0.00", ReceiptStatus.OPEN, id="affecté en partie"),
        pytest.param(receipt(allocated="800.00"), "0.00", "0.00", ReceiptStatus.ALLOCATED, id="affecté"),
        pytest.param(receipt(refunded="800.00"), "0.00", "0.00", ReceiptStatus.REFUNDED, id="remboursé"),
        pytest.param(
            receipt(allocated="300.00", refunded="500.00"), "0.00", "0.00", ReceiptStatus.ALLOCATED, id="le reste rendu"
        ),
        pytest.param(
            receipt(refunded="50.00", returned_on=TODAY), "0.00", "50.00", ReceiptStatus.RETURNED, id="revenu, rendu"
        ),
        pytest.param(receipt(cancelled_on=TODAY), "0.00", "0.00", ReceiptStatus.CANCELLED, id="saisi par erreur"),
    ],
)
def test_what_is_left_of_money(state: Receipt, rest: str, to_recover: str, status: ReceiptStatus) -> None:
    assert (state.rest, state.to_recover, state.status) == (Decimal(rest), Decimal(to_recover), status)


def allocating(amount: str) -> Callable[[Receipt], Receipt]:
    return lambda one: domain.allocate(one, {CALL: Decimal(amount)})


def refunding(amount: str, on: date = TODAY) -> Callable[[Receipt], Receipt]:
    return lambda one: domain.refund(one, Decimal(amount), on, TODAY)


def returning(on: date) -> Callable[[Receipt], Receipt]:
    return lambda one: domain.come_back(one, "AM04", on, TODAY)


def cancelling(one: Receipt) -> Receipt:
    return domain.cancel(one, TODAY)


def attributing(one: Receipt) -> Receipt:
    return domain.attribute(one, MEMBER, "Garonne")


def depositing(one: Receipt) -> Receipt:
    return domain.deposit(one, TODAY, TODAY)


@pytest.mark.parametrize(
    ("state", "act", "code"),
    [
        pytest.param(receipt(), allocating("800.01"), "allocation_too_large", id="affecter un centime de trop"),
        pytest.param(receipt(allocated="800.00"), allocating("1.00"), "receipt_spent", id="affecter rien"),
        pytest.param(receipt(member_id=None), allocating("1.00"), "receipt_unattributed", id="à personne"),
        pytest.param(receipt(returned_on=TODAY), allocating("1.00"), "receipt_ended", id="affecter un impayé"),
        pytest.param(receipt(allocated="700.00"), refunding("100.01"), "refund_too_large", id="rendre ce qui est dû"),
        pytest.param(receipt(allocated="800.00"), refunding("1.00"), "receipt_spent", id="rendre rien"),
        pytest.param(receipt(), refunding("1.00", date(2026, 3, 1)), "receipt_day_wrong", id="rendre avant d'avoir"),
        pytest.param(receipt(), refunding("1.00", date(2026, 3, 21)), "receipt_day_wrong", id="rendre demain"),
        pytest.param(receipt(), returning(date(2026, 3, 1)), "receipt_day_wrong", id="revenir avant d'être venu"),
        pytest.param(
            receipt(method=ReceiptMethod.TRANSFER), returning(TODAY), "receipt_not_returnable", id="un virement"
        ),
        pytest.param(receipt(cancelled_on=TODAY), returning(TODAY), "receipt_ended", id="revenir, annulé"),
        pytest.param(receipt(refunded="1.00"), cancelling, "receipt_refunded", id="annuler ce qui est rendu"),
        pytest.param(receipt(cancelled_on=TODAY), cancelling, "receipt_ended", id="annuler deux fois"),
        pytest.param(receipt(allocated="1.00"), attributing, "receipt_allocated", id="à un autre, affecté"),
        pytest.param(receipt(refunded="1.00"), attributing, "receipt_refunded", id="à un autre, rendu"),
        pytest.param(receipt(deposited_on=TODAY), depositing, "receipt_deposited", id="déposer deux fois"),
        pytest.param(receipt(method=ReceiptMethod.DEBIT), depositing, "receipt_deposited", id="déposer un prélèvement"),
    ],
)
def test_what_is_not_done_with_money(state: Receipt, act: Callable[[Receipt], Receipt], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        act(state)
    assert refused.value.code == code


def test_each_reason_says_what_it_means_and_what_to_do_and_where_from() -> None:
    reasons = {one.code: one for one in return_reasons()}
    assert len(reasons) == len(return_reasons())
    asked = {"AC01", "AC04", "AC06", "AM04", "MD01", "MD06", "MD07", "MS02", "MS03", "RR04", "SL01"}
    assert asked <= reasons.keys()
    for one in reasons.values():
        assert ReceiptMethod.DEBIT in one.methods.value
        assert "EPC173-14" in one.label.source
        assert one.action.status is DatumStatus.ASSUMED
        assumed = one.methods.status is DatumStatus.ASSUMED
        assert assumed == (ReceiptMethod.CHEQUE in one.methods.value), "no bank gives these codes for a cheque"
    assert reason_of(return_reasons(), "AM04", ReceiptMethod.CHEQUE).label.value == "Provision insuffisante"
