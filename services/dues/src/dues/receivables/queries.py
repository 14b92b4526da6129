"""Reads of the accounts of members, at the end of any day.

What was owed on a past day is what is owed now, less what was done since: so a read costs what is owed and what is
recent, however many calls were ever paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, Subquery, and_, case, func, select, union_all

from common.dated import rule_on
from common.money import format_euros
from common.pagination import Order, paginate
from common.rights import Grant
from common.shipped_data import shipped_rules
from common.transaction import Read
from dues.credit_notes.queries import CreditNote, credited_after, credited_until
from dues.grids.domain import delegation_name
from dues.invoices.domain import Called
from dues.invoices.queries import calls_of, owed_on
from dues.members.queries import (
    MEMBER_DELEGATION,
    MEMBER_ID,
    MEMBER_NAME,
    joined_with_member,
    records_of,
    require_member,
)
from dues.past_years.queries import years_known_on
from dues.receipts.queries import Moved, advance_of, moved_after, moved_until
from dues.receivables.documents import MOST_PRINTED
from dues.receivables.domain import (
    NOTHING,
    AccountLine,
    AgeingRule,
    Bucket,
    LineKind,
    Movement,
    age,
    require_come,
    require_in_order,
    require_printable,
    state_account,
)
from dues.receivables.schemas import (
    AccountOut,
    AccountParams,
    AgeBucketOut,
    AgedAmountOut,
    AgedBalanceOut,
    AgedFilters,
    AgedLineOut,
    AgedListParams,
    AgedSumsOut,
    AgedTotalsOut,
    AgeingOut,
    MovementLineOut,
)


@dataclass(frozen=True, slots=True)
class Aged:
    """A balance as a query: one row for each member that owes, its columns named as ``AgedLineOut`` has them."""

    as_of: date
    buckets: tuple[Bucket, ...]
    rows: Subquery


@cache
def ageing_rules() -> tuple[AgeingRule, ...]:
    """Return how debts are told apart by their age, from each day on."""
    return shipped_rules("dues.receivables", "ageing.toml", AgeingRule)


def show_ageing(today: date) -> AgeingOut:
    """Return the buckets as the API shows them. Raises RuleMissing."""
    rule = rule_on(ageing_rules(), today)
    buckets = [AgeBucketOut(code=one.code, label=one.label, least=one.least, most=one.most) for one in rule.buckets]
    return AgeingOut(since=rule.since, buckets=buckets, status=rule.status, source=rule.source)


async def aged_balance(read: Read, grant: Grant, params: AgedListParams) -> AgedBalanceOut:
    """Return one page of what is owed within reach, and the totals of all of it. Raises AsOfInFuture, RuleMissing."""
    aged = _aged(read, grant, params)
    columns = aged.rows.c
    order = Order(
        columns={
            "owed": columns.owed,
            "overdue": columns.overdue,
            "name": columns.member_name,
            "oldest_due_on": columns.oldest_due_on,
        },
        default="-owed",
        unique=columns.member_id,
    )
    rows, cursor, total = await paginate(read, select(*columns), order, params)
    items = [_line(aged.buckets, dict(zip(columns.keys(), row, strict=True))) for row in rows]
    return AgedBalanceOut(
        items=items, next_cursor=cursor, total=total, as_of=aged.as_of, totals=await _totals(read, aged)
    )


async def aged_lines(read: Read, grant: Grant, filters: AgedFilters) -> tuple[tuple[Bucket, ...], list[AgedLineOut]]:
    """Return the same balance whole, by name, and its buckets. Raises AsOfInFuture, RuleMissing."""
    aged = _aged(read, grant, filters)
    columns = aged.rows.c
    rows = await read.session.execute(select(*columns).order_by(columns.member_name, columns.member_id))
    return aged.buckets, [_line(aged.buckets, row) for row in rows.mappings()]


async def printed_balance(read: Read, grant: Grant, filters: AgedFilters) -> AgedBalanceOut:
    """Return the balance for a paper, the largest debts first. Raises AgedBalanceTooLong, AsOfInFuture, RuleMissing."""
    aged = _aged(read, grant, filters)
    totals = await _totals(read, aged)
    require_printable(totals.members, MOST_PRINTED)
    columns = aged.rows.c
    rows = await read.session.execute(select(*columns).order_by(columns.owed.desc(), columns.member_id))
    items = [_line(aged.buckets, row) for row in rows.mappings()]
    return AgedBalanceOut(items=items, next_cursor=None, total=len(items), as_of=aged.as_of, totals=totals)


def kept_to(filters: AgedFilters) -> list[str]:
    """Say which filters made a balance shorter, for whoever holds the paper without the screen."""
    said = (
        ("délégations", [delegation_name(code) for code in filters.delegation]),
        ("années", filters.year),
        ("adhérents choisis", [len(filters.member_id)] if filters.member_id else []),
        ("au moins", [format_euros(filters.owed_from)] if filters.owed_from is not None else []),
        ("échu", ["oui" if filters.overdue else "non"] if filters.overdue is not None else []),
        ("nom", [filters.q] if filters.q else []),
    )
    return [f"{name} : {', '.join(map(str, values))}" for name, values in said if values]


async def find_account(read: Read, grant: Grant, member_id: UUID, params: AccountParams) -> AccountOut:
    """Return the account of a member within reach.

    Raises MemberUnknown, MemberMerged, AsOfInFuture, AccountDaysReversed, RuleMissing.
    """
    as_of = params.as_of or read.today
    require_come(as_of, read.today)
    require_in_order(params.since, as_of)
    member = await require_member(read, grant, member_id)
    records = list(await records_of(read, [member.id]))
    past = await _past_years(read, records, as_of)
    on_calls = await _on_calls(read, records, as_of)
    stated = state_account([*past, *on_calls], params.since)
    buckets = rule_on(ageing_rules(), as_of).buckets
    aged = age(on_calls, buckets, as_of)
    owed_before = sum((one.amount for one in past), NOTHING)
    return AccountOut(
        member_id=member.id,
        member_name=member.name,
        delegation=member.delegation,
        since=params.since,
        as_of=as_of,
        opening=stated.opening,
        lines=[_account_line(line) for line in stated.lines],
        balance=stated.balance,
        owed_on_calls=stated.balance - owed_before,
        owed_on_past_years=owed_before,
        aged=AgedSumsOut(
            calls=aged.calls,
            owed=aged.owed,
            overdue=aged.overdue,
            buckets=aged_amounts(buckets, aged.amounts),
        ),
        advance=await advance_of(read, records) if as_of == read.today else None,
    )


def aged_sums(
    buckets: Sequence[Bucket], as_of: date, owed: ColumnElement[Decimal], due_on: ColumnElement[date]
) -> list[ColumnElement[Decimal]]:
    """Return the columns that sum some debts by bucket, each under the bucket's code."""
    return [
        func.coalesce(func.sum(case((_within(bucket, as_of, due_on), owed), else_=NOTHING)), NOTHING).label(bucket.code)
        for bucket in buckets
    ]


