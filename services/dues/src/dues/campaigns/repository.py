"""Loads campaigns and the members they bill; the only writer of the table ``campaign``."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.errors import Conflict, NotFound
from common.transaction import Read, Tx
from dues.bases import repository as bases
from dues.campaigns.domain import Member, base_of
from dues.campaigns.tables import CampaignRow
from dues.grids.domain import Activity, Grid, PublishedMedians, declared_base
from dues.members.tables import MemberCopy

_MEMBER: Any = MemberCopy.__table__  # type: ignore[attr-defined]


class CampaignNotFound(NotFound):
    """No such campaign."""

    code = "campaign_not_found"


class CampaignExists(Conflict):
    """A year has one campaign; newcomers are billed by running it again."""

    code = "campaign_exists"


async def get(read: Read, campaign_id: UUID, *, for_update: bool = False) -> CampaignRow:
    """Load a campaign. Raises CampaignNotFound."""
    row = await read.session.get(CampaignRow, campaign_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise CampaignNotFound("Cette campagne n'existe pas.")
    return row


async def list_all(read: Read) -> list[CampaignRow]:
    """Return every campaign, latest year first."""
    return list((await read.session.execute(select(CampaignRow).order_by(col(CampaignRow.year).desc()))).scalars())


async def add(tx: Tx, values: dict[str, Any]) -> None:
    """Insert a campaign. Raises CampaignExists."""
    statement = insert(CampaignRow).values(**values).on_conflict_do_nothing().returning(col(CampaignRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise CampaignExists(f"La campagne {values['year']} est déjà ouverte.")


async def count_members(read: Read) -> int:
    """Return how many members a campaign looks at."""
    return int((await read.session.execute(select(func.count()).select_from(_MEMBER))).scalar_one())


async def members_after(read: Read, after: tuple[str, UUID] | None, limit: int | None) -> Sequence[MemberCopy]:
    """Return members by name, after a place in that order."""
    query = select(MemberCopy).order_by(_MEMBER.c.name, _MEMBER.c.id)
    if after is not None:
        query = query.where(tuple_(_MEMBER.c.name, _MEMBER.c.id) > tuple_(*after))
    return (await read.session.execute(query.limit(limit))).scalars().all()


async def with_bases(read: Read, rows: Sequence[MemberCopy], grid: Grid, medians: PublishedMedians) -> list[Member]:
    """Give each member the base it declared, or else a published median where the campaign allows it."""
    declared = await bases.amounts(read, grid.base_year, [row.id for row in rows])
    return [_member(row, declared.get(row.id), medians) for row in rows]


def _member(row: MemberCopy, amount: Any, medians: PublishedMedians) -> Member:
    activities = tuple(Activity(kind=entry["kind"], main=entry["main"]) for entry in row.activities)
    declared = None if amount is None else declared_base(amount)
    return Member(
        id=row.id,
        name=row.name,
        status=row.status,
        activities=activities,
        joined_on=row.joined_on,
        delegation=row.delegation,
        base=base_of(declared, activities, medians),
    )
