"""Reads of what is to be adjusted: who was called for another amount than what it owes by the base that counts now."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from common.blockers import blockers_out
from common.errors import Refusal
from common.transaction import Read
from dues.adjustments.domain import Difference, added, too_little, too_much
from dues.adjustments.schemas import AdjustmentLine, AdjustmentsOut, PartsOut
from dues.campaigns.domain import Campaign, Member
from dues.campaigns.queries import campaign_of, debtors_of
from dues.credit_notes.domain import WAIVERS
from dues.credit_notes.queries import credited_parts
from dues.grids.domain import Activity, Assessment, assess
from dues.grids.queries import grid_of, smic_table
from dues.grids.schemas import AssessmentOut
from dues.invoices.domain import NOTHING, Called
from dues.invoices.queries import called_in
from dues.members.queries import members_behind


async def preview_adjustments(read: Read, campaign_id: UUID) -> AdjustmentsOut:
    """Return what corrected bases change of a campaign now. Raises CampaignNotFound, GridNotFound."""
    campaign = await campaign_of(read, campaign_id)
    found = await differences(read, campaign, await called_in(read, campaign_id))
    lines = sorted((one for one in found if one.matters), key=lambda one: (one.call.member_name, one.call.member_id))
    return AdjustmentsOut(
        year=campaign.year,
        to_credit=sum((too_much(one.parts).total for one in lines), NOTHING),
        to_call=sum((too_little(one.parts).total for one in lines), NOTHING),
        lines=[_line(one) for one in lines],
    )


async def differences(read: Read, campaign: Campaign, called: Mapping[UUID, Sequence[Called]]) -> list[Difference]:
    """Return how what some members owe now differs from what they were called for, in the order given."""
    members = await members_behind(read, list(called))
    debtors = await debtors_of(
        read,
        list(members.values()),
        grid_of(campaign.year).base_year,
        use_published_medians=campaign.use_published_medians,
    )
    by_id = {debtor.id: debtor for debtor in debtors}
    ids = [one.id for calls in called.values() for one in calls]
    credited, waived = await credited_parts(read, ids), await credited_parts(read, ids, WAIVERS)
    found = []
    for record, calls in called.items():
        member = members[record]
        due, refusal = _assessed(campaign, by_id[member.id], calls[0])
        left = [(one, one.parts.less(credited[one.id])) for one in calls]
        given = added(waived[one.id] for one in calls)
        found.append(Difference(member=member, left=left, waived=given, due=due, refusal=refusal))
    return found


def _assessed(campaign: Campaign, debtor: Member, call: Called) -> tuple[Assessment | None, Refusal | None]:
    """Assess a member anew, for the activity that it was called for; or return what refuses it."""
    try:
        due = assess(
            grid_of(campaign.year),
            smic_table(),
            debtor.base,
            [Activity(kind=call.activity, main=True)],
            joined_on=debtor.joined_on,
            category=debtor.category,
        )
    except Refusal as refusal:
        return None, refusal
    return due, None


def _line(one: Difference) -> AdjustmentLine:
    return AdjustmentLine(
        member_id=one.call.member_id,
        member_name=one.call.member_name,
        delegation=one.call.delegation,
        invoice_id=one.call.id,
        invoice_number=one.call.number,
        called=PartsOut.of(one.called),
        difference=PartsOut.of(one.parts),
        paid_beyond=one.paid_beyond,
        assessment=AssessmentOut.of(one.due) if one.due else None,
        blockers=blockers_out([one.refusal] if one.refusal else []),
    )
