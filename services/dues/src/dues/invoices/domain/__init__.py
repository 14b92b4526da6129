"""The rules of the calls for dues: how one is issued, and what is still owed of it."""

from dues.invoices.domain.balance import (
    NO_PARTS,
    NOTHING,
    Balance,
    Called,
    Credited,
    CreditEmpty,
    CreditTooLarge,
    DueCall,
    InvoiceStatus,
    Parts,
    PaymentNotThere,
    PaymentTooLarge,
    credit,
    pay,
    require_voidable,
)
from dues.invoices.domain.call import (
    JOURNAL,
    Buyer,
    Due,
    Invoice,
    InvoiceLine,
    InvoiceNotFound,
    issue,
)
from dues.invoices.domain.einvoice import einvoice_of
from dues.invoices.domain.mentions import Mentions, mentions_on
from dues.invoices.domain.owed import OwedCall
from dues.invoices.domain.terms import Particulars, Terms, issue_again

__all__ = [
    "JOURNAL",
    "NOTHING",
    "NO_PARTS",
    "Balance",
    "Buyer",
    "Called",
    "CreditEmpty",
    "CreditTooLarge",
    "Credited",
    "Due",
    "DueCall",
    "Invoice",
    "InvoiceLine",
    "InvoiceNotFound",
    "InvoiceStatus",
    "Mentions",
    "OwedCall",
    "Particulars",
    "Parts",
    "PaymentNotThere",
    "PaymentTooLarge",
    "Terms",
    "credit",
    "einvoice_of",
    "issue",
    "issue_again",
    "mentions_on",
    "pay",
    "require_voidable",
]
