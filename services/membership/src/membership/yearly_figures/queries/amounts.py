"""What the key figures of a year come to: all of them, everywhere, in one query; and their rows, for a list."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Numeric,
    Select,
    String,
    Subquery,
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
    FrozenValue,
    NoValue,
    Told,
    Window,
    YearlyFigure,
    frozen,
    partial_since,
    shown_places,
    why_empty,
    why_missing,
    window_of,
)
from membership.yearly_figures.queries.counted import FEEDS, ROWS, Counting, counting, large_delegations
from membership.yearly_figures.schemas import YearlyRowFilters

_TODAY = members.TODAY.alias("today")
"""The register of today, once: to copy its columns for each figure takes longer than to count."""
ByPlace = Mapping[str | None, Amount]
"""A figure by delegation; None stands for what no delegation covers."""


async def told_of(source: Read, year: int, figures: Sequence[YearlyFigure]) -> dict[str, "Figured"]:
    """Return some figures of a year, wherever they are asked for, each beside the year before."""
    now = await _amounts(source, window_of(year, source.today), figures)
    before = await _amounts(source, window_of(year - 1, source.today), figures)
    told = await _years_told(source, {one.feed for one in figures})
    return {one.code: Figured(one, year, now[one.code], before[one.code], told[one.feed]) for one in figures}


async def missing_of(source: Read, year: int, figure: YearlyFigure, place: str) -> NoValue | None:
    """Return why a figure has no value in a place, hence no row; None where it has one."""
    told = await _years_told(source, {figure.feed})
    return why_missing(figure, year, told[figure.feed], place)


class Figured:
    """A figure of a year and of the one before, by place."""

    def __init__(
        self, figure: YearlyFigure, year: int, now: ByPlace, before: ByPlace, years_told: Mapping[int, date]
    ) -> None:
        self.figure = figure
        self._now, self._before = now, before
        self._year, self._told = year, years_told

    def at(self, place: str) -> Told:
        """Return the figure in one delegation, or in the whole network."""
        period, year, told = self.figure.period, self._year, self._told
        now, before = _at(self._now, place), _at(self._before, place)
        missing = why_missing(self.figure, year, told, place) or why_empty(period, now)
        missing_before = why_missing(self.figure, year - 1, told, place) or why_empty(period, before)
        # Part of a year is not to be compared with a whole one.
        previous = None if missing_before or partial_since(period, year - 1, told) else before
        since = None if missing else partial_since(period, year, told)
        return Told(self.figure, None if missing else now, missing, previous, since)

    def frozen(self, places: Collection[str], minimum: int) -> dict[str, FrozenValue]:
        """Return what an edition keeps of it in each place, under secrecy where it is discreet."""
        every = frozenset(places)
        discreet = self.figure.discreet
        shown, before = (shown_places(year, minimum) if discreet else every for year in (self._now, self._before))
        return {place: frozen(self.at(place), shown=place in shown, shown_before=place in before) for place in places}


def selected(
    source: Read, grant: Grant, year: int, figure: YearlyFigure, place: str, filters: YearlyRowFilters, minimum: int
) -> Select[Any]:
    """Select the rows of a figure in one place that pass the filters, for a list.

    ``id``, ``day``, ``member_id``, ``reference``, ``name``, ``delegation``, ``quantity``, ``detail``, ``opens``, then
    what they are sorted by, ``weight`` and ``key``. Where the structure is not for the reader to know, it is null and
    so is the id, no filter finds it there, and of a discreet figure nothing of what it adds is said. Of an anonymous
    one no row has an id, nor more of its day than the month, nor a delegation of fewer structures than ``minimum``.
    """
    told = counting(window_of(year, source.today))
    lines, today = _lines(told, figure), _TODAY
    covering, joined = _placed(told, figure, lines)
    if figure.anonymous:
        covering = case((covering.in_(large_delegations(told, minimum)), covering))
    named = func.coalesce(_is_named(grant, today.c.delegation), false())
    structure = case((named, lines.c.structure_id))
    hidden = and_(not_(named), lines.c.structure_id.is_not(None))
    known = false() if figure.anonymous else not_(hidden)
    told_of_it = not_(hidden) if figure.discreet else true()
    quantity, detail = case((told_of_it, lines.c.quantity)), case((told_of_it, lines.c.detail))
    day = cast(func.date_trunc("month", lines.c.day), Date) if figure.anonymous else lines.c.day
    query = select(
        case((known, lines.c.id)).label("id"),
        day.label("day"),
        structure.label("member_id"),
        case((named, func.coalesce(told.register.c.reference, today.c.reference))).label("reference"),
        case((named, func.coalesce(told.register.c.name, today.c.name))).label("name"),
        covering.label("delegation"),
        quantity.label("quantity"),
        detail.label("detail"),
        and_(known, not_(lines.c.merged)).label("opens"),
        func.coalesce(quantity, 0).label("weight"),
        _key(day, hidden, lines.c.id).label("key"),
    ).select_from(joined)
    if place != NETWORK:
        query = query.where(covering == place)
    if filters.member_id:
        query = query.where(structure == filters.member_id)
    if filters.detail:
        query = query.where(detail.in_(filters.detail))
    if filters.q:
        query = query.where(named, today.c.normalized_name.contains(normalise(filters.q), autoescape=True))
    return query


def _is_named(grant: Grant, delegation: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a reader may know of which structure a row is: one that it covers today."""
    return true() if grant.scope is Scope.ALL else grant.covers(member=None, delegation=delegation)


