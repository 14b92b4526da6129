"""Loads and saves instalment plans; the only writer of their tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.invoices.domain import Called
from dues.invoices.queries import CALLS
from dues.members.queries import member_behind
from dues.plans.domain import Ending, Part, Plan, PlannedCall, PlanState, Schedule, Settled
from dues.plans.tables import InstalmentRow, PlanCallRow, PlanRow, ScheduleRow

PLAN: Any = PlanRow.__table__  # type: ignore[attr-defined]
CALL: Any = PlanCallRow.__table__  # type: ignore[attr-defined]
PART: Any = InstalmentRow.__table__  # type: ignore[attr-defined]
_SCHEDULE: Any = ScheduleRow.__table__  # type: ignore[attr-defined]
NOTHING = Decimal("0.00")


async def add(tx: Tx, reference: str, member_id: UUID) -> UUID:
    """Insert a plan, whose first schedule is added next; return its id."""
    plan_id = new_id()
    values = {"id": plan_id, "reference": reference, "member_id": member_id, "agreed_on": tx.today}
    await tx.session.execute(insert(PlanRow).values(**values, schedule=1, version=1))
    return plan_id


async def add_schedule(
    tx: Tx, plan_id: UUID, number: int, parts: Sequence[Part], calls: Collection[Called], reason: str
) -> None:
    """Insert a schedule with its instalments, and the calls that it covers as they are."""
    of = {"plan_id": plan_id, "schedule": number}
    schedule = {"agreed_on": tx.today, "reason": reason, "recorded_at": tx.now, "recorded_by": tx.actor.subject}
    await tx.session.execute(insert(ScheduleRow).values(plan_id=plan_id, number=number, **schedule))
    instalments = [
        {**of, "id": new_id(), "rank": rank, "day": part.day, "amount": part.amount}
        for rank, part in enumerate(parts, start=1)
    ]
    await tx.session.execute(insert(InstalmentRow), instalments)
    await tx.session.execute(insert(PlanCallRow), [{**of, **_call_values(call)} for call in calls])


async def hold(tx: Tx, plan_id: UUID) -> None:
    """Hold a plan that was reached until the end of the transaction."""
    await tx.session.execute(select(PLAN.c.id).where(PLAN.c.id == plan_id).with_for_update())


async def close_schedule(tx: Tx, plan: Plan) -> None:
    """Note what was paid and credited of the calls of a held plan's schedule as it ceases to hold."""
    number = plan.schedule.number
    holding = (_SCHEDULE.c.plan_id == plan.id, _SCHEDULE.c.number == number)
    await tx.session.execute(update(_SCHEDULE).where(*holding).values(closed_on=tx.today))
    covering = (CALL.c.plan_id == plan.id, CALL.c.schedule == number, CALL.c.invoice_id == CALLS.id)
    closed = {"closed_paid": CALLS.paid, "closed_credited": CALLS.credited}
    await tx.session.execute(update(CALL).where(*covering).values(**closed))


async def note_amended(tx: Tx, plan: Plan) -> None:
    """Note that a held plan's next schedule is the one that holds."""
    await _change(tx, plan, schedule=plan.schedule.number + 1)


async def note_ended(tx: Tx, plan: Plan, state: PlanState, reason: str) -> None:
    """Note that a held plan is ended, and how."""
    by = tx.actor.subject
    await _change(tx, plan, ended_on=tx.today, outcome=state.value, end_reason=reason, ended_by=by)


