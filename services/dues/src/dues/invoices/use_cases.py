"""Issuing calls for dues, hundreds at once: numbered, shared out, told to the others; and what is then paid of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.identifiers import new_id
from common.jobs import enqueue
from common.numbering import Series, take_numbers
from common.transaction import Tx
from dues.apportionment.domain import CashMovement
from dues.apportionment.use_cases import keep_parts
from dues.entities.domain import LegalEntity
from dues.grids.domain import Assessment, Grid
from dues.grids.schemas import StepOut
from dues.invoices import events, repository
from dues.invoices.documents import call_for_dues
from dues.invoices.domain import JOURNAL, Balance, Buyer, Invoice, issue, pay
from dues.invoices.queries import announced
from dues.invoices.repository import Issued

PRINT = "invoices.print"


@dataclass(frozen=True, slots=True)
class Due:
    """What one member is to be called for."""

    buyer: Buyer
    assessment: Assessment


async def issue_calls(tx: Tx, campaign_id: UUID, grid: Grid, seller: LegalEntity, dues: Sequence[Due]) -> list[Invoice]:
    """Issue a call for each due, in order, under the next numbers of the entity's series of the year.

    Two runs at once wait for each other on the series; the database refuses a second call for one member.
    """
    numbers = await take_numbers(tx, Series(seller.code, JOURNAL, grid.year), len(dues))
    issued = [
        _issued(
            campaign_id, issue(number, due.assessment, grid, seller=seller, buyer=due.buyer, issued_on=tx.today), due
        )
        for number, due in zip(numbers, dues, strict=True)
    ]
    await repository.add(tx, issued)
    for item in issued:
        tx.publish(events.invoiced(item), reason=f"campagne {grid.year}")
    return [item.invoice for item in issued]


async def put_money(tx: Tx, amounts: Mapping[UUID, Decimal], on: date, *, reason: str) -> dict[UUID, Balance]:
    """Put money on calls, or take it back where an amount is negative; return what then became of each.

    ``on`` is the day of the money, not of this act. Who keeps whose money it was, line by line, is the caller.
    Raises InvoiceNotFound, PaymentTooLarge, PaymentNotThere.
    """
    rows = await repository.hold(tx, amounts)
    balances = {}
    for invoice_id, row in rows.items():
        balance = balances[invoice_id] = pay(repository.balance_of(row), amounts[invoice_id])
        await repository.save(tx, row, balance)
        tx.publish(events.moved(row, amounts[invoice_id], on), reason=reason)
    return balances


async def share_out(tx: Tx, movements: Sequence[CashMovement], *, reason: str) -> None:
    """Share money that was put on calls, or taken back from them, among those who have a part in it; tell it.

    The parts are of the day of this act: what was said of a past day stays true. Raises InvoiceNotFound.
    """
    invoice_ids = {movement.invoice_id for movement in movements}
    rows = await repository.hold(tx, invoice_ids)
    shared = await keep_parts(tx, movements, await announced(tx, invoice_ids))
    for movement in movements:
        fact = events.apportioned(rows[movement.invoice_id], movement.id, shared[movement.id], tx.today)
        tx.publish(fact, reason=reason)


async def ask_to_print(tx: Tx, campaign_id: UUID) -> None:
    """Ask for the documents of a campaign's calls to be printed and kept."""
    await enqueue(tx, PRINT, subject_id=campaign_id)


def _issued(campaign_id: UUID, invoice: Invoice, due: Due) -> Issued:
    return Issued(
        id=new_id(),
        campaign_id=campaign_id,
        invoice=invoice,
        assessment=due.assessment,
        explanation=[StepOut.of(line).model_dump(mode="json") for line in due.assessment.explanation],
        document=call_for_dues(invoice),
    )
