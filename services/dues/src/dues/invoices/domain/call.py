"""The call for dues of one member for one year: an invoice, issued once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.errors import NotFound
from common.invoicing.numbers import check_number
from common.legal_entities import Address
from common.money import format_euros
from common.sourced import Datum, DatumStatus
from dues.apportionment.domain import Part, apportion
from dues.grids.domain import Assessment, ExplanationLine, Step
from dues.invoices.domain.balance import NO_PARTS, Parts
from dues.legal_entities.domain import LegalEntity

JOURNAL = "COT"

_FIXED_STEPS = (Step.GRID, Step.FIXED, Step.JOINER)
_VARIABLE_STEPS = (Step.ACTIVITY, Step.BASE, Step.RATE, Step.BEFORE_CAP, Step.CAP)


class InvoiceNotFound(NotFound):
    """No such call within reach."""

    code = "invoice_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The member as it is written on its call: what was known on the day of issue.

    The call is sent to ``mail_address``; ``address`` is that of the member in its e-invoice.
    """

    member_id: UUID
    name: str
    siren: str | None
    address: Address | None
    mail_address: Address | None
    delegation: str


@dataclass(frozen=True, slots=True)
class Due:
    """What one member is to be called for: all of it, or what goes beyond what was ``already`` called."""

    buyer: Buyer
    assessment: Assessment
    already: Parts = NO_PARTS
    rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One amount of the call, in euros, with the steps that lead to it."""

    label: str
    amount: Decimal
    status: DatumStatus
    explanation: tuple[ExplanationLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A call for dues. Amounts in euros; the lines, and the parts, each sum to the total.

    ``rank`` is 0 for the call of the year, and counts the complements that follow it. ``called`` is the assessment, or
    what was not called of it before.
    """

    number: str
    rank: int
    seller: LegalEntity
    buyer: Buyer
    issued_on: date
    due_on: date
    assessment: Assessment
    called: Parts
    parts: tuple[Part, ...]

    @property
    def year(self) -> int:
        """The calendar year that is due."""
        return self.assessment.year

    @property
    def due_days(self) -> Datum[int]:
        """How many calendar days there are to pay."""
        return self.assessment.grid.due_days

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.called.total

    @property
    def lines(self) -> tuple[InvoiceLine, ...]:
        """Its two amounts, explained: written each time they are asked for."""
        due, explained = self.assessment, self.assessment.explanation
        fixed = [line for line in explained if line.step in _FIXED_STEPS]
        variable = [line for line in explained if line.step in _VARIABLE_STEPS]
        return (
            _line(self.year, Step.FIXED, self.called.fixed, due.fixed, fixed),
            _line(self.year, Step.VARIABLE, self.called.variable, due.variable, variable),
        )


def issue(number: str, due: Due, seller: LegalEntity, issued_on: date) -> Invoice:
    """Turn what a member owes into its call for dues, under a number already taken from the entity's series.

    A complement asks for what is owed beyond what was ``already`` called. The term runs in calendar days from the day
    of issue. Raises ``InvoiceNumberInvalid``.
    """
    check_number(number)
    called = Parts(due.assessment.fixed, due.assessment.variable).less(due.already)
    return Invoice(
        number=number,
        rank=due.rank,
        seller=seller,
        buyer=due.buyer,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=due.assessment.grid.due_days.value),
        assessment=due.assessment,
        called=called,
        parts=apportion(called.total, due.assessment.grid.shares, delegation=due.buyer.delegation),
    )


def _line(year: int, step: Step, called: Decimal, due: Decimal, explained: Sequence[ExplanationLine]) -> InvoiceLine:
    """What is due and is not called now was called before: the reader is told so."""
    explanation = list(explained)
    if due != called:
        text = f"{format_euros(due - called)} déjà appelés pour {year}, avoirs déduits"
        told = ExplanationLine(
            step=Step.ALREADY_CALLED, text=text, amount=due - called, status=DatumStatus.PUBLISHED, sources=(), notes=()
        )
        explanation.append(told)
    assumed = any(line.status is DatumStatus.ASSUMED for line in explanation)
    status = DatumStatus.ASSUMED if assumed else DatumStatus.PUBLISHED
    return InvoiceLine(label=step.label, amount=called, status=status, explanation=tuple(explanation))
