"""What finance does in a year: open the campaign, look at it, run it, run it again for newcomers."""

from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter

from common.errors import Conflict
from common.etags import check_version
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Read, Tx
from dues.campaigns import repository
from dues.campaigns.domain import CampaignPreview, preview
from dues.campaigns.tables import CampaignRow
from dues.entities.domain import LegalEntity
from dues.grids.catalogue import grid_of, published_medians, smic_table
from dues.grids.domain import PublishedMedians
from dues.invoices.repository import billed_members
from dues.members.tables import MemberCopy

RUN = "campaigns.run"
_ENTITY = TypeAdapter(LegalEntity)


class CampaignRunning(Conflict):
    """A run is under way."""

    code = "campaign_running"


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
            "seller": _ENTITY.dump_python(seller, mode="json"),
            "job_id": None,
            "version": 1,
            "opened_at": tx.now,
            "opened_by": tx.actor.subject,
        },
    )
    return campaign_id


async def ask_to_run(tx: Tx, campaign_id: UUID, if_match: str | None) -> CampaignRow:
    """Ask for the calls to be issued to every member not called yet. Raises CampaignRunning."""
    campaign = await repository.get(tx, campaign_id, for_update=True)
    check_version(if_match, campaign.version)
    if campaign.status == "running":
        raise CampaignRunning(f"La campagne {campaign.year} est en cours d'exécution.")
    campaign.status = "running"
    campaign.version += 1
    campaign.job_id = await enqueue(tx, RUN, subject_id=campaign_id)
    return campaign


async def look(read: Read, campaign: CampaignRow, rows: list[MemberCopy]) -> CampaignPreview:
    """Decide for these members what the campaign bills: the same code for the preview and for the run.

    Raises SmicNotPublished.
    """
    grid = grid_of(campaign.year)
    members = await repository.with_bases(read, rows, grid, _medians(campaign))
    billed = await billed_members(read, campaign.year, [row.id for row in rows])
    return preview(grid, smic_table(), members, billed)


def seller_of(campaign: CampaignRow) -> LegalEntity:
    """Return the legal entity as it was when the campaign opened."""
    return _ENTITY.validate_python(campaign.seller)


def _medians(campaign: CampaignRow) -> PublishedMedians:
    medians = published_medians()
    if campaign.use_published_medians:
        return medians
    return PublishedMedians(**{**asdict(medians), "medians": ()})
