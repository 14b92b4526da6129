"""Reads of the key figures: a year, one figure, its rows; and what was published of them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, false, select

from common.blockers import BlockerOut, tried
from common.dated import rule_on
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.dashboards.domain import DelegationNotFound
from membership.encounters.domain import YearNotBegun
from membership.observatory.queries import secrecy_rules
from membership.rights import RIGHTS, Act
from membership.territory.queries import load_territory
from membership.yearly_figures import repository
from membership.yearly_figures.documents import export_line, print_edition
from membership.yearly_figures.domain import (
    NETWORK,
    FigureTheme,
    FrozenFigure,
    FrozenValue,
    NoValue,
    Told,
    Window,
    YearlyEdition,
    YearlyEditionNotFound,
    YearlyFigure,
    change_of,
    change_percent,
    label_of,
    require_over,
    window_of,
)
from membership.yearly_figures.queries import amounts
from membership.yearly_figures.queries.definitions import definitions_of
from membership.yearly_figures.schemas import (
    YearlyEditionDetail,
    YearlyEditionFigureOut,
    YearlyEditionOut,
    YearlyFigureOut,
    YearlyFiguresOut,
    YearlyPublishedOut,
    YearlyRowExportParams,
    YearlyRowFilters,
    YearlyRowListParams,
    YearlyRowOut,
)
from membership.yearly_figures.tables import YearlyEditionRow

_ROOT = "/membership/v1/yearly-figures"
_EDITION: Any = YearlyEditionRow.__table__  # type: ignore[attr-defined]
_EDITIONS = Order(columns={"number": _EDITION.c.number}, default="-number", unique=_EDITION.c.id)


async def find_year(source: Read, grant: Grant, year: int, delegation: str | None) -> YearlyFiguresOut:
    """Return the figures of a year, of the network or of a delegation within reach.

    Raises YearNotBegun, FiguresNotDefined, DelegationNotFound.
    """
    place = place_of(grant, delegation)
    held = definitions_of(_begun(source, year))
    figured = await amounts.told_of(source, year, held.figures)
    edition = await repository.edition_of(source, year)
    window = window_of(year, source.today)
    actions, blockers = _acts(source, year)
    return YearlyFiguresOut(
        year=year,
        delegation=place or None,
        name=name_of(place),
        counted_until=window.last,
        provisional=window.is_provisional,
        definitions=held.version,
        figures=[_figure_out(one.at(place), held.themes, window, place, edition) for one in figured.values()],
        version=edition.number if edition else 0,
        allowed_actions=actions,
        blockers=blockers,
    )


async def find_figure(source: Read, grant: Grant, year: int, code: str, delegation: str | None) -> YearlyFigureOut:
    """Return one figure of a year.

    Raises YearNotBegun, FiguresNotDefined, YearlyFigureNotFound, DelegationNotFound.
    """
    place = place_of(grant, delegation)
    held = definitions_of(_begun(source, year))
    figured = await amounts.told_of(source, year, [held.figure(code)])
    edition = await repository.edition_of(source, year)
    return _figure_out(figured[code].at(place), held.themes, window_of(year, source.today), place, edition)


async def list_rows(
    source: Read, grant: Grant, year: int, code: str, params: YearlyRowListParams
) -> Page[YearlyRowOut]:
    """Return one page of the rows of a figure: without filters, those that make it.

    Raises YearNotBegun, FiguresNotDefined, YearlyFigureNotFound, DelegationNotFound.
    """
    figure, query, order = await _rows(source, grant, year, code, params)
    rows, cursor, total = await paginate(source, query, order, params)
    return Page(items=[_row_out(figure, row) for row in rows], next_cursor=cursor, total=total)


async def export_rows(
    source: Read, grant: Grant, year: int, code: str, params: YearlyRowExportParams
) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same rows as the list with the same filters.

    Raises YearNotBegun, FiguresNotDefined, YearlyFigureNotFound, DelegationNotFound.
    """
    figure, query, order = await _rows(source, grant, year, code, params)
    rows = (await source.session.execute(query.order_by(order.columns["day"], order.unique))).all()
    return (export_line(_row_out(figure, row)) for row in rows)


async def list_editions(source: Read, grant: Grant, year: int, params: PageParams) -> Page[YearlyEditionOut]:
    """Return one page of the editions of a year, the last one first; why there is another, for the network."""
    query = select(YearlyEditionRow).where(_EDITION.c.year == year)
    rows, cursor, total = await paginate(source, query, _EDITIONS, params)
    found = [repository.to_domain(row) for row in rows]
    items = [
        YearlyEditionOut(
            year=one.year,
            number=one.number,
            definitions=one.definitions,
            reason=_reason(grant, one),
            published_on=one.published_on,
            published_at=one.published_at,
        )
        for one in found
    ]
    return Page(items=items, next_cursor=cursor, total=total)


async def find_edition(
    source: Read, grant: Grant, year: int, number: int, delegation: str | None
) -> YearlyEditionDetail:
    """Return what an edition says of the network, or of a delegation within reach.

    Raises YearlyEditionNotFound, DelegationNotFound.
    """
    edition = await repository.edition_of(source, year, number)
    if edition is None:
        raise YearlyEditionNotFound(f"L'année {year} n'a pas d'édition {number}.")
    place = published_place_of(grant, delegation)
    if any(place not in one.values for one in edition.figures):
        raise DelegationNotFound("Cette délégation n'existait pas à la date de cette édition.")
    return YearlyEditionDetail(
        year=year,
        number=number,
        definitions=edition.definitions,
        reason=_reason(grant, edition),
        published_on=edition.published_on,
        published_at=edition.published_at,
        delegation=place or None,
        name=name_of(place),
        figures=[
            _frozen_out(one, one.values[place])
            for one in edition.figures
            if not one.discreet or grant.scope is Scope.ALL or place != NETWORK
        ],
    )


