"""Loads and saves editions, and sums up declared figures; the only writer of the tables of editions."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Float, FromClause, case, func, insert, literal, null, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from common.transaction import Read, Tx
from membership.declarations.queries import figures_of
from membership.members.domain import ActivityKind
from membership.members.queries import MEMBER_DELEGATION, MEMBER_ID
from membership.observatory.domain import (
    Cell,
    Edition,
    EditionNotFound,
    EditionStatus,
    EditionUnderWay,
    HiddenBecause,
    Indicator,
    Response,
    Scope,
    Summary,
)
from membership.observatory.tables import CellRow, EditionRow

_QUARTERS = (0.25, 0.5, 0.75)
_RESPONSES = TypeAdapter(list[Response])


async def get(source: Read, edition_id: UUID) -> Edition:
    """Load an edition. Raises EditionNotFound."""
    row = await source.session.get(EditionRow, edition_id, populate_existing=True)
    if row is None:
        raise EditionNotFound("Cette édition n'existe pas.")
    return to_domain(row)


async def editions_of(source: Read, year: int) -> int:
    """Return how many editions of a year there are, those that failed included."""
    query = select(func.count()).where(col(EditionRow.year) == year)
    count: int = (await source.session.execute(query)).scalar_one()
    return count


async def latest(source: Read) -> list[Edition]:
    """Return the last published edition of every year, the earliest year first."""
    query = select(EditionRow).where(col(EditionRow.status) == EditionStatus.PUBLISHED.value)
    rows = await source.session.execute(query.order_by(col(EditionRow.year), col(EditionRow.number)))
    by_year = {row.year: to_domain(row) for row in rows.scalars()}
    return list(by_year.values())


async def add(tx: Tx, edition: Edition, job_id: UUID) -> None:
    """Insert an edition that is to be computed. Raises EditionUnderWay."""
    values = {
        "id": edition.id,
        "year": edition.year,
        "number": edition.number,
        "status": edition.status.value,
        "indicators": edition.indicators,
        "reason": edition.reason,
        "asked_at": edition.asked_at,
        "asked_by": edition.asked_by,
        "published_on": None,
        "sha256": None,
        "responses": [],
        "job_id": job_id,
    }
    statement = upsert(EditionRow).values(**values).on_conflict_do_nothing().returning(col(EditionRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise EditionUnderWay(f"Une édition {edition.year} est déjà en calcul.")


async def publish(tx: Tx, edition: Edition, cells: Sequence[Cell]) -> None:
    """Freeze an edition with its figures."""
    await tx.session.execute(
        update(EditionRow)
        .where(col(EditionRow.id) == edition.id)
        .values(
            status=edition.status.value,
            published_on=edition.published_on,
            sha256=edition.sha256,
            responses=_RESPONSES.dump_python(list(edition.responses), mode="json"),
        )
    )
    if cells:
        await tx.session.execute(insert(CellRow), [_written(edition.id, cell) for cell in cells])


async def fail(tx: Tx, edition_id: UUID) -> None:
    """Give up the computing of an edition."""
    computing = (col(EditionRow.id) == edition_id, col(EditionRow.status) == EditionStatus.COMPUTING.value)
    await tx.session.execute(update(EditionRow).where(*computing).values(status=EditionStatus.FAILED.value))


async def cells_of(
    source: Read,
    edition_ids: Collection[UUID],
    *,
    kinds: Collection[str] | None = None,
    delegation: str | None = None,
) -> list[tuple[UUID, Cell]]:
    """Return the figures of editions: of some kinds or all, in one delegation (none is the country) or everywhere."""
    query = select(CellRow).where(col(CellRow.edition_id).in_(edition_ids))
    if kinds is not None:
        query = query.where(col(CellRow.kind).in_(kinds))
    if delegation is not None:
        query = query.where(col(CellRow.delegation) == delegation)
    rows = (await source.session.execute(query.order_by(col(CellRow.kind), col(CellRow.delegation)))).scalars()
    return [(row.edition_id, _cell(row)) for row in rows]


async def kinds_declared(source: Read, year: int) -> list[ActivityKind]:
    """Return the kinds of activity that somebody declared for a year, in the federation's order."""
    figures = figures_of(year)
    found = set((await source.session.execute(select(figures.c.activity).distinct())).scalars())
    return [kind for kind in ActivityKind if kind.value in found]


