"""The rules of electronic invoices."""

from dues.einvoices.domain.conformity import RULES, Defect, defects
from dues.einvoices.domain.einvoice import (
    EXEMPT,
    INVOICE,
    NUMBER_ALPHABET,
    NUMBER_LENGTH,
    OUT_OF_SCOPE,
    SERVICES,
    EInvoice,
    EInvoiceMissing,
    Line,
    Note,
    Party,
    Preceding,
    amounts_of,
    credit_note_of,
)

__all__ = [
    "EXEMPT",
    "INVOICE",
    "NUMBER_ALPHABET",
    "NUMBER_LENGTH",
    "OUT_OF_SCOPE",
    "RULES",
    "SERVICES",
    "Defect",
    "EInvoice",
    "EInvoiceMissing",
    "Line",
    "Note",
    "Party",
    "Preceding",
    "amounts_of",
    "credit_note_of",
    "defects",
]
