"""The call for dues of one member for one year: an invoice, issued once, never changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.errors import Invalid, NotFound
from dues.apportionment.domain import Part, apportion
from dues.entities.domain import Address, LegalEntity
from dues.grids.domain import Assessment, Datum, DatumStatus, ExplanationLine, Grid, Step
from dues.invoices.domain.balance import InvoiceStatus

JOURNAL = "COT"
# BR-FR-01 and BR-FR-02 (French rules for invoices, XP Z12-012): length and alphabet of an invoice number.
NUMBER_LENGTH = 35
NUMBER_ALPHABET = re.compile(r"[A-Za-z0-9+\-_/]+")

_FIXED_STEPS = (Step.GRID, Step.FIXED, Step.JOINER)
_VARIABLE_STEPS = (Step.ACTIVITY, Step.BASE, Step.RATE, Step.BEFORE_CAP, Step.CAP)


class InvoiceNumberInvalid(Invalid):
    """The number breaks the French rules for invoice numbers."""

    code = "invoice_number_invalid"
    title = "Numéro de facture non conforme"


class InvoiceNotFound(NotFound):
    """No such call within reach."""

    code = "invoice_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The member as it is written on its call: what was known on the day of issue."""

    member_id: UUID
    name: str
    siren: str | None
    address: Address | None
    delegation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One amount of the call, in euros, with the steps that lead to it."""

    label: str
    amount: Decimal
    status: DatumStatus
    explanation: tuple[ExplanationLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A call for dues. Amounts in euros; the lines, and the parts, each sum to the total."""

    number: str
    status: InvoiceStatus
    year: int
    seller: LegalEntity
    buyer: Buyer
    issued_on: date
    due_on: date
    due_days: Datum[int]
    lines: tuple[InvoiceLine, ...]
    total: Decimal
    parts: tuple[Part, ...]


def check_number(number: str) -> None:
    """Accept at most 35 letters, digits and ``+ - _ /``. Raises ``InvoiceNumberInvalid``."""
    if len(number) > NUMBER_LENGTH or not NUMBER_ALPHABET.fullmatch(number):
        raise InvoiceNumberInvalid(
            f"« {number} » n'est pas un numéro de facture : 35 caractères au plus, lettres sans accent, chiffres "
            "et + - _ / (règles BR-FR-01 et BR-FR-02)."
        )


def issue(
    number: str, assessment: Assessment, grid: Grid, *, seller: LegalEntity, buyer: Buyer, issued_on: date
) -> Invoice:
    """Turn what a member owes into its call for dues, under a number already taken from the entity's series.

    The term runs in calendar days from the day of issue. Raises ``InvoiceNumberInvalid``.
    """
    check_number(number)
    return Invoice(
        number=number,
        status=InvoiceStatus.ISSUED,
        year=assessment.year,
        seller=seller,
        buyer=buyer,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=grid.due_days.value),
        due_days=grid.due_days,
        lines=(
            _line(Step.FIXED, assessment.fixed, assessment, _FIXED_STEPS),
            _line(Step.VARIABLE, assessment.variable, assessment, _VARIABLE_STEPS),
        ),
        total=assessment.total,
        parts=apportion(assessment.total, grid.shares, delegation=buyer.delegation),
    )


def _line(step: Step, amount: Decimal, assessment: Assessment, steps: Sequence[Step]) -> InvoiceLine:
    explanation = tuple(line for line in assessment.explanation if line.step in steps)
    assumed = any(line.status is DatumStatus.ASSUMED for line in explanation)
    status = DatumStatus.ASSUMED if assumed else DatumStatus.PUBLISHED
    return InvoiceLine(label=step.label, amount=amount, status=status, explanation=explanation)
