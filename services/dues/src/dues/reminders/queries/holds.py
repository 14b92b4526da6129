"""Reads of what stops reminders for a time: holds, and the calls of regions with what was promised."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from common.blockers import tried
from common.errors import Blocker
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from dues.grids.domain import delegation_name
from dues.invoices.queries import numbers_of
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member, records_of
from dues.plans.queries import running_plans_of
from dues.reliefs.queries import under_study
from dues.reminders.domain import (
    CallOutcome,
    Hold,
    HoldReason,
    HoldState,
    RegionCall,
    ReminderHoldNotFound,
    require_liftable,
    why_held,
    why_planned,
    why_promised,
    why_studied,
)
from dues.reminders.repository import hold_of
from dues.reminders.schemas import (
    RegionCallListParams,
    RegionCallOut,
    ReminderHoldFilters,
    ReminderHoldListParams,
    ReminderHoldOut,
)
from dues.reminders.tables import HoldRow, RegionCallRow
from dues.rights import RIGHTS, Act

_HOLD: Any = HoldRow.__table__  # type: ignore[attr-defined]
_CALL: Any = RegionCallRow.__table__  # type: ignore[attr-defined]
_HOLDS = Order(
    columns={"since": _HOLD.c.since, "until": _HOLD.c.until, "name": MEMBER_NAME}, default="-since", unique=_HOLD.c.id
)
_CALLS = Order(columns={"day": _CALL.c.day, "name": MEMBER_NAME}, default="-day", unique=_CALL.c.id)

HOLD_HEADER = (
    "adherent", "delegation", "appel", "raison", "precision", "du", "au", "etat", "posee_par", "levee_le",
    "levee_pourquoi",
)  # fmt: skip


async def excused(read: Read, member_ids: Collection[UUID], on: date) -> dict[UUID, Blocker]:
    """Return, of these members, why those who are not to be reminded on a day are not: the one seam for such reasons.

    A promise made to the region, a hold, a request for solidarity under study: the last of them that there is is told.
    What excuses a call alone is with ``call_excuses``.
    """
    calls = await last_region_calls(read, member_ids, on)
    promises = {member_id: why_promised(call, on) for member_id, call in calls.items()}
    holds = await held(read, member_ids, on)
    studied = await under_study(read, member_ids)
    return {
        **{member_id: blocker for member_id, blocker in promises.items() if blocker},
        **{member_id: why_held(hold) for member_id, hold in holds.items()},
        **{member_id: why_studied(reference) for member_id, reference in studied.items()},
    }


async def call_excuses(read: Read, invoice_ids: Collection[UUID], on: date) -> dict[UUID, list[Blocker]]:
    """Return why those of some calls that are not to be reminded on a day are not: a hold, a plan that is kept."""
    holds = await held_calls(read, invoice_ids, on)
    plans = await running_plans_of(read, invoice_ids)
    found = {invoice_id: [why_held(hold)] for invoice_id, hold in holds.items()}
    for invoice_id, plan in plans.items():
        if not plan.is_late(on):
            found.setdefault(invoice_id, []).append(why_planned(plan.reference, plan.next_on))
    return found


async def held(read: Read, member_ids: Collection[UUID], on: date) -> dict[UUID, Hold]:
    """Return the hold that stops all reminders of each of these members on a day: of several, the last to end."""
    records = await records_of(read, member_ids)
    query = select(HoldRow).where(_HOLD.c.member_id.in_(records), _HOLD.c.invoice_id.is_(None), _in_force(on))
    rows = (await read.session.execute(query.order_by(_HOLD.c.until))).scalars()
    return {records[row.member_id]: hold_of(row) for row in rows}


async def held_calls(read: Read, invoice_ids: Collection[UUID], on: date) -> dict[UUID, Hold]:
    """Return the hold that stops reminders of each of these calls alone on a day: of several, the last to end."""
    query = select(HoldRow).where(_HOLD.c.invoice_id.in_(invoice_ids), _in_force(on)).order_by(_HOLD.c.until)
    rows = (await read.session.execute(query)).scalars()
    return {row.invoice_id: hold_of(row) for row in rows if row.invoice_id}


async def last_region_calls(read: Read, member_ids: Collection[UUID], on: date) -> dict[UUID, RegionCall]:
    """Return the last call that the region of each of these members made by a day: what it says is what counts."""
    records = await records_of(read, member_ids)
    query = select(RegionCallRow).where(_CALL.c.member_id.in_(records), _CALL.c.day <= on)
    rows = (await read.session.execute(query.order_by(_CALL.c.day, _CALL.c.noted_at, _CALL.c.id))).scalars()
    return {records[row.member_id]: _region_call(row, records[row.member_id]) for row in rows}


async def find_hold(read: Read, grant: Grant, hold_id: UUID) -> ReminderHoldOut:
    """Return one hold within reach. Raises ReminderHoldNotFound."""
    rows = (await read.session.execute(_query(grant).where(_HOLD.c.id == hold_id))).all()
    if not rows:
        raise ReminderHoldNotFound("Cette suspension n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(read, rows)
    return shown


async def list_holds(read: Read, grant: Grant, params: ReminderHoldListParams) -> Page[ReminderHoldOut]:
    """Return one page of holds within reach."""
    rows, cursor, total = await paginate(read, _filtered(read.today, grant, params), _HOLDS, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_holds(read: Read, grant: Grant, filters: ReminderHoldFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same holds as the list with the same filters."""
    query = _filtered(read.today, grant, filters).order_by(_HOLD.c.since, _HOLD.c.id)
    holds = await _shown(read, (await read.session.execute(query)).all())
    return (
        (
            one.member_name,
            delegation_name(one.delegation),
            one.invoice_number,
            one.reason_label,
            one.note,
            one.since,
            one.until,
            one.state_label,
            one.placed_by,
            one.lifted_on,
            one.lifted_reason,
        )
        for one in holds
    )


