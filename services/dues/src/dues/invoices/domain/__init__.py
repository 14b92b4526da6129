"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    Balance,
    CreditTooLarge,
    InvoiceStatus,
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
    check_number,
    issue,
)
from dues.invoices.domain.conformity import RULES, Defect, defects
from dues.invoices.domain.einvoice import EInvoice, EInvoiceMissing, Line, Party, credit_note_of, einvoice_of
from dues.invoices.domain.mentions import Mentions, mentions_on

__all__ = [
    "JOURNAL",
    "RULES",
    "Balance",
    "Buyer",
    "CreditTooLarge",
    "Defect",
    "EInvoice",
    "EInvoiceMissing",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNumberInvalid",
    "InvoiceStatus",
    "Line",
    "Mentions",
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
]
