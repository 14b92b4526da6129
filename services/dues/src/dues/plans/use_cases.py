"""What finance does with instalment plans: agree one, amend it, note it as broken, end it.

An act holds the plan first, then its calls, each time in the same order: money that comes in meanwhile waits.
"""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.etags import check_version
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from dues.invoices.domain import NOTHING, Called
from dues.invoices.queries import open_calls
from dues.invoices.use_cases import hold_one
from dues.members.queries import require_member
from dues.plans import events, queries, repository
from dues.plans.domain import (
    JOURNAL,
    Asked,
    CallAlreadyPlanned,
    CallNotOpen,
    NothingToPlan,
    Part,
    Plan,
    PlanState,
    lay_out,
    require_late,
    require_running,
)
from dues.plans.schemas import PlanAmendmentIn, PlanIn


async def agree(tx: Tx, grant: Grant, entity: str, given: PlanIn) -> UUID:
    """Share out what is owed today of calls of a member; return the id of the plan.

    Raises MemberUnknown, MemberMerged, InvoiceNotFound, CallNotOpen, CallAlreadyPlanned, NothingToPlan,
    ScheduleTotalWrong, ScheduleDaysWrong, TooManyInstalments, ScheduleTooLong, InstalmentTooSmall, RuleMissing.
    """
    member = await require_member(tx, grant, given.member_id)
    calls = await _chosen(tx, grant, member.id, given.invoice_ids)
    parts = _laid_out(tx, given.schedule.asked(), calls)
    [reference] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    plan_id = await repository.add(tx, reference, member.id)
    await repository.add_schedule(tx, plan_id, 1, parts, calls, given.reason)
    tx.publish(events.agreed(await _now(tx, grant, plan_id)))
    return plan_id


async def amend(tx: Tx, grant: Grant, plan_id: UUID, if_match: str | None, given: PlanAmendmentIn) -> None:
    """Share out what is left of the calls of a plan anew; the schedule before stays to be read.

    Raises PlanNotFound, InvoiceNotFound, PlanEnded, PlanKept, ScheduleTotalWrong, ScheduleDaysWrong,
    TooManyInstalments, ScheduleTooLong, InstalmentTooSmall, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    plan, calls = await _held(tx, grant, plan_id, if_match)
    require_running(plan)
    parts = _laid_out(tx, given.schedule.asked(), calls)
    await repository.close_schedule(tx, plan)
    await repository.add_schedule(tx, plan_id, plan.schedule.number + 1, parts, calls, given.reason)
    await repository.note_amended(tx, plan)
    tx.publish(events.amended(await _now(tx, grant, plan_id)))


async def note_broken(tx: Tx, grant: Grant, plan_id: UUID, if_match: str | None, reason: str) -> None:
    """Note that a plan of which an instalment is late was not kept: its calls are owed as any other.

    Raises PlanNotFound, InvoiceNotFound, PlanEnded, PlanKept, PlanNotLate, RuleMissing, PreconditionMissing,
    PreconditionFailed.
    """
    plan, _ = await _held(tx, grant, plan_id, if_match)
    require_late(plan, tx.today)
    await _end(tx, grant, plan, PlanState.BROKEN, reason)


async def end(tx: Tx, grant: Grant, plan_id: UUID, if_match: str | None, reason: str) -> None:
    """End a plan for another reason than that it was not kept.

    Raises PlanNotFound, InvoiceNotFound, PlanEnded, PlanKept, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    plan, _ = await _held(tx, grant, plan_id, if_match)
    require_running(plan)
    await _end(tx, grant, plan, PlanState.ENDED, reason)


async def _end(tx: Tx, grant: Grant, plan: Plan, state: PlanState, reason: str) -> None:
    await repository.close_schedule(tx, plan)
    await repository.note_ended(tx, plan, state, reason)
    tx.publish(events.ended(await _now(tx, grant, plan.id)))


async def _now(tx: Tx, grant: Grant, plan_id: UUID) -> Plan:
    """Return a plan as it is after an act."""
    return (await queries.reached(tx, grant, plan_id)).plan


async def _held(tx: Tx, grant: Grant, plan_id: UUID, if_match: str | None) -> tuple[Plan, list[Called]]:
    """Hold a plan within reach, in the version that was read, and the calls that it covers."""
    covered = (await queries.reached(tx, grant, plan_id)).plan.schedule.calls  # the same whatever is amended
    await repository.hold(tx, plan_id)
    calls = await _held_calls(tx, grant, [call.invoice_id for call in covered])
    plan = await _now(tx, grant, plan_id)
    await check_version(if_match, plan.version, partial(queries.find_plan, tx, grant, plan_id))
    return plan, calls


async def _chosen(tx: Tx, grant: Grant, member_id: UUID, named: Collection[UUID] | None) -> list[Called]:
    """Hold the calls that a plan is to cover: those named, or all that are open and in no plan."""
    is_open = {call.id for call in await open_calls(tx, member_id)}
    if named is not None and not is_open.issuperset(named):
        raise CallNotOpen("Un de ces appels n'est pas de cette structure, ou plus rien n'en est dû.")
    calls = await _held_calls(tx, grant, is_open if named is None else named)
    planned = await repository.planned(tx, [call.id for call in calls])
    if named is not None and planned:
        references = ", ".join(sorted(set(planned.values())))
        raise CallAlreadyPlanned(f"Un de ces appels est déjà dans un échéancier : {references}.")
    return [call for call in calls if call.id not in planned]


async def _held_calls(tx: Tx, grant: Grant, invoice_ids: Collection[UUID]) -> list[Called]:
    return [await hold_one(tx, grant, invoice_id) for invoice_id in sorted(set(invoice_ids))]


def _laid_out(tx: Tx, asked: Asked, calls: Collection[Called]) -> tuple[Part, ...]:
    balance = sum((call.balance.owed for call in calls), NOTHING)
    if not balance:
        raise NothingToPlan("Cette structure ne doit rien qui ne soit déjà dans un échéancier.")
    return lay_out(asked, balance, rule_on(queries.plan_limits(), tx.today), tx.today)
