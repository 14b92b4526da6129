"""Reads of what is left to pay each delegation, on any day, and of its monthly statements, line by line."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, cast, func, null, select, true, union_all

from common.accounting.periods import day_before, last_day
from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from dues.apportionment.domain import delegation_of
from dues.apportionment.queries import delegation_parts
from dues.legal_entities.domain import LegalEntity
from dues.transfers.documents import movement_line, print_statement, statement_line
from dues.transfers.domain import (
    NOTHING,
    Movement,
    MovementKind,
    Statement,
    TransferStatementNotFound,
    draw_up,
    require_begun,
)
from dues.transfers.schemas import (
    StatementLineListParams,
    StatementLineOut,
    TransferBalanceOut,
    TransferBalancesOut,
    TransferStatementOut,
    TransferStatementsOut,
)
from dues.transfers.tables import MovementRow

_TABLE: Any = MovementRow.__table__  # type: ignore[attr-defined]
_OF_A_CALL = ("invoice_id", "invoice_number", "year", "member_name")
_LINE = ("id", "day", "kind", "amount", "piece", *_OF_A_CALL)
_MADE = frozenset({MovementKind.TRANSFER, MovementKind.REJECTED})


async def transferred_by(read: Read, day: date) -> dict[str, Decimal]:
    """Return what each beneficiary had been transferred at the end of a day, less what banks rejected."""
    query = select(_TABLE.c.beneficiary, -func.sum(_TABLE.c.amount)).where(_TABLE.c.day <= day)
    rows = await read.session.execute(query.group_by(_TABLE.c.beneficiary))
    return dict(rows.all())


async def balances(read: Read, grant: Grant, as_of: date | None) -> TransferBalancesOut:
    """Return what is left to pay each delegation within reach at the end of a day."""
    day = as_of or read.today
    moved = _moved(grant)
    query = select(
        moved.c.beneficiary,
        _total(moved, ~moved.c.kind.in_(_MADE)).label("due"),
        (-_total(moved, moved.c.kind.in_(_MADE))).label("transferred"),
    )
    query = query.where(moved.c.day <= day).group_by(moved.c.beneficiary).order_by(moved.c.beneficiary)
    found = [
        TransferBalanceOut(
            code=row.beneficiary,
            delegation=delegation_of(row.beneficiary),
            due=row.due,
            transferred=row.transferred,
            balance=row.due - row.transferred,
        )
        for row in await read.session.execute(query)
    ]
    return TransferBalancesOut(as_of=day, balances=found, total=sum((one.balance for one in found), NOTHING))


async def statements(read: Read, grant: Grant, month: str) -> TransferStatementsOut:
    """Return the statements of a month within reach. Raises MonthNotBegun."""
    found = await _drawn_up(read, grant, month)
    shown = [_out(read, one, month) for one in found.values()]
    sums = ("opening", "received", "taken_back", "transferred", "rejected", "closing")
    return TransferStatementsOut(
        month=month,
        final=last_day(first_day(month)) < read.today,
        statements=shown,
        **{name: sum((getattr(one, name) for one in shown), NOTHING) for name in sums},
    )


async def export_statements(read: Read, grant: Grant, month: str) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same statements as the list. Raises MonthNotBegun."""
    return map(statement_line, (await statements(read, grant, month)).statements)


async def find_statement(read: Read, grant: Grant, code: str, month: str) -> TransferStatementOut:
    """Return one statement within reach. Raises MonthNotBegun, TransferStatementNotFound."""
    found = (await _drawn_up(read, grant, month, code)).get(code)
    if found is None:
        raise TransferStatementNotFound(
            "Rien n'est encore venu pour ce bénéficiaire à la fin de ce mois, ou il n'est pas dans votre périmètre."
        )
    return _out(read, found, month)


async def list_statement_lines(
    read: Read, grant: Grant, code: str, params: StatementLineListParams
) -> Page[StatementLineOut]:
    """Return one page of the lines of a statement. Raises MonthNotBegun, TransferStatementNotFound."""
    await find_statement(read, grant, code, params.month)
    moved = _moved(grant)
    order = Order(columns={"day": moved.c.day, "amount": moved.c.amount}, default="day", unique=moved.c.id)
    rows, cursor, total = await paginate(read, _lines_of(moved, code, params.month), order, params)
    return Page(items=[_line(row) for row in rows], next_cursor=cursor, total=total)


