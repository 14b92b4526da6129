"""What the key figures of a year come to: all of them, everywhere, in one query; and their rows, for a list."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    String,
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
    told = await _years_told(source)
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
    lines = _lines(told, figure).subquery()
    then, today = told.register, members.TODAY.alias("today")
    named = func.coalesce(_is_named(grant, figure, today.c.delegation), false())
    structure = case((named, lines.c.structure_id))
    hidden = and_(not_(named), lines.c.structure_id.is_not(None))
    unknown = cast(func.md5(cast(lines.c.id, String)), Uuid)
    query = (
        select(
            case((hidden, unknown), else_=lines.c.id).label("id"),
            lines.c.day,
            structure.label("member_id"),
            case((named, func.coalesce(then.c.reference, today.c.reference))).label("reference"),
            case((named, func.coalesce(then.c.name, today.c.name))).label("name"),
            lines.c.place.label("delegation"),
            lines.c.quantity,
            lines.c.detail,
            hidden.label("hidden"),
        )
        .outerjoin(then, then.c.id == lines.c.structure_id)
        .outerjoin(today, today.c.id == lines.c.structure_id)
    )
    if place != NETWORK:
        query = query.where(lines.c.place == place)
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


def _lines(told: Counting, figure: YearlyFigure) -> Select[Any]:
    """Select the rows that a figure counts, each with the structure it is of and the place it counts in.

    That is the delegation of its structure on the last day counted; else what was told; else, for a structure that was
    not in the register yet, its delegation of today.
    """
    raw = ROWS[figure.rows](told).subquery()
    structure = members.structure_of(raw.c.member_id).label("structure_id")
    lines = select(raw.c.id, raw.c.day, structure, raw.c.delegation, raw.c.quantity, raw.c.detail).subquery()
    columns: tuple[ColumnElement[Any], ...] = (lines.c.id, lines.c.day, lines.c.structure_id)
    covering: ColumnElement[Any] = lines.c.delegation
    quantity: ColumnElement[Any] = lines.c.quantity
    detail: ColumnElement[Any] = lines.c.detail
    if figure.measure is FigureMeasure.STRUCTURES:
        whom = lines.c.structure_id
        grouped = select(
            whom.label("id"), func.min(lines.c.day).label("day"), whom, func.min(lines.c.delegation).label("delegation")
        )
        lines = grouped.where(whom.is_not(None)).group_by(whom).subquery()
        columns, covering = (lines.c.id, lines.c.day, lines.c.structure_id), lines.c.delegation
        detail = cast(null(), String)
    if figure.measure is not FigureMeasure.QUANTITY:
        quantity = cast(literal(1), Numeric)
    then, today = told.register, members.TODAY.alias("covered_today")
    later = case((then.c.id.is_(None), today.c.delegation))
    place = func.coalesce(then.c.delegation, covering, later)
    query = select(*columns, place.label("place"), quantity.label("quantity"), detail.label("detail")).select_from(
        lines
    )
    query = query.outerjoin(then, then.c.id == lines.c.structure_id)
    return query.outerjoin(today, today.c.id == lines.c.structure_id)


async def _amounts(source: Read, window: Window, figures: Sequence[YearlyFigure]) -> Mapping[str, ByPlace]:
    """Count all the figures of some days at once, by delegation."""
    told = counting(window)
    found: dict[str, dict[str | None, Amount]] = {one.code: {} for one in figures}
    queries = []
    for one in figures:
        lines = _lines(told, one).subquery()
        counts = (func.count(), func.sum(lines.c.quantity), func.count(lines.c.structure_id.distinct()))
        queries.append(select(literal(one.code).label("code"), lines.c.place, *counts).group_by(lines.c.place))
    for code, place, rows, value, structures in await source.session.execute(union_all(*queries)):
        found[code][place] = Amount(rows, value, structures)
    return found


async def _years_told(source: Read) -> dict[str, list[int]]:
    """Return of which years each feed told something."""
    asked = []
    for feed, years in FEEDS.items():
        told = years().subquery()
        asked.append(select(literal(feed).label("feed"), told.c[0].label("year")).distinct())
    found: dict[str, list[int]] = {feed: [] for feed in FEEDS}
    for feed, year in await source.session.execute(union_all(*asked)):
        found[feed].append(year)
    return found


def _at(amounts: ByPlace, place: str) -> Amount:
    return sum(amounts.values(), Amount()) if place == NETWORK else amounts.get(place, Amount())
