"""The electronic invoice of a call, in the terms of EN 16931: what stands in the file, and nothing computed later.

Codes are texts: the rules of ``conformity`` say which are allowed. Nothing here is sent anywhere: dues lie outside
e-invoicing, and the file is for the member's own software.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from common.errors import NotFound
from common.money import CURRENCY
from dues.entities.domain import Address, LegalEntity
from dues.invoices.domain.call import Buyer, Invoice
from dues.invoices.domain.mentions import Mentions, Note

INVOICE: Final = "380"
CREDIT_NOTE: Final = "381"
SERVICES: Final = "S1"
"""BT-23: services, of which nothing is paid yet."""
OUT_OF_SCOPE: Final = "O"
EXEMPT: Final = "E"
_ZERO: Final = Decimal("0.00")


class EInvoiceMissing(NotFound):
    """The call has no electronic invoice: it would break the rules that its refusal names, or was issued before."""

    code = "einvoice_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Seller (BG-4) or buyer (BG-7). ``tax_id`` is the seller's without a VAT number (BT-32)."""

    name: str
    siren: str | None = None
    siret: str | None = None
    vat_number: str | None = None
    tax_id: str | None = None
    legal_form: str | None = None
    endpoint: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line (BG-25). A line out of scope has no rate."""

    number: str
    name: str
    quantity: Decimal = Decimal(1)
    price: Decimal
    amount: Decimal
    category: str
    rate: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VatTotal:
    """The VAT of one category (BG-23), and why there is none."""

    category: str
    basis: Decimal
    tax: Decimal
    rate: Decimal | None
    reason: str | None
    reason_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preceding:
    """An invoice that this one corrects (BG-3)."""

    number: str
    issued_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An e-invoice. Amounts in its currency; ``due`` is what is left to be paid."""

    number: str
    type_code: str
    process: str
    currency: str
    issued_on: date
    due_on: date | None
    period: tuple[date, date]
    notes: tuple[Note, ...]
    seller: Party
    buyer: Party
    iban: str
    lines: tuple[Line, ...]
    vat: tuple[VatTotal, ...]
    lines_total: Decimal
    net_total: Decimal
    vat_total: Decimal
    gross_total: Decimal
    paid: Decimal
    due: Decimal
    preceding: tuple[Preceding, ...] = ()


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
        **_amounts([(f"{line.label} de la cotisation {invoice.year}", line.amount) for line in lines], mentions),
    )


def credit_note_of(
    called: EInvoice, number: str, issued_on: date, lines: Sequence[tuple[str, Decimal]], mentions: Mentions
) -> EInvoice:
    """Return the credit note that takes amounts, each with its label, off a call. Its amounts are positive too."""
    return replace(
        called,
        number=number,
        type_code=CREDIT_NOTE,
        issued_on=issued_on,
        due_on=issued_on,
        notes=mentions.notes.value,
        preceding=(Preceding(number=called.number, issued_on=called.issued_on),),
        **_amounts(lines, mentions),
    )


def _amounts(lines: Sequence[tuple[str, Decimal]], mentions: Mentions) -> dict[str, Any]:
    total = sum((amount for _, amount in lines), _ZERO)
    category = mentions.category
    rate = None if category == OUT_OF_SCOPE else _ZERO
    return {
        "lines": tuple(
            Line(number=str(rank), name=name, price=amount, amount=amount, category=category, rate=rate)
            for rank, (name, amount) in enumerate(lines, start=1)
        ),
        "vat": (
            VatTotal(
                category=category,
                basis=total,
                tax=_ZERO,
                rate=rate,
                reason=mentions.text.value,
                reason_code=mentions.reason_code,
            ),
        ),
        "lines_total": total,
        "net_total": total,
        "vat_total": _ZERO,
        "gross_total": total,
        "paid": _ZERO,
        "due": total,
    }


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
