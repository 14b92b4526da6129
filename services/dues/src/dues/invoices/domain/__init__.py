"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    NO_PARTS,
    NOTHING,
    Balance,
    Called,
    Credited,
    CreditTooLarge,
    InvoiceStatus,
    Parts,
    PaymentNotThere,
    PaymentTooLarge,
    credit,
    pay,
)
from dues.invoices.domain.call import (
    JOURNAL,
    Buyer,
    Invoice,
    InvoiceLine,
    InvoiceNotFound,
    InvoiceNumberInvalid,
    IssueDateDecreasing,
    check_number,
    issue,
    require_in_order,
)
from dues.invoices.domain.conformity import RULES, Defect, defects
from dues.invoices.domain.einvoice import EInvoice, EInvoiceMissing, Line, Party, credit_note_of, einvoice_of
from dues.invoices.domain.mentions import Mentions, mentions_on
from dues.invoices.domain.owed import OwedCall

__all__ = [
    "JOURNAL",
    "NOTHING",
    "NO_PARTS",
    "RULES",
    "Balance",
    "Buyer",
    "Called",
    "CreditTooLarge",
    "Credited",
    "Defect",
    "EInvoice",
    "EInvoiceMissing",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNumberInvalid",
    "InvoiceStatus",
    "IssueDateDecreasing",
    "Line",
    "Mentions",
    "OwedCall",
    "Parts",
    "Party",
    "PaymentNotThere",
    "PaymentTooLarge",
    "check_number",
    "credit",
    "credit_note_of",
    "defects",
    "einvoice_of",
    "issue",
    "mentions_on",
    "pay",
    "require_in_order",
]
