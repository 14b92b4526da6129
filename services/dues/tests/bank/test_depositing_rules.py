"""Which lines are the deposit of cheques or cash, or take a cheque back, how sure that is, and the reasons given."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from dues.bank.domain import (
    Around,
    BankLine,
    Deposit,
    Known,
    LineAmountDiffers,
    NotReturned,
    ReceiptNotDepositable,
    TypedReceipt,
    deposits,
    echoes,
    match,
    require_bounced,
    require_cheque,
    require_deposit_told,
    unless_echo,
)
from dues.bank.domain.statement import LineState
from dues.bank.queries import matching_rules
from dues.receipts.domain import Receipt, ReceiptEnded, ReceiptMethod, ReceiptNotFound, ReceiptNotReturnable

from .test_matching import call, line

[RULE] = matching_rules()
CHEQUE, CASH, TRANSFER = ReceiptMethod.CHEQUE, ReceiptMethod.CASH, ReceiptMethod.TRANSFER
SAID = "REMISE CHEQUES 0000214"


def typed(
    rank: int, amount: str, deposited: int | None = 2, *, received: int = 1, method: ReceiptMethod = CHEQUE
) -> TypedReceipt:
    """Return a receipt of March 2026, deposited on its second day; the line of these tests is of Tuesday the third."""
    return TypedReceipt(
        id=UUID(int=rank),
        number=f"REC-{rank}",
        method=method,
        amount=Decimal(amount),
        received_on=date(2026, 3, received),
        deposited_on=date(2026, 3, deposited) if deposited else None,
        bank_reference=None,
        member_name=None,
    )


def seen(found: tuple[Deposit, ...]) -> list[tuple[str, int, bool]]:
    return [(one.reference, one.score, one.sure) for one in found]


@pytest.mark.parametrize(
    ("text", "receipts", "expected"),
    [
        pytest.param(SAID, [typed(1, "500"), typed(2, "300")], [("REC-1, REC-2", 95, True)], id="un jour entier"),
        pytest.param(
            "Dépôt", [typed(1, "500"), typed(2, "300")], [("REC-1, REC-2", 55, False)], id="sans que la banque le dise"
        ),
        pytest.param(SAID, [typed(1, "800"), typed(2, "300")], [("REC-1", 95, True)], id="un seul de ce jour"),
        pytest.param(SAID, [typed(1, "800", 3)], [("REC-1", 95, True)], id="déposé et inscrit le même jour"),
        pytest.param(SAID, [typed(1, "800", 4)], [], id="déposé après la ligne"),
        pytest.param(SAID, [typed(1, "500"), typed(2, "300", 3)], [], id="de deux jours : aucune somme n'est cherchée"),
        pytest.param(SAID, [typed(1, "500"), typed(2, "300"), typed(3, "10")], [], id="deux sur trois : non plus"),
        pytest.param(
            SAID,
            [typed(1, "800"), typed(2, "800", 3)],
            [("REC-1", 95, False), ("REC-2", 95, False)],
            id="deux du même montant : aucun n'est sûr",
        ),
        pytest.param(
            SAID,
            [typed(1, "800"), typed(2, "500", 3), typed(3, "300", 3)],
            [("REC-1", 95, False), ("REC-2, REC-3", 95, False)],
            id="un seul, ou un jour entier",
        ),
        pytest.param(
            SAID, [typed(1, "500", None), typed(2, "300", None)], [("REC-1, REC-2", 70, False)], id="tous à déposer"
        ),
        pytest.param(
            SAID,
            [typed(1, "800", None), typed(2, "300", None, received=3)],
            [("REC-1", 70, False)],
            id="à déposer, reçus avant ce jour",
        ),
        pytest.param(
            SAID, [typed(1, "800", None), typed(2, "300", None)], [], id="un seul de ceux à déposer : à une personne"
        ),
        pytest.param(SAID, [typed(1, "800", None, method=CASH)], [], id="des espèces à déposer : à une personne"),
        pytest.param(
            "Versement d'espèces", [typed(1, "800", method=CASH)], [("REC-1", 95, True)], id="des espèces déposées"
        ),
        pytest.param(
            SAID,
            [typed(1, "800"), typed(2, "800", None)],
            [("REC-1", 95, False), ("REC-2", 70, False)],
            id="déposé, ou à déposer",
        ),
    ],
)
def test_a_deposit_is_all_of_a_day_one_of_it_or_all_cheques_that_wait(
    text: str, receipts: list[TypedReceipt], expected: list[tuple[str, int, bool]]
) -> None:
    assert seen(deposits(line(text=text), receipts, RULE)) == expected


@pytest.mark.parametrize(
    ("booked_on", "days"),
    [
        pytest.param(date(2026, 3, 9), 1, id="cinq jours ouvrés après"),
        pytest.param(date(2026, 3, 10), 0, id="six jours ouvrés après"),
    ],
)
def test_a_deposit_is_booked_within_a_few_banking_days(booked_on: date, days: int) -> None:
    one = BankLine(key="k", booked_on=booked_on, amount=Decimal(800), text=SAID)
    assert len(deposits(one, [typed(1, "800")], RULE)) == days


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        pytest.param({"text": SAID}, ["words", "amount", "day"], id="le libellé"),
        pytest.param({"bank_code": "PMNT/RCHQ/CCHQ"}, ["bank_code", "amount", "day"], id="le code de la banque"),
        pytest.param(
            {"bank_code": "PMNT/CNTR/CDPT", "text": SAID}, ["bank_code", "amount", "day"], id="les deux : une fois"
        ),
        pytest.param({}, ["amount", "day"], id="rien"),
    ],
)
def test_a_deposit_says_why(said: dict[str, str], codes: list[str]) -> None:
    [found] = deposits(line(**said), [typed(1, "800")], RULE)
    assert [reason.code for reason in found.reasons] == codes
    assert found.reasons[-1].message == "Dépôt du 2 mars 2026, inscrit le 3 mars 2026."


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(line("-800.00", text=SAID), id="de l'argent qui sort"),
        pytest.param(line(bank_code="PMNT/RCDT/ESCT"), id="un virement reçu"),
        pytest.param(line(return_code="AC04"), id="ce qui revient"),
    ],
)
def test_what_is_no_deposit_is_not_proposed(one: BankLine) -> None:
    assert deposits(one, [typed(1, "800")], RULE) == ()


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        pytest.param("REMISE CHEQUES COT-2026-00001", 0, id="la banque dit une remise"),
        pytest.param("COT-2026-00001", 1, id="rien ne le dit : l'appel nommé"),
    ],
)
def test_a_line_that_is_perhaps_a_deposit_says_so_before_it_is_put_on_a_call(text: str, sure: int) -> None:
    one = line(text=text)
    matching = unless_echo(match(one, Around((call(1),), {}), RULE), (), deposits(one, [typed(1, "800")], RULE))
    assert len(matching.sure) == sure
    assert (len(matching.candidates), "REC-1" in matching.notes[0]) == (1, True)


@pytest.mark.parametrize(
    ("one", "cheques", "score"),
    [
        pytest.param(line("-500.00"), [typed(1, "500")], 30, id="le montant"),
        pytest.param(line("-500.00", return_code="AM04"), [typed(1, "500")], 70, id="la banque dit qu'il revient"),
        pytest.param(line("-508.50", charges=Decimal("8.50")), [typed(1, "500")], 30, id="et ses frais"),  # type: ignore[arg-type]
        pytest.param(line("-508.50"), [typed(1, "500")], None, id="des frais que la banque ne dit pas"),
        pytest.param(line("-500.00"), [typed(1, "500"), typed(2, "500")], None, id="deux chèques du même montant"),
        pytest.param(line("-500.00"), [typed(1, "500", 4)], None, id="déposé après"),
        pytest.param(line("500.00"), [typed(1, "500")], None, id="de l'argent qui vient"),
        pytest.param(line("-500.00", bank_code="ACMT/MDOP/CHRG"), [typed(1, "500")], None, id="des frais"),
        pytest.param(line("-500.00", text="VIR-2026-00004"), [typed(1, "500")], None, id="un lot de virements"),
        pytest.param(line("-500.00", end_to_end="PRV-2026-00007-00001"), [typed(1, "500")], None, id="un prélèvement"),
    ],
)
def test_a_cheque_that_bounces_is_proposed_and_never_sure(
    one: BankLine, cheques: list[TypedReceipt], score: int | None
) -> None:
    found = echoes(one, Known(cheques=cheques), RULE)
    assert [(echo.kind, echo.score, echo.sure) for echo in found] == ([("cheque", score, False)] if score else [])


def test_a_cheque_deposited_long_ago_is_not_proposed() -> None:
    one = BankLine(key="k", booked_on=date(2026, 5, 2), amount=Decimal(-500))
    assert echoes(one, Known(cheques=[typed(1, "500")]), RULE) == ()
    assert len(echoes(one, Known(cheques=[typed(1, "500", 3)]), RULE)) == 1


def receipt(method: ReceiptMethod = CHEQUE, *, entity: str = "coorace", **ended: date) -> Receipt:
    return Receipt(
        id=UUID(int=1),
        number="REC-1",
        entity=entity,
        method=method,
        amount=Decimal(800),
        received_on=date(2026, 3, 1),
        **ended,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("one", "given", "refusal"),
    [
        pytest.param(line(), receipt(), None, id="un chèque"),
        pytest.param(line(), receipt(CASH), None, id="des espèces"),
        pytest.param(line(), receipt(TRANSFER), ReceiptNotDepositable, id="un virement"),
        pytest.param(line(), receipt(entity="autre"), ReceiptNotFound, id="d'une autre entité"),
        pytest.param(line(), receipt(returned_on=date(2026, 3, 2)), ReceiptEnded, id="revenu"),
        pytest.param(line(), receipt(cancelled_on=date(2026, 3, 2)), ReceiptEnded, id="annulé"),
        pytest.param(line("800.01"), receipt(), LineAmountDiffers, id="un centime de plus"),
    ],
)
def test_what_makes_a_deposit_stands_is_taken_to_the_bank_and_adds_up(
    one: BankLine, given: Receipt, refusal: type[Refusal] | None
) -> None:
    found = obstacle(lambda: require_deposit_told(one, "coorace", [given]))
    assert type(found) is (refusal or type(None))
    if isinstance(found, LineAmountDiffers):
        assert found.extra == {"amount": "800.01", "total": "800.00"}


def test_only_a_cheque_bounces_and_only_on_a_line_that_takes_money() -> None:
    assert obstacle(lambda: require_bounced(LineState.OUTGOING, line("-800.00"))) is None
    assert isinstance(obstacle(lambda: require_bounced(LineState.UNMATCHED, line())), NotReturned)
    assert isinstance(obstacle(lambda: require_cheque(receipt(CASH))), ReceiptNotReturnable)
    assert obstacle(lambda: require_cheque(receipt())) is None
