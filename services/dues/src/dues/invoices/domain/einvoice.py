"""The electronic invoice of a call for dues."""

from datetime import date

from common.invoicing.einvoice import INVOICE, SERVICES, EInvoice, amounts_of, buyer_of, seller_of
from common.invoicing.numbers import payment_reference
from common.money import CURRENCY
from dues.invoices.domain.call import Invoice
from dues.invoices.domain.mentions import Mentions


def einvoice_of(invoice: Invoice, mentions: Mentions) -> EInvoice:
    """Return the e-invoice of a call: its lines, less those of which nothing is due."""
    lines = [line for line in invoice.lines if line.amount] or invoice.lines[:1]
    return EInvoice(
        number=invoice.number,
        type_code=INVOICE,
        process=SERVICES,
        currency=CURRENCY,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        period=(date(invoice.year, 1, 1), date(invoice.year, 12, 31)),
        notes=mentions.notes.value,
        seller=seller_of(invoice.seller, mentions.category),
        buyer=buyer_of(invoice.buyer.name, invoice.buyer.siren, invoice.buyer.address),
        iban=invoice.seller.iban,
        payment_reference=payment_reference(invoice.number),
        **amounts_of(
            [(f"{line.label} de la cotisation {invoice.year}", line.amount) for line in lines],
            mentions.category,
            mentions.text.value,
            mentions.reason_code,
        ),
    )
