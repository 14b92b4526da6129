"""Reads of what each beneficiary is due of the money that came in, on any day."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, or_, select

from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from dues.apportionment.domain import beneficiary_of, delegation_of
from dues.apportionment.schemas import (
    CashBalanceOut,
    CashBalancesOut,
    CashPartFilters,
    CashPartListParams,
    CashPartOut,
)
from dues.apportionment.tables import CashPartRow
from dues.grids.domain import Beneficiary

_TABLE: Any = CashPartRow.__table__  # type: ignore[attr-defined]
CASH_PARTS: Any = _TABLE.c
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("day", "beneficiary", "amount", "invoice_number")},
    default="-day",
    unique=_TABLE.c.id,
)
_NOTHING = Decimal("0.00")

EXPORT_HEADER = ("jour", "beneficiaire", "montant", "reglement", "appel", "annee", "adherent")


async def balances(read: Read, grant: Grant, as_of: date | None) -> CashBalancesOut:
    """Return what each beneficiary within reach is due at the end of a day."""
    columns, day = _TABLE.c, as_of or read.today
    query = (
        select(
            columns.beneficiary,
            func.coalesce(func.sum(columns.amount).filter(columns.amount > 0), _NOTHING).label("received"),
            func.coalesce(func.sum(columns.amount).filter(columns.amount < 0), _NOTHING).label("taken_back"),
            func.count().label("movements"),
        )
        .where(_within(grant), columns.day <= day)
        .group_by(columns.beneficiary)
        .order_by(columns.beneficiary)
    )
    found = [
        CashBalanceOut(
            **_named(row.beneficiary),
            received=row.received,
            taken_back=row.taken_back,
            balance=row.received + row.taken_back,
            movements=row.movements,
        )
        for row in await read.session.execute(query)
    ]
    return CashBalancesOut(as_of=day, balances=found, total=sum((one.balance for one in found), _NOTHING))


async def list_parts(read: Read, grant: Grant, params: CashPartListParams) -> Page[CashPartOut]:
    """Return one page of parts within reach."""
    query = select(CashPartRow).where(_within(grant), *_conditions(params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: CashPartFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same parts as the list with the same filters."""
    query = select(CashPartRow).where(_within(grant), *_conditions(filters))
    rows = (await read.session.execute(query.order_by(_TABLE.c.day, _TABLE.c.id))).scalars().all()
    return (
        (row.day, row.beneficiary, row.amount, row.piece, row.invoice_number, row.year, row.member_name) for row in rows
    )


async def due_to_delegations(read: Read, day: date) -> dict[str, Decimal]:
    """Return what each delegation is due of the money that came in at the end of a day, by its code, whoever asks."""
    columns = _TABLE.c
    query = select(columns.beneficiary, func.sum(columns.amount)).where(
        columns.delegation.is_not(None), columns.day <= day
    )
    rows = await read.session.execute(query.group_by(columns.beneficiary))
    return dict(rows.all())


def delegation_parts(grant: Grant) -> Select[Any]:
    """Return the parts of the delegations within reach, as a query to which others add what was done with them."""
    names = ("id", "beneficiary", "day", "amount", "piece", "invoice_id", "invoice_number", "year", "member_name")
    return select(*(_TABLE.c[name] for name in names)).where(_within(grant), _TABLE.c.delegation.is_not(None))


def lines_of(beneficiary: Beneficiary) -> Select[Any]:
    """Return the query of all parts of one beneficiary, for a capability that keeps what becomes of them."""
    columns = ("id", "day", "amount", "piece", "invoice_id", "invoice_number", "member_name")
    return select(*(_TABLE.c[name] for name in columns)).where(_TABLE.c.beneficiary == beneficiary.value)


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=null(), delegation=_TABLE.c.delegation)


def _conditions(filters: CashPartFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = [
        columns[name].in_(values)
        for name in ("beneficiary", "year", "invoice_id")
        if (values := getattr(filters, name))
    ]
    if filters.day_from:
        conditions.append(columns.day >= filters.day_from)
    if filters.day_to:
        conditions.append(columns.day <= filters.day_to)
    if filters.q:
        texts = ("invoice_number", "piece", "member_name")
        conditions.append(or_(*(columns[name].icontains(filters.q, autoescape=True) for name in texts)))
    return conditions


def _out(row: CashPartRow) -> CashPartOut:
    return CashPartOut(
        id=row.id,
        day=row.day,
        **_named(row.beneficiary),
        amount=row.amount,
        piece=row.piece,
        movement_id=row.movement_id,
        invoice_id=row.invoice_id,
        invoice_number=row.invoice_number,
        year=row.year,
        member_name=row.member_name,
    )


def _named(code: str) -> dict[str, Any]:
    kind = beneficiary_of(code)
    return {"beneficiary": code, "kind": kind, "kind_label": kind.label, "delegation": delegation_of(code)}
