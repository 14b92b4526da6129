"""Booklets: an edition printed for the whole country, and for each delegation of which it says enough."""

from collections.abc import Iterable
from uuid import UUID

from common.dated import rule_on
from common.transaction import Read
from membership.members.domain import ActivityKind
from membership.observatory import documents, repository
from membership.observatory.domain import (
    BookletNotFound,
    Cell,
    Edition,
    HiddenBecause,
    Scope,
    SecrecyRule,
    require_told,
    withheld,
)
from membership.observatory.queries.comparisons import evolutions
from membership.observatory.queries.editions import published_edition, responses_out
from membership.observatory.queries.portraits import portraits_out
from membership.observatory.queries.versions import secrecy_rules, version_of
from membership.observatory.schemas import BookletOut, EvolutionOut
from membership.territory.domain import Delegation
from membership.territory.queries import load_territory


async def list_booklets(source: Read, edition_id: UUID) -> list[BookletOut]:
    """Return the delegations, with whether a published edition says enough of each to print its booklet.

    Raises EditionNotFound, RuleMissing.
    """
    edition = await published_edition(source, edition_id)
    rule, cells = _rule(source, edition), [cell for _, cell in await repository.cells_of(source, [edition.id])]
    answered = {one.code: one for one in edition.responses if one.group == "delegation"}
    return [
        BookletOut(
            delegation=one.code,
            name=one.name,
            expected=answered[one.code].expected if one.code in answered else 0,
            answered=answered[one.code].answered if one.code in answered else 0,
            withheld=withheld(_hidden(cells, one.code), rule),
        )
        for one in load_territory().delegations
    ]


async def print_edition(source: Read, edition_id: UUID) -> bytes:
    """Return the booklet of a published edition for the whole country. Raises EditionNotFound, RuleMissing."""
    return await _print(source, await published_edition(source, edition_id), None)


async def print_booklet(source: Read, edition_id: UUID, delegation: str) -> bytes:
    """Return the booklet of a published edition for one delegation: its portraits beside those of the country.

    It says nothing that the edition's document does not.

    Raises EditionNotFound, BookletNotFound, BookletWithheld, RuleMissing.
    """
    edition = await published_edition(source, edition_id)
    found = [one for one in load_territory().delegations if one.code == delegation]
    if not found:
        raise BookletNotFound(f"Aucune délégation n'a le code « {delegation} ».")
    cells = [cell for _, cell in await repository.cells_of(source, [edition.id], delegation=delegation)]
    require_told(found[0].name, [cell.hidden for cell in cells], _rule(source, edition))
    return await _print(source, edition, found[0])


async def _print(source: Read, edition: Edition, place: Delegation | None) -> bytes:
    held, rule = version_of(edition.indicators), _rule(source, edition)
    editions = await _up_to(source, edition)
    code = place.code if place else None
    every = await repository.cells_of(source, [one.id for one in editions], delegation=code or "")
    cells = [cell for edition_id, cell in every if edition_id == edition.id]
    if place:
        cells += [cell for _, cell in await repository.cells_of(source, [edition.id], delegation="")]
    series = {}
    for kind in ActivityKind:
        of_it = [(edition_id, cell) for edition_id, cell in every if cell.scope == Scope(kind, code)]
        series[kind] = _moving(evolutions(held.indicators, editions, of_it))
    return await documents.print_booklet(
        documents.Booklet(edition, held, rule, responses_out(edition), portraits_out(held, cells), series, place)
    )


async def _up_to(source: Read, edition: Edition) -> list[Edition]:
    """Return an edition after those of the years before it, each the last that was published by then.

    A booklet printed again says the same: what was published since is not in it.
    """
    day = edition.published_on or source.today
    known = [one for one in await repository.published(source) if one.year < edition.year]
    then = {one.year: one for one in known if one.published_on and one.published_on <= day}
    return [*then.values(), edition]


def _rule(source: Read, edition: Edition) -> SecrecyRule:
    return rule_on(secrecy_rules(), edition.published_on or source.today)


def _hidden(cells: Iterable[Cell], delegation: str) -> list[HiddenBecause | None]:
    return [cell.hidden for cell in cells if cell.scope.delegation == delegation]


def _moving(found: Iterable[EvolutionOut]) -> list[EvolutionOut]:
    """Keep what two years at least tell."""
    return [one for one in found if sum(point.cell.median is not None for point in one.points) > 1]
