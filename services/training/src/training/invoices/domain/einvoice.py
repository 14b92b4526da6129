"""The electronic form of a training invoice (EN 16931), exempt of VAT."""

from common.invoicing.einvoice import (
    INVOICE,
    SERVICES,
    EInvoice,
    Note,
    amounts_of,
    buyer_of,
    seller_of,
)
from common.invoicing.numbers import payment_reference
from common.money import CURRENCY
from training.invoices.domain.invoice import Invoice


def einvoice_of(invoice: Invoice) -> EInvoice | None:
    """Return the e-invoice of an invoice; none of one for a person, whom the norm does not know: it is on paper."""
    payer, terms = invoice.payer, invoice.terms
    if payer.person:
        return None
    return EInvoice(
        number=invoice.number,
        type_code=INVOICE,
        process=SERVICES,
        currency=CURRENCY,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        period=(invoice.action.first_day, invoice.action.last_day),
        notes=tuple(Note(code=one.code, text=one.text) for one in terms.mentions if one.code != "VAT"),
        seller=seller_of(invoice.seller, terms.category),
        buyer=buyer_of(payer.name, payer.siren, payer.address),
        iban=invoice.seller.iban,
        payment_reference=payment_reference(invoice.number),
        **amounts_of([(invoice.label, invoice.amount)], terms.category, terms.vat, terms.reason_code),
    )
