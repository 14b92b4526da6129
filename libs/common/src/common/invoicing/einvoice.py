"""An electronic invoice or credit note in the terms of EN 16931: what stands in the file, and nothing computed later.

Codes are texts: the rules of ``french_rules`` and ``european_rules`` say which are allowed. Nothing here is sent
anywhere: the file is for the buyer's own software. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from common.errors import NotFound
from common.legal_entities import Address, LegalIdentity

INVOICE: Final = "380"
_CREDIT_NOTE: Final = "381"
SERVICES: Final = "S1"
"""BT-23: services, of which nothing is paid yet."""
NUMBER_LENGTH: Final = 35
NUMBER_ALPHABET: Final = re.compile(r"[A-Za-z0-9+\-_/]+")
OUT_OF_SCOPE: Final = "O"
EXEMPT: Final = "E"
_ZERO: Final = Decimal("0.00")


class EInvoiceMissing(NotFound):
    """The paper has no electronic invoice: it would break the rules that its refusal names, or was issued before."""

    code = "einvoice_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text of the e-invoice (BG-1) under the code of its subject (UNTDID 4451)."""

    code: str
    text: str


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
    """An e-invoice. Amounts in its currency; ``due`` is what is left to be paid.

    Without a payment reference (BT-83), its number is what a payer repeats.
    """

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
    payment_reference: str | None = None

    @property
    def parties(self) -> tuple[Party, Party]:
        """Its seller and its buyer."""
        return self.seller, self.buyer

    @property
    def categories(self) -> set[str]:
        """The categories of VAT that it names."""
        return {line.category for line in self.lines} | {total.category for total in self.vat}


def seller_of(entity: LegalIdentity, category: str) -> Party:
    """Return who issues. Out of scope it has no VAT number (BR-O-02); exempt without one, its SIREN stands for it."""
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


def buyer_of(name: str, siren: str | None, address: Address | None) -> Party:
    """Return who is to pay. Its SIREN is its electronic address: the one that every enterprise of the directory has."""
    return Party(name=name, siren=siren, endpoint=siren, address=address)


def credit_note_of(invoice: EInvoice, number: str, issued_on: date, lines: Sequence[tuple[str, Decimal]]) -> EInvoice:
    """Return the credit note that takes amounts, each with its label, off an invoice. Its amounts are positive too.

    What it says of VAT is what the invoice said.
    """
    [vat] = invoice.vat
    return replace(
        invoice,
        number=number,
        type_code=_CREDIT_NOTE,
        issued_on=issued_on,
        due_on=issued_on,
        payment_reference=None,
        preceding=(Preceding(number=invoice.number, issued_on=invoice.issued_on),),
        **amounts_of(lines, vat.category, vat.reason, vat.reason_code),
    )


def amounts_of(
    lines: Sequence[tuple[str, Decimal]], category: str, reason: str | None, reason_code: str | None
) -> dict[str, Any]:
    """Return the lines and the totals of an e-invoice of one category of VAT that bears none, as its fields."""
    total = sum((amount for _, amount in lines), _ZERO)
    rate = None if category == OUT_OF_SCOPE else _ZERO
    return {
        "lines": tuple(
            Line(number=str(rank), name=name, price=amount, amount=amount, category=category, rate=rate)
            for rank, (name, amount) in enumerate(lines, start=1)
        ),
        "vat": (
            VatTotal(category=category, basis=total, tax=_ZERO, rate=rate, reason=reason, reason_code=reason_code),
        ),
        "lines_total": total,
        "net_total": total,
        "vat_total": _ZERO,
        "gross_total": total,
        "paid": _ZERO,
        "due": total,
    }