async def summaries_of(
    source: Read,
    year: int,
    asked: Sequence[Indicator],
    questions: Sequence[str],
    kind: ActivityKind,
    *,
    by_delegation: bool,
) -> dict[str, dict[Scope, Summary]]:
    """Return what the structures of a kind make of each indicator in the country and each delegation, before secrecy.

    One statement for all indicators: each value is computed once for each structure.
    """
    values = _observed(year, asked, questions, kind)
    columns: list[ColumnElement[Any]] = []
    for one in asked:
        value = values.c[one.code]
        quartiles = func.percentile_cont(array(literal(part, Float) for part in _QUARTERS)).within_group(value)
        columns += [func.count(value), quartiles, func.sum(value), func.max(value)]
    query = select(null(), *columns)
    if by_delegation:
        query = select(values.c.delegation, *columns).group_by(func.rollup(values.c.delegation))
    found: dict[str, dict[Scope, Summary]] = {one.code: {} for one in asked}
    for row in await source.session.execute(query):
        for rank, one in enumerate(asked):
            count, quartiles, total, largest = row[1 + 4 * rank : 5 + 4 * rank]
            if count and row[0] != "":
                low, median, high = map(_exact, quartiles)
                summary = Summary(count, (low, median, high), _exact(total), _exact(largest))
                found[one.code][Scope(kind, row[0])] = summary
    return found


def to_domain(row: EditionRow) -> Edition:
    """Turn a row into the edition the rules know."""
    return Edition(
        id=row.id,
        year=row.year,
        number=row.number,
        status=EditionStatus(row.status),
        indicators=row.indicators,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        reason=row.reason,
        published_on=row.published_on,
        sha256=row.sha256,
        responses=tuple(_RESPONSES.validate_python(row.responses)),
    )


def _written(edition_id: UUID, cell: Cell) -> dict[str, object]:
    low, median, high = cell.quartiles or (None, None, None)
    return {
        "edition_id": edition_id,
        "kind": cell.scope.kind.value if cell.scope.kind else "",
        "delegation": cell.scope.delegation or "",
        "indicator": cell.indicator,
        "count": cell.count,
        "low": low,
        "median": median,
        "high": high,
        "total": cell.total,
        "hidden": cell.hidden.value if cell.hidden else None,
        "total_hidden": cell.total_hidden.value if cell.total_hidden else None,
    }


def _cell(row: CellRow) -> Cell:
    told = None if row.low is None or row.median is None or row.high is None else (row.low, row.median, row.high)
    return Cell(
        scope=Scope(ActivityKind(row.kind) if row.kind else None, row.delegation or None),
        indicator=row.indicator,
        count=row.count,
        quartiles=told,
        total=row.total,
        hidden=HiddenBecause(row.hidden) if row.hidden else None,
        total_hidden=HiddenBecause(row.total_hidden) if row.total_hidden else None,
    )


def _observed(year: int, asked: Sequence[Indicator], questions: Sequence[str], kind: ActivityKind) -> FromClause:
    """Select the value of each indicator for each structure that declared a kind of activity: ``value_of`` in SQL.

    A test holds the two together.
    """
    figures = figures_of(year)
    ranks = {code: rank for rank, code in enumerate(questions, start=1)}

    def total(codes: Sequence[str]) -> ColumnElement[float]:
        parts = [figures.c.amounts[ranks[code]] for code in codes]
        if len(parts) == 1:
            return parts[0]
        summed = sum((func.coalesce(part, 0) for part in parts[1:]), func.coalesce(parts[0], 0))
        return case((func.num_nonnulls(*parts) > 0, summed))

    def value(one: Indicator) -> ColumnElement[float]:
        return total(one.of) * 100 / func.nullif(total(one.over), 0) if one.over else total(one.of)

    columns = [value(one).label(one.code) for one in asked]
    delegation = func.coalesce(MEMBER_DELEGATION, "").label("delegation")
    query = select(delegation, *columns).select_from(figures).join(MEMBER_ID.table, figures.c.member_id == MEMBER_ID)
    # OFFSET keeps the values a table of their own: merged into the statement, each would be computed four times.
    return query.where(figures.c.activity == kind.value).offset(0).subquery()


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