async def export_statement_lines(read: Read, grant: Grant, code: str, month: str) -> Iterator[Sequence[object]]:
    """Return the lines of an export: all those of a statement. Raises MonthNotBegun, TransferStatementNotFound."""
    await find_statement(read, grant, code, month)
    return map(movement_line, await _all_lines(read, grant, code, month))


async def statement_pdf(read: Read, grant: Grant, payer: LegalEntity, code: str, month: str) -> bytes:
    """Return a statement as PDF, with all its lines. Raises MonthNotBegun, TransferStatementNotFound."""
    statement = await find_statement(read, grant, code, month)
    return await print_statement(statement, await _all_lines(read, grant, code, month), payer, read.today)


def first_day(month: str) -> date:
    """Return the first day of a month as it is asked for."""
    return date.fromisoformat(f"{month}-01")


async def _drawn_up(read: Read, grant: Grant, month: str, code: str | None = None) -> dict[str, Statement]:
    """Draw up the statements of a month, from one sum for all that came before it and one for each of its days."""
    first = first_day(month)
    require_begun(first, read.today)
    moved = _moved(grant)
    asked = moved.c.beneficiary == code if code else true()
    before = func.greatest(moved.c.day, day_before(first)).label("day")
    each = select(moved.c.beneficiary, moved.c.kind, moved.c.amount, before)
    days = each.where(moved.c.day <= last_day(first), asked).subquery()
    keys = (days.c.beneficiary, days.c.kind, days.c.day)
    rows = await read.session.execute(select(*keys, func.sum(days.c.amount), func.count()).group_by(*keys))
    sums = [
        Movement(code=beneficiary, kind=MovementKind(kind), day=day, amount=amount, count=count)
        for beneficiary, kind, day, amount, count in rows
    ]
    return draw_up(sums, first, last_day(first))


async def _all_lines(read: Read, grant: Grant, code: str, month: str) -> list[StatementLineOut]:
    moved = _moved(grant)
    rows = await read.session.execute(_lines_of(moved, code, month).order_by(moved.c.day, moved.c.id))
    return [_line(row) for row in rows]


def _lines_of(moved: Subquery, code: str, month: str) -> Select[Any]:
    first = first_day(month)
    within = moved.c.day.between(first, last_day(first))
    return select(*(moved.c[name] for name in _LINE)).where(moved.c.beneficiary == code, within)


def _moved(grant: Grant) -> Subquery:
    """Return what moves the balances of the delegations within reach: their parts, and what was transferred of them."""
    parts = delegation_parts(grant).subquery()
    kind = case((parts.c.amount > 0, MovementKind.SHARE.value), else_=MovementKind.TAKEN_BACK.value)
    made = [_TABLE.c[name] for name in ("id", "beneficiary", "day", "amount", "piece")]
    of_no_call = [cast(null(), parts.c[name].type).label(name) for name in _OF_A_CALL]
    transfers = select(*made, *of_no_call, _TABLE.c.kind).where(
        grant.covers(member=null(), delegation=_TABLE.c.delegation), _TABLE.c.delegation.is_not(None)
    )
    return union_all(select(*parts.c, kind.label("kind")), transfers).subquery()


def _total(moved: Subquery, condition: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(moved.c.amount).filter(condition), NOTHING)


def _line(row: Sequence[Any]) -> StatementLineOut:
    fields = dict(zip(_LINE, row, strict=True))
    return StatementLineOut(**fields, kind_label=MovementKind(fields["kind"]).label)


def _out(read: Read, one: Statement, month: str) -> TransferStatementOut:
    first = first_day(month)
    return TransferStatementOut(
        code=one.code,
        delegation=delegation_of(one.code),
        month=month,
        first_day=first,
        last_day=last_day(first),
        final=last_day(first) < read.today,
        opening=one.opening,
        received=one.moved[MovementKind.SHARE],
        taken_back=one.moved[MovementKind.TAKEN_BACK],
        transferred=one.moved[MovementKind.TRANSFER],
        rejected=one.moved[MovementKind.REJECTED],
        closing=one.closing,
        movements=one.movements,
    )
