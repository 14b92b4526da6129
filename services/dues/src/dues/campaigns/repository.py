"""Loads and saves campaigns; the only writer of the table ``campaign``."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from dues.campaigns.domain import CampaignExists, CampaignNotFound
from dues.campaigns.tables import CampaignRow


async def get(read: Read, campaign_id: UUID, *, for_update: bool = False) -> CampaignRow:
    """Load a campaign. Raises CampaignNotFound."""
    row = await read.session.get(CampaignRow, campaign_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise CampaignNotFound("Cette campagne n'existe pas.")
    return row


async def add(tx: Tx, values: dict[str, Any]) -> None:
    """Insert a campaign. Raises CampaignExists."""
    statement = insert(CampaignRow).values(**values).on_conflict_do_nothing().returning(col(CampaignRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise CampaignExists(f"La campagne {values['year']} est déjà ouverte.")
