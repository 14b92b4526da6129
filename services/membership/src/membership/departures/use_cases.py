"""A member tells that it leaves, or that it stays after all."""

from uuid import UUID

from common.dated import rule_on
from common.rights import Grant
from common.transaction import Tx
from membership.departures.domain import leaving_day
from membership.departures.queries import notice_rules
from membership.departures.schemas import DepartureIn
from membership.members import use_cases as members
from membership.members.domain import Departure, Member, Topic, departure_to_withdraw
from membership.members.queries import entries_of
from membership.members.use_cases import Why


async def record_departure(
    tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, departure: DepartureIn
) -> Member:
    """Record that a structure within reach leaves; until its day it is a member like any other.

    Raises MemberNotFound, ReceivedInFuture, LeavesBeforeLetter, NoticeTooShort, NotAMember, StatusContradicted,
    NotInRegisterThen, SirenTaken, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    member = await members.hold_version(tx, grant, member_id, if_match)
    left_on = leaving_day(
        departure.cause,
        received_on=departure.received_on,
        asked=departure.effective_on,
        waived=departure.notice_waived,
        rule=rule_on(notice_rules(), departure.received_on),
        today=tx.today,
    )
    why = Why(departure.reason, source=f"letter:{departure.received_on.isoformat()}")
    return await members.depart(tx, member, Departure(left_on, departure.cause), why)


async def withdraw_departure(tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, reason: str) -> Member:
    """Take back a departure before its day.

    Raises MemberNotFound, NoDepartureAnnounced, StatusContradicted, SirenTaken, PreconditionMissing,
    PreconditionFailed.
    """
    member = await members.hold_version(tx, grant, member_id, if_match)
    known = await entries_of(tx, [member.id], [Topic.STATUS])
    entry = departure_to_withdraw(member, known[member.id], tx.today)
    return await members.withdraw(tx, member, [entry], reason)
