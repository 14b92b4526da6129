"""Reads of the files that were sent and of the statements in them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from common.pagination import Order, Page, PageParams, paginate
from common.transaction import Read
from dues.bank.domain import Balances, BankFileNotFound, LineState, RowOutcome, StatementNotFound, gap_between
from dues.bank.schemas import BankFileOut, BankStatementOut, FileLineOut, FileLineParams, StatementListParams
from dues.bank.tables import BankFileRow, FileLineRow, LineRow, StatementRow

_FILE: Any = BankFileRow.__table__  # type: ignore[attr-defined]
_STATEMENT: Any = StatementRow.__table__  # type: ignore[attr-defined]
_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_GIVEN: Any = FileLineRow.__table__  # type: ignore[attr-defined]
_FILES = Order(columns={"received_at": _FILE.c.received_at}, default="-received_at", unique=_FILE.c.id)
_STATEMENTS = Order(columns={"closed_on": _STATEMENT.c.closed_on}, default="-closed_on", unique=_STATEMENT.c.id)
_GIVEN_LINES = Order(columns={"row": _GIVEN.c.row}, default="row", unique=_GIVEN.c.line_id)
_BALANCES = ("reference", "opened_on", "closed_on", "opening", "closing")


async def list_files(read: Read, params: PageParams) -> Page[BankFileOut]:
    """Return one page of files, the last received first."""
    rows, cursor, total = await paginate(read, select(BankFileRow), _FILES, params)
    return Page(items=[file_out(row) for row in rows], next_cursor=cursor, total=total)


async def find_file(read: Read, file_id: UUID) -> BankFileRow:
    """Return one file. Raises BankFileNotFound."""
    row = await read.session.get(BankFileRow, file_id)
    if row is None:
        raise BankFileNotFound("Ce fichier de relevés n'existe pas.")
    return row


def file_out(row: BankFileRow) -> BankFileOut:
    """Return a file as it is shown."""
    return BankFileOut(**{name: getattr(row, name) for name in BankFileOut.model_fields})


async def list_file_lines(read: Read, file_id: UUID, params: FileLineParams) -> Page[FileLineOut]:
    """Return one page of a file's lines, in its order, with what became of each. Raises BankFileNotFound."""
    await find_file(read, file_id)
    kept = (_LINE.c.booked_on, _LINE.c.amount, _LINE.c.party, _LINE.c.text)
    query = select(_GIVEN.c.row, _GIVEN.c.outcome, _GIVEN.c.line_id, _GIVEN.c.statement_id, *kept)
    query = query.join(_LINE, _LINE.c.id == _GIVEN.c.line_id).where(_GIVEN.c.file_id == file_id)
    if params.outcome:
        query = query.where(_GIVEN.c.outcome == params.outcome.value)
    rows, cursor, total = await paginate(read, query, _GIVEN_LINES, params)
    names = ("row", "outcome", "line_id", "statement_id", "booked_on", "amount", "party", "text")
    shown = [dict(zip(names, row, strict=True)) for row in rows]
    items = [FileLineOut(**one, outcome_label=RowOutcome(one["outcome"]).label) for one in shown]
    return Page(items=items, next_cursor=cursor, total=total)


async def list_statements(read: Read, params: StatementListParams) -> Page[BankStatementOut]:
    """Return one page of statements, the latest first."""
    query = select(StatementRow)
    if params.closed_from:
        query = query.where(_STATEMENT.c.closed_on >= params.closed_from)
    if params.closed_to:
        query = query.where(_STATEMENT.c.closed_on <= params.closed_to)
    rows, cursor, total = await paginate(read, query, _STATEMENTS, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def find_statement(read: Read, statement_id: UUID) -> BankStatementOut:
    """Return one statement. Raises StatementNotFound."""
    row = await read.session.get(StatementRow, statement_id)
    if row is None:
        raise StatementNotFound("Ce relevé n'existe pas.")
    [shown] = await _shown(read, [row])
    return shown


async def _shown(read: Read, rows: Sequence[StatementRow]) -> list[BankStatementOut]:
    ids = [row.id for row in rows]
    counts, previous = await _counts(read, ids), await _previous(read, ids)
    return [_out(row, counts.get(row.id, {}), previous.get(row.id)) for row in rows]


def _out(row: StatementRow, counts: dict[str, Any], previous: Balances | None) -> BankStatementOut:
    return BankStatementOut(
        id=row.id,
        account=row.account,
        **{name: getattr(row, name) for name in _BALANCES},
        **{name: counts.get(name, 0) for name in ("lines", *LineState)},
        received=counts.get("received", Decimal(0)),
        paid_out=counts.get("paid_out", Decimal(0)),
        gap=gap_between(previous, Balances(*(getattr(row, name) for name in _BALANCES))),
    )


async def _counts(read: Read, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return how many lines each statement brought, by state, and what they moved."""
    amount = _LINE.c.amount
    query = select(
        _LINE.c.statement_id,
        func.count().label("lines"),
        *(func.count().filter(_LINE.c.state == state.value).label(state.value) for state in LineState),
        func.coalesce(func.sum(amount).filter(amount > 0), Decimal(0)).label("received"),
        func.coalesce(func.sum(amount).filter(amount < 0), Decimal(0)).label("paid_out"),
    )
    query = query.where(_LINE.c.statement_id.in_(ids)).group_by(_LINE.c.statement_id)
    return {row["statement_id"]: dict(row) for row in (await read.session.execute(query)).mappings()}


async def _previous(read: Read, ids: Sequence[UUID]) -> dict[UUID, Balances]:
    """Return the statement before each, of the same account, by the day on which it closes."""
    order = (_STATEMENT.c.closed_on, _STATEMENT.c.opened_on, _STATEMENT.c.id)
    before = [
        func.lag(_STATEMENT.c[name]).over(partition_by=_STATEMENT.c.account, order_by=order).label(name)
        for name in _BALANCES
    ]
    ranked = select(_STATEMENT.c.id, *before).subquery()
    query = select(ranked).where(ranked.c.id.in_(ids), ranked.c.reference.is_not(None))
    rows = (await read.session.execute(query)).all()
    return {row.id: Balances(*(getattr(row, name) for name in _BALANCES)) for row in rows}
