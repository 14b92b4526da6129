"""A structure beside its kind, and an indicator from one year to the next."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from common.rights import Grant
from common.transaction import Read
from membership.declarations.domain import activities_answered
from membership.declarations.queries import answers_of
from membership.members.queries import find
from membership.observatory import repository
from membership.observatory.domain import (
    Cell,
    Edition,
    Indicator,
    Scope,
    position,
    rounded,
    value_of,
)
from membership.observatory.queries.editions import published_edition
from membership.observatory.queries.versions import version_of
from membership.observatory.schemas import (
    CellOut,
    ComparedOut,
    ComparisonOut,
    EvolutionOut,
    EvolutionParams,
    PointOut,
)


async def compare(source: Read, grant: Grant, edition_id: UUID, member_id: UUID) -> list[ComparisonOut]:
    """Return what a structure within reach declared beside the others of its kinds.

    Raises EditionNotFound, MemberNotFound.
    """
    edition = await published_edition(source, edition_id)
    member = await find(source, grant, member_id)
    answers = await answers_of(source, edition.year, member.id)
    kinds = activities_answered(answers)
    cells = await repository.cells_of(source, [edition.id], kinds=[kind.value for kind in kinds])
    shown = {(cell.scope, cell.indicator): cell for _, cell in cells}
    return [
        ComparisonOut(
            kind=kind,
            kind_label=kind.label,
            compared=[
                _compared(
                    one,
                    value_of(one, answers, kind),
                    country,
                    shown.get((Scope(kind, member.delegation), one.code)) if member.delegation else None,
                )
                for one in version_of(edition.indicators).indicators
                if (country := shown.get((Scope(kind, None), one.code))) is not None
            ],
        )
        for kind in kinds
    ]


async def evolution(source: Read, params: EvolutionParams) -> list[EvolutionOut]:
    """Return indicators over the published years that compare with the last one."""
    editions = await repository.latest(source)
    if not editions:
        return []
    cells = await repository.cells_of(
        source, [one.id for one in editions], kinds=[params.kind.value], delegation=params.delegation or ""
    )
    asked = version_of(editions[-1].indicators).indicators
    return evolutions([one for one in asked if not params.indicator or one.code in params.indicator], editions, cells)


def evolutions(
    asked: Sequence[Indicator], editions: Sequence[Edition], cells: Sequence[tuple[UUID, Cell]]
) -> list[EvolutionOut]:
    """Return what the cells of one scope say of indicators over the years of some editions."""
    years = {edition.id: edition.year for edition in editions}
    by_year: dict[str, dict[int, tuple[UUID, Cell]]] = {}
    for edition_id, cell in cells:
        by_year.setdefault(cell.indicator, {})[years[edition_id]] = (edition_id, cell)
    return [_evolution(one, by_year.get(one.code, {})) for one in asked]


def _evolution(one: Indicator, by_year: Mapping[int, tuple[UUID, Cell]]) -> EvolutionOut:
    comparable, others = one.comparable(by_year)
    points = [
        PointOut(year=year, edition_id=by_year[year][0], cell=CellOut.of(one, by_year[year][1])) for year in comparable
    ]
    return EvolutionOut(
        indicator=one.code, label=one.label, theme=one.theme, unit=one.unit, points=points, not_comparable=others
    )


def _compared(indicator: Indicator, value: Decimal | None, country: Cell, region: Cell | None) -> ComparedOut:
    shown = None if value is None else rounded(value, indicator.unit)
    where = None if shown is None else position(shown, country)
    return ComparedOut(
        indicator=indicator.code,
        label=indicator.label,
        theme=indicator.theme,
        unit=indicator.unit,
        value=shown,
        position=where,
        position_label=where.label if where else None,
        country=CellOut.of(indicator, country),
        region=CellOut.of(indicator, region) if region else None,
    )
