"""Reads of instalment plans: where each stands today, and what others ask of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, or_, select

from common.blockers import tried
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.shipped_data import shipped_rules
from common.transaction import Read
from dues.invoices.queries import CALLS, open_calls
from dues.legal_entities.domain import LegalEntity
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, member_behind
from dues.plans import repository
from dues.plans.documents import explained, export_line, print_schedule
from dues.plans.domain import (
    Instalment,
    OpenInstalment,
    Plan,
    PlanLimits,
    PlanNotFound,
    PlanState,
    RunningPlan,
    Schedule,
    require_late,
    require_running,
)
from dues.plans.repository import CALL, NOTHING, PART, PLAN
from dues.plans.schemas import (
    InstalmentOut,
    OutsideCallOut,
    PlanDetail,
    PlanExportParams,
    PlanFilters,
    PlanLimitsOut,
    PlanListParams,
    PlannedCallOut,
    PlanOut,
    ScheduleOut,
)
from dues.rights import RIGHTS, Act

_ORDER = Order(
    columns={"agreed_on": PLAN.c.agreed_on, "reference": PLAN.c.reference, "name": MEMBER_NAME},
    default="-agreed_on",
    unique=PLAN.c.id,
)


@dataclass(frozen=True, slots=True)
class Reached:
    """A plan within reach, and the structure it is of."""

    plan: Plan
    name: str
    delegation: str | None


@cache
def plan_limits() -> tuple[PlanLimits, ...]:
    """Return what a plan may be, from each day on."""
    return shipped_rules("dues.plans", "limits.toml", PlanLimits)


def limits_today(read: Read) -> PlanLimitsOut:
    """Return the rule of the day as the API shows it. Raises RuleMissing."""
    return PlanLimitsOut.model_validate(rule_on(plan_limits(), read.today))


async def list_plans(read: Read, grant: Grant, params: PlanListParams) -> Page[PlanOut]:
    """Return one page of plans within reach. Raises RuleMissing."""
    limits = rule_on(plan_limits(), read.today)
    rows, cursor, total = await paginate(read, _filtered(read, grant, limits, params), _ORDER, params)
    items = [PlanOut(**_fields(read, one, limits)) for one in await _reached(read, rows)]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, params: PlanExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same plans as the list. Raises RuleMissing."""
    limits = rule_on(plan_limits(), read.today)
    query = _filtered(read, grant, limits, params).order_by(PLAN.c.reference)
    found = await _reached(read, (await read.session.execute(query)).all())
    return (export_line(PlanOut(**_fields(read, one, limits))) for one in found)


async def find_plan(read: Read, grant: Grant, plan_id: UUID) -> PlanDetail:
    """Return one plan within reach, with all that is known of it. Raises PlanNotFound, RuleMissing."""
    limits = rule_on(plan_limits(), read.today)
    one = await reached(read, grant, plan_id)
    plan = one.plan
    covered = {call.invoice_id for call in plan.schedule.calls} if plan.ending is None else set()
    return PlanDetail(
        **_fields(read, one, limits),
        schedule=_schedule(plan.schedule, read.today),
        past=[_schedule(schedule, read.today) for schedule in plan.past],
        explanation=explained(plan.schedule),
        outside=[
            OutsideCallOut(invoice_id=call.id, number=call.number, owed=call.owed, due_on=call.due_on)
            for call in sorted(await open_calls(read, plan.member_id), key=lambda call: (call.due_on, call.number))
            if call.id not in covered
        ],
        limits=PlanLimitsOut.model_validate(limits),
    )


async def paper_of(read: Read, grant: Grant, plan_id: UUID, entity: LegalEntity) -> tuple[str, bytes]:
    """Return the schedule of a plan to sign, and its reference. Raises PlanNotFound, RuleMissing."""
    one = await reached(read, grant, plan_id)
    limits = rule_on(plan_limits(), one.plan.schedule.agreed_on)
    return one.plan.reference, await print_schedule(one.plan, one.name, entity, limits)


