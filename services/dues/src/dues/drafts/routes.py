"""HTTP door of the grids being prepared."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from dues.drafts import queries, use_cases
from dues.drafts.domain import DraftNotFound, DraftSimulated
from dues.drafts.schemas import ComparisonOut, GridDraftIn, GridDraftListParams, GridDraftNew, GridDraftOut
from dues.grids.domain import GridNotFound
from dues.rights import Act

router = APIRouter(prefix="/grid-drafts", tags=["Projets de grille"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DRAFTS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_DRAFTS))]
_CHANGED = (DraftNotFound, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listGridDrafts", summary="Les projets de grille", responses=problems(BadCursor, BadSort))
async def list_drafts(read: ReadDep, _: MayRead, params: Annotated[GridDraftListParams, Query()]) -> Page[GridDraftOut]:
    """Tris : changed_at, label, year."""
    return await queries.list_drafts(read, params)


@router.post("", status_code=201, operation_id="beginGridDraft", summary="Commencer", responses=problems(GridNotFound))
async def begin(body: GridDraftNew, tx: TxDep, _: MayWrite, response: Response) -> GridDraftOut:
    """De la grille d'une année, ou de rien : ses défauts disent alors ce qui reste à écrire."""
    draft_id = await use_cases.begin(tx, body)
    response.headers["Location"] = f"/dues/v1/grid-drafts/{draft_id}"
    return versioned(response, await queries.find_draft(tx, draft_id))


@router.get("/{draft_id}", operation_id="getGridDraft", summary="Un projet", responses=problems(DraftNotFound))
async def get_draft(draft_id: UUID, read: ReadDep, _: MayRead, response: Response) -> GridDraftOut:
    """Avec tous ses défauts à la fois, chacun à sa place."""
    return versioned(response, await queries.find_draft(read, draft_id))


@router.put("/{draft_id}", operation_id="rewriteGridDraft", summary="Récrire", responses=problems(*_CHANGED))
async def rewrite(
    draft_id: UUID, body: GridDraftIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> GridDraftOut:
    """En entier. Une simulation déjà faite garde la version qu'elle a prise."""
    await use_cases.rewrite(tx, draft_id, if_match, body)
    return versioned(response, await queries.find_draft(tx, draft_id))


@router.delete(
    "/{draft_id}",
    status_code=204,
    operation_id="deleteGridDraft",
    summary="Supprimer",
    responses=problems(*_CHANGED, DraftSimulated),
)
async def throw_away(draft_id: UUID, tx: TxDep, _: MayWrite, if_match: IfMatch = None) -> None:
    """Tant qu'il n'a pas été simulé : ce qui fut montré à l'assemblée doit pouvoir se relire."""
    await use_cases.throw_away(tx, draft_id, if_match)


@router.get(
    "/{draft_id}/comparison",
    operation_id="compareGridDraft",
    summary="Ce qui change",
    responses=problems(DraftNotFound),
)
async def compare_draft(draft_id: UUID, read: ReadDep, _: MayRead) -> ComparisonOut:
    """À côté de la grille de son année ou, à défaut, de la dernière connue, ligne à ligne."""
    return await queries.compare_draft(read, draft_id)
