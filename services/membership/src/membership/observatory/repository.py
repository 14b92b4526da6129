"""Loads and saves editions, and sums up declared figures; the only writer of the tables of editions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import defer
from sqlmodel import col

from common.transaction import Read, Tx
from membership.declarations.queries import figures_of
from membership.members.domain import ActivityKind
from membership.members.queries import MEMBER_DELEGATION, MEMBER_ID, PRESENT
from membership.observatory.domain import (
    Asked,
    Cell,
    Edition,
    EditionNotFound,
    EditionStatus,
    EditionUnderWay,
    HiddenBecause,
    Indicator,
    Observed,
    Quartiles,
    Response,
    Scope,
    Summary,
    together,
)
from membership.observatory.tables import CellRow, EditionRow, ObservedRow

_OBSERVED: Any = ObservedRow.__table__  # type: ignore[attr-defined]
_DOCUMENT: Any = EditionRow.document
_QUARTERS = (0.25, 0.5, 0.75)
_RESPONSES = TypeAdapter(list[Response])


async def get(source: Read, edition_id: UUID) -> Edition:
    """Load an edition. Raises EditionNotFound."""
    return to_domain(await row_of(source, edition_id))


async def row_of(source: Read, edition_id: UUID) -> EditionRow:
    """Load the row of an edition. Raises EditionNotFound."""
    query = editions().where(col(EditionRow.id) == edition_id).execution_options(populate_existing=True)
    row: EditionRow | None = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise EditionNotFound("Cette édition n'existe pas.")
    return row


def editions() -> Select[Any]:
    """Select editions without the document that each is cited by: half a megabyte, that is read alone."""
    return select(EditionRow).options(defer(_DOCUMENT, raiseload=True))


async def published_of(source: Read, year: int) -> dict[int, Edition]:
    """Load the published editions of a year by their number."""
    published = (col(EditionRow.year) == year, col(EditionRow.status) == EditionStatus.PUBLISHED.value)
    rows = (await source.session.execute(editions().where(*published))).scalars()
    return {row.number: to_domain(row) for row in rows}


async def document_of(source: Read, edition_id: UUID) -> str:
    """Load the document of a published edition, to the byte."""
    query = select(_DOCUMENT).where(col(EditionRow.id) == edition_id)
    return (await source.session.execute(query)).scalar_one() or ""


async def published(source: Read) -> list[Edition]:
    """Return every published edition, those of the earliest year first, then the first of each year."""
    query = editions().where(col(EditionRow.status) == EditionStatus.PUBLISHED.value)
    rows = await source.session.execute(query.order_by(col(EditionRow.year), col(EditionRow.number)))
    return [to_domain(row) for row in rows.scalars()]


async def latest(source: Read) -> list[Edition]:
    """Return the last published edition of every year, the earliest year first."""
    return list({edition.year: edition for edition in await published(source)}.values())


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
        "document": None,
        "sha256": None,
        "responses": [],
        "job_id": job_id,
    }
    statement = upsert(EditionRow).values(**values).on_conflict_do_nothing().returning(col(EditionRow.id))
    if (await tx.session.execute(statement)).one_or_none() is None:
        raise EditionUnderWay(f"Une édition {edition.year} est déjà en calcul.")


async def still(tx: Tx) -> None:
    """Keep declarations as they are until the end of the transaction: an edition is of one moment."""
    await tx.session.execute(text("LOCK TABLE activity_declaration, declaration_figures IN SHARE MODE"))


async def publish(tx: Tx, edition: Edition, cells: Sequence[Cell], document: str, resting: FromClause) -> None:
    """Freeze an edition with its figures, the document it is cited by, and what they rest on."""
    await tx.session.execute(
        update(EditionRow)
        .where(col(EditionRow.id) == edition.id)
        .values(
            status=edition.status.value,
            published_on=edition.published_on,
            sha256=edition.sha256,
            responses=_RESPONSES.dump_python(list(edition.responses), mode="json"),
            document=document,
        )
    )
    names = ["edition_id", "kind", "member_id", "delegation", "values"]
    now = select(literal(edition.id), *(resting.c[name] for name in names[1:]))
    await tx.session.execute(insert(ObservedRow).from_select(names, now))
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


async def differences(
    source: Read, edition: Edition, codes: Sequence[str], now: FromClause, codes_now: Sequence[str]
) -> tuple[list[Observed], list[Observed]]:
    """Return what differs between what an edition rests on and what is declared now, as ``resting_on`` selects it."""
    then = select(_OBSERVED).where(_OBSERVED.c.edition_id == edition.id).subquery()
    same = and_(then.c.kind == now.c.kind, then.c.member_id == now.c.member_id)
    differs = or_(
        then.c["values"].is_distinct_from(now.c["values"]), then.c.delegation.is_distinct_from(now.c.delegation)
    )
    columns = [side.c[name] for side in (then, now) for name in ("member_id", "kind", "delegation", "values")]
    rows = await source.session.execute(select(*columns).select_from(then.join(now, same, full=True)).where(differs))
    sides: tuple[list[Observed], list[Observed]] = ([], [])
    for row in rows:
        for side, held, (member_id, kind, delegation, values) in zip(
            sides, (codes, codes_now), (row[:4], row[4:]), strict=True
        ):
            if member_id is not None:
                told = {code: value for code, value in zip(held, values, strict=True) if value is not None}
                side.append(Observed(member_id, ActivityKind(kind), delegation, told))
    return sides


def resting_on(year: int, asked: Asked) -> FromClause:
    """Select what an edition computed now rests on: each kind of activity of each structure, with its values."""
    observed = _observed(year, asked).subquery()
    values = array([observed.c[code] for code in asked.codes]).label("values")
    return select(observed.c.kind, observed.c.member_id, observed.c.delegation, values).subquery()


async def summaries_of(
    source: Read, year: int, asked: Asked, *, by_delegation: bool
) -> dict[str, dict[Scope, Summary]]:
    """Return what the structures make of each indicator: by kind and all together, in the country and each delegation.

    Nothing of it may be shown before secrecy. Without ``by_delegation`` quartiles are those of the country alone. One
    statement for all: each value is computed once for each structure. The country's sums are those of its delegations.
    """
    indicators = asked.indicators
    values = _observed(year, asked).cte("observed")
    kind, delegation = values.c.kind, values.c.delegation
    # A structure of several kinds is one of the whole.
    sums = [func.sum(values.c[one.code]).label(one.code) for one in indicators if one.adds_up]
    nothing = [cast(null(), Float).label(one.code) for one in indicators if not one.adds_up]
    whole = select(delegation, *sums, *nothing).group_by(values.c.member_id, delegation).subquery()
    quartiles_of = select(kind, delegation if by_delegation else null(), *_quartiles(indicators, values))
    rows = [
        quartiles_of.group_by(kind, *([func.rollup(delegation)] if by_delegation else [])),
        select(kind, delegation, *_sums(indicators, values)).group_by(kind, delegation),
        select(null(), whole.c.delegation, *_sums(indicators, whole)).group_by(whole.c.delegation),
    ]
    quartiles: dict[str, dict[Scope, Quartiles]] = {one.code: {} for one in indicators}
    summed: dict[str, dict[Scope, Summary]] = {one.code: {} for one in indicators}
    for its_kind, place, *figures in await source.session.execute(union_all(*rows)):
        scope = Scope(ActivityKind(its_kind) if its_kind else None, place)
        for rank, one in enumerate(indicators):
            quarters, count, total, largest, giving = figures[5 * rank : 5 * rank + 5]
            if quarters:
                low, median, high = map(_exact, quarters)
                quartiles[one.code][scope] = (low, median, high)
            if count:
                summed[one.code][scope] = Summary(count, None, _exact(total), _exact(largest), giving)
    return {one.code: _with_countries(summed[one.code], quartiles[one.code]) for one in indicators}


def _quartiles(indicators: Sequence[Indicator], values: FromClause) -> list[ColumnElement[Any]]:
    """Return the quartiles of each indicator, and nothing that ``_sums`` does."""
    parts = array([literal(part, Float) for part in _QUARTERS])
    no_sums = (cast(null(), BigInteger), cast(null(), Float), cast(null(), Float), cast(null(), BigInteger))
    columns: list[ColumnElement[Any]] = []
    for one in indicators:
        columns += [func.percentile_cont(parts).within_group(values.c[one.code]), *no_sums]
    return columns


def _sums(indicators: Sequence[Indicator], values: FromClause) -> list[ColumnElement[Any]]:
    """Return how many values each indicator has; of what adds up their sum, the largest, how many are not 0."""
    no_quartiles, zero, nobody = cast(null(), ARRAY(Float)), literal(0, Float), literal(0, BigInteger)
    columns: list[ColumnElement[Any]] = []
    for one in indicators:
        value = values.c[one.code]
        giving = func.count().filter(value != 0)
        sums = (func.sum(value), func.max(value), giving) if one.adds_up else (zero, zero, nobody)
        columns += [no_quartiles, func.count(value), *sums]
    return columns


def _with_countries(regions: Mapping[Scope, Summary], quartiles: Mapping[Scope, Quartiles]) -> dict[Scope, Summary]:
    """Add to what was summed in each delegation what it makes in the country, and all their quartiles."""
    countries = {
        Scope(kind, None): together(part for scope, part in regions.items() if scope.kind is kind)
        for kind in {scope.kind for scope in regions}
    }
    scopes = {**countries, **regions}
    return {scope: replace(summary, quartiles=quartiles.get(scope)) for scope, summary in scopes.items()}


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
    low, high = cell.quarters or (None, None)
    return {
        "edition_id": edition_id,
        "kind": cell.scope.kind.value if cell.scope.kind else "",
        "delegation": cell.scope.delegation or "",
        "indicator": cell.indicator,
        "count": cell.count,
        "median": cell.median,
        "low": low,
        "high": high,
        "total": cell.total,
        "hidden": cell.hidden.value if cell.hidden else None,
        "total_hidden": cell.total_hidden.value if cell.total_hidden else None,
        "kept_from": cell.kept_from,
    }


def _cell(row: CellRow) -> Cell:
    return Cell(
        scope=Scope(ActivityKind(row.kind) if row.kind else None, row.delegation or None),
        indicator=row.indicator,
        count=row.count,
        median=row.median,
        quarters=None if row.low is None or row.high is None else (row.low, row.high),
        total=row.total,
        hidden=HiddenBecause(row.hidden) if row.hidden else None,
        total_hidden=HiddenBecause(row.total_hidden) if row.total_hidden else None,
        kept_from=row.kept_from,
    )


def _observed(year: int, asked: Asked) -> Select[Any]:
    """Select the value of each indicator for each kind of activity of each structure: ``value_of`` in SQL.

    A test holds the two together.
    """
    figures = figures_of(year)
    ranks = {code: rank for rank, code in enumerate(asked.questions, start=1)}

    def figure(code: str) -> ColumnElement[float]:
        amount: ColumnElement[float] = figures.c.amounts[ranks[code]]
        return amount

    def total(codes: Sequence[str]) -> ColumnElement[float]:
        first, *others = [func.coalesce(figure(code), 0) for code in codes]
        return sum(others, first)

    def value(one: Indicator) -> ColumnElement[float]:
        if one.together == one.of and len(one.of) == 1 and not one.over:
            return figure(one.of[0])
        # Said to be a float, or SQLAlchemy divides by a NUMERIC: half of the statement's time was that.
        amount = total(one.of) * 100 / func.nullif(total(one.over), 0, type_=Float) if one.over else total(one.of)
        return case((func.coalesce(*map(figure, one.together)).is_not(None), amount))

    columns = [value(one).label(one.code) for one in asked.indicators]
    kind = figures.c.activity.label("kind")
    delegation = func.coalesce(MEMBER_DELEGATION, "").label("delegation")
    query = select(kind, figures.c.member_id, delegation, *columns).select_from(figures)
    # What a duplicate declared was taken over by the record that stays: counted there, not twice.
    return query.join(MEMBER_ID.table, figures.c.member_id == MEMBER_ID).where(PRESENT)


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
