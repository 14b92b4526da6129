"""Which lines are what we pay on, or what the bank takes, how sure that is, and the reasons given."""

from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest

from common.errors import obstacle
from dues.bank.domain import (
    CHARGES,
    Around,
    BankLine,
    Known,
    KnownTransfers,
    LineAmountDiffers,
    LineState,
    ReturnAmountDiffers,
    charge_of,
    echoes,
    match,
    require_batch_told,
    require_chargeable,
    require_paid_out,
    signs_of_charge,
    unless_echo,
)
from dues.bank.queries import matching_rules
from dues.transfers.domain import BankedBatch, BankedTransfer, BatchStatus

from .test_matching import call, line

[RULE] = matching_rules()


def batch(status: BatchStatus = BatchStatus.APPROVED, rejected: str = "0.00", day: int = 3) -> BankedBatch:
    return BankedBatch(
        id=UUID(int=4),
        reference="VIR-2026-00004",
        status=status,
        day=date(2026, 3, day),
        total=Decimal("640.00"),
        rejected=Decimal(rejected),
    )


def known(paid: BankedBatch, told: str) -> Known:
    return Known(transfers=KnownTransfers(batches=[paid], told={paid.reference: Decimal(told)}))


BACK = BankedTransfer(
    id=UUID(int=5),
    reference="VIR-2026-00004-02",
    payee="delegation-occitanie",
    amount=Decimal("320.00"),
    rejected_on=None,
)
WHOLE = line("-640.00", batch="VIR-2026-00004")
HALF = line("-320.00", end_to_end="VIR-2026-00004-01")
EXECUTED = BatchStatus.EXECUTED


@pytest.mark.parametrize(
    ("one", "told", "paid", "score", "sure", "codes"),
    [
        pytest.param(WHOLE, "640.00", batch(), 100, True, ["batch", "amount"], id="le lot"),
        pytest.param(HALF, "640.00", batch(), 100, True, ["end_to_end", "amount"], id="une ligne sur deux"),
        pytest.param(HALF, "320.00", batch(), 70, False, ["end_to_end", "other_amount"], id="il en manque une"),
        pytest.param(
            line("-640.00", text="VIRT VIR 2026 00004"),
            "640.00",
            batch(),
            90,
            True,
            ["number", "amount"],
            id="le libellé et le montant",
        ),
        pytest.param(
            HALF,
            "320.00",
            batch(EXECUTED, rejected="320.00"),
            100,
            True,
            ["end_to_end", "amount"],
            id="moins ce que la banque a rejeté avant de payer",
        ),
        pytest.param(
            WHOLE,
            "640.00",
            batch(BatchStatus.CANCELLED),
            100,
            False,
            ["batch", "amount", "cancelled"],
            id="un lot annulé",
        ),
        pytest.param(
            line("-640.00"), "0.00", batch(day=8), 55, False, ["amount", "day"], id="le montant et un jour proche"
        ),
        pytest.param(
            line("-640.00"), "0.00", batch(EXECUTED), 55, False, ["amount", "day"], id="exécuté à la main, de même"
        ),
    ],
)
def test_a_batch_is_recognised_by_what_a_line_names_and_moves(
    one: BankLine, told: str, paid: BankedBatch, score: int, sure: bool, codes: list[str]
) -> None:
    [echo] = echoes(one, known(paid, told), RULE)
    assert (echo.kind, echo.score, echo.sure) == ("batch", score, sure)
    assert [reason.code for reason in echo.reasons] == codes
    assert all(reason.message for reason in echo.reasons)


