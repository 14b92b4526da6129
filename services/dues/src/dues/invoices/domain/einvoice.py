"""The electronic invoice of a call for dues."""

from datetime import date

from common.money import CURRENCY
from dues.einvoices.domain import EXEMPT, INVOICE, OUT_OF_SCOPE, SERVICES, EInvoice, Party, amounts_of
from dues.invoices.domain.call import Buyer, Invoice, payment_reference
from dues.invoices.domain.mentions import Mentions
from dues.legal_entities.domain import LegalEntity


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
        seller=_seller(invoice.seller, mentions.category),
        buyer=_buyer(invoice.buyer),
        iban=invoice.seller.iban,
        payment_reference=payment_reference(invoice.number),
        **amounts_of(
            [(f"{line.label} de la cotisation {invoice.year}", line.amount) for line in lines],
            mentions.category,
            mentions.text.value,
            mentions.reason_code,
        ),
    )


def _seller(entity: LegalEntity, category: str) -> Party:
    """Return the seller. Out of scope it has no VAT number (BR-O-02); exempt without one, its SIREN stands for it."""
    vat_number = None if category == OUT_OF_SCOPE else entity.vat_number
    return Party(
        name=entity.name,
        siren=entity.siren,
        siret=entity.siret,
        vat_number=vat_number,
        tax_id=entity.siren if category == EXEMPT and vat_number is None else None,
        legal_form=entity.legal_form,
        endpoint=entity.electronic_address or entity.siren,
        address=entity.address,
    )


def _buyer(buyer: Buyer) -> Party:
    """Return the buyer. Its SIREN is its electronic address: the one that every enterprise of the directory has."""
    return Party(name=buyer.name, siren=buyer.siren, endpoint=buyer.siren, address=buyer.address)
