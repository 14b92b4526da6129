"""What a delegation and the federation's staff do to hear from everybody: call, write, visit, excuse."""

from uuid import UUID

from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from membership.declarants import repository
from membership.declarants.domain import Note, require_made
from membership.declarants.queries import require_followed
from membership.declarants.schemas import NoteIn
from membership.declarations import use_cases as declarations


async def note(tx: Tx, grant: Grant, year: int, member_id: UUID, given: NoteIn) -> None:
    """Note how a structure within reach was contacted about its declaration.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, NoteInFuture, RuleMissing.
    """
    await require_followed(tx, grant, year, member_id)
    made_on = given.made_on or tx.today
    require_made(made_on, tx.today)
    made = Note(new_id(), given.means, given.text, made_on, recorded_at=tx.now, recorded_by=tx.actor.subject)
    await repository.add_note(tx, year, member_id, made)


async def exempt(tx: Tx, grant: Grant, year: int, member_id: UUID, reason: str) -> None:
    """Excuse a structure that is followed from a year.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, AlreadyExempt, RuleMissing.
    """
    await require_followed(tx, grant, year, member_id)
    await declarations.exempt(tx, year, member_id, reason)


async def withdraw_exemption(tx: Tx, grant: Grant, year: int, member_id: UUID, reason: str) -> None:
    """Expect a structure's declaration after all; that it was excused stays known.

    Raises MemberNotFound, NotFollowed, CampaignNotFound, NotExempt, RuleMissing.
    """
    await require_followed(tx, grant, year, member_id)
    await declarations.withdraw_exemption(tx, year, member_id, reason)
