"""The chart of accounts that the service ships with, read once and checked whole; and what callers make lines with."""

from decimal import Decimal
from functools import cache

from pydantic import TypeAdapter

from common.accounting.accounts import Chart, account_for
from common.accounting.entries import Auxiliary, Line
from common.shipped_data import shipped
from common.sourced import Datum
from dues.ledger.domain import Purpose
from dues.ledger.schemas import ChartOut, LedgerAccountOut, LedgerJournalOut


@cache
def chart() -> Chart[Purpose]:
    """Return the journals and the accounts in use."""
    return TypeAdapter(Chart[Purpose]).validate_python(shipped("dues.ledger", "accounts.toml"))


def debit(purpose: Purpose, amount: Decimal, auxiliary: Auxiliary | None = None, about: str | None = None) -> Line:
    """Make a line of debit on the account of a purpose. Raises LineInvalid, AuxiliaryMismatch."""
    return account_for(chart(), purpose).debit(amount, auxiliary, about)


def credit(purpose: Purpose, amount: Decimal, auxiliary: Auxiliary | None = None, about: str | None = None) -> Line:
    """Make a line of credit on the account of a purpose. Raises LineInvalid, AuxiliaryMismatch."""
    return account_for(chart(), purpose).credit(amount, auxiliary, about)


def show_chart() -> ChartOut:
    """Return the chart as the API shows it, with what is to be confirmed."""
    return ChartOut(
        journals=[
            LedgerJournalOut(code=one.code, label=one.label.value, **_certainty(one.label)) for one in chart().journals
        ],
        accounts=[
            LedgerAccountOut(
                purpose=one.purpose,
                number=one.number.value,
                label=one.label,
                auxiliary=one.auxiliary,
                **_certainty(one.number),
            )
            for one in chart().accounts
        ],
    )


def _certainty(datum: Datum[str]) -> dict[str, str]:
    return {"status": datum.status, "source": datum.source, "note": datum.note}
