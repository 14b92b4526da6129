"""Which calls a line pays, how sure that is, and the reasons given."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from stdnum import iso11649

from common.invoicing.numbers import payment_reference
from dues.bank.domain import (
    Around,
    Balances,
    BankLine,
    Known,
    Matching,
    echoes,
    gap_between,
    match,
    named_in,
    numbers_in,
    same_name,
    unless_echo,
    words_of,
)
from dues.bank.queries import matching_rules
from dues.collections.domain import BankedLine, BankedRun, CollectionLineState, CollectionState
from dues.invoices.domain import OwedCall

from .statements import PAYER

[RULE] = matching_rules()
GARONNE, TARN, GROUP = UUID(int=1), UUID(int=2), UUID(int=3)
NAMES = {GARONNE: "A.I. Garonne Services", TARN: "Tarn Insertion", GROUP: "Groupe du Tarn"}


def call(rank: int, member: UUID = GARONNE, owed: str = "800.00") -> OwedCall:
    return OwedCall(
        id=UUID(int=100 + rank),
        number=f"COT-2026-{rank:05d}",
        member_id=member,
        member_name=NAMES[member],
        owed=Decimal(owed),
        due_on=date(2026, 3, 31),
    )


def line(amount: str = "800.00", **said: str) -> BankLine:
    return BankLine(key="k", booked_on=date(2026, 3, 3), amount=Decimal(amount), **said)  # type: ignore[arg-type]


def matched(one: BankLine, *calls: OwedCall, payers: dict[str, frozenset[UUID]] | None = None) -> Matching:
    return match(one, Around(calls, payers or {}), RULE)


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        pytest.param("COT-2026-00042", [42], id="tel qu'imprimé"),
        pytest.param("cotisation cot 2026 42 merci", [42], id="espaces, minuscules, zéros absents"),
        pytest.param("COT202600042", [42], id="d'un bloc"),
        pytest.param("COT/2026/042", [42], id="barres"),
        pytest.param("COT-2026-000 42", [42], id="coupé par la banque"),
        pytest.param("COT-2026-00042 ET COT-2026-00043", [42, 43], id="deux appels"),
        pytest.param("COT 2026 42 du 12/03/2026", [42], id="suivi d'une date"),
        pytest.param("cotisation 2026", [], id="aucun numéro"),
        pytest.param("FACT-2026-00042", [], id="un autre journal"),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str, ranks: list[int]) -> None:
    assert sorted(numbers_in(text)) == [f"COT-2026-{rank:05d}" for rank in ranks]


def test_a_structured_reference_names_its_call_and_fails_with_its_checksum() -> None:
    reference = payment_reference("COT-2026-00042")
    assert named_in(line(structured=reference)) == {"COT-2026-00042"}
    assert named_in(line(structured=f"RF00{reference[4:]}")) == frozenset()


@pytest.mark.parametrize("place", ["structured", "end_to_end", "text"])
def test_the_reference_that_a_call_prints_is_the_strongest_sign_wherever_it_is_typed(place: str) -> None:
    printed = iso11649.format(payment_reference("COT-2026-00001"))
    [found] = matched(line("12.00", **{place: printed}), call(1)).candidates
    assert (found.score, found.reasons[0].code) == (90, "structured")
    typed_wrong = printed.replace("RF", "RF0", 1)
    assert matched(line("12.00", **{place: typed_wrong}), call(1)).candidates[:1] != (found,)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("ASSOC A.I. GARONNE SERVICES", "AI Garonne Services", True, id="sigle pointé, forme juridique"),
        pytest.param("ASSOCIATION INTERMEDIAIRE GARONNE", "A.I. Garonne", True, id="sigle en toutes lettres"),
        pytest.param("L'ABEILLE DE L'HERAULT", "Abeille de l'Hérault", True, id="accents et apostrophes"),
        pytest.param("GARONNE", "Garonne Services", True, id="coupé"),
        pytest.param("TARN INSERTION", "Garonne Insertion", False, id="un mot en commun"),
        pytest.param("AI", "A.I. Garonne", False, id="le sigle seul"),
        pytest.param("", "Garonne", False, id="rien"),
    ],
)
def test_names_are_compared_by_what_tells_them_apart(one: str, other: str, same: bool) -> None:
    assert same_name(words_of(one), words_of(other)) is same


KNOWN = {PAYER: frozenset({GARONNE})}


@pytest.mark.parametrize(
    ("one", "calls", "payers", "score", "sure"),
    [
        pytest.param(line(end_to_end="COT-2026-00001"), [call(1)], {}, 100, [1], id="bout en bout et montant"),
        pytest.param(
            line(structured=payment_reference("COT-2026-00001")), [call(1)], {}, 100, [1], id="référence structurée"
        ),
        pytest.param(line(text="cot 2026 1"), [call(1)], {}, 90, [1], id="numéro et montant"),
        pytest.param(line("400.00", text="COT-2026-00001"), [call(1)], {}, 60, [], id="numéro, autre montant"),
        pytest.param(
            line("400.00", text="COT-2026-00001", party_iban=PAYER),
            [call(1)],
            KNOWN,
            95,
            [],
            id="numéro, compte, autre montant",
        ),
        pytest.param(
            line(party_iban=PAYER, party="AI GARONNE SERVICES"), [call(1)], KNOWN, 90, [1], id="montant, compte et nom"
        ),
        pytest.param(line(party_iban=PAYER, party="AUTRE"), [call(1)], KNOWN, 65, [], id="montant et compte"),
        pytest.param(line(party="AI GARONNE SERVICES"), [call(1)], {}, 55, [], id="montant et nom"),
        pytest.param(line(), [call(1)], {}, 30, [], id="montant seul"),
        pytest.param(
            line(party_iban=PAYER, party="AI GARONNE SERVICES"),
            [call(1), call(2)],
            KNOWN,
            90,
            [],
            id="deux appels pareils",
        ),
        pytest.param(
            line("1600.00", text="COT-2026-00001 COT-2026-00002"),
            [call(1), call(2)],
            {},
            90,
            [1, 2],
            id="deux appels nommés",
        ),
        pytest.param(
            line("800.00", text="COT-2026-00001 COT-2026-00002"),
            [call(1), call(2)],
            {},
            90,
            [],
            id="deux nommés, un payé",
        ),
        pytest.param(
            line(text="COT-2026-00003"), [call(1), call(3, TARN)], {}, 90, [3], id="le numéro l'emporte sur le montant"
        ),
        pytest.param(
            line(text="COT-2026-00003", party_iban=PAYER),
            [call(3, TARN)],
            KNOWN,
            90,
            [],
            id="le compte est d'une autre",
        ),
        pytest.param(
            line(text="COT-2026-00003", party_iban=PAYER),
            [call(3, TARN)],
            {PAYER: frozenset({GROUP, TARN})},
            100,
            [3],
            id="le compte d'un groupe",
        ),
    ],
)
def test_signs_make_a_score_and_only_enough_of_them_are_sure(
    one: BankLine, calls: list[OwedCall], payers: dict[str, frozenset[UUID]], score: int, sure: list[int]
) -> None:
    found = matched(one, *calls, payers=payers)
    assert found.candidates[0].score == score
    assert found.sure == tuple(UUID(int=100 + rank) for rank in sure)
    assert all(reason.message for candidate in found.candidates for reason in candidate.reasons)


def test_reasons_are_read_by_a_person() -> None:
    found = matched(line(text="cot 2026 1", party_iban=PAYER, party="A.I. GARONNE"), call(1), payers=KNOWN)
    assert [reason.message for reason in found.candidates[0].reasons] == [
        "Le libellé nomme COT-2026-00001.",
        "Le montant est ce qui reste dû.",
        "Ce compte a déjà payé pour A.I. Garonne Services.",
        "Le nom du payeur est celui de A.I. Garonne Services.",
    ]


def test_what_is_paid_already_is_said_and_not_proposed() -> None:
    found = matched(line(text="COT-2026-00001"), call(1, owed="0.00"))
    assert (found.candidates, found.notes) == ((), ("COT-2026-00001, que la ligne nomme, n'a plus rien à régler.",))


def test_the_amount_of_hundreds_proposes_none_of_them() -> None:
    calls = [call(rank) for rank in range(1, 500)]
    assert matched(line(party="INCONNUE"), *calls).candidates == ()


def balances(opened: int, closed: int, opening: int, closing: int) -> Balances:
    return Balances(f"R-{closed}", date(2026, 3, opened), date(2026, 3, closed), Decimal(opening), Decimal(closing))


@pytest.mark.parametrize(
    ("previous", "following", "missing"),
    [
        pytest.param(None, balances(9, 15, 5, 9), False, id="le premier"),
        pytest.param(balances(2, 8, 0, 5), balances(9, 15, 5, 9), False, id="à la suite"),
        pytest.param(balances(2, 8, 0, 5), balances(9, 15, 6, 9), True, id="le solde ne suit pas"),
        pytest.param(balances(2, 8, 0, 5), balances(8, 15, 6, 9), True, id="du jour de clôture"),
        pytest.param(balances(2, 12, 0, 7), balances(9, 15, 5, 9), False, id="ils se recouvrent"),
    ],
)
def test_what_is_missing_between_two_statements_is_said(
    previous: Balances | None, following: Balances, missing: bool
) -> None:
    said = gap_between(previous, following)
    assert (said is not None) is missing


DEBITS = BankedRun(
    id=UUID(int=7),
    reference="PRV-2026-00007",
    state=CollectionState.PRESENTED,
    credited=Decimal(1600),
    rejected=Decimal(800),
)
RETURNED = BankedLine(
    id=UUID(int=8),
    run_id=DEBITS.id,
    end_to_end="PRV-2026-00007-00001",
    member_name="A.I. Garonne Services",
    state=CollectionLineState.SETTLED,
    amount=Decimal(800),
    receipt_id=UUID(int=9),
)


@pytest.mark.parametrize(
    ("one", "told", "score", "sure"),
    [
        pytest.param(line("1600.00", batch="PRV-2026-00007-RCUR"), "1600.00", 100, True, id="le lot et le montant"),
        pytest.param(line("2400.00", batch="PRV-2026-00007"), "2400.00", 100, True, id="avec ce qui en est revenu"),
        pytest.param(line("1600.00", text="REMISE PRV 2026 7"), "1600.00", 90, True, id="le libellé et le montant"),
        pytest.param(line("800.00", end_to_end="PRV-2026-00007-00002"), "1600.00", 100, True, id="une ligne sur deux"),
        pytest.param(line("800.00", end_to_end="PRV-2026-00007-00002"), "800.00", 70, False, id="il en manque une"),
        pytest.param(
            line("-808.00", return_code="AM04", text="REJET PRV-2026-00007-00001"),
            None,
            60,
            False,
            id="des frais non dits",
        ),
        pytest.param(
            line("-808.00", return_code="AM04", end_to_end="PRV-2026-00007-00001", charges=Decimal(8)),  # type: ignore[arg-type]
            None,
            100,
            True,
            id="un retour et ses frais",
        ),
        pytest.param(line("-800.00", end_to_end="PRV-2026-00007-00001"), None, 100, True, id="un retour sans motif"),
    ],
)
def test_a_run_or_its_return_is_recognised_by_what_a_line_names_and_moves(
    one: BankLine, told: str | None, score: int, sure: bool
) -> None:
    known = Known(runs=[DEBITS], told={DEBITS.reference: Decimal(told)} if told else {}, lines=[RETURNED])
    [echo] = echoes(one, known, RULE)
    assert (echo.score, echo.sure) == (score, sure)
    matching = match(one, Around((call(1),), {}), RULE)
    assert unless_echo(matching, [echo]).sure == ()


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(line("1600.00", text="Cotisation"), id="rien de nommé"),
        pytest.param(line("1600.00", text="PRV-2026-00007", bank_code="PMNT/RCDT/ESCT"), id="un virement reçu"),
        pytest.param(line("1600.00", text="PRV-2026-00007", return_code="AC04"), id="un virement qui revient"),
        pytest.param(line("-1600.00", text="PRV-2026-00007-00001"), id="une sortie qui n'annule rien"),
    ],
)
def test_a_line_that_credits_no_run_and_takes_nothing_back_is_no_echo(one: BankLine) -> None:
    assert echoes(one, Known(runs=[DEBITS], lines=[RETURNED]), RULE) == ()