def aged_amounts(buckets: Sequence[Bucket], told: RowMapping | Mapping[str, Any]) -> list[AgedAmountOut]:
    """Return what a row with ``aged_sums`` tells, bucket by bucket."""
    return [AgedAmountOut(code=one.code, label=one.label, amount=told[one.code]) for one in buckets]


def _aged(read: Read, grant: Grant, filters: AgedFilters) -> Aged:
    as_of = filters.as_of or read.today
    require_come(as_of, read.today)
    buckets = rule_on(ageing_rules(), as_of).buckets
    calls = _owed_calls(grant, as_of, filters).subquery("calls").c
    late = func.sum(case((calls.due_on < as_of, calls.owed), else_=NOTHING))
    query = select(
        calls.id.label("member_id"),
        calls.name.label("member_name"),
        calls.delegation,
        func.count().label("calls"),
        func.sum(calls.owed).label("owed"),
        late.label("overdue"),
        func.min(calls.due_on).label("oldest_due_on"),
        *aged_sums(buckets, as_of, calls.owed, calls.due_on),
    ).group_by(calls.id, calls.name, calls.delegation)
    if filters.owed_from is not None:
        query = query.having(func.sum(calls.owed) >= filters.owed_from)
    if filters.overdue is not None:
        query = query.having(late > 0 if filters.overdue else late == 0)
    return Aged(as_of, buckets, query.subquery("aged"))


def _owed_calls(grant: Grant, as_of: date, filters: AgedFilters) -> Select[Any]:
    """Select what was owed of each call at the end of a day, with the member that it is of, within reach."""
    done = union_all(moved_after(as_of), credited_after(as_of)).subquery("done").c
    since = select(done.invoice_id, func.sum(done.amount).label("amount")).group_by(done.invoice_id).subquery("since")
    calls = owed_on(as_of, since).subquery("owing").c
    query = joined_with_member(select(calls.due_on, calls.owed).where(calls.owed != 0), calls.member_id, grant)
    for column, values in (
        (calls.year, filters.year),
        (MEMBER_ID, filters.member_id),
        (MEMBER_DELEGATION, filters.delegation),
    ):
        if values:
            query = query.where(column.in_(values))
    if filters.q:
        query = query.where(MEMBER_NAME.icontains(filters.q, autoescape=True))
    return query


