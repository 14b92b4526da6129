"""Loads and saves the mandates of the board and the functions of its bureau; the only writer of their tables."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from membership.board.domain import (
    STRUCTURES_SCOPES,
    BoardMandate,
    BureauTerm,
    BureauTermNotFound,
    Elected,
    MandateEnd,
    MandateNotFound,
    Place,
    SeatScope,
)
from membership.board.tables import BoardMandateRow, BureauTermRow

MANDATE: Any = BoardMandateRow.__table__  # type: ignore[attr-defined]
"""For the order of the list of mandates."""
_OF_STRUCTURES = col(BoardMandateRow.scope).in_([scope.value for scope in STRUCTURES_SCOPES])
_SEATS = 0x626F617264
"""Names the lock under which seats are given: the word board."""


async def hold(tx: Tx, mandate_id: UUID) -> BoardMandate:
    """Load a mandate and hold it until the end of the transaction. Raises MandateNotFound."""
    row = await tx.session.get(BoardMandateRow, mandate_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise MandateNotFound("Ce mandat n'existe pas.")
    return to_domain(row)


async def get(source: Read, mandate_id: UUID) -> BoardMandate:
    """Load a mandate. Raises MandateNotFound."""
    row = await source.session.get(BoardMandateRow, mandate_id, populate_existing=True)
    if row is None:
        raise MandateNotFound("Ce mandat n'existe pas.")
    return to_domain(row)


async def hold_unended(tx: Tx, scope: SeatScope, code: str) -> list[BoardMandate]:
    """Load the mandates of some seats that nobody ended, and hold the seats, free ones too, until the end."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_SEATS)))
    query = (
        select(BoardMandateRow)
        .where(
            col(BoardMandateRow.scope) == scope.value,
            col(BoardMandateRow.code) == code,
            col(BoardMandateRow.ended_on).is_(None),
        )
        .order_by(col(BoardMandateRow.id))
        .with_for_update()
    )
    return [to_domain(row) for row in (await tx.session.execute(query)).scalars()]


async def hold_seats(tx: Tx, scope: SeatScope, code: str) -> list[BoardMandate]:
    """Load every mandate of some seats, those that are over included, and hold the seats, free ones too."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_SEATS)))
    query = select(BoardMandateRow).where(col(BoardMandateRow.scope) == scope.value, col(BoardMandateRow.code) == code)
    held = query.order_by(col(BoardMandateRow.id)).with_for_update()
    return [to_domain(row) for row in (await tx.session.execute(held)).scalars()]


async def all_of(source: Read, member_id: UUID) -> list[BoardMandate]:
    """Load every mandate that a structure holds or held; those of employees are theirs."""
    query = select(BoardMandateRow).where(col(BoardMandateRow.member_id) == member_id, _OF_STRUCTURES)
    return [to_domain(row) for row in (await source.session.execute(query)).scalars()]


async def unended_of(source: Read, member_ids: Sequence[UUID]) -> list[BoardMandate]:
    """Load the mandates of some structures that nobody ended, those at their term included, of employees aside."""
    query = select(BoardMandateRow).where(
        col(BoardMandateRow.member_id).in_(member_ids), col(BoardMandateRow.ended_on).is_(None), _OF_STRUCTURES
    )
    return [to_domain(row) for row in (await source.session.execute(query)).scalars()]


async def naming(source: Read, contact_ids: Collection[UUID]) -> list[BoardMandate]:
    """Load every mandate that names some people, the oldest first."""
    query = select(BoardMandateRow).where(col(BoardMandateRow.contact_id).in_(contact_ids))
    ordered = query.order_by(col(BoardMandateRow.since), col(BoardMandateRow.id))
    return [to_domain(row) for row in (await source.session.execute(ordered)).scalars()]


def held_on(first: date, last: date | None = None) -> Select[Any]:
    """Select the mandates held on a day: ``is_held_on``; or at some time from that day to another."""
    over = func.least(col(BoardMandateRow.until), col(BoardMandateRow.ended_on))
    return select(BoardMandateRow).where(col(BoardMandateRow.since) <= (last or first), over > first)


async def all_held_on(source: Read, first: date, last: date | None = None) -> list[BoardMandate]:
    """Load the mandates held on a day, or at some time from that day to another."""
    return [to_domain(row) for row in (await source.session.execute(held_on(first, last))).scalars()]


async def of_assembly(source: Read, assembly_id: UUID) -> list[BoardMandate]:
    """Load the mandates that an assembly gave, in the order of their seats."""
    query = select(BoardMandateRow).where(col(BoardMandateRow.assembly_id) == assembly_id)
    ordered = query.order_by(col(BoardMandateRow.scope), col(BoardMandateRow.code), col(BoardMandateRow.number))
    return [to_domain(row) for row in (await source.session.execute(ordered)).scalars()]


async def add(tx: Tx, mandates: Sequence[BoardMandate]) -> None:
    """Insert mandates."""
    if mandates:
        rows = [{**_values(one), "recorded_at": tx.now, "recorded_by": tx.actor.subject} for one in mandates]
        await tx.session.execute(insert(BoardMandateRow), rows)


async def save(tx: Tx, mandate: BoardMandate) -> None:
    """Write a mandate that was loaded for update."""
    statement = update(BoardMandateRow).where(col(BoardMandateRow.id) == mandate.id)
    await tx.session.execute(statement.values(**_values(mandate)))


async def hold_bureau(tx: Tx, function: str) -> list[BureauTerm]:
    """Load every term of a function, and hold seats and functions until the end of the transaction."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(_SEATS)))
    return await _terms(tx, col(BureauTermRow.function) == function)