async def planned(read: Read, invoice_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return which of some calls stand in a plan, with its reference."""
    query = select(CALL.c.invoice_id, PLAN.c.reference).join(PLAN, PLAN.c.id == CALL.c.plan_id)
    query = query.where(CALL.c.invoice_id.in_(invoice_ids), CALL.c.closed_paid.is_(None))
    return {row.invoice_id: row.reference for row in await read.session.execute(query)}


async def loaded(read: Read, which: ColumnElement[bool], *, past: bool = False) -> dict[UUID, Plan]:
    """Load plans, with the schedules that no longer hold where asked, in two statements however many there are."""
    rows = (await read.session.execute(_instalments(which, past=past))).all()
    calls: dict[tuple[UUID, int], list[PlannedCall]] = {}
    for row in await read.session.execute(_calls(which, past=past)):
        calls.setdefault((row.plan_id, row.schedule), []).append(_to_call(row))
    by_plan = groupby(rows, key=lambda row: row.plan_id)
    return {plan_id: _to_plan(list(of_plan), calls) for plan_id, of_plan in by_plan}


def _instalments(which: ColumnElement[bool], *, past: bool) -> Any:
    plan = [column for column in PLAN.c if column.name not in ("id", "member_id", "agreed_on")]
    query = (
        select(
            *plan,
            PLAN.c.id.label("plan_id"),
            PLAN.c.agreed_on.label("first_agreed_on"),
            member_behind(PLAN.c.member_id).label("member_id"),
            *(_SCHEDULE.c[name] for name in ("number", "agreed_on", "reason", "closed_on", "recorded_by")),
            *(PART.c[name] for name in ("rank", "day", "amount")),
            PART.c.id.label("instalment_id"),
        )
        .join(_SCHEDULE, _SCHEDULE.c.plan_id == PLAN.c.id)
        .join(PART, (PART.c.plan_id == PLAN.c.id) & (PART.c.schedule == _SCHEDULE.c.number))
        .where(which)
        .order_by(PLAN.c.id, _SCHEDULE.c.number, PART.c.rank)
    )
    return query if past else query.where(_SCHEDULE.c.number == PLAN.c.schedule)


def _calls(which: ColumnElement[bool], *, past: bool) -> Any:
    query = (
        select(
            *(CALL.c[name] for name in ("plan_id", "schedule", "invoice_id", "paid", "credited")),
            *(CALLS[name] for name in ("number", "year", "due_on", "total")),
            func.coalesce(CALL.c.closed_paid, CALLS.paid).label("now_paid"),
            func.coalesce(CALL.c.closed_credited, CALLS.credited).label("now_credited"),
        )
        .join(PLAN, PLAN.c.id == CALL.c.plan_id)
        .where(which, CALLS.id == CALL.c.invoice_id)
        .order_by(CALLS.due_on, CALLS.number)
    )
    return query if past else query.where(CALL.c.schedule == PLAN.c.schedule)


def _to_plan(rows: Sequence[Any], calls: Mapping[tuple[UUID, int], Iterable[PlannedCall]]) -> Plan:
    row = rows[0]
    by_number = groupby(rows, key=lambda row: row.number)
    schedules = [_to_schedule(list(parts), calls[(row.plan_id, number)]) for number, parts in by_number]
    ending = None
    if row.ended_on is not None:
        ending = Ending(row.ended_on, PlanState(row.outcome), row.end_reason, row.ended_by)
    return Plan(
        id=row.plan_id,
        reference=row.reference,
        member_id=row.member_id,
        agreed_on=row.first_agreed_on,
        schedule=schedules[-1],
        past=tuple(schedules[:-1]),
        ending=ending,
        version=row.version,
    )


def _to_schedule(rows: Sequence[Any], calls: Iterable[PlannedCall]) -> Schedule:
    first = rows[0]
    return Schedule(
        number=first.number,
        agreed_on=first.agreed_on,
        reason=first.reason,
        recorded_by=first.recorded_by,
        closed_on=first.closed_on,
        parts=tuple((row.instalment_id, Part(row.day, row.amount)) for row in rows),
        calls=tuple(calls),
    )


def _to_call(row: Any) -> PlannedCall:
    return PlannedCall(
        invoice_id=row.invoice_id,
        number=row.number,
        year=row.year,
        due_on=row.due_on,
        total=row.total,
        then=Settled(row.paid, row.credited),
        now=Settled(row.now_paid, row.now_credited),
    )


def _call_values(call: Called) -> dict[str, Any]:
    balance = call.balance
    return {"invoice_id": call.id, "paid": balance.paid, "credited": balance.credited, "owed": balance.owed}


async def _change(tx: Tx, plan: Plan, **values: str | int | date) -> None:
    statement = update(PLAN).where(PLAN.c.id == plan.id)
    await tx.session.execute(statement.values(version=plan.version + 1, **values))
