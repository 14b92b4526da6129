"""HTTP door of the watch items."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.improvements import use_cases
from training.improvements.documents import WATCH_HEADER
from training.improvements.domain.refusals import WatchItemExploited, WatchItemNotFound
from training.improvements.queries import watch
from training.improvements.schemas import (
    ReasonIn,
    Reference,
    WatchItemExportParams,
    WatchItemIn,
    WatchItemListParams,
    WatchItemOut,
)
from training.rights import Act

router = APIRouter(prefix="/improvements/watch-items", tags=["Amélioration"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_IMPROVEMENTS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_IMPROVEMENTS))]


@router.get("", operation_id="listWatchItems", summary="Les veilles", responses=problems(BadCursor, BadSort))
async def list_watch_items(
    read: ReadDep, _: MayRead, params: Annotated[WatchItemListParams, Query()]
) -> Page[WatchItemOut]:
    """Légale, des métiers, pédagogique et technologique. Tris : dated_on, reference."""
    return await watch.list_watch_items(read, params)


@router.get("/export", operation_id="exportWatchItems", summary="Export CSV ou tableur", response_class=Response)
async def export_watch_items(read: ReadDep, _: MayRead, params: Annotated[WatchItemExportParams, Query()]) -> Response:
    """Les mêmes veilles que la liste, avec les mêmes filtres."""
    return await export_response(params.format, "veilles", WATCH_HEADER, await watch.export_watch_items(read, params))


@router.post(
    "",
    status_code=201,
    operation_id="recordWatchItem",
    summary="Relever une veille",
    responses=problems(WatchItemNotFound),
)
async def record(body: WatchItemIn, tx: TxDep, _: MayWrite, response: Response) -> WatchItemOut:
    """Exploitée quand une action en vient, ou quand on dit pourquoi rien n'est à faire."""
    reference = await use_cases.record_watch_item(tx, body)
    response.headers["Location"] = f"/training/v1/improvements/watch-items/{reference}"
    return versioned(response, await watch.find_watch_item(tx, reference))


@router.get("/{reference}", operation_id="getWatchItem", summary="Une veille", responses=problems(WatchItemNotFound))
async def get_watch_item(reference: Reference, read: ReadDep, _: MayRead, response: Response) -> WatchItemOut:
    """Avec ce qu'on en a tiré."""
    return versioned(response, await watch.find_watch_item(read, reference))


@router.post(
    "/{reference}/set-aside",
    operation_id="setWatchItemAside",
    summary="Dire que rien n'est à faire",
    responses=problems(WatchItemNotFound, WatchItemExploited, PreconditionMissing, PreconditionFailed),
)
async def set_aside(
    reference: Reference, body: ReasonIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> WatchItemOut:
    """Et pourquoi : une veille se décide, elle ne s'oublie pas."""
    await use_cases.set_aside(tx, reference, if_match, body.reason)
    return versioned(response, await watch.find_watch_item(tx, reference))
