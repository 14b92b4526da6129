"""Reads of the ledger, and what its callers make entries with."""

from dues.ledger.queries.accounts import chart, credit, debit, show_chart
from dues.ledger.queries.balances import (
    ACCOUNT_HEADER,
    AUXILIARY_HEADER,
    BALANCE_HEADER,
    export_account_lines,
    export_auxiliaries,
    export_balances,
    list_account_lines,
    list_auxiliaries,
    trial_balance,
)
from dues.ledger.queries.entries import EXPORT_HEADER, export_rows, fec, find_entry, list_entries
from dues.ledger.queries.periods import show_periods
from dues.ledger.queries.sources import borne_about, borne_from

__all__ = [
    "ACCOUNT_HEADER",
    "AUXILIARY_HEADER",
    "BALANCE_HEADER",
    "EXPORT_HEADER",
    "borne_about",
    "borne_from",
    "chart",
    "credit",
    "debit",
    "export_account_lines",
    "export_auxiliaries",
    "export_balances",
    "export_rows",
    "fec",
    "find_entry",
    "list_account_lines",
    "list_auxiliaries",
    "list_entries",
    "show_chart",
    "show_periods",
    "trial_balance",
]
