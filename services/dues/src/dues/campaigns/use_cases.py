"""What finance does in a year: open the campaign, look at it, run it, run it again for newcomers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Read, Tx
from dues.bases.queries import declared_amounts
from dues.campaigns import repository
from dues.campaigns.domain import (
    Blocked,
    Campaign,
    CampaignPreview,
    Member,
    base_of,
    preview,
    require_runnable,
)
from dues.campaigns.tables import CampaignRow
from dues.entities.domain import LegalEntity
from dues.entities.queries import freeze_entity, frozen_entity
from dues.grids.domain import Activity, PublishedMedians, declared_base
from dues.grids.queries import grid_of, published_medians, smic_table
from dues.invoices.domain import Buyer, Due
from dues.invoices.queries import billed_members
from dues.invoices.use_cases import ask_to_print, issue_calls
from dues.members.domain import KnownMember

RUN = "campaigns.run"


@dataclass(frozen=True, slots=True)
class RunSlice:
    """What became of the members of a slice: the number of the call, or why there is none."""

    numbers: Mapping[UUID, str]
    blocked: Mapping[UUID, Blocked]


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
    await check_version(if_match, campaign.version)
    require_runnable(campaign.year, _seller_of(campaign), seller, running=campaign.status == "running")
    campaign.seller = freeze_entity(seller)
    campaign.status = "running"
    campaign.version += 1
    campaign.job_id = await enqueue(tx, RUN, subject_id=campaign_id)
    return campaign


async def run_slice(tx: Tx, campaign: CampaignRow, members: Sequence[KnownMember]) -> RunSlice:
    """Call the members of a slice who can be: decide, number, split, save and publish, all or nothing.

    Raises SmicNotPublished.
    """
    looked = await look(tx, campaign, members)
    known = {member.id: member for member in members}
    dues = [Due(buyer_of(known[line.member.id], line.delegation), line.assessment) for line in looked.billable]
    invoices = await issue_calls(tx, campaign.id, grid_of(campaign.year), _seller_of(campaign), dues)
    return RunSlice(
        numbers={invoice.buyer.member_id: invoice.number for invoice in invoices},
        blocked={line.member.id: line for line in looked.blocked},
    )


async def end_run(tx: Tx, campaign: CampaignRow) -> None:
    """Give a campaign back after a run that ended, failed or was stopped: what was issued stays, and goes to print."""
    campaign.status = "open"
    campaign.version += 1
    await ask_to_print(tx, campaign.id)


async def campaign_of(read: Read, campaign_id: UUID) -> Campaign:
    """Return a campaign, for what follows it. Raises CampaignNotFound."""
    return _campaign(await repository.get(read, campaign_id))


async def hold_campaign(tx: Tx, campaign_id: UUID) -> Campaign:
    """Return a campaign and hold it: what is issued for it is decided by one at a time. Raises CampaignNotFound."""
    return _campaign(await repository.get(tx, campaign_id, for_update=True))


def _campaign(row: CampaignRow) -> Campaign:
    return Campaign(id=row.id, year=row.year, use_published_medians=row.use_published_medians, seller=_seller_of(row))


async def look(read: Read, campaign: CampaignRow | Campaign, members: Sequence[KnownMember]) -> CampaignPreview:
    """Decide for these members what the campaign calls: the same code for the preview and for the run.

    Raises SmicNotPublished.
    """
    grid = grid_of(campaign.year)
    debtors = await debtors_of(read, members, grid.base_year, use_published_medians=campaign.use_published_medians)
    billed = await billed_members(read, campaign.year, [member.id for member in members])
    return await computed(read.session, preview, grid, smic_table(), debtors, billed)


async def debtors_of(
    read: Read, members: Sequence[KnownMember], base_year: int, *, use_published_medians: bool
) -> list[Member]:
    """Return members as ``preview`` takes them, each with its base of the accounts of a year."""
    declared = await declared_amounts(read, base_year, [member.id for member in members])
    medians = published_medians()
    if not use_published_medians:
        medians = replace(medians, medians=())
    return [_debtor(member, declared.get(member.id), medians) for member in members]


def _seller_of(campaign: CampaignRow) -> LegalEntity:
    return frozen_entity(campaign.seller)


def _debtor(member: KnownMember, amount: Decimal | None, medians: PublishedMedians) -> Member:
    activities = tuple(_activity(*one) for one in member.activities)
    declared = None if amount is None else declared_base(amount)
    return Member(
        id=member.id,
        name=member.name,
        status=member.status,
        activities=activities,
        joined_on=member.joined_on,
        renewed_years=member.renewed_years,
        delegation=member.delegation,
        base=base_of(declared, activities, medians),
        category=member.category,
    )


@cache
def _activity(kind: str, main: bool) -> Activity:  # a pair of a member
    return Activity(kind=kind, main=main)


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
