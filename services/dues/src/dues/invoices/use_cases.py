"""Issuing calls for dues: numbered, shared out and told to the others, hundreds at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from common.identifiers import new_id
from common.jobs import enqueue
from common.numbering import Series, take_numbers
from common.transaction import Tx
from dues.entities.domain import LegalEntity
from dues.grids.domain import Assessment, Grid
from dues.grids.schemas import StepOut
from dues.invoices import events, repository
from dues.invoices.documents import call_for_dues
from dues.invoices.domain import JOURNAL, Buyer, Invoice, issue
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