async def print_year(source: Read, grant: Grant, year: int, number: int, delegation: str | None) -> bytes:
    """Return an edition as one printed page. Raises YearlyEditionNotFound, DelegationNotFound."""
    return await print_edition(await find_edition(source, grant, year, number, delegation))


def place_of(grant: Grant, delegation: str | None) -> str:
    """Return where figures are asked for: the network, or a delegation within reach. Raises DelegationNotFound."""
    if grant.scope is Scope.ALL and not delegation:
        return NETWORK
    wanted = delegation or grant.actor.delegation
    known = {one.code for one in load_territory().delegations}
    if wanted not in known or not grant.reaches(wanted):
        raise DelegationNotFound("Cette délégation n'existe pas, ou n'est pas dans votre périmètre.")
    return wanted


def published_place_of(grant: Grant, delegation: str | None) -> str:
    """Return where an edition is read: the network is everybody's, a delegation its own. Raises DelegationNotFound."""
    if not delegation:
        return NETWORK
    if grant.scope is Scope.OWN:
        raise DelegationNotFound("Les chiffres publiés d'une délégation se lisent d'elle et du réseau.")
    return place_of(grant, delegation)


def name_of(place: str) -> str:
    """Return what a place is called."""
    return next((one.name for one in load_territory().delegations if one.code == place), "Ensemble du réseau")


def _begun(source: Read, year: int) -> int:
    if year > source.today.year:
        raise YearNotBegun(f"L'année {year} n'a pas commencé.")
    return year


async def _rows(
    source: Read, grant: Grant, year: int, code: str, filters: YearlyRowFilters
) -> tuple[YearlyFigure, Select[Any], Order]:
    figure = definitions_of(_begun(source, year)).figure(code)
    place = place_of(grant, filters.delegation)
    minimum = rule_on(secrecy_rules(), source.today).minimum
    rows = amounts.selected(source, grant, year, figure, place, filters, minimum).subquery()
    order = Order(columns={"day": rows.c.day, "quantity": rows.c.weight}, default="-day", unique=rows.c.key)
    query = select(*rows.c)
    if await amounts.missing_of(source, year, figure, place):
        query = query.where(false())
    return figure, query, order


def _row_out(figure: YearlyFigure, row: Any) -> YearlyRowOut:
    key, day, member_id, reference, name, delegation, quantity, detail, opens, *_ = row
    return YearlyRowOut(
        id=key,
        day=day,
        member_id=member_id,
        reference=reference,
        name=name,
        delegation=delegation,
        quantity=_plain(quantity),
        detail=detail,
        link=figure.opens.format(id=key) if figure.opens and opens else None,
    )


def _figure_out(
    told: Told, themes: Sequence[FigureTheme], window: Window, place: str, edition: YearlyEdition | None
) -> YearlyFigureOut:
    figure = told.figure
    value = _plain(told.amount.value if told.amount else None)
    previous = _plain(told.previous.value if told.previous else None)
    path = f"{_ROOT}/{window.year}/{figure.code}/rows"
    return YearlyFigureOut(
        code=figure.code,
        theme=figure.theme,
        theme_label=next(one.label for one in themes if one.code == figure.theme),
        label=figure.label,
        unit=figure.unit,
        definition=figure.definition,
        period=figure.period,
        period_label=label_of(figure.period, window),
        measure=figure.measure,
        measure_label=figure.measure.label,
        told_by=figure.told_by,
        status=figure.status,
        source=figure.source,
        value=value,
        missing=told.missing,
        missing_label=_label(told.missing),
        rows=told.amount.rows if told.amount else None,
        partial_since=told.partial_since,
        previous=previous,
        change=change_of(value, previous),
        change_percent=change_percent(value, previous),
        published=_published(edition, figure.code, place, value),
        list=f"{path}?delegation={place}" if place else path,
    )


def _published(
    edition: YearlyEdition | None, code: str, place: str, value: Decimal | None
) -> YearlyPublishedOut | None:
    figure = next((one for one in edition.figures if one.code == code), None) if edition else None
    if edition is None or figure is None or place not in figure.values:
        return None
    then = figure.values[place]
    return YearlyPublishedOut(
        edition=edition.number,
        published_on=edition.published_on,
        value=_plain(then.value),
        differs=then.missing is not NoValue.TOO_FEW and then.value != value,
    )


def _frozen_out(figure: FrozenFigure, then: FrozenValue) -> YearlyEditionFigureOut:
    value, previous = _plain(then.value), _plain(then.previous)
    return YearlyEditionFigureOut(
        code=figure.code,
        theme=figure.theme,
        theme_label=figure.theme_label,
        label=figure.label,
        unit=figure.unit,
        definition=figure.definition,
        period=figure.period,
        status=figure.status,
        source=figure.source,
        value=value,
        missing=then.missing,
        missing_label=_label(then.missing),
        rows=then.rows,
        partial_since=then.partial_since,
        previous=previous,
        change=change_of(value, previous),
        change_percent=change_percent(value, previous),
    )


def _reason(grant: Grant, edition: YearlyEdition) -> str | None:
    """Return why an edition was made again, a text that may say of whom: for the network alone."""
    return edition.reason if grant.scope is Scope.ALL else None


def _label(missing: NoValue | None) -> str | None:
    return missing.label if missing else None


def _acts(source: Read, year: int) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    may = grant_for(RIGHTS, Act.PUBLISH_YEARLY_FIGURES, source.actor)
    return tried({"publish": partial(require_over, year, source.today)} if may else {})


def _plain(value: Decimal | None) -> Decimal | None:
    """Write a whole number without decimals, another with those it needs: 548 and not 548.0, 1250.5."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
