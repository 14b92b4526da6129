"""Reads of campaigns."""

from uuid import UUID

from common.blockers import blockers_out
from common.rights import grant_for
from common.transaction import Read
from dues.campaigns import repository, use_cases
from dues.campaigns.domain import Totals
from dues.campaigns.schemas import (
    BlockedLine,
    CampaignOut,
    PreviewLine,
    PreviewOut,
)
from dues.campaigns.tables import CampaignRow
from dues.grids.schemas import AssessmentOut
from dues.invoices.queries import campaign_totals
from dues.invoices.schemas import TotalsOut
from dues.members.queries import members_after
from dues.rights import RIGHTS, Act


async def find_campaign(read: Read, campaign_id: UUID) -> CampaignOut:
    """Return one campaign with what it has called. Raises CampaignNotFound."""
    return await campaign_out(read, await repository.get(read, campaign_id))


async def list_campaigns(read: Read) -> list[CampaignOut]:
    """Return every campaign, latest year first: one a year."""
    return [await campaign_out(read, row) for row in await repository.list_all(read)]


async def campaign_out(read: Read, row: CampaignRow) -> CampaignOut:
    """Write a campaign as the API shows it."""
    return CampaignOut(
        id=row.id,
        year=row.year,
        status=row.status,
        use_published_medians=row.use_published_medians,
        job_id=row.job_id,
        invoiced=await campaign_totals(read, row.id),
        opened_at=row.opened_at,
        version=row.version,
        allowed_actions=["run"] if row.status == "open" and _may_run(read) else [],
    )


async def preview_campaign(read: Read, campaign_id: UUID) -> PreviewOut:
    """Return what the campaign would call now. Raises CampaignNotFound, SmicNotPublished."""
    campaign = await repository.get(read, campaign_id)
    looked = await use_cases.look(read, campaign, await members_after(read, None))
    return PreviewOut(
        year=looked.year,
        totals=_totals(looked.totals),
        by_delegation={code: _totals(totals) for code, totals in looked.by_delegation.items()},
        by_kind={kind: _totals(totals) for kind, totals in looked.by_kind.items()},
        billable=[
            PreviewLine(
                member_id=line.member.id,
                name=line.member.name,
                delegation=line.delegation,
                assessment=AssessmentOut.of(line.assessment),
            )
            for line in looked.billable
        ],
        blocked=[
            BlockedLine(
                member_id=line.member.id,
                name=line.member.name,
                blockers=blockers_out(line.blockers),
            )
            for line in looked.blocked
        ],
    )


def _may_run(read: Read) -> bool:
    return grant_for(RIGHTS, Act.RUN_CAMPAIGNS, read.actor) is not None


def _totals(totals: Totals) -> TotalsOut:
    return TotalsOut(count=totals.count, fixed=totals.fixed, variable=totals.variable, total=totals.total)
