"""What accounts bear, at any date: each figure is a sum of lines, in one statement.

A balance starts from the last entry that took up the balances of a year and still stood that day: the entries before
it are in it already. Without one, it starts from the first entry.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from common.accounting.accounts import account_numbered
from common.accounting.entries import OPENING_BALANCES
from common.accounting.tables import ENTRY, LINE
from common.pagination import Order, Page, paginate
from common.transaction import Read
from common.types import Schema
from dues.ledger.queries.accounts import chart
from dues.ledger.schemas import (
    AccountLineFilters,
    AccountLineOut,
    AccountLineParams,
    AuxiliaryFilters,
    AuxiliaryParams,
    BalanceOut,
    BalanceParams,
    BalancesOut,
)

_OPENING: Any = ENTRY.alias("opening")
_UNDOING: Any = ENTRY.alias("undoing")
_NOTHING = Decimal("0.00")

BALANCE_HEADER = ("compte", "intitule", "debit", "credit", "solde")
AUXILIARY_HEADER = ("compte", "intitule", "auxiliaire", "nom", "debit", "credit", "solde")
ACCOUNT_HEADER = (
    "date", "journal", "ecriture", "piece", "libelle", "auxiliaire", "nom", "debit", "credit", "solde", "lettrage",
)  # fmt: skip


async def trial_balance(read: Read, entity: str, params: BalanceParams) -> BalancesOut:
    """Return the balance of each account at the end of a day."""
    as_of = params.as_of or read.today
    query = _sums(entity, as_of, params.account).add_columns(_start(entity, as_of).label("since"))
    rows = (await read.session.execute(query.order_by(LINE.c.account))).all()
    items = [
        BalanceOut(
            account=row.account,
            account_label=row.account_label,
            auxiliary=None,
            auxiliary_name=None,
            debit=row.debit,
            credit=row.credit,
            balance=row.balance,
        )
        for row in rows
    ]
    return BalancesOut(
        as_of=as_of,
        since=rows[0].since if rows else None,
        debit=sum((item.debit for item in items), _NOTHING),
        credit=sum((item.credit for item in items), _NOTHING),
        items=items,
    )


async def export_balances(read: Read, entity: str, params: BalanceParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export of the balance of each account."""
    found = (await trial_balance(read, entity, params)).items
    return ((one.account, one.account_label, one.debit, one.credit, one.balance) for one in found)


