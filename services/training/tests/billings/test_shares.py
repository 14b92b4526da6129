"""How a total is shared among who pays it: a line a case; and whatever is done, the shares make the total."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from common.legal_entities import Address
from training.billings.domain import (
    Agreement,
    AgreementDateWrong,
    AmountTooLarge,
    Billing,
    Funder,
    NothingToBill,
    NothingToInvoice,
    PayerKind,
    SeatsChanged,
    Share,
    ShareInvoiced,
    ShareNotFound,
    ShareOfBuyer,
    ShareRefused,
    ShareStatus,
    SharesTooLarge,
    agree,
    ask,
    credit,
    invoice,
    opened,
    refuse,
    require_unchanged,
    revise,
    what_is_sold,
)

BUYER, OPCO, OTHER = (UUID(int=number) for number in (1, 2, 3))
TODAY = date(2026, 11, 23)
_WHERE = Address(street="1 rue de l'Exemple", postcode="75000", city="Paris")
_OPCO = Funder(kind=PayerKind.OPCO, name="Opérateur d'essai", siren="900000001", address=_WHERE)
_OTHER = replace(_OPCO, kind=PayerKind.OTHER, name="Financeur d'essai")


def euros(text: str) -> Decimal:
    return Decimal(text)


def bare(total: str) -> Billing:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    buyer = Share(id=BUYER, status=ShareStatus.AGREED, amount=euros(total))
    return Billing(
        id=UUID(int=9), request_id=UUID(int=8), quote_id=UUID(int=7), session_id=UUID(int=6), member_id=UUID(int=5),
        individual=False, reference="INS-2026-00001", title="Formation d'essai", buyer_name="Structure", seats=2,
        total=euros(total), shares=(buyer,), opened_at=now, opened_by="essai",
    )  # fmt: skip


def billed(total: str = "1200.00", opco: str = "800.00") -> Billing:
    return opened(bare(total), [(OPCO, _OPCO, euros(opco))])


def answer(amount: str, day: date = TODAY) -> Agreement:
    return Agreement(amount=euros(amount), file_reference="2026-1", agreed_on=day)


def amounts(billing: Billing) -> list[str]:
    return [str(share.amount) for share in billing.shares]


def test_what_nobody_else_pays_is_the_buyer_s() -> None:
    assert amounts(billed()) == ["400.00", "800.00"]
    assert amounts(opened(bare("1200.00"), [])) == ["1200.00"]
    assert amounts(billed(opco="1200.00")) == ["0.00", "1200.00"]


@pytest.mark.parametrize(
    ("then", "made"),
    [
        pytest.param(lambda b: agree(b, OPCO, answer("800.00"), TODAY), ["400.00", "800.00"], id="accord entier"),
        pytest.param(lambda b: agree(b, OPCO, answer("500.00"), TODAY), ["700.00", "500.00"], id="accord partiel"),
        pytest.param(lambda b: refuse(b, OPCO), ["1200.00", "0.00"], id="refus : tout revient à l'acheteur"),
        pytest.param(lambda b: ask(b, OTHER, _OTHER, euros("300.00")), ["100.00", "800.00", "300.00"], id="un de plus"),
        pytest.param(lambda b: revise(b, 1, euros("900.00")), ["100.00", "800.00"], id="une place rendue"),
    ],
)
def test_an_answer_moves_the_rest_to_the_buyer(then: Any, made: list[str]) -> None:
    after = then(billed())
    assert (amounts(after), after.version) == (made, 2)


_INVOICED = invoice(agree(billed(), OPCO, answer("800.00"), TODAY), OPCO, None)[0]
_PAID_BY_BUYER = invoice(billed(), BUYER, None)[0]


@pytest.mark.parametrize(
    ("then", "refusal"),
    [
        pytest.param(lambda: opened(bare("0.00"), []), NothingToBill, id="rien de vendu"),
        pytest.param(lambda: billed(opco="1200.01"), SharesTooLarge, id="plus que le total"),
        pytest.param(lambda: revise(billed(), 1, euros("700.00")), SharesTooLarge, id="total repris sous les parts"),
        pytest.param(lambda: refuse(billed(), BUYER), ShareOfBuyer, id="la part de l'acheteur ne se refuse pas"),
        pytest.param(lambda: refuse(refuse(billed(), OPCO), OPCO), ShareRefused, id="un refus est définitif"),
        pytest.param(lambda: refuse(billed(), OTHER), ShareNotFound, id="une part d'une autre facturation"),
        pytest.param(
            lambda: agree(billed(), OPCO, answer("1.00", date(2026, 11, 24)), TODAY), AgreementDateWrong, id="demain"
        ),
        pytest.param(lambda: refuse(_INVOICED, OPCO), ShareInvoiced, id="refus après facture : un avoir d'abord"),
        pytest.param(
            lambda: agree(_INVOICED, OPCO, answer("799.99"), TODAY), ShareInvoiced, id="accord réduit après facture"
        ),
        pytest.param(
            lambda: ask(_PAID_BY_BUYER, OTHER, _OTHER, euros("0.01")), ShareInvoiced, id="acheteur déjà facturé"
        ),
        pytest.param(lambda: invoice(_INVOICED, OPCO, None), NothingToInvoice, id="deux fois la même part"),
        pytest.param(lambda: invoice(billed(), BUYER, euros("400.01")), AmountTooLarge, id="plus que la part"),
        pytest.param(lambda: require_unchanged(billed(), euros("600.00")), SeatsChanged, id="une place rendue depuis"),
    ],
)
def test_what_is_refused_of_shares(then: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        then()


def test_what_is_credited_can_be_invoiced_again() -> None:
    after = credit(_INVOICED, OPCO, euros("300.00"))
    assert (after.share(OPCO).invoiced, after.share(OPCO).left) == (euros("500.00"), euros("300.00"))


@pytest.mark.parametrize(
    ("asked", "taken", "due", "sold"),
    [
        pytest.param(3, 3, "0.00", "1000.00", id="toutes les places : le total du devis, au centime"),
        pytest.param(3, 2, "0.00", "666.67", id="une rendue avant le début : L6354-1, rien n'en est dû"),
        pytest.param(3, 2, "83.33", "750.00", id="une rendue au quart : sa part exécutée reste due"),
        pytest.param(3, 0, "0.00", "0.00", id="toutes rendues"),
    ],
)
def test_what_a_request_is_sold_for(asked: int, taken: int, due: str, sold: str) -> None:
    assert what_is_sold(euros("1000.00"), asked, taken, euros(due)) == euros(sold)


_CENTS = st.integers(0, 15_000).map(lambda cents: Decimal(cents) / 10) | st.sampled_from([Decimal(100), Decimal(400)])
_ACTS = st.lists(
    st.tuples(st.sampled_from(["agree", "refuse", "ask", "revise", "bill", "opco", "credit"]), _CENTS),
    min_size=6,
    max_size=30,
)


@given(_ACTS)
def test_the_shares_make_the_total_whatever_is_done(acts: list[tuple[str, Decimal]]) -> None:
    billing = billed()
    for rank, (act, amount) in enumerate(acts):
        try:
            billing = _played(billing, act, amount, UUID(int=100 + rank))
        except Refusal:
            continue
        assert sum(share.amount for share in billing.shares) == billing.total
        assert all(0 <= share.invoiced <= share.amount for share in billing.shares)


def _played(billing: Billing, act: str, amount: Decimal, key: UUID) -> Billing:
    if act == "agree":
        return agree(billing, OPCO, replace(answer("1.00"), amount=amount), TODAY)
    if act == "refuse":
        return refuse(billing, OPCO)
    if act == "ask":
        return ask(billing, key, _OTHER, amount)
    if act == "revise":
        return revise(billing, 1, amount)
    if act == "credit":
        return credit(billing, BUYER, min(amount, billing.buyer.invoiced))
    return invoice(billing, BUYER if act == "bill" else OPCO, amount)[0]
