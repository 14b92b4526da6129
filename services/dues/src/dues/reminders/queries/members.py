"""One member as its region reads it: what it would be sent, what stops that, what was done."""

from uuid import UUID

from common.blockers import BlockerOut
from common.rights import Grant
from common.transaction import Read
from dues.members.queries import require_member
from dues.reminders.queries.holds import excused, list_holds, list_region_calls
from dues.reminders.queries.proposals import find_proposal
from dues.reminders.queries.sent import list_reminders
from dues.reminders.schemas import (
    RegionCallListParams,
    ReminderHoldListParams,
    ReminderListParams,
    ReminderMemberOut,
)

_SHOWN = 20
"""Of each kind, the last ones; the lists have them all."""


async def member_situation(read: Read, grant: Grant, member_id: UUID) -> ReminderMemberOut:
    """Return where a member within reach stands. Raises MemberUnknown, MemberMerged, RuleMissing."""
    member = await require_member(read, grant, member_id)
    excuse = (await excused(read, [member_id], read.today)).get(member_id)
    of_member = {"member_id": [member_id], "limit": _SHOWN}
    return ReminderMemberOut(
        member_id=member.id,
        member_name=member.name,
        delegation=member.delegation,
        excused=BlockerOut(code=excuse.code, message=excuse.message) if excuse else None,
        proposal=await find_proposal(read, grant, member_id),
        holds=(await list_holds(read, grant, ReminderHoldListParams(**of_member, sort="-until"))).items,
        region_calls=(await list_region_calls(read, grant, RegionCallListParams(**of_member))).items,
        reminders=(await list_reminders(read, grant, ReminderListParams(**of_member))).items,
    )
