"""The rules of the books of any entity, on a chart of its own: what is an entry, what is open, what undoes what.

What is written in a database is at work in the service that keeps its books there (``AT_WORK``, ``test_mechanism.py``).
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from common.accounting.accounts import Account, Chart, JournalName, account_for, account_numbered, journal_label
from common.accounting.entries import (
    OPENING_BALANCES,
    Auxiliary,
    Entry,
    Journal,
    Source,
    Standing,
    mirror,
    require_by_hand,
    require_come,
    require_reversible,
)
from common.accounting.lettering import matters_of
from common.accounting.opening import opening, read_balances
from common.accounting.periods import close, day_before, is_closed, last_day, reopen, require_open
from common.errors import Refusal
from common.labels import Labelled
from common.sourced import Datum, DatumStatus

DAY = date(2026, 3, 5)
BUYER = Auxiliary("b-1", "Structure d'essai")


class Purpose(Labelled):
    """What the accounts of this entity are for."""

    BUYER = "buyer", "ce que doit un client"
    SOLD = "sold", "ce qui est vendu"


def assumed(value: str) -> Datum[str]:
    return Datum(value=value, status=DatumStatus.ASSUMED, source="Usage comptable", note="À confirmer.")


CHART = Chart(
    journals=tuple(JournalName(code=journal, label=assumed(f"Journal {journal.value}")) for journal in Journal),
    accounts=(
        Account(purpose=Purpose.BUYER, number=assumed("411"), label="Clients", auxiliary=True),
        Account(purpose=Purpose.SOLD, number=assumed("706"), label="Prestations", auxiliary=False),
    ),
)


def sale(amount: str = "1400.00", day: date = DAY) -> Entry:
    buyer, sold = (account_for(CHART, purpose) for purpose in (Purpose.BUYER, Purpose.SOLD))
    return Entry(
        entity="maison",
        journal=Journal.SALES,
        day=day,
        piece="FAC-2026-00001",
        piece_on=day,
        label="Deux journées",
        source=Source("invoice", "1"),
        lines=(buyer.debit(Decimal(amount), BUYER, "FAC-2026-00001"), sold.credit(Decimal(amount))),
    )


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def test_an_entity_has_the_accounts_of_its_own_trade() -> None:
    assert [one.account for one in sale().lines] == ["411", "706"]
    assert account_numbered(CHART, "706").purpose is Purpose.SOLD
    assert journal_label(CHART, Journal.SALES) == "Journal VE"
    with refused("account_unknown"):
        account_numbered(CHART, "756")


@pytest.mark.parametrize(
    "accounts", [pytest.param(CHART.accounts[:1], id="un objet sans compte"), pytest.param((), id="vide")]
)
def test_a_chart_without_an_account_for_each_purpose_is_none(accounts: tuple[Account[Purpose], ...]) -> None:
    with pytest.raises(ValueError, match="each purpose once"):
        Chart(journals=CHART.journals, accounts=accounts)


def test_an_entry_that_does_not_balance_or_has_not_come_is_refused() -> None:
    with refused("entry_unbalanced"):
        replace(sale(), lines=(sale().lines[0], sale("1399.99").lines[1]))
    require_come(sale(), DAY)
    with refused("entry_day_in_future"):
        require_come(sale(), date(2026, 3, 4))


def test_an_entry_is_undone_by_its_mirror_once_and_by_hand_only_where_a_person_made_it() -> None:
    undone = mirror(sale(), "id", "ECR-2026-00001", DAY, "erreur")
    assert [(one.debit, one.credit) for one in undone.lines] == [(one.credit, one.debit) for one in sale().lines]
    assert [one.about for one in matters_of([sale(), undone])] == ["FAC-2026-00001"], "they settle each other"
    act = Standing(number="ECR-2026-00001", source=sale().source, reversed_by=None)
    require_reversible(act)
    with refused("entry_reversed"):
        require_reversible(replace(act, reversed_by="ECR-2026-00002"))
    require_by_hand(replace(act, source=Source(OPENING_BALANCES, "2026-1")))
    with refused("entry_not_by_hand"):
        require_by_hand(act)


def test_months_close_one_after_the_other_and_take_nothing_more() -> None:
    end = close(None, DAY, date(2026, 4, 1))
    assert end == last_day(DAY) == date(2026, 3, 31)
    assert is_closed(end, DAY)
    with refused("period_closed"):
        require_open(end, date(2026, 3, 31))
    require_open(end, date(2026, 4, 1))
    assert reopen(end, DAY) == day_before(DAY) == date(2026, 2, 28)


def test_a_year_opens_with_the_balances_of_a_file() -> None:
    lines = read_balances(b"compte;auxiliaire;nom;debit;credit\n411;b-1;Structure;250,00;\n706;;;;250,00", CHART)
    opened = opening("maison", 2026, 1, lines)
    assert (opened.journal, opened.day, opened.total) == (Journal.OPENING, date(2026, 1, 1), Decimal("250.00"))
    with refused("opening_balances_defective"):
        read_balances(b"compte;auxiliaire;nom;debit;credit\n756;;;1;\n706;;;;1", CHART)
