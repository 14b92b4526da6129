"""What an entry is, what settles what, which months close: the rules, as tables and as properties."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.accounting.accounts import AccountUnknown, Chart, account_numbered
from common.accounting.entries import (
    Auxiliary,
    Entry,
    Journal,
    Line,
    Source,
    Standing,
    mirror,
    require_by_hand,
    require_come,
    require_reversible,
)
from common.accounting.lettering import Lettering, code_of
from common.accounting.opening import OpeningDefective, OpeningUnreadable, read_balances
from common.accounting.periods import close, reopen, require_open
from common.errors import Refusal
from common.sourced import DatumStatus
from dues.ledger.domain import Purpose
from dues.ledger.queries import chart, credit, debit

DAY = date(2026, 3, 5)
GARONNE = Auxiliary("m-1", "Garonne")
amounts = st.decimals(min_value="0.01", max_value="99999999.99", places=2)


def entry(*lines: Line, day: date = DAY) -> Entry:
    return Entry(
        entity="federation",
        journal=Journal.SALES,
        day=day,
        piece="COT-2026-00001",
        piece_on=day,
        label="Appel de cotisation",
        source=Source("invoice", "1"),
        lines=lines,
    )


def euros(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(entry, "entry_too_short", id="aucune ligne"),
        pytest.param(lambda: entry(debit(Purpose.BANK, euros("1"))), "entry_too_short", id="une ligne"),
        pytest.param(
            lambda: entry(debit(Purpose.BANK, euros("100.00")), credit(Purpose.INCOME, euros("99.99"))),
            "entry_unbalanced",
            id="un centime d'écart",
        ),
        pytest.param(
            lambda: entry(debit(Purpose.BANK, euros("1")), debit(Purpose.WAITING, euros("1"))),
            "entry_unbalanced",
            id="rien au crédit",
        ),
        pytest.param(lambda: debit(Purpose.BANK, euros("0")), "entry_line_invalid", id="zéro"),
        pytest.param(lambda: debit(Purpose.BANK, euros("-5")), "entry_line_invalid", id="négatif"),
        pytest.param(lambda: debit(Purpose.BANK, euros("1.005")), "entry_line_invalid", id="une fraction de centime"),
        pytest.param(
            lambda: debit(Purpose.BANK, euros("1e12")), "entry_line_invalid", id="plus que la base n'en tient"
        ),
        pytest.param(
            lambda: Line(account="512", label="Banque", debit=euros("1"), credit=euros("1")),
            "entry_line_invalid",
            id="des deux côtés",
        ),
        pytest.param(lambda: debit(Purpose.MEMBER, euros("1")), "auxiliary_mismatch", id="un adhérent sans nom"),
        pytest.param(lambda: debit(Purpose.BANK, euros("1"), GARONNE), "auxiliary_mismatch", id="une banque à un nom"),
        pytest.param(lambda: account_numbered(chart(), "999"), "account_unknown", id="compte inconnu"),
    ],
)
def test_what_is_not_an_entry_cannot_be_made(make: Callable[[], object], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        make()
    assert refused.value.code == code


@given(st.lists(amounts, min_size=1, max_size=8), st.lists(amounts, min_size=1, max_size=8))
def test_an_entry_is_made_when_it_balances_and_only_then(debits: list[Decimal], others: list[Decimal]) -> None:
    lines = [debit(Purpose.BANK, amount) for amount in debits] + [credit(Purpose.INCOME, amount) for amount in others]
    if sum(debits) == sum(others):
        assert entry(*lines).total == sum(debits)
    else:
        with pytest.raises(Refusal, match="au débit"):
            entry(*lines)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_a_mirror_undoes_line_by_line(debits: list[Decimal]) -> None:
    done = entry(*(debit(Purpose.BANK, one) for one in debits), credit(Purpose.INCOME, sum(debits, euros("0.00"))))
    undone = mirror(done, "id", "ECR-2026-00001", DAY, "erreur")
    assert [(one.account, one.debit, one.credit) for one in undone.lines] == [
        (one.account, one.credit, one.debit) for one in done.lines
    ]
    assert undone.total == done.total


@given(st.lists(st.integers(1, 500_000), min_size=2, max_size=20, unique=True))
def test_codes_are_in_order_and_never_twice_the_same(ranks: list[int]) -> None:
    by_rank = [code_of(rank) for rank in sorted(ranks)]
    assert by_rank == sorted(by_rank, key=lambda code: (len(code), code))
    assert len(set(by_rank)) == len(ranks)


@pytest.mark.parametrize(
    ("left", "some", "every", "expected"),
    [
        pytest.param("0", False, False, "lettrer", id="réglé"),
        pytest.param("0", True, False, "lettrer", id="repris puis réglé autrement"),
        pytest.param("0", True, True, "rien", id="déjà lettré"),
        pytest.param("0.01", False, False, "rien", id="un centime d'écart"),
        pytest.param("100", True, True, "délettrer", id="revenu impayé"),
        pytest.param("-40", True, False, "délettrer", id="un avoir de trop"),
    ],
)
def test_lines_are_lettered_once_they_sum_to_nothing(left: str, some: bool, every: bool, expected: str) -> None:
    lettering = Lettering(euros(left), some, every)
    found = "lettrer" if lettering.to_letter else "délettrer" if lettering.to_open else "rien"
    assert found == expected


MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
END_OF_MARCH, END_OF_APRIL = date(2026, 3, 31), date(2026, 4, 30)


@pytest.mark.parametrize(
    ("closed", "month", "today", "expected"),
    [
        pytest.param(None, MARCH, date(2026, 4, 1), END_OF_MARCH, id="le premier, dès le lendemain de sa fin"),
        pytest.param(None, MARCH, END_OF_MARCH, "period_not_over", id="son dernier jour"),
        pytest.param(END_OF_MARCH, APRIL, date(2026, 5, 1), END_OF_APRIL, id="le suivant"),
        pytest.param(END_OF_MARCH, date(2026, 5, 1), date(2026, 7, 1), "period_out_of_order", id="un mois sauté"),
        pytest.param(END_OF_MARCH, MARCH, date(2026, 7, 1), "period_out_of_order", id="déjà clos"),
        pytest.param(
            date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 31), id="d'une année à l'autre"
        ),
    ],
)
def test_months_close_in_order_once_they_are_over(
    closed: date | None, month: date, today: date, expected: date | str
) -> None:
    assert _outcome(lambda: close(closed, month, today)) == expected


@pytest.mark.parametrize(
    ("closed", "month", "expected"),
    [
        pytest.param(END_OF_APRIL, APRIL, END_OF_MARCH, id="le dernier clos"),
        pytest.param(END_OF_APRIL, MARCH, "period_not_last_closed", id="un mois d'avant"),
        pytest.param(END_OF_MARCH, APRIL, "period_not_last_closed", id="un mois ouvert"),
        pytest.param(None, APRIL, "period_not_last_closed", id="aucun n'est clos"),
    ],
)
def test_only_the_last_closed_month_opens_again(closed: date | None, month: date, expected: date | str) -> None:
    assert _outcome(lambda: reopen(closed, month)) == expected


@given(st.dates(date(2001, 1, 1), date(2099, 12, 1)), st.dates(date(2001, 1, 1), date(2099, 12, 1)))
def test_a_closed_month_takes_nothing_and_the_day_after_does(day: date, written: date) -> None:
    end = close(None, day, date(2100, 1, 1))
    assert (_outcome(lambda: require_open(end, written)) == "period_closed") == (written <= end)
    assert reopen(end, day) == day.replace(day=1) - timedelta(days=1)


def test_an_entry_is_of_a_day_that_has_come() -> None:
    made = entry(debit(Purpose.BANK, euros("1")), credit(Purpose.INCOME, euros("1")))
    require_come(made, DAY)
    assert _outcome(lambda: require_come(made, date(2026, 3, 4))) == "entry_day_in_future"


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(
            Standing(number="E", source=Source("opening_balances", "2026-1"), reversed_by=None), [], id="à-nouveaux"
        ),
        pytest.param(
            Standing(number="E", source=Source("opening_balances", "2026-1"), reversed_by="F"),
            ["entry_reversed"],
            id="déjà",
        ),
        pytest.param(
            Standing(number="E", source=Source("reversal", "x"), reversed_by=None),
            ["entry_reversed"],
            id="une extourne",
        ),
        pytest.param(
            Standing(number="E", source=Source("invoice", "x"), reversed_by=None), ["entry_not_by_hand"], id="un appel"
        ),
    ],
)
def test_what_a_person_may_reverse(standing: Standing, expected: list[str]) -> None:
    outcomes = [_outcome(lambda: require_by_hand(standing)), _outcome(lambda: require_reversible(standing))]
    assert [one for one in outcomes if one] == expected


def test_the_chart_has_each_purpose_once_and_says_that_its_numbers_are_assumed() -> None:
    assert sorted(account.purpose for account in chart().accounts) == sorted(Purpose)
    assert {account.number.status for account in chart().accounts} == {DatumStatus.ASSUMED}
    with pytest.raises(ValueError, match="each purpose once"):
        Chart(journals=chart().journals, accounts=chart().accounts[1:])
    with pytest.raises(AccountUnknown):
        account_numbered(chart(), "1")


HEADER = "compte;auxiliaire;nom;debit;credit"


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        pytest.param(["411;m-1;Garonne;1 234,50;", "110;;;;1234.5"], [], id="virgule, point, espace des milliers"),
        pytest.param(["999;;;5;", "512;;;;5"], [("/rows/2", "account_unknown")], id="compte inconnu"),
        pytest.param(["512;;;cinq;", "110;;;;5"], [("/rows/2", "amount_invalid")], id="pas un nombre"),
        pytest.param(["512;;;-5;", "110;;;;5"], [("/rows/2", "amount_invalid")], id="négatif"),
        pytest.param(["512;;;1,005;", "110;;;;5"], [("/rows/2", "amount_invalid")], id="une fraction de centime"),
        pytest.param(["512;;;5;5", "110;;;;5"], [("/rows/2", "amount_sides")], id="des deux côtés"),
        pytest.param(["512;;;;", "110;;;0;0"], [("/rows/2", "amount_sides"), ("/rows/3", "amount_sides")], id="nul"),
        pytest.param(["411;;;5;", "110;;;;5"], [("/rows/2", "auxiliary_mismatch")], id="adhérent sans auxiliaire"),
        pytest.param(["512;m-1;Garonne;5;", "110;;;;5"], [("/rows/2", "auxiliary_mismatch")], id="banque avec"),
        pytest.param(["411;m-1;;5;", "110;;;;5"], [("/rows/2", "auxiliary_invalid")], id="auxiliaire sans nom"),
        pytest.param(
            ["411;m-1;Garonne;5;", "411;m-1;Garonne;5;", "110;;;;10"], [("/rows/3", "balance_repeated")], id="deux fois"
        ),
        pytest.param(["512;;;5;", "110;;;;4"], [("/rows", "entry_unbalanced")], id="déséquilibré"),
        pytest.param(["512;;;5;"], [("/rows", "entry_too_short")], id="une seule ligne"),
        pytest.param(["512;;5;", "110;;;;5"], [("/rows/2", "row_cell_count")], id="cellules"),
        pytest.param(['"512;;;5;', "110;;;;5"], [("/rows/2", "row_cell_count")], id="un guillemet seul"),
        pytest.param(
            ["512;;;x;", "", "999;;;5;"],
            [("/rows/2", "amount_invalid"), ("/rows/4", "account_unknown")],
            id="tous sont dits",
        ),
    ],
)  # fmt: skip
def test_every_defect_of_a_file_of_balances_is_said_with_its_line(
    rows: list[str], codes: list[tuple[str, str]]
) -> None:
    content = "\r\n".join([HEADER, *rows, ""]).encode()
    if not codes:
        assert len(read_balances(content, chart())) == len(rows)
        return
    with pytest.raises(OpeningDefective) as refused:
        read_balances(content, chart())
    assert [(error.pointer, error.code) for error in refused.value.errors] == codes


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="vide"),
        pytest.param(HEADER.encode(), id="sans ligne"),
        pytest.param(f"{HEADER}\n411;m;Régie;5;".encode("cp1252"), id="Windows-1252"),
        pytest.param(HEADER.replace(";", ",").encode(), id="virgules"),
        pytest.param(b"compte;debit;credit\n512;5;", id="colonnes"),
        pytest.param((HEADER + "\n" * 100_001).encode(), id="trop long"),
        pytest.param(b"PK\x03\x04\xff", id="un classeur"),
    ],
)
def test_what_is_not_a_table_of_balances_is_refused_whole(content: bytes) -> None:
    with pytest.raises(OpeningUnreadable):
        read_balances(content, chart())


@given(st.binary(max_size=400))
def test_no_file_makes_it_fail_otherwise(content: bytes) -> None:
    for candidate in (content, HEADER.encode() + b"\n" + content):
        assert _outcome(lambda candidate=candidate: read_balances(candidate, chart()) and None) in {
            None, "opening_balances_unreadable", "opening_balances_defective",
        }  # fmt: skip


def _outcome(attempt: Callable[[], Any]) -> Any:
    try:
        return attempt()
    except Refusal as refusal:
        return refusal.code
