"""What people do with requests for support: ask, hear fg2i ask, take up, plan, close, decline, reopen."""

from functools import partial
from uuid import UUID

from common.contracts.fg2i import SupportRequested
from common.dated import rule_on
from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant, Scope
from common.subscriptions import Event
from common.transaction import Tx
from membership.members import queries as members
from membership.support_requests import domain, queries, repository
from membership.support_requests.domain import (
    SupportAction,
    SupportActionNotFound,
    SupportOrigin,
    SupportRequest,
    require_reason,
)
from membership.support_requests.schemas import SupportActionIn, SupportCloseIn, SupportRequestIn, SupportTakeUpIn

_ORIGINS = {
    Scope.ALL: SupportOrigin.NETWORK,
    Scope.DELEGATION: SupportOrigin.DELEGATION,
    Scope.OWN: SupportOrigin.MEMBER,
}


async def ask(tx: Tx, grant: Grant, given: SupportRequestIn) -> UUID:
    """Ask for support of a structure within reach; return the request's id.

    Raises MemberNotFound, SupportReasonUnknown, RuleMissing.
    """
    member = await members.find(tx, grant, given.member_id)
    require_reason(queries.reasons(), given.reason, tx.today)
    request = SupportRequest(
        id=new_id(),
        origin=_ORIGINS[grant.scope],
        member_id=member.id,
        reason=given.reason,
        description=given.description,
        asked_on=tx.today,
        due_on=domain.due_on(rule_on(queries.first_contact_rules(), tx.today), tx.today),
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )
    await repository.add(tx, request)
    return request.id


async def hear_request(tx: Tx, event: Event[SupportRequested]) -> None:
    """Take a request of the committee for the delegation of its structure; heard twice, it is taken once.

    One for a structure that the register does not know waits for the network to place it: setting the fact aside would
    hide a structure in difficulty among technical faults, and no later fact could ever make it known.
    """
    fact = event.fact
    known = (await members.structures_of(tx, [fact.state.member_id])).get(fact.state.member_id)
    request = SupportRequest(
        id=new_id(),
        origin=SupportOrigin.FG2I,
        member_id=(known.merged_into or known.id) if known else None,
        told_member_id=fact.state.member_id,
        fg2i_id=fact.state.id,
        file_reference=fact.file_reference,
        reason=fact.reason_code,
        asked_on=fact.asked_on,
        due_on=domain.due_on(rule_on(queries.first_contact_rules(), fact.asked_on), fact.asked_on),
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )
    await repository.add(tx, request)


async def place(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, member_id: UUID) -> None:
    """Say which structure of the register a request of fg2i is about.

    Raises SupportRequestNotFound, MemberNotFound, SupportAlreadyPlaced, SupportAlreadyTakenUp, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    member = await members.find(tx, grant, member_id)
    await repository.save(tx, domain.place(request, member.id))


async def take_up(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, given: SupportTakeUpIn) -> None:
    """Have the delegation work on a request.

    Raises SupportRequestNotFound, SupportAlreadyTakenUp, SupportStructureUnknown, TakenUpAnotherDay, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    day = given.taken_up_on or tx.today
    domain.require_contact_day(request, day, tx.today)
    await repository.save(tx, domain.take_up(request, day, tx.actor.subject, given.label))


async def decline(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, reason: str) -> None:
    """Do nothing of a request, and say why.

    Raises SupportRequestNotFound, SupportAlreadyTakenUp, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    await repository.save(tx, domain.decline(request, tx.today, reason))


async def add_action(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, given: SupportActionIn) -> None:
    """Put an action into the plan of a request.

    Raises SupportRequestNotFound, SupportNotRunning, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    planned = domain.plan(request)
    await repository.add_action(tx, SupportAction(new_id(), request.id, given.text, given.due_on))
    await repository.save(tx, planned)


async def settle_action(
    tx: Tx, grant: Grant, request_id: UUID, action_id: UUID, if_match: str | None, dropped_reason: str | None = None
) -> None:
    """Say that an action of a plan was done, or dropped with a reason.

    Raises SupportRequestNotFound, SupportActionNotFound, SupportNotRunning, SupportActionSettled, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    planned = domain.plan(request)
    actions = (await repository.actions_of(tx, [request.id]))[request.id]
    action = next((one for one in actions if one.id == action_id), None)
    if action is None:
        raise SupportActionNotFound("Cette action n'est pas dans le plan de cette demande.")
    await repository.save_action(tx, domain.settle(action, tx.today, dropped_reason))
    await repository.save(tx, planned)


async def close(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, given: SupportCloseIn) -> None:
    """End a request, and say how it ended.

    Raises SupportRequestNotFound, SupportNotRunning, SupportActionsOpen, RuleMissing, PreconditionMissing,
    PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    actions = (await repository.actions_of(tx, [request.id]))[request.id]
    await repository.save(tx, domain.close(request, actions, tx.today, given.outcome, given.text))


async def reopen(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None, reason: str) -> None:
    """Take up again a request that was closed or declined by mistake; how it had ended is kept.

    Raises SupportRequestNotFound, SupportNotSettled, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    request = await _held(tx, grant, request_id, if_match)
    actions = (await repository.actions_of(tx, [request.id]))[request.id]
    await repository.save(tx, domain.reopen(request, actions, tx.now, tx.actor.subject, reason))


async def _held(tx: Tx, grant: Grant, request_id: UUID, if_match: str | None) -> SupportRequest:
    await queries.find_request(tx, grant, request_id)
    request = await repository.get_for_update(tx, request_id)
    await check_version(if_match, request.version, partial(queries.find_request, tx, grant, request_id))
    return request