async def list_auxiliaries(read: Read, entity: str, params: AuxiliaryParams) -> Page[BalanceOut]:
    """Return one page of the balances of the auxiliaries at the end of a day."""
    sums, query = _auxiliaries(read, entity, params)
    columns = {name: sums.c[name] for name in ("account", "auxiliary_name", "balance")}
    rows, cursor, total = await paginate(read, query, Order(columns, "account", sums.c.key), params)
    items = [BalanceOut.model_validate(_shown(sums, row, BalanceOut)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_auxiliaries(read: Read, entity: str, filters: AuxiliaryFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same auxiliaries as the list with the same filters."""
    sums, query = _auxiliaries(read, entity, filters)
    rows = (await read.session.execute(query.order_by(sums.c.account, sums.c.key))).all()
    return (
        (row.account, row.account_label, row.auxiliary, row.auxiliary_name, row.debit, row.credit, row.balance)
        for row in rows
    )


async def list_account_lines(read: Read, entity: str, number: str, params: AccountLineParams) -> Page[AccountLineOut]:
    """Return one page of the lines of an account, each with the balance after it. Raises AccountUnknown."""
    lines, query = _account_lines(read, entity, number, params)
    rows, cursor, total = await paginate(read, query, Order({"day": lines.c.day}, "day", lines.c.id), params)
    if not rows:  # an account that left the chart keeps its lines
        account_numbered(chart(), number)
    items = [AccountLineOut.model_validate(_shown(lines, row, AccountLineOut)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def export_account_lines(
    read: Read, entity: str, number: str, filters: AccountLineFilters
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: those of the account with the same filters. Raises AccountUnknown."""
    lines, query = _account_lines(read, entity, number, filters)
    rows = (await read.session.execute(query.order_by(lines.c.day, lines.c.id))).all()
    if not rows:
        account_numbered(chart(), number)
    return (
        (
            row.day,
            row.journal,
            row.number,
            row.piece,
            row.label,
            row.auxiliary,
            row.auxiliary_name,
            row.debit,
            row.credit,
            row.balance,
            row.letter,
        )
        for row in rows
    )


def _auxiliaries(read: Read, entity: str, filters: AuxiliaryFilters) -> tuple[Subquery, Select[Any]]:
    sums = _by_auxiliary(entity, filters.as_of or read.today, filters.account)
    query = select(sums)
    if filters.settled is not None:
        query = query.where((sums.c.balance == 0) == filters.settled)
    if filters.q:
        named = (sums.c[name].icontains(filters.q, autoescape=True) for name in ("auxiliary", "auxiliary_name"))
        query = query.where(or_(*named))
    return sums, query


def _account_lines(read: Read, entity: str, number: str, filters: AccountLineFilters) -> tuple[Subquery, Select[Any]]:
    lines = _running(entity, number, filters.auxiliary, filters.day_to or read.today)
    query = select(lines)
    return lines, query.where(lines.c.day >= filters.day_from) if filters.day_from else query


def _start(entity: str, as_of: date) -> Any:
    """Return the first day that a balance counts, as a column; null where it counts from the first entry."""
    undone = select(_UNDOING.c.id).where(_UNDOING.c.reverses == _OPENING.c.id, _UNDOING.c.day <= as_of)
    return (
        select(func.max(_OPENING.c.day))
        .where(_OPENING.c.entity == entity, _OPENING.c.source_kind == OPENING_BALANCES, _OPENING.c.day <= as_of)
        .where(~undone.exists())
        .scalar_subquery()
    )


def _counted(entity: str, as_of: date) -> list[ColumnElement[bool]]:
    start = func.coalesce(_start(entity, as_of), date.min)
    return [ENTRY.c.entity == entity, ENTRY.c.day <= as_of, ENTRY.c.day >= start]


def _sums(entity: str, as_of: date, prefix: str | None) -> Select[Any]:
    """Select what each account bears."""
    query = (
        select(
            LINE.c.account,
            _latest(LINE.c.account_label).label("account_label"),
            func.sum(LINE.c.debit).label("debit"),
            func.sum(LINE.c.credit).label("credit"),
            func.sum(LINE.c.debit - LINE.c.credit).label("balance"),
        )
        .join(ENTRY, ENTRY.c.id == LINE.c.entry_id)
        .where(*_counted(entity, as_of))
        .group_by(LINE.c.account)
    )
    return query.where(LINE.c.account.startswith(prefix)) if prefix else query


def _by_auxiliary(entity: str, as_of: date, prefix: str | None) -> Subquery:
    query = (
        _sums(entity, as_of, prefix)
        .add_columns(
            LINE.c.auxiliary,
            _latest(LINE.c.auxiliary_name).label("auxiliary_name"),
            (LINE.c.account + literal(" ") + LINE.c.auxiliary).label("key"),
        )
        .where(LINE.c.auxiliary.is_not(None))
    )
    return query.group_by(LINE.c.auxiliary).subquery("auxiliary_balance")


def _running(entity: str, number: str, auxiliary: str | None, as_of: date) -> Subquery:
    """Select the lines of an account with the balance after each, those before the page included in it."""
    wanted = [LINE.c.account == number, *([LINE.c.auxiliary == auxiliary] if auxiliary else [])]
    balance = func.sum(LINE.c.debit - LINE.c.credit).over(order_by=(ENTRY.c.day, LINE.c.id))
    return (
        select(LINE, ENTRY.c.number, ENTRY.c.journal, ENTRY.c.day, ENTRY.c.piece, ENTRY.c.label)
        .add_columns(balance.label("balance"))
        .join(ENTRY, ENTRY.c.id == LINE.c.entry_id)
        .where(*wanted, *_counted(entity, as_of))
        .subquery("account_line")
    )


def _latest(name: Any) -> ColumnElement[str]:
    """Return the name on the last of the lines: names change, lines do not."""
    names: Any = func.array_agg(aggregate_order_by(name, LINE.c.id.desc()))
    latest: ColumnElement[str] = names[1]
    return latest


def _shown(source: Subquery, row: Sequence[Any], shape: type[Schema]) -> dict[str, Any]:
    """Return what a shape shows of a row of a subquery."""
    return {name: value for name, value in zip(source.c.keys(), row, strict=True) if name in shape.model_fields}
