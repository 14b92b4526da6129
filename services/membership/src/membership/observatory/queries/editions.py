"""Editions: which are published, and what each is read, cited, exported and printed as."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from common.pagination import Order, Page, PageParams, paginate
from common.transaction import Read
from membership.members.domain import ActivityKind
from membership.observatory import documents, repository
from membership.observatory.domain import (
    Cell,
    Edition,
    EditionNotFound,
    EditionStatus,
    IndicatorSet,
    Response,
)
from membership.observatory.queries.portraits import portraits_out
from membership.observatory.queries.versions import version_of
from membership.observatory.schemas import (
    EditionDocument,
    EditionOut,
    IndicatorsOut,
    PortraitOut,
    PortraitParams,
    ResponseOut,
)
from membership.observatory.tables import EditionRow
from membership.territory.queries import load_territory

_EDITION: Any = EditionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"year": _EDITION.c.year, "number": _EDITION.c.number}, default="-year,-number", unique=_EDITION.c.id
)


async def list_editions(source: Read, params: PageParams) -> Page[EditionOut]:
    """Return one page of editions, the latest first."""
    rows, cursor, total = await paginate(source, repository.editions(), _ORDER, params)
    return Page(items=[_edition_out(row) for row in rows], next_cursor=cursor, total=total)


async def find_edition(source: Read, edition_id: UUID) -> EditionOut:
    """Return one edition. Raises EditionNotFound."""
    return _edition_out(await repository.row_of(source, edition_id))


async def portraits_of(source: Read, edition_id: UUID, params: PortraitParams) -> list[PortraitOut]:
    """Return portraits of a published edition. Raises EditionNotFound."""
    edition = await published_edition(source, edition_id)
    kinds = [kind.value for kind in params.kind] if params.kind else None
    cells = await repository.cells_of(source, [edition.id], kinds=kinds, delegation=params.delegation or "")
    return portraits_out(version_of(edition.indicators), [cell for _, cell in cells])


async def export_rows(source: Read, edition: Edition) -> Iterator[Sequence[object]]:
    """Return the lines of a published edition's table: what its document holds."""
    return documents.export_lines(responses_out(edition), await all_portraits(source, edition))


async def all_portraits(source: Read, edition: Edition) -> list[PortraitOut]:
    """Return every portrait of a published edition."""
    return portraits_out(
        version_of(edition.indicators), [cell for _, cell in await repository.cells_of(source, [edition.id])]
    )


def document(edition: Edition, held: IndicatorSet, cells: Sequence[Cell]) -> EditionDocument:
    """Return the document that an edition is cited by."""
    return EditionDocument(
        title=edition.title,
        year=edition.year,
        number=edition.number,
        reason=edition.reason,
        published_on=edition.published_on,
        responses=responses_out(edition),
        indicators=IndicatorsOut.of(held),
        portraits=portraits_out(held, cells),
    )


async def document_of(source: Read, edition_id: UUID) -> str:
    """Return the document of a published edition, as it was sealed. Raises EditionNotFound."""
    edition = await published_edition(source, edition_id)
    return await repository.document_of(source, edition.id)


async def published_edition(source: Read, edition_id: UUID) -> Edition:
    """Return an edition that is published. Raises EditionNotFound."""
    edition = await repository.get(source, edition_id)
    if edition.status is not EditionStatus.PUBLISHED:
        raise EditionNotFound(f"L'édition {edition.year} n'est pas publiée : {edition.status.label}.")
    return edition


def _edition_out(row: EditionRow) -> EditionOut:
    edition = repository.to_domain(row)
    return EditionOut(
        id=edition.id,
        title=edition.title,
        year=edition.year,
        number=edition.number,
        status=edition.status,
        status_label=edition.status.label,
        indicators=edition.indicators,
        reason=edition.reason,
        published_on=edition.published_on,
        sha256=edition.sha256,
        responses=responses_out(edition),
        asked_at=edition.asked_at,
        job_id=row.job_id,
    )


def responses_out(edition: Edition) -> list[ResponseOut]:
    """Write who answered."""
    return [_response_out(response) for response in edition.responses]


def _response_out(response: Response) -> ResponseOut:
    label = _named(response)
    return ResponseOut(
        group=response.group,
        code=response.code,
        label=label,
        expected=response.expected,
        answered=response.answered,
        rate=response.rate,
        hidden=response.hidden,
        hidden_label=response.hidden.label if response.hidden else None,
    )


def _named(response: Response) -> str:
    if response.group == "kind":
        return ActivityKind(response.code).label
    names = {delegation.code: delegation.name for delegation in load_territory().delegations}
    return names.get(response.code, "ensemble")