async def reached(read: Read, grant: Grant, plan_id: UUID) -> Reached:
    """Return a plan within reach with its past, and whose it is. Raises PlanNotFound."""
    row = (await read.session.execute(_query(grant).where(PLAN.c.id == plan_id))).one_or_none()
    if row is None:
        raise PlanNotFound("Cet échéancier n'existe pas, ou n'est pas dans votre périmètre.")
    [found] = await _reached(read, [row], past=True)
    return found


async def running_instalments(
    read: Read, *, due_by: date, member_ids: Collection[UUID] | None = None
) -> Sequence[OpenInstalment]:
    """Return the instalments of running plans due by a day of which something is left, of all members or of some.

    Whoever asks; in the order of their days. Two statements, however many there are.
    """
    which = _is_running()
    if member_ids is not None:
        which = and_(which, member_behind(PLAN.c.member_id).in_(member_ids))
    plans = await repository.loaded(read, which)
    found = [
        _open(plan, one)
        for plan in plans.values()
        for one in plan.schedule.instalments
        if one.left and one.day <= due_by
    ]
    return sorted(found, key=lambda one: (one.day, one.reference, one.rank))


async def running_plans_of(read: Read, invoice_ids: Collection[UUID]) -> Mapping[UUID, RunningPlan]:
    """Return which of some calls stand in a running plan, and when it is next paid. Whoever asks, in two statements."""
    covering = select(CALL.c.plan_id).where(CALL.c.invoice_id.in_(invoice_ids), CALL.c.closed_paid.is_(None))
    plans = await repository.loaded(read, and_(_is_running(), PLAN.c.id.in_(covering)))
    asked = set(invoice_ids)
    return {
        call.invoice_id: RunningPlan(plan.id, plan.reference, plan.next_on)
        for plan in plans.values()
        for call in plan.schedule.calls
        if call.invoice_id in asked
    }


async def _reached(read: Read, rows: Sequence[Any], *, past: bool = False) -> list[Reached]:
    plans = await repository.loaded(read, PLAN.c.id.in_([row[0] for row in rows]), past=past)
    return [Reached(plans[row[0]], row[2], row[3]) for row in rows]


def _query(grant: Grant) -> Select[Any]:
    return joined_with_member(select(PLAN.c.id), PLAN.c.member_id, grant)


def _filtered(read: Read, grant: Grant, limits: PlanLimits, filters: PlanFilters) -> Select[Any]:
    return _query(grant).where(*_conditions(filters), *_lateness(read.today, limits, filters))


def _conditions(filters: PlanFilters) -> Iterator[ColumnElement[bool]]:
    if filters.state:
        running = case((_is_running(), PlanState.RUNNING.value), else_=PlanState.KEPT.value)
        yield func.coalesce(PLAN.c.outcome, running).in_([state.value for state in filters.state])
    if filters.member_id:
        yield or_(PLAN.c.member_id.in_(filters.member_id), MEMBER_ID.in_(filters.member_id))
    if filters.invoice_id:
        yield PLAN.c.id.in_(select(CALL.c.plan_id).where(CALL.c.invoice_id.in_(filters.invoice_id)))
    if filters.delegation:
        yield MEMBER_DELEGATION.in_(filters.delegation)
    if filters.q:
        words = (PLAN.c.reference, MEMBER_NAME)
        yield or_(*(column.icontains(filters.q, autoescape=True) for column in words))


def _lateness(today: date, limits: PlanLimits, filters: PlanFilters) -> Iterator[ColumnElement[bool]]:
    for asked, before in (
        (filters.late, today),
        (filters.broken_proposed, today - timedelta(days=limits.broken_after_days)),
    ):
        if asked is not None:
            late = and_(_is_running(), _is_late(before))
            yield late if asked else not_(late)


def _is_running() -> ColumnElement[bool]:
    """Return the condition that a plan stands, and that something is owed of its calls."""
    owed = exists().where(*_covering(), CALLS.paid + CALLS.credited < CALLS.total).correlate(PLAN)
    return and_(PLAN.c.ended_on.is_(None), owed)


