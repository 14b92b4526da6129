"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    NO_PARTS,
    NOTHING,
    Balance,
    Called,
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
    check_number,
    issue,
)

__all__ = [
    "JOURNAL",
    "NOTHING",
    "NO_PARTS",
    "Balance",
    "Buyer",
    "Called",
    "CreditTooLarge",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNumberInvalid",
    "InvoiceStatus",
    "Parts",
    "PaymentNotThere",
    "PaymentTooLarge",
    "check_number",
    "credit",
    "issue",
    "pay",
]
