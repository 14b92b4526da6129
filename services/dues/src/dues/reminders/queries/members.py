"""One member, or one of its calls, as its region reads it: what it would be sent, what stops that, what was done."""

from uuid import UUID

from common.blockers import BlockerOut
from common.errors import Blocker
from common.rights import Grant
from common.transaction import Read
from dues.invoices.queries import owed_calls, reached
from dues.members.queries import require_member
from dues.reminders.queries.holds import call_excuses, excused, list_holds, list_region_calls
from dues.reminders.queries.proposals import find_proposal
from dues.reminders.queries.sent import list_reminders, reminded_of
from dues.reminders.schemas import (
    CallRemindedOut,
    RegionCallListParams,
    ReminderCallOut,
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
        excused=_out(excuse),
        proposal=await find_proposal(read, grant, member_id),
        holds=(await list_holds(read, grant, ReminderHoldListParams(**of_member, sort="-until"))).items,
        region_calls=(await list_region_calls(read, grant, RegionCallListParams(**of_member))).items,
        reminders=(await list_reminders(read, grant, ReminderListParams(**of_member))).items,
    )


async def call_situation(read: Read, grant: Grant, invoice_id: UUID) -> ReminderCallOut:
    """Return where a call within reach stands. Raises InvoiceNotFound."""
    await reached(read, grant, invoice_id)
    [call] = await owed_calls(read, [invoice_id])
    stopped = (await call_excuses(read, [invoice_id], read.today)).get(invoice_id, ())
    reminded = (await reminded_of(read, [invoice_id])).get(invoice_id, [])
    return ReminderCallOut(
        invoice_id=call.id,
        number=call.number,
        member_id=call.member_id,
        due_on=call.due_on,
        owed=call.owed,
        reminded=[CallRemindedOut(level=one.rank, level_label=one.label, reminded_on=one.on) for one in reminded],
        held=_out(next(iter(stopped), None)),
        excused=_out((await excused(read, [call.member_id], read.today)).get(call.member_id)),
    )


def _out(blocker: Blocker | None) -> BlockerOut | None:
    return BlockerOut(code=blocker.code, message=blocker.message) if blocker else None