def _is_late(before: date) -> ColumnElement[bool]:
    """Return the condition that something is left of the instalments before a day, as ``Schedule.instalments`` counts.

    The sums of a schedule that holds: what was paid and credited since, and what is left of what it shares out.
    """
    paid = func.sum(CALLS.paid - CALL.c.paid)
    credited = func.greatest(func.sum(CALLS.credited - CALL.c.credited) + func.least(paid, 0), 0)
    asked = select(func.coalesce(func.sum(PART.c.amount), 0)).where(
        PART.c.plan_id == PLAN.c.id, PART.c.schedule == PLAN.c.schedule, PART.c.day < before
    )
    due = func.least(asked.correlate(PLAN).scalar_subquery(), func.sum(CALL.c.owed) - credited)
    late: ColumnElement[bool] = (
        select(due > func.greatest(paid, 0)).where(*_covering()).correlate(PLAN).scalar_subquery()
    )
    return late


def _covering() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a call is covered by the schedule of a plan that holds."""
    return CALL.c.plan_id == PLAN.c.id, CALL.c.schedule == PLAN.c.schedule, CALLS.id == CALL.c.invoice_id


def _acts(plan: Plan, today: date) -> Mapping[str, Callable[[], object]]:
    return {
        "amend": partial(require_running, plan),
        "break": partial(require_late, plan, today),
        "end": partial(require_running, plan),
    }


def _fields(read: Read, one: Reached, limits: PlanLimits) -> dict[str, Any]:
    plan, schedule, today = one.plan, one.plan.schedule, read.today
    keeps = grant_for(RIGHTS, Act.KEEP_PLANS, read.actor) is not None
    actions, blockers = tried(_acts(plan, today)) if keeps else ([], {})
    following = plan.next
    return {
        "id": plan.id,
        "reference": plan.reference,
        "member_id": plan.member_id,
        "name": one.name,
        "delegation": one.delegation,
        "state": plan.state,
        "state_label": plan.state.label,
        "agreed_on": plan.agreed_on,
        "numbers": [call.number for call in schedule.calls],
        "total": schedule.total,
        "paid": schedule.paid,
        "credited": schedule.credited,
        "left": sum((instalment.left for instalment in schedule.instalments), NOTHING),
        "beyond": schedule.beyond,
        "next_on": following.day if following else None,
        "next_left": following.left if following else None,
        "late_since": plan.late_since(today),
        "broken_proposed": plan.looks_broken(limits, today),
        "ended_on": plan.ending.on if plan.ending else None,
        "end_reason": plan.ending.reason if plan.ending else None,
        "version": plan.version,
        "allowed_actions": [*actions, "download"],
        "blockers": blockers,
    }


def _schedule(schedule: Schedule, today: date) -> ScheduleOut:
    day = schedule.closed_on or today
    return ScheduleOut(
        number=schedule.number,
        agreed_on=schedule.agreed_on,
        reason=schedule.reason,
        recorded_by=schedule.recorded_by,
        closed_on=schedule.closed_on,
        total=schedule.total,
        instalments=[_instalment(one, day) for one in schedule.instalments],
        calls=[
            PlannedCallOut(
                invoice_id=call.invoice_id,
                number=call.number,
                year=call.year,
                total=call.total,
                balance=call.balance,
                owed=call.owed,
            )
            for call in schedule.calls
        ],
    )


def _instalment(one: Instalment, day: date) -> InstalmentOut:
    state = one.state_on(day)
    return InstalmentOut(
        id=one.id,
        rank=one.rank,
        day=one.day,
        amount=one.amount,
        paid=one.paid,
        credited=one.credited,
        left=one.left,
        state=state,
        state_label=state.label,
    )


def _open(plan: Plan, one: Instalment) -> OpenInstalment:
    return OpenInstalment(
        id=one.id,
        plan_id=plan.id,
        reference=plan.reference,
        member_id=plan.member_id,
        rank=one.rank,
        day=one.day,
        left=one.left,
        calls=one.calls,
    )