@pytest.mark.parametrize(
    ("one", "told", "paid"),
    [
        pytest.param(line("-640.00"), "0.00", batch(day=9), id="un jour trop loin"),
        pytest.param(line("-640.01"), "0.00", batch(), id="un centime de plus"),
        pytest.param(line("-640.00"), "640.00", batch(), id="une autre ligne le paie déjà"),
        pytest.param(line("-640.00"), "0.00", batch(BatchStatus.CANCELLED), id="annulé, et rien ne le nomme"),
        pytest.param(line("640.00", batch="VIR-2026-00004"), "0.00", batch(), id="de l'argent qui entre"),
        pytest.param(line("-640.00", text="VIR 2026 4, VIR 20260004"), "640.00", batch(), id="un numéro abrégé"),
        pytest.param(line("-640.00", batch="VIR-2026-00005"), "0.00", batch(), id="un autre lot"),
        pytest.param(line("-640.00", batch="VIR-2026-00004", return_code="AC04"), "640.00", batch(), id="un retour"),
        pytest.param(line("-640.00", bank_code="PMNT/ICDT/CHRG"), "0.00", batch(), id="des frais du même montant"),
    ],
)
def test_what_pays_no_batch_is_not_proposed_as_one(one: BankLine, told: str, paid: BankedBatch) -> None:
    assert echoes(one, known(paid, told), RULE) == ()


@pytest.mark.parametrize(
    ("one", "score", "sure"),
    [
        pytest.param(line("320.00", end_to_end="VIR-2026-00004-02", return_code="AC04"), 100, True, id="rendu"),
        pytest.param(line("320.00", text="RETOUR VIR-2026-00004-02", return_code="AC04"), 90, True, id="au libellé"),
        pytest.param(
            line("312.00", end_to_end="VIR-2026-00004-02", return_code="AC04"), 70, False, id="frais non dits"
        ),
        pytest.param(
            line("312.00", end_to_end="VIR-2026-00004-02", return_code="AC04", charges=Decimal(8)),  # type: ignore[arg-type]
            100,
            True,
            id="des frais dits",
        ),
    ],
)
def test_a_transfer_that_comes_back_is_recognised_and_pays_no_call(one: BankLine, score: int, sure: bool) -> None:
    [echo] = echoes(one, Known(transfers=KnownTransfers(lines=[BACK])), RULE)
    assert (echo.kind, echo.reference, echo.score, echo.sure) == ("transfer", BACK.reference, score, sure)
    matching = match(one, Around((call(1, owed=str(one.amount)),), {}), RULE)
    assert unless_echo(matching, [echo]).sure == ()


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(line("320.00", end_to_end="VIR-2026-00004-02"), id="que la banque ne dit pas rendu"),
        pytest.param(line("320.00", end_to_end="VIR-2026-00004", return_code="AC04"), id="du lot, sans dire lequel"),
        pytest.param(line("-320.00", end_to_end="VIR-2026-00004-02", return_code="AC04"), id="de l'argent qui sort"),
    ],
)
def test_what_brings_no_transfer_back_is_not_proposed_as_one(one: BankLine) -> None:
    assert echoes(one, Known(transfers=KnownTransfers(lines=[BACK])), RULE) == ()


@pytest.mark.parametrize(
    ("one", "beyond"),
    [
        pytest.param(line("-808.00", charges=Decimal(8)), "8.00", id="repris avec des frais"),  # type: ignore[arg-type]
        pytest.param(line("792.00", charges=Decimal(8)), "8.00", id="rendu moins des frais"),  # type: ignore[arg-type]
        pytest.param(line("800.00"), "0.00", id="rendu"),
        pytest.param(line("808.00", charges=Decimal(8)), None, id="rendu plus que donné"),  # type: ignore[arg-type]
        pytest.param(line("-808.00"), None, id="repris plus que la banque ne dit"),
    ],
)
def test_what_the_bank_takes_of_what_comes_back_is_told_to_the_cent(one: BankLine, beyond: str | None) -> None:
    if beyond is None:
        with pytest.raises(ReturnAmountDiffers):
            charge_of(one, Decimal(800))
    else:
        assert charge_of(one, Decimal(800)) == Decimal(beyond)


def test_lines_that_do_not_make_a_batch_say_both_sums() -> None:
    require_batch_told(batch(rejected="320.00"), Decimal("320.00"))
    with pytest.raises(LineAmountDiffers) as refused:
        require_batch_told(batch(), Decimal("320.00"))
    assert refused.value.extra == {"told": "320.00", "total": "640.00"}