def _key(day: ColumnElement[Any], hidden: ColumnElement[bool], key: ColumnElement[Any]) -> ColumnElement[str]:
    """Return what tells a row from the others in its list, and nothing of what it is: its day and its rank there."""
    among = (hidden, func.md5(cast(key, String)))
    rank = cast(func.row_number().over(partition_by=day, order_by=among), String)
    return func.concat(func.to_char(day, "YYYYMMDD"), func.lpad(rank, 9, "0"), type_=String)


def _lines(told: Counting, figure: YearlyFigure) -> Subquery:
    """Return what a figure counts, line by line: ``structure_id``, and in ``quantity`` what each adds to it."""
    raw = ROWS[figure.rows](told).subquery()
    structure = members.structure_of(raw.c.member_id).label("structure_id")
    one = cast(literal(1), Numeric)
    if figure.measure is not FigureMeasure.STRUCTURES:
        quantity = (raw.c.quantity if figure.measure is FigureMeasure.QUANTITY else one).label("quantity")
        merged = func.coalesce(structure.element != raw.c.member_id, false()).label("merged")
        return select(raw.c.id, raw.c.day, structure, raw.c.delegation, quantity, raw.c.detail, merged).subquery()
    borne = select(structure, raw.c.day, raw.c.delegation).subquery()
    whom = borne.c.structure_id
    first, covering = func.min(borne.c.day).label("day"), func.min(borne.c.delegation).label("delegation")
    detail = cast(null(), String).label("detail")
    grouped = select(whom.label("id"), first, whom, covering, one.label("quantity"), detail, false().label("merged"))
    return grouped.where(whom.is_not(None)).group_by(whom).subquery()


def _placed(told: Counting, figure: YearlyFigure, lines: Subquery) -> tuple[ColumnElement[str | None], FromClause]:
    """Return where lines count, and what they are joined with for it.

    That is the delegation of the structure on the last day counted; else what was told; else, for a structure that was
    not in the register yet, its delegation of today. What has a territory of its own counts there first.
    """
    then, today = told.register, _TODAY
    known = (lines.c.delegation, then.c.delegation) if figure.territorial else (then.c.delegation, lines.c.delegation)
    place = func.coalesce(*known, case((then.c.id.is_(None), today.c.delegation)))
    joined = lines.outerjoin(then, then.c.id == lines.c.structure_id)
    return place, joined.outerjoin(today, today.c.id == lines.c.structure_id)


async def _amounts(source: Read, window: Window, figures: Sequence[YearlyFigure]) -> Mapping[str, ByPlace]:
    """Count all the figures of some days at once, by delegation."""
    found: dict[str, dict[str | None, Amount]] = {one.code: {} for one in figures}
    for code, place, rows, value, structures in await source.session.execute(_counted(window, tuple(figures))):
        found[code][place] = Amount(int(rows), value, structures)
    return found


@lru_cache(maxsize=64)
def _counted(window: Window, figures: tuple[YearlyFigure, ...]) -> CompoundSelect[Any]:
    """Return the query of all the figures of some days; it is kept: to write it takes longer than its answer."""
    told = counting(window)
    return union_all(*(_amount(told, one) for one in figures))


def _amount(told: Counting, figure: YearlyFigure) -> Select[Any]:
    """Count a figure by delegation; the register is joined with its few structures, not with every line."""
    lines = _lines(told, figure)
    whom = (lines.c.structure_id, lines.c.delegation)
    counts = (func.count().label("rows"), func.sum(lines.c.quantity).label("value"))
    held = select(*whom, *counts).group_by(*whom).subquery()
    place, joined = _placed(told, figure, held)
    totals = (func.sum(held.c.rows), func.sum(held.c.value), func.count(held.c.structure_id.distinct()))
    columns: tuple[ColumnElement[Any], ...] = (literal(figure.code), place, *totals)
    return select(*columns).select_from(joined).group_by(place)


async def _years_told(source: Read, feeds: Collection[str]) -> dict[str, dict[int, date]]:
    """Return of which years some feeds told something, each with the first day of it."""
    found: dict[str, dict[int, date]] = {feed: {} for feed in feeds}
    for feed, first in await source.session.execute(_first_days(frozenset(feeds))):
        found[feed][first.year] = first
    return found


@lru_cache(maxsize=64)
def _first_days(feeds: frozenset[str]) -> CompoundSelect[Any]:
    """Return the query of the first day of each year that some feeds told something of."""
    asked = []
    for feed in sorted(feeds):
        day = FEEDS[feed]().subquery().c.day
        told = select(literal(feed).label("feed"), func.min(day).label("first"))
        asked.append(told.group_by(func.extract("year", day)))
    return union_all(*asked)


def _at(amounts: ByPlace, place: str) -> Amount:
    return sum(amounts.values(), Amount()) if place == NETWORK else amounts.get(place, Amount())
