"""Loads and saves what the bank told and what was said of it; the only writer of their tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.db import copy_rows
from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.bank.domain import BankLine, BankLineNotFound, LineState, OtherMoney, RowOutcome, Statement
from dues.bank.tables import BankFileRow, FileLineRow, LineActRow, LineReceiptRow, LineRow, PayerRow, StatementRow
from dues.collections.domain import JOURNAL as RUNS
from dues.transfers.domain import JOURNAL as BATCHES

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_STATEMENT: Any = StatementRow.__table__  # type: ignore[attr-defined]
_SAID = func.concat_ws(" ", _LINE.c.batch, _LINE.c.end_to_end, _LINE.c.text)


async def add_file(tx: Tx, row: BankFileRow) -> None:
    """Insert a file."""
    tx.session.add(row)
    await tx.session.flush()


async def add_statements(tx: Tx, file_id: UUID, statements: Sequence[Statement]) -> list[StatementRow]:
    """Insert the statements not known yet; return the row of each. The one known may have other balances."""
    values = [
        {
            "id": new_id(),
            "file_id": file_id,
            "account": one.account,
            "reference": one.reference,
            "opened_on": one.opened_on,
            "closed_on": one.closed_on,
            "opening": one.opening,
            "closing": one.closing,
        }
        for one in statements
    ]
    await tx.session.execute(insert(StatementRow).on_conflict_do_nothing(), values)
    names = [(one.account, one.reference, one.closed_on) for one in statements]
    place = tuple_(_STATEMENT.c.account, _STATEMENT.c.reference, _STATEMENT.c.closed_on)
    rows = (await tx.session.execute(select(StatementRow).where(place.in_(names)))).scalars()
    found = {(row.account, row.reference, row.closed_on): row for row in rows}
    return [found[name] for name in names]


async def add_lines(tx: Tx, row: StatementRow, lines: Sequence[BankLine]) -> dict[str, tuple[UUID, RowOutcome]]:
    """Insert the lines not known yet; return which line each key is, and whether this added it.

    In the order of their keys: two files that tell of the same lines wait for each other, and neither for ever.
    """
    if not lines:
        return {}
    ordered = sorted(lines, key=lambda line: line.key)
    values = [_values(row, line) for line in ordered]
    statement = insert(LineRow).on_conflict_do_nothing().returning(_LINE.c.id)
    added = set((await tx.session.execute(statement, values)).scalars())
    known = await _ids_of(tx, row.account, [one["key"] for one in values if one["id"] not in added])
    return {one["key"]: (one["id"], RowOutcome.ADDED) for one in values if one["id"] in added} | {
        key: (line_id, RowOutcome.KNOWN) for key, line_id in known.items()
    }


async def _ids_of(tx: Tx, account: str, keys: Sequence[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for start in range(0, len(keys), _KEYS):
        query = select(_LINE.c.key, _LINE.c.id).where(
            _LINE.c.account == account, _LINE.c.key.in_(keys[start : start + _KEYS])
        )
        found |= {row.key: row.id for row in await tx.session.execute(query)}
    return found


_KEYS = 10_000
"""Keys asked for in one statement, which takes 32,767 parameters at most."""


async def add_file_lines(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Note, in their order, what became of the lines of a file."""
    await copy_rows(tx.session, FileLineRow.__tablename__, rows)


async def hold_lines(tx: Tx, line_ids: Sequence[UUID]) -> dict[UUID, LineRow]:
    """Load lines and hold them, each time in the same order. Raises BankLineNotFound."""
    query = select(LineRow).where(_LINE.c.id.in_(line_ids)).order_by(_LINE.c.id).with_for_update()
    query = query.execution_options(populate_existing=True)
    rows = {row.id: row for row in (await tx.session.execute(query)).scalars()}
    if len(rows) < len(set(line_ids)):
        raise BankLineNotFound("Cette ligne de relevé n'existe pas.")
    return rows


async def settle(
    tx: Tx, row: LineRow, state: LineState, act: str, *, other: OtherMoney | None = None, note: str | None = None
) -> None:
    """Write what was said of a held line, and keep who said it."""
    row.state, row.other_money, row.note = state.value, other.value if other else None, note
    row.version += 1
    tx.session.add(
        LineActRow(
            line_id=row.id,
            number=row.version,
            act=act,
            other_money=row.other_money,
            note=note,
            done_at=tx.now,
            done_by=tx.actor.subject,
        )
    )
    await tx.session.flush()


async def learn_payer(tx: Tx, row: LineRow, member_ids: Sequence[UUID]) -> None:
    """Remember for which members the account of a line paid."""
    if row.party_iban is None or not member_ids:
        return
    values = [{"iban": row.party_iban, "member_id": one, "line_id": row.id} for one in sorted(set(member_ids))]
    await tx.session.execute(insert(PayerRow).on_conflict_do_nothing(), values)


async def forget_payer(tx: Tx, row: LineRow) -> None:
    """Forget what a line taught of the account that it came from."""
    await tx.session.execute(delete(PayerRow).where(col(PayerRow.line_id) == row.id))


