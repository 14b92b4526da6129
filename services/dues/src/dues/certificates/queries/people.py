"""Whom a year concerns: who is called, and why the others are not, by the same code as the run."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select

from common.transaction import Read
from dues.campaigns.domain import OWES_NOTHING, Blocked, Campaign, CampaignPreview, take_census
from dues.campaigns.queries import campaign_of, look
from dues.certificates.domain import People
from dues.grids.domain import delegation_name
from dues.invoices.queries import called_for
from dues.members.queries import count_members, members_besides
from dues.standings.domain import StandingCode
from dues.standings.queries import count_standing


async def count_people(read: Read, campaign: Campaign) -> People:
    """Count every member once, as it is now. Raises GridNotFound, SmicNotPublished."""
    called = called_for(campaign.year).distinct().subquery()
    with_call = (await read.session.execute(select(func.count()).select_from(called))).scalar_one()
    census = take_census(with_call, await _not_called(read, campaign))
    return People(
        known=await count_members(read),
        called=census.called,
        exempt=await count_standing(read, campaign.year, StandingCode.EXEMPT),
        to_call=census.to_call,
        blocked=census.blocked,
        owing_nothing=census.owing_nothing,
        reasons=census.reasons,
    )


async def export_not_called(read: Read, campaign_id: UUID) -> Iterator[Sequence[object]]:
    """Return a line for each member that holds no call, with every reason.

    Raises CampaignNotFound, GridNotFound, SmicNotPublished.
    """
    looked = await _not_called(read, await campaign_of(read, campaign_id))
    to_call = ((one.member, "à appeler", "") for one in looked.billable)
    blocked = ((one.member, _state(one), " ".join(why.message for why in one.blockers)) for one in looked.blocked)
    lines = sorted([*to_call, *blocked], key=lambda line: (line[0].name, line[0].id))
    return ((member.id, member.name, delegation_name(member.delegation), state, why) for member, state, why in lines)


async def _not_called(read: Read, campaign: Campaign) -> CampaignPreview:
    return await look(read, campaign, await members_besides(read, called_for(campaign.year)))


def _state(one: Blocked) -> str:
    owes_nothing = OWES_NOTHING & {why.code for why in one.blockers}
    return "ne doit pas l'année" if owes_nothing else "bloqué"