def _within(bucket: Bucket, as_of: date, due_on: ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition that a debt is so many days past due, as one on the day it was due."""
    conditions = []
    if bucket.least is not None:
        conditions.append(due_on <= as_of - timedelta(days=bucket.least))
    if bucket.most is not None:
        conditions.append(due_on >= as_of - timedelta(days=bucket.most))
    return and_(*conditions)


async def _totals(read: Read, aged: Aged) -> AgedTotalsOut:
    columns = aged.rows.c
    query = select(
        func.count().label("members"),
        *(func.coalesce(func.sum(columns[name]), 0).label(name) for name in ("calls", "owed", "overdue")),
        *(func.coalesce(func.sum(columns[one.code]), 0).label(one.code) for one in aged.buckets),
    )
    row = (await read.session.execute(query)).mappings().one()
    return AgedTotalsOut(
        members=row["members"],
        calls=row["calls"],
        owed=row["owed"],
        overdue=row["overdue"],
        buckets=aged_amounts(aged.buckets, row),
    )


def _line(buckets: Sequence[Bucket], row: RowMapping | Mapping[str, Any]) -> AgedLineOut:
    return AgedLineOut(
        member_id=row["member_id"],
        member_name=row["member_name"],
        delegation=row["delegation"],
        calls=row["calls"],
        owed=row["owed"],
        overdue=row["overdue"],
        buckets=aged_amounts(buckets, row),
        oldest_due_on=row["oldest_due_on"],
    )


async def _past_years(read: Read, records: Sequence[UUID], as_of: date) -> list[Movement]:
    """Return what was known by a day to be still owed of years before this system."""
    return [
        Movement(
            day=date(one.year, 12, 31),
            kind=LineKind.PAST_YEAR,
            rank=str(one.year),
            piece=f"Année {one.year}",
            label=f"{format_euros(one.said.called)} appelés, {format_euros(one.said.paid)} réglés",
            amount=one.said.owed,
        )
        for one in await years_known_on(read, records, as_of)
        if one.said.owed and one.year < as_of.year
    ]


async def _on_calls(read: Read, records: Sequence[UUID], as_of: date) -> list[Movement]:
    """Return what was asked for by the end of a day, and what then came of it."""
    calls = {call.id: call for call in await calls_of(read, records, as_of)}
    moved = await moved_until(read, calls, as_of)
    credited = await credited_until(read, calls, as_of)
    return [
        *map(_call, calls.values()),
        *(_credit(one, calls[one.invoice_id]) for one in credited),
        *(_money(one, calls[one.invoice_id]) for one in moved),
    ]


def _call(call: Called) -> Movement:
    return Movement(
        day=call.issued_on,
        kind=LineKind.CALL,
        rank=call.number,
        piece=call.number,
        label=f"Cotisation {call.year}",
        amount=call.balance.total,
        invoice_id=call.id,
        due_on=call.due_on,
    )


def _credit(credit: CreditNote, call: Called) -> Movement:
    return Movement(
        day=credit.issued_on,
        kind=LineKind.CREDIT,
        rank=credit.reference,
        piece=credit.reference,
        label=f"Sur {call.number} : {credit.reason.label}",
        amount=-credit.total,
        invoice_id=call.id,
        due_on=call.due_on,
    )


def _money(moved: Moved, call: Called) -> Movement:
    put = f"{moved.method.label}, sur {call.number}"
    back = LineKind.RETURN if moved.came_back else LineKind.TAKEN_BACK
    return Movement(
        day=moved.recorded_on,
        kind=LineKind.PAYMENT if moved.amount > 0 else back,
        rank=str(moved.id),
        piece=moved.receipt_number,
        label=f"{put} : {moved.reason}" if moved.reason else put,
        amount=-moved.amount,
        invoice_id=call.id,
        due_on=call.due_on,
        money_on=moved.day,
    )


def _account_line(line: AccountLine) -> MovementLineOut:
    one = line.movement
    return MovementLineOut(
        day=one.day,
        money_on=one.money_on,
        kind=one.kind,
        kind_label=one.kind.label,
        piece=one.piece,
        label=one.label,
        debit=max(one.amount, NOTHING),
        credit=max(-one.amount, NOTHING),
        balance=line.balance,
        invoice_id=one.invoice_id,
        due_on=one.due_on,
    )
