"""What the key figures of a year come to: all of them, everywhere, in one query; and their rows, for a list."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Numeric,
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    select,
    true,
    union_all,
)

from common.rights import Grant, Scope
from common.transaction import Read
from membership.members import queries as members
from membership.members.domain import normalise
from membership.yearly_figures.domain import (
    NETWORK,
    Amount,
    FigureMeasure,
    Naming,
    Told,
    Window,
    YearlyFigure,
    why_missing,
    window_of,
)
from membership.yearly_figures.queries.counted import FEEDS, ROWS, Counting, counting
from membership.yearly_figures.schemas import YearlyRowFilters

ByPlace = Mapping[str | None, Amount]
"""A figure by delegation; None stands for what no delegation covers."""


async def told_of(source: Read, year: int, figures: Sequence[YearlyFigure]) -> dict[str, "Figured"]:
    """Return some figures of a year, wherever they are asked for, each beside the year before."""
    now = await _amounts(source, window_of(year, source.today), figures)
    before = await _amounts(source, window_of(year - 1, source.today), figures)
    told = await _years_told(source, {one.feed for one in figures})
    return {one.code: Figured(one, year, now[one.code], before[one.code], told[one.feed]) for one in figures}


class Figured:
    """A figure of a year and of the one before, by place."""

    def __init__(
        self, figure: YearlyFigure, year: int, now: ByPlace, before: ByPlace, years_told: Sequence[int]
    ) -> None:
        self.figure = figure
        self._now, self._before = now, before
        self._missing = why_missing(figure.period, year, years_told)
        self._missing_before = why_missing(figure.period, year - 1, years_told)

    def at(self, place: str) -> Told:
        """Return the figure in one delegation, or in the whole network."""
        return Told(
            figure=self.figure,
            amount=None if self._missing else _at(self._now, place),
            missing=self._missing,
            previous=None if self._missing_before else _at(self._before, place),
        )


def selected(
    source: Read, grant: Grant, year: int, figure: YearlyFigure, place: str, filters: YearlyRowFilters
) -> Select[Any]:
    """Select the rows of a figure in one place that pass the filters, for a list.

    ``id``, ``day``, ``member_id``, ``reference``, ``name``, ``delegation``, ``quantity``, ``detail``, ``hidden``: the
    structure is null where it is not for the reader to know, and no filter finds it there; nor is the id then its own.
    """
    told = counting(window_of(year, source.today))
    lines, today = _lines(told, figure), members.TODAY.alias("today")
    covering, joined = _placed(told, lines, today)
    named = func.coalesce(_is_named(grant, figure, today.c.delegation), false())
    structure = case((named, lines.c.structure_id))
    hidden = and_(not_(named), lines.c.structure_id.is_not(None))
    unknown = cast(func.md5(cast(lines.c.id, String)), Uuid)
    query = select(
        case((hidden, unknown), else_=lines.c.id).label("id"),
        lines.c.day,
        structure.label("member_id"),
        case((named, func.coalesce(told.register.c.reference, today.c.reference))).label("reference"),
        case((named, func.coalesce(told.register.c.name, today.c.name))).label("name"),
        covering.label("delegation"),
        lines.c.quantity,
        lines.c.detail,
        hidden.label("hidden"),
    ).select_from(joined)
    if place != NETWORK:
        query = query.where(covering == place)
    if filters.member:
        query = query.where(structure == filters.member)
    if filters.detail:
        query = query.where(lines.c.detail.in_(filters.detail))
    if filters.q:
        query = query.where(named, today.c.normalized_name.contains(normalise(filters.q), autoescape=True))
    return query


def _is_named(grant: Grant, figure: YearlyFigure, delegation: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a reader may know of which structure a row is: one that it covers today."""
    if grant.scope is Scope.ALL:
        return true()
    return false() if figure.named_to is Naming.NETWORK else grant.covers(member=None, delegation=delegation)


def _lines(told: Counting, figure: YearlyFigure) -> Subquery:
    """Return what a figure counts, line by line: ``structure_id``, and in ``quantity`` what each adds to it."""
    raw = ROWS[figure.rows](told).subquery()
    structure = members.structure_of(raw.c.member_id).label("structure_id")
    one = cast(literal(1), Numeric)
    if figure.measure is not FigureMeasure.STRUCTURES:
        quantity = (raw.c.quantity if figure.measure is FigureMeasure.QUANTITY else one).label("quantity")
        return select(raw.c.id, raw.c.day, structure, raw.c.delegation, quantity, raw.c.detail).subquery()
    borne = select(structure, raw.c.day, raw.c.delegation).subquery()
    whom = borne.c.structure_id
    first, covering = func.min(borne.c.day).label("day"), func.min(borne.c.delegation).label("delegation")
    detail = cast(null(), String).label("detail")
    grouped = select(whom.label("id"), first, whom, covering, one.label("quantity"), detail)
    return grouped.where(whom.is_not(None)).group_by(whom).subquery()


def _placed(told: Counting, lines: Subquery, today: FromClause) -> tuple[ColumnElement[str | None], FromClause]:
    """Return where lines count, and what they are joined with for it.

    That is the delegation of the structure on the last day counted; else what was told; else, for a structure that was
    not in the register yet, its delegation of today.
    """
    then = told.register
    place = func.coalesce(then.c.delegation, lines.c.delegation, case((then.c.id.is_(None), today.c.delegation)))
    joined = lines.outerjoin(then, then.c.id == lines.c.structure_id)
    return place, joined.outerjoin(today, today.c.id == lines.c.structure_id)


async def _amounts(source: Read, window: Window, figures: Sequence[YearlyFigure]) -> Mapping[str, ByPlace]:
    """Count all the figures of some days at once, by delegation."""
    told = counting(window)
    found: dict[str, dict[str | None, Amount]] = {one.code: {} for one in figures}
    queries = [_amount(told, one) for one in figures]
    for code, place, rows, value, structures in await source.session.execute(union_all(*queries)):
        found[code][place] = Amount(int(rows), value, structures)
    return found


def _amount(told: Counting, figure: YearlyFigure) -> Select[Any]:
    """Count a figure by delegation; the register is joined with its few structures, not with every line."""
    lines = _lines(told, figure)
    whom = (lines.c.structure_id, lines.c.delegation)
    counts = (func.count().label("rows"), func.sum(lines.c.quantity).label("value"))
    held = select(*whom, *counts).group_by(*whom).subquery()
    place, joined = _placed(told, held, members.TODAY.alias("today"))
    totals = (func.sum(held.c.rows), func.sum(held.c.value), func.count(held.c.structure_id.distinct()))
    columns: tuple[ColumnElement[Any], ...] = (literal(figure.code), place, *totals)
    return select(*columns).select_from(joined).group_by(place)


async def _years_told(source: Read, feeds: Collection[str]) -> dict[str, list[int]]:
    """Return of which years some feeds told something."""
    asked = []
    for feed in feeds:
        told = FEEDS[feed]().subquery()
        asked.append(select(literal(feed).label("feed"), told.c[0].label("year")).distinct())
    found: dict[str, list[int]] = {feed: [] for feed in feeds}
    for feed, year in await source.session.execute(union_all(*asked)):
        found[feed].append(year)
    return found


def _at(amounts: ByPlace, place: str) -> Amount:
    return sum(amounts.values(), Amount()) if place == NETWORK else amounts.get(place, Amount())