async def term(source: Read, term_id: UUID) -> BureauTerm:
    """Load one term of the bureau. Raises BureauTermNotFound."""
    found = await _terms(source, col(BureauTermRow.id) == term_id)
    if not found:
        raise BureauTermNotFound("Cette fonction du bureau n'existe pas.")
    return found[0]


async def terms_on(source: Read, day: date) -> list[BureauTerm]:
    """Load the functions that are held on a day, in the order in which they were begun."""
    return [one for one in await _terms(source, col(BureauTermRow.since) <= day) if one.is_held_on(day)]


async def terms_of(source: Read, mandate_ids: Collection[UUID]) -> list[BureauTerm]:
    """Load the functions of those who hold some seats, in the order in which they were begun."""
    return await _terms(source, col(BureauTermRow.mandate_id).in_(mandate_ids))


async def add_term(tx: Tx, one: BureauTerm) -> None:
    """Insert a term of the bureau."""
    values = {**_term_values(one), "recorded_at": tx.now, "recorded_by": tx.actor.subject}
    await tx.session.execute(insert(BureauTermRow).values(**values))


async def save_term(tx: Tx, one: BureauTerm) -> None:
    """Write a term of the bureau, whose function is held."""
    await tx.session.execute(update(BureauTermRow).where(col(BureauTermRow.id) == one.id).values(**_term_values(one)))


TERMS: Any = select(BureauTermRow, BoardMandateRow).join(
    BoardMandateRow, col(BoardMandateRow.id) == col(BureauTermRow.mandate_id)
)
"""Functions of the bureau with the seats of who held them, read with ``to_term``."""


async def _terms(source: Read, condition: ColumnElement[bool]) -> list[BureauTerm]:
    query = TERMS.where(condition).order_by(col(BureauTermRow.since), col(BureauTermRow.id))
    return [to_term(*row) for row in await source.session.execute(query.execution_options(populate_existing=True))]


def to_term(row: BureauTermRow, mandate: BoardMandateRow) -> BureauTerm:
    """Turn a row, and that of the seat, into the term the rules know."""
    return BureauTerm(row.id, row.function, to_domain(mandate), row.since, row.source, row.ended_on, row.version)


def _term_values(one: BureauTerm) -> dict[str, object]:
    same = ("id", "function", "since", "source", "ended_on", "version")
    return {**{name: getattr(one, name) for name in same}, "mandate_id": one.mandate.id}


def to_domain(row: BoardMandateRow) -> BoardMandate:
    """Turn a row into the mandate the rules know."""
    return BoardMandate(
        id=row.id,
        place=Place(SeatScope(row.scope), row.code, row.number),
        elected=Elected(row.member_id, row.contact_id),
        since=row.since,
        until=row.until,
        assembly_id=row.assembly_id,
        ended_on=row.ended_on,
        end=MandateEnd(row.end) if row.end else None,
        reason=row.reason,
        source=row.source,
        version=row.version,
    )


def _values(mandate: BoardMandate) -> dict[str, object]:
    return {
        "id": mandate.id,
        "scope": mandate.place.scope.value,
        "code": mandate.place.code,
        "number": mandate.place.number,
        "member_id": mandate.elected.member_id,
        "contact_id": mandate.elected.contact_id,
        "assembly_id": mandate.assembly_id,
        "since": mandate.since,
        "until": mandate.until,
        "ended_on": mandate.ended_on,
        "end": mandate.end.value if mandate.end else None,
        "reason": mandate.reason,
        "source": mandate.source,
        "version": mandate.version,
    }