@pytest.mark.parametrize(
    ("one", "said", "state"),
    [
        pytest.param(line("-3.00", bank_code="PMNT/ICDT/CHRG"), True, "unmatched", id="frais d'un virement émis"),
        pytest.param(line("-3.00", bank_code="ACMT/MDOP/CHRG"), True, "unmatched", id="tenue de compte"),
        pytest.param(line("-3.00", bank_code="ACMT/MDOP/COMM"), True, "unmatched", id="commission"),
        pytest.param(
            line("-3.00", bank_code="PMNT/RDDT/CHRG", end_to_end="PRV-2026-00007-00001"),
            True,
            "unmatched",
            id="frais d'un impayé, à part",
        ),
        pytest.param(
            line("-3.00", bank_code="PMNT/ICDT/CHRG", batch="VIR-2026-00004"), True, "unmatched", id="frais d'un lot"
        ),
        pytest.param(line("-3.00", bank_code="ACMT/MDOP/INTR"), False, "outgoing", id="des intérêts"),
        pytest.param(line("-3.00", bank_code="ACMT/MDOP/OTHR", text="FRAIS"), False, "outgoing", id="le libellé seul"),
        pytest.param(line("-3.00", bank_code="CHRG"), False, "outgoing", id="un code que la banque a inventé"),
        pytest.param(line("-3.00", text="FRAIS"), False, "outgoing", id="aucun code"),
        pytest.param(line("3.00", bank_code="ACMT/MCOP/CHRG"), False, "unmatched", id="des frais rendus"),
        pytest.param(line("-3.00", bank_code="PMNT/IDDT/CHRG", return_code="AM04"), False, "unmatched", id="un rejet"),
    ],
)
def test_a_charge_is_proposed_where_the_banks_own_code_says_so(one: BankLine, said: bool, state: str) -> None:
    assert (bool(signs_of_charge(one)), one.first_state) == (said, state)


def test_every_code_by_which_a_bank_charges_says_what_it_is() -> None:
    for code, words in CHARGES.items():
        [reason] = signs_of_charge(line("-3.00", bank_code=f"ACMT/MDOP/{code}"))
        assert reason.message == f"Le code d'opération de la banque, ACMT/MDOP/{code}, dit : {words}."


SETTLED, NOT_A_CHARGE, NOT_PAID = "bank_line_settled", "bank_line_not_a_charge", "bank_line_not_paid_out"


@pytest.mark.parametrize(
    ("one", "state", "charge", "paid"),
    [
        pytest.param(line("-3.00"), LineState.OUTGOING, None, None, id="une sortie"),
        pytest.param(line("-3.00"), LineState.UNMATCHED, None, None, id="une sortie qui attend"),
        pytest.param(line("-3.00"), LineState.CHARGED, SETTLED, SETTLED, id="déjà dite"),
        pytest.param(line("-3.00"), LineState.SET_ASIDE, SETTLED, SETTLED, id="mise à part"),
        pytest.param(line("3.00"), LineState.UNMATCHED, NOT_A_CHARGE, NOT_PAID, id="une entrée"),
        pytest.param(line("0.00"), LineState.OUTGOING, NOT_A_CHARGE, NOT_PAID, id="rien du tout"),
        pytest.param(line("-3.00", return_code="AM04"), LineState.UNMATCHED, NOT_A_CHARGE, None, id="un rejet"),
        pytest.param(line("-3.00", batch="VIR-2026-00004"), LineState.UNMATCHED, NOT_A_CHARGE, None, id="un lot"),
    ],
)
def test_what_may_be_said_of_money_that_left(
    one: BankLine, state: LineState, charge: str | None, paid: str | None
) -> None:
    for rule, code in ((require_chargeable, charge), (require_paid_out, paid)):
        refusal = obstacle(partial(rule, state, one))
        assert (refusal.code if refusal else None) == code
