"""Reads of paying on: accounts, balances and statements, batches and transfers."""

from dues.transfers.queries.banked import banked_batches, banked_transfers, totals_to_pay
from dues.transfers.queries.batches import (
    export_batches,
    export_transfers,
    file_of,
    find_batch,
    list_batches,
    list_transfers,
    positions_on,
    preview,
)
from dues.transfers.queries.payees import export_payees, find_payee, list_payees
from dues.transfers.queries.statements import (
    balances,
    export_statement_lines,
    export_statements,
    find_statement,
    list_statement_lines,
    statement_pdf,
    statements,
    transferred_by,
)

__all__ = [
    "balances",
    "banked_batches",
    "banked_transfers",
    "export_batches",
    "export_payees",
    "export_statement_lines",
    "export_statements",
    "export_transfers",
    "file_of",
    "find_batch",
    "find_payee",
    "find_statement",
    "list_batches",
    "list_payees",
    "list_statement_lines",
    "list_transfers",
    "positions_on",
    "preview",
    "statement_pdf",
    "statements",
    "totals_to_pay",
    "transferred_by",
]