async def add_receipts(tx: Tx, row: LineRow, receipt_ids: Sequence[UUID], *, typed: bool = False) -> None:
    """Note which receipts a line brought, or took back, or which was typed before it was known."""
    values = [{"line_id": row.id, "receipt_id": receipt_id, "typed": typed} for receipt_id in receipt_ids]
    await tx.session.execute(insert(LineReceiptRow), values)


async def is_on_statement(tx: Tx, receipt_id: UUID) -> bool:
    """Tell whether a line is known to be a held receipt."""
    query = select(col(LineReceiptRow.line_id)).where(col(LineReceiptRow.receipt_id) == receipt_id).limit(1)
    return (await tx.session.execute(query)).one_or_none() is not None


async def take_receipts(tx: Tx, row: LineRow) -> list[UUID]:
    """Return the receipts that a line brought, which are then no more its own; one typed before it is let go."""
    statement = delete(LineReceiptRow).where(col(LineReceiptRow.line_id) == row.id)
    found = await tx.session.execute(statement.returning(col(LineReceiptRow.receipt_id), col(LineReceiptRow.typed)))
    return sorted(receipt_id for receipt_id, typed in found if not typed)


async def waiting_for_runs(read: Read) -> Sequence[LineRow]:
    """Return the lines that brought money, wait, and say something of the series of the runs: few at any time."""
    query = select(LineRow).where(_LINE.c.state == LineState.UNMATCHED, _LINE.c.amount > 0, _SAID.icontains(RUNS))
    return (await read.session.execute(query.order_by(_LINE.c.id))).scalars().all()


async def told_of_runs(read: Read, run_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return what the lines that are matched to some runs make together."""
    query = select(_LINE.c.run_id, func.sum(_LINE.c.amount)).where(_LINE.c.run_id.in_(run_ids))
    return {row[0]: row[1] for row in await read.session.execute(query.group_by(_LINE.c.run_id))}


async def waiting_for_batches(read: Read) -> Sequence[LineRow]:
    """Return the lines that wait, took money, and say something of the series of the batches: few at any time."""
    query = select(LineRow).where(_LINE.c.state == LineState.UNMATCHED, _LINE.c.amount < 0, _SAID.icontains(BATCHES))
    return (await read.session.execute(query.order_by(_LINE.c.id))).scalars().all()


async def told_of_batches(read: Read, batch_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """Return what the lines that are matched to some batches took together."""
    batch_id = _LINE.c.transfer_batch_id
    query = select(batch_id, -func.sum(_LINE.c.amount)).where(batch_id.in_(batch_ids))
    return {row[0]: row[1] for row in await read.session.execute(query.group_by(batch_id))}


async def is_brought_back(tx: Tx, transfer_id: UUID) -> bool:
    """Tell whether a line brought a held transfer back."""
    query = select(_LINE.c.id).where(_LINE.c.transfer_id == transfer_id)
    return (await tx.session.execute(query)).one_or_none() is not None


async def is_taken_back(tx: Tx, collection_id: UUID) -> bool:
    """Tell whether a line took a held collection back."""
    query = select(_LINE.c.id).where(_LINE.c.collection_id == collection_id)
    return (await tx.session.execute(query)).one_or_none() is not None


async def receipts_of(read: Read, line_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return the receipts of lines, by line."""
    query = select(col(LineReceiptRow.line_id), col(LineReceiptRow.receipt_id))
    query = query.where(col(LineReceiptRow.line_id).in_(line_ids)).order_by(col(LineReceiptRow.receipt_id))
    found: dict[UUID, list[UUID]] = {}
    for row in await read.session.execute(query):
        found.setdefault(row.line_id, []).append(row.receipt_id)
    return found


async def waiting_after(tx: Tx, line_id: UUID | None, limit: int) -> list[LineRow]:
    """Return the next lines that may be matched at once, in the order of their ids, held."""
    query = select(LineRow).where(matched_at_once())
    if line_id is not None:
        query = query.where(_LINE.c.id > line_id)
    query = query.order_by(_LINE.c.id).limit(limit).with_for_update().execution_options(populate_existing=True)
    return list((await tx.session.execute(query)).scalars())


def matched_at_once() -> ColumnElement[bool]:
    """Select the lines that wait and that one act matches where they are sure: all but what a bank takes back."""
    taken_back = or_(_LINE.c.return_code.is_not(None), _LINE.c.reversal, _SAID.icontains(RUNS))
    return and_(_LINE.c.state == LineState.UNMATCHED, or_(_LINE.c.amount > 0, ~taken_back))


async def acts_of(read: Read, line_id: UUID) -> list[LineActRow]:
    """Return what was said of a line, in order."""
    query = select(LineActRow).where(col(LineActRow.line_id) == line_id).order_by(col(LineActRow.number))
    return list((await read.session.execute(query)).scalars())


def line_of(row: LineRow) -> BankLine:
    """Return a line as the rules read it."""
    return BankLine(**{name: getattr(row, name) for name in BankLine.__dataclass_fields__})


def _values(row: StatementRow, line: BankLine) -> dict[str, Any]:
    return {
        "id": new_id(),
        "statement_id": row.id,
        "account": row.account,
        **asdict(line),
        "state": line.first_state.value,
        "other_money": None,
        "note": None,
        "version": 1,
    }
