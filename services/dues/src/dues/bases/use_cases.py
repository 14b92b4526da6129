"""Stating the base of dues: finance enters it, or the structure's declaration of activity says it."""

from functools import partial
from uuid import UUID

from common.contracts.membership import ActivityCorrected, ActivityDeclared
from common.etags import check_version
from common.rights import Grant
from common.subscriptions import Event
from common.transaction import Tx
from dues.bases import repository
from dues.bases.domain import BaseSource, Statement, counting, is_heard, require_explained
from dues.bases.queries import find_base, row_of
from dues.bases.schemas import BaseIn, BaseOut
from dues.members.queries import require_member


async def declare(tx: Tx, grant: Grant, member_id: UUID, year: int, given: BaseIn, if_match: str | None) -> BaseOut:
    """Enter, or correct, a member's base for the accounts of a year; return it as it then is.

    A first statement needs no If-Match; a correction does, and a reason beside the structure's own declaration, be it
    of what was stated under a record that was its duplicate. Raises MemberUnknown, MemberMerged, BaseReasonMissing,
    PreconditionMissing, PreconditionFailed.
    """
    await require_member(tx, grant, member_id)
    row = await repository.hold(tx, member_id, year)
    known = await repository.statements_of(tx, member_id, year)
    counts = row if known else await row_of(tx, member_id, year)
    if counts is not None:
        await check_version(if_match, counts.version, partial(find_base, tx, member_id, year))
        require_explained(known or await repository.statements_of(tx, counts.member_id, year), given.reason)
        row.version = counts.version  # one that was read of the duplicate's base is not one of this
    entered = Statement(
        number=len(known) + 1,
        amount=given.amount,
        source=BaseSource.ENTERED,
        stated_at=tx.now,
        stated_on=tx.today,
        stated_by=tx.actor.subject,
        reason=given.reason,
    )
    await repository.add(tx, row, entered, counting([*known, entered]))
    return BaseOut.of(member_id, year, row.version, [*known, entered])


async def hear_declaration(tx: Tx, event: Event[ActivityDeclared] | Event[ActivityCorrected]) -> None:
    """Take a structure's declaration, or its correction, as a statement of its base; heard twice, it is taken once."""
    state = event.fact.state
    row = await repository.hold(tx, state.member_id, state.year)
    known = await repository.statements_of(tx, state.member_id, state.year)
    if is_heard(known, state.revision):
        return
    declared = Statement(
        number=len(known) + 1,
        amount=state.total_operating_income,
        source=BaseSource.DECLARATION,
        stated_at=event.occurred_at,
        stated_on=state.recorded_on,
        revision=state.revision,
    )
    await repository.add(tx, row, declared, counting([*known, declared]))
