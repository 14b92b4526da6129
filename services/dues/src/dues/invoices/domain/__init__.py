"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    Balance,
    CreditTooLarge,
    InvoiceStatus,
    OpenCall,
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
from dues.invoices.domain.owed import OwedCall

__all__ = [
    "JOURNAL",
    "Balance",
    "Buyer",
    "CreditTooLarge",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNumberInvalid",
    "InvoiceStatus",
    "OpenCall",
    "OwedCall",
    "PaymentNotThere",
    "PaymentTooLarge",
    "check_number",
    "credit",
    "issue",
    "pay",
]
