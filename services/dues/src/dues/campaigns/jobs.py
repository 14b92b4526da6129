"""Clock door of campaigns: issuing the calls, hundreds in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from common.identifiers import new_id
from common.jobs import JobKind, JobRun, ReceiptLine, enqueue
from common.numbering import Series, take_numbers
from common.transaction import Tx
from dues.campaigns import repository, use_cases
from dues.campaigns.domain import Billable, Blocked, CampaignPreview
from dues.campaigns.tables import CampaignRow
from dues.grids.catalogue import grid_of
from dues.invoices import repository as invoices
from dues.invoices.domain import JOURNAL, Buyer, issue
from dues.invoices.events import invoiced
from dues.invoices.jobs import PRINT
from dues.invoices.repository import Issued
from dues.members.tables import MemberCopy

_SLICE = 1_000


async def run(tx: Tx, job: JobRun) -> bool:
    """Issue the calls of the next members by name: decide, number, split, save and publish, all or nothing."""
    campaign = await repository.get(tx, _campaign_id(job), for_update=True)
    if job.total is None:
        job.total = await repository.count_members(tx)
    after = (job.cursor["name"], UUID(job.cursor["id"])) if job.cursor else None
    rows = await repository.members_after(tx, after, _SLICE)
    if not rows:
        campaign.status = "open"
        campaign.version += 1
        await enqueue(tx, PRINT, subject_id=campaign.id)
        return True
    looked = await use_cases.look(tx, campaign, list(rows))
    issued = await _issue(tx, campaign, looked.billable, {row.id: row for row in rows})
    _write_receipt(job, rows, issued, looked)
    job.cursor = {"name": rows[-1].name, "id": str(rows[-1].id)}
    job.done += len(rows)
    return False


async def release(tx: Tx, campaign_id: UUID | None) -> None:
    """Give a campaign back after a run that failed or was stopped: what was issued stays, a new run goes on."""
    if campaign_id is not None:
        campaign = await repository.get(tx, campaign_id, for_update=True)
        campaign.status = "open"
        campaign.version += 1


async def _issue(
    tx: Tx, campaign: CampaignRow, billable: Sequence[Billable], rows: dict[UUID, MemberCopy]
) -> list[Issued]:
    seller = use_cases.seller_of(campaign)
    numbers = await take_numbers(tx, Series(seller.code, JOURNAL, campaign.year), len(billable))
    grid = grid_of(campaign.year)
    issued = [
        Issued(
            id=new_id(),
            campaign_id=campaign.id,
            invoice=issue(
                number,
                line.assessment,
                grid,
                seller=seller,
                buyer=_buyer(rows[line.member.id], line.delegation),
                issued_on=tx.today,
            ),
            assessment=line.assessment,
        )
        for number, line in zip(numbers, billable, strict=True)
    ]
    await invoices.add(tx, issued)
    for item in issued:
        tx.publish(invoiced(item), reason=f"campagne {campaign.year}")
    return issued


def _buyer(row: MemberCopy, delegation: str) -> Buyer:
    address = row.address
    lines = (address["street"], f"{address['postcode']} {address['city']}") if address else ()
    return Buyer(member_id=row.id, name=row.name, siren=row.siren, address=lines, delegation=delegation)


def _write_receipt(job: JobRun, rows: Sequence[MemberCopy], issued: Sequence[Issued], looked: CampaignPreview) -> None:
    """Say of every member what became of it, in the order of names: nobody is passed over in silence."""
    numbers = {item.invoice.buyer.member_id: item.invoice.number for item in issued}
    blocked = {line.member.id: line for line in looked.blocked}
    for rank, row in enumerate(rows, start=job.done + 1):
        if row.id in numbers:
            line = ReceiptLine(rank, "invoiced", message=row.name, subject_id=row.id, reference=numbers[row.id])
        else:
            line = _blocked_line(rank, blocked[row.id])
        job.receipt.append(line)
        job.counts[line.outcome] += 1


def _blocked_line(rank: int, line: Blocked) -> ReceiptLine:
    codes = [blocker.code for blocker in line.blockers]
    outcome = "already_billed" if codes == ["already_billed"] else "blocked"
    message = f"{line.member.name} : {' '.join(blocker.message for blocker in line.blockers)}"
    return ReceiptLine(rank, outcome, code=codes[0], message=message, subject_id=line.member.id)


def _campaign_id(job: JobRun) -> UUID:
    if job.subject_id is None:
        raise ValueError("a run is about a campaign")
    return job.subject_id


JOBS = (JobKind(use_cases.RUN, run, release),)
