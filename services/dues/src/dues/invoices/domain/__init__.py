"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    NO_PARTS,
    NOTHING,
    Balance,
    Called,
    Credited,
    CreditTooLarge,
    DueCall,
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
    Due,
    Invoice,
    InvoiceLine,
    InvoiceNotFound,
    InvoiceNumberInvalid,
    IssueDateDecreasing,
    check_number,
    issue,
    payment_reference,
    require_in_order,
)
from dues.invoices.domain.einvoice import einvoice_of
from dues.invoices.domain.mentions import Mentions, mentions_on
from dues.invoices.domain.owed import OwedCall
from dues.invoices.domain.terms import Particulars, Terms

__all__ = [
    "JOURNAL",
    "NOTHING",
    "NO_PARTS",
    "Balance",
    "Buyer",
    "Called",
    "CreditTooLarge",
    "Credited",
    "Due",
    "DueCall",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceNumberInvalid",
    "InvoiceStatus",
    "IssueDateDecreasing",
    "Mentions",
    "OwedCall",
    "Particulars",
    "Parts",
    "PaymentNotThere",
    "PaymentTooLarge",
    "Terms",
    "check_number",
    "credit",
    "einvoice_of",
    "issue",
    "mentions_on",
    "pay",
    "payment_reference",
    "require_in_order",
]
