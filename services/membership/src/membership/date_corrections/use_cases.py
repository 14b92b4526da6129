"""Who runs the register puts right the day on which a structure joined or left."""

from uuid import UUID

from common.rights import Grant
from common.transaction import Tx
from membership.date_corrections.domain import corrected, sitting_behind
from membership.date_corrections.schemas import StatusCorrectionIn
from membership.members import use_cases as members
from membership.members.domain import STRUCTURE, Member
from membership.members.queries import entries_of
from membership.sittings.queries import sitting_of


async def correct_status(
    tx: Tx, grant: Grant, member_id: UUID, if_match: str | None, correction: StatusCorrectionIn
) -> Member:
    """Correct a day of a structure within reach; return the structure as it is today.

    Raises MemberNotFound, NotAMember, NotLeft, DayUnchanged, CorrectedToFuture, DayBeforeSitting, DayOutOfOrder,
    DayGivenElsewhere, StatusToCome, StatusContradicted, SirenTaken, PreconditionMissing, PreconditionFailed.
    """
    member = await members.hold_version(tx, grant, member_id, if_match)
    known = (await entries_of(tx, [member.id], STRUCTURE))[member.id]
    behind = sitting_behind(member, known, correction.which)
    sitting = await sitting_of(tx, behind) if behind else None
    revision = corrected(member, known, correction.which, correction.day, sitting=sitting, today=tx.today)
    return await members.revise(tx, member, revision, correction.reason)
