"""What finance does in a year: open the campaign, look at it, run it, run it again for newcomers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.jobs import ReceiptLine, enqueue
from common.transaction import Tx
from dues.campaigns import repository
from dues.campaigns.domain import Blocked, Campaign, require_runnable
from dues.campaigns.queries import campaign_from, find_campaign, look, seller_of
from dues.campaigns.tables import CampaignRow
from dues.grids.queries import grid_of
from dues.invoices.domain import Buyer, Due
from dues.invoices.use_cases import ask_to_print, issue_calls
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import freeze_entity
from dues.members.domain import KnownMember
from dues.members.queries import Place, members_after

RUN = "campaigns.run"


@dataclass(frozen=True, slots=True)
class RunSlice:
    """What became of the members of a slice, and the last of them; where there was nobody left, the run has ended."""

    lines: Sequence[ReceiptLine] = ()
    last: KnownMember | None = None


async def open_campaign(tx: Tx, year: int, seller: LegalEntity, *, use_published_medians: bool) -> UUID:
    """Open the campaign of a year. Raises GridNotFound, CampaignExists."""
    grid_of(year)
    campaign_id = new_id()
    await repository.add(
        tx,
        {
            "id": campaign_id,
            "year": year,
            "status": "open",
            "use_published_medians": use_published_medians,
            "seller": freeze_entity(seller),
            "job_id": None,
            "version": 1,
            "opened_at": tx.now,
            "opened_by": tx.actor.subject,
        },
    )
    return campaign_id


async def ask_to_run(tx: Tx, campaign_id: UUID, seller: LegalEntity, if_match: str | None) -> CampaignRow:
    """Ask for the calls to be issued to every member not called yet, by the entity as it is now.

    Raises CampaignNotFound, CampaignRunning, CampaignOfAnother, PreconditionMissing, PreconditionFailed.
    """
    campaign = await repository.get(tx, campaign_id, for_update=True)
    await check_version(if_match, campaign.version, partial(find_campaign, tx, campaign_id, seller))
    require_runnable(campaign.year, seller_of(campaign), seller, running=campaign.status == "running")
    campaign.seller = freeze_entity(seller)
    campaign.status = "running"
    campaign.version += 1
    campaign.job_id = await enqueue(tx, RUN, subject_id=campaign_id)
    return campaign


async def run_slice(tx: Tx, campaign_id: UUID, done: int, *, after: Place | None, limit: int) -> RunSlice:
    """Call the next members by name who can be: decide, number, split, save and publish, all or nothing.

    Raises CampaignNotFound, SmicNotPublished.
    """
    campaign = await repository.get(tx, campaign_id, for_update=True)
    members = await members_after(tx, after, limit)
    if not members:
        await _end(tx, campaign)
        return RunSlice()
    return RunSlice(await _called(tx, campaign, members, done), members[-1])


async def end_run(tx: Tx, campaign_id: UUID) -> None:
    """Give a campaign back after a run that failed or was stopped. Raises CampaignNotFound."""
    await _end(tx, await repository.get(tx, campaign_id, for_update=True))


async def hold_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Return a campaign and hold it: what is issued for it is decided by one at a time. Raises CampaignNotFound."""
    return campaign_from(await repository.get(tx, campaign_id, for_update=True))


def buyer_of(member: KnownMember, delegation: str) -> Buyer:
    """Return a member as it is written on what is issued to it now."""
    return Buyer(
        member_id=member.id,
        name=member.name,
        siren=member.siren,
        address=member.address,
        mail_address=member.mail_address,
        delegation=delegation,
    )


async def _end(tx: Tx, campaign: CampaignRow) -> None:
    """Give a campaign back: what was issued stays, and goes to print."""
    campaign.status = "open"
    campaign.version += 1
    await ask_to_print(tx, campaign.id)


async def _called(tx: Tx, campaign: CampaignRow, members: Sequence[KnownMember], done: int) -> list[ReceiptLine]:
    """Say of every member what became of it: nobody is passed over in silence."""
    looked = await look(tx, campaign, members)
    known = {member.id: member for member in members}
    dues = [Due(buyer_of(known[line.member.id], line.delegation), line.assessment) for line in looked.billable]
    invoices = await issue_calls(tx, campaign.id, grid_of(campaign.year), seller_of(campaign), dues)
    numbers = {invoice.buyer.member_id: invoice.number for invoice in invoices}
    blocked = {line.member.id: line for line in looked.blocked}
    return [
        _issued(rank, one, numbers[one.id]) if one.id in numbers else _blocked(rank, blocked[one.id])
        for rank, one in enumerate(members, start=done + 1)
    ]


def _issued(rank: int, member: KnownMember, number: str) -> ReceiptLine:
    return ReceiptLine(rank, "invoiced", message=member.name, subject_id=member.id, reference=number)


def _blocked(rank: int, line: Blocked) -> ReceiptLine:
    codes = [blocker.code for blocker in line.blockers]
    outcome = "already_billed" if codes == ["already_billed"] else "blocked"
    message = f"{line.member.name} : {' '.join(blocker.message for blocker in line.blockers)}"
    return ReceiptLine(rank, outcome, code=codes[0], message=message, subject_id=line.member.id)
