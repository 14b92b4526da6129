"""Reads of the fund's own accounts: every line, and where they leave the fund at the end of a day.

What came in is read where it is kept, with the apportionment of the money; only what goes out is the fund's own. A
position is the sum of the lines of the list, so that any figure of any past day can be made again from them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, String, case, cast, func, literal, null, or_, select, union_all

from common.pagination import Order, Page, paginate
from common.transaction import Read
from dues.apportionment.queries import lines_of
from dues.fund import repository
from dues.fund.domain import NOTHING, FundLineKind, FundPosition, FundSourceKind
from dues.fund.schemas import (
    FundLineExportParams,
    FundLineFilters,
    FundLineListParams,
    FundLineOut,
    FundStatementOut,
)
from dues.fund.tables import FundApplicationRow, FundCallRow, FundMovementRow
from dues.grids.domain import Beneficiary, delegation_name

_MOVED: Any = FundMovementRow.__table__  # type: ignore[attr-defined]
_CALL: Any = FundCallRow.__table__  # type: ignore[attr-defined]
_APPLICATION: Any = FundApplicationRow.__table__  # type: ignore[attr-defined]

EXPORT_HEADER = (
    "jour", "nature", "montant", "effet_sur_le_libre", "origine", "piece", "libelle", "delegation", "jour_de_banque",
    "reference_bancaire", "raison",
)  # fmt: skip


def _came_in() -> Select[Any]:
    """The fund's part of each movement of money, as the apportionment keeps it."""
    part = lines_of(Beneficiary.MUTUAL_FUND).subquery().c
    kind = case((part.amount > 0, FundLineKind.RECEIVED.value), else_=FundLineKind.TAKEN_BACK.value)
    return select(
        part.id,
        part.day,
        kind.label("kind"),
        part.amount,
        part.amount.label("free"),
        literal(FundSourceKind.DUES.value).label("source_kind"),
        part.invoice_id.label("source_id"),
        part.piece,
        (part.invoice_number + " · " + part.member_name).label("label"),
        cast(null(), String).label("delegation"),
        cast(null(), Date).label("happened_on"),
        cast(null(), String).label("bank_reference"),
        cast(null(), String).label("reason"),
    )


def _went_out() -> Select[Any]:
    """The fund's own movements: what is committed is not free any more, paying it changes nothing to that."""
    moved = _MOVED.c
    free = case(
        (moved.kind == FundLineKind.COMMITTED.value, -moved.amount),
        (moved.kind == FundLineKind.PAID.value, NOTHING),
        else_=moved.amount,
    )
    return select(
        moved.id,
        moved.day,
        moved.kind,
        moved.amount,
        free.label("free"),
        moved.source_kind,
        moved.source_id,
        moved.piece,
        moved.label,
        moved.delegation,
        moved.happened_on,
        moved.bank_reference,
        moved.reason,
    )


_LINES: Any = union_all(_came_in(), _went_out()).subquery("line").c
_ORDER = Order(columns={name: _LINES[name] for name in ("day", "amount", "piece")}, default="-day", unique=_LINES.id)


async def position(read: Read, day: date, *, but: UUID | None = None) -> FundPosition:
    """Return where the fund stands at the end of a day; ``but`` is a call whose own reserve does not count."""
    return (await _standing(read, day, but))[0]


async def statement(read: Read, as_of: date | None) -> FundStatementOut:
    """Return the fund's statement of a day."""
    day = as_of or read.today
    stands, movements = await _standing(read, day, None)
    return FundStatementOut(
        as_of=day,
        received=stands.received,
        taken_back=stands.taken_back,
        income=stands.income,
        paid=stands.outflow.spent,
        committed=stands.outflow.left,
        free=stands.free,
        reserved=stands.reserved,
        available=stands.available,
        movements=movements,
    )


async def list_lines(read: Read, params: FundLineListParams) -> Page[FundLineOut]:
    """Return one page of lines."""
    rows, cursor, total = await paginate(read, _filtered(params), _ORDER, params)
    return Page(items=[_out(row) for row in rows], next_cursor=cursor, total=total)


async def export_lines(read: Read, params: FundLineExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list with the same filters."""
    rows = await read.session.execute(_filtered(params).order_by(_LINES.day, _LINES.id))
    found = [_out(row) for row in rows]
    return (
        (
            line.day,
            line.kind_label,
            line.amount,
            line.free,
            line.source_label,
            line.piece,
            line.label,
            delegation_name(line.delegation),
            line.happened_on,
            line.bank_reference,
            line.reason,
        )
        for line in found
    )


async def _standing(read: Read, day: date, but: UUID | None) -> tuple[FundPosition, int]:
    query = select(_LINES.kind, func.sum(_LINES.amount), func.count()).where(_LINES.day <= day)
    found = (await read.session.execute(query.group_by(_LINES.kind))).all()
    sums = {kind: amount for kind, amount, _ in found}
    stands = FundPosition(
        received=sums.get(FundLineKind.RECEIVED.value, NOTHING),
        taken_back=sums.get(FundLineKind.TAKEN_BACK.value, NOTHING),
        outflow=repository.outflow(sums),
        reserved=(await read.session.execute(_reserved(day, but))).scalar_one(),
    )
    return stands, sum(count for *_, count in found)


def _reserved(day: date, but: UUID | None) -> Select[Any]:
    """The envelopes of the calls that were opened and not decided, less what was awarded of them."""
    awarded = (
        select(func.coalesce(func.sum(_MOVED.c.amount), NOTHING))
        .join(_APPLICATION, _APPLICATION.c.id == _MOVED.c.source_id)
        .where(
            _APPLICATION.c.call_id == _CALL.c.id,
            _MOVED.c.source_kind == FundSourceKind.AWARD.value,
            _MOVED.c.kind == FundLineKind.COMMITTED.value,
            _MOVED.c.day <= day,
        )
        .correlate(_CALL)
        .scalar_subquery()
    )
    query = select(func.coalesce(func.sum(_CALL.c.envelope - awarded), NOTHING)).where(
        _CALL.c.opened_on <= day, or_(_CALL.c.decided_on.is_(None), _CALL.c.decided_on > day)
    )
    return query if but is None else query.where(_CALL.c.id != but)


def _filtered(filters: FundLineFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        _LINES[name].in_(values)
        for name in ("kind", "source_kind", "source_id", "delegation")
        if (values := getattr(filters, name))
    ]
    if filters.day_from:
        conditions.append(_LINES.day >= filters.day_from)
    if filters.day_to:
        conditions.append(_LINES.day <= filters.day_to)
    if filters.q:
        words = (_LINES.piece, _LINES.label)
        conditions.append(or_(*(word.icontains(filters.q, autoescape=True) for word in words)))
    return select(*_LINES).where(*conditions)


def _out(row: Any) -> FundLineOut:
    fields = dict(zip(_LINES.keys(), row, strict=True))
    return FundLineOut(
        **fields,
        kind_label=FundLineKind(fields["kind"]).label,
        source_label=FundSourceKind(fields["source_kind"]).label,
    )