async def list_region_calls(read: Read, grant: Grant, params: RegionCallListParams) -> Page[RegionCallOut]:
    """Return one page of the calls that regions made to members within reach."""
    query = joined_with_member(select(RegionCallRow), _CALL.c.member_id, grant)
    for column, values in (
        (MEMBER_ID, params.member_id),
        (MEMBER_DELEGATION, params.delegation),
        (_CALL.c.outcome, [one.value for one in params.outcome]),
    ):
        if values:
            query = query.where(column.in_(values))
    if params.day_from:
        query = query.where(_CALL.c.day >= params.day_from)
    if params.day_to:
        query = query.where(_CALL.c.day <= params.day_to)
    rows, cursor, total = await paginate(read, query, _CALLS, params)
    return Page(items=[_call_out(row) for row in rows], next_cursor=cursor, total=total)


def _region_call(row: RegionCallRow, member_id: UUID) -> RegionCall:
    return RegionCall(member_id=member_id, day=row.day, outcome=CallOutcome(row.outcome), promised_for=row.promised_for)


def _call_out(found: Any) -> RegionCallOut:
    row, member_id, name, delegation = found
    outcome = CallOutcome(row.outcome)
    return RegionCallOut(
        id=row.id,
        member_id=member_id,
        member_name=name,
        delegation=delegation,
        day=row.day,
        outcome=outcome,
        outcome_label=outcome.label,
        promised_for=row.promised_for,
        note=row.note,
        noted_at=row.noted_at,
        noted_by=row.noted_by,
    )


def _query(grant: Grant) -> Select[Any]:
    query = joined_with_member(select(HoldRow), _HOLD.c.member_id, grant)
    return query.execution_options(populate_existing=True)  # what this transaction has just written


def _filtered(today: date, grant: Grant, filters: ReminderHoldFilters) -> Select[Any]:
    query = _query(grant)
    for column, values in (
        (_HOLD.c.reason, [one.value for one in filters.reason]),
        (_HOLD.c.invoice_id, filters.invoice_id),
        (MEMBER_ID, filters.member_id),
        (MEMBER_DELEGATION, filters.delegation),
    ):
        if values:
            query = query.where(column.in_(values))
    if filters.state:
        query = query.where(or_(*(_stands(state, today) for state in filters.state)))
    if filters.until_before:
        query = query.where(_HOLD.c.until < filters.until_before)
    if filters.q:
        query = query.where(MEMBER_NAME.icontains(filters.q, autoescape=True))
    return query


def _stands(state: HoldState, day: date) -> ColumnElement[bool]:
    """Return the condition of a state, as ``Hold.state_on`` tells it."""
    lifted = and_(_HOLD.c.lifted_on.is_not(None), _HOLD.c.lifted_on <= day)
    where: dict[HoldState, ColumnElement[bool]] = {
        HoldState.LIFTED: lifted,
        HoldState.COMING: and_(~lifted, _HOLD.c.since > day),
        HoldState.IN_FORCE: _in_force(day),
        HoldState.ENDED: and_(~lifted, _HOLD.c.until < day),
    }
    return where[state]


def _in_force(day: date) -> ColumnElement[bool]:
    unlifted = or_(_HOLD.c.lifted_on.is_(None), _HOLD.c.lifted_on > day)
    return and_(_HOLD.c.since <= day, _HOLD.c.until >= day, unlifted)


async def _shown(read: Read, rows: Sequence[Any]) -> list[ReminderHoldOut]:
    numbers = await numbers_of(read, [row[0].invoice_id for row in rows if row[0].invoice_id])
    lifts = grant_for(RIGHTS, Act.HOLD_REMINDERS, read.actor) is not None
    return [_hold_out(row, numbers.get(row[0].invoice_id), read.today, lifts=lifts) for row in rows]


def _hold_out(found: Any, number: str | None, today: date, *, lifts: bool) -> ReminderHoldOut:
    row, member_id, name, delegation = found
    hold = hold_of(row)
    state, reason = hold.state_on(today), HoldReason(row.reason)
    actions, blockers = tried({"lift": partial(require_liftable, hold, today)} if lifts else {})
    return ReminderHoldOut(
        id=row.id,
        member_id=member_id,
        member_name=name,
        delegation=delegation,
        invoice_id=row.invoice_id,
        invoice_number=number,
        reason=reason,
        reason_label=reason.label,
        note=row.note,
        since=row.since,
        until=row.until,
        state=state,
        state_label=state.label,
        placed_at=row.placed_at,
        placed_by=row.placed_by,
        lifted_on=row.lifted_on,
        lifted_by=row.lifted_by,
        lifted_reason=row.lifted_reason,
        version=row.version,
        allowed_actions=actions,
        blockers=blockers,
    )
