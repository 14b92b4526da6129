"""HTTP door of the rooms: where sessions are held, and who can come in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.rights import Act
from training.rooms import queries, use_cases
from training.rooms.documents import EXPORT_HEADER
from training.rooms.domain import CheckedAnotherDay, RoomArchived, RoomNotArchived, RoomNotFound
from training.rooms.schemas import RoomBody, RoomExportParams, RoomLine, RoomListParams, RoomOut

router = APIRouter(prefix="/rooms", tags=["Salles"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ROOMS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_ROOMS))]
_CHANGED = (RoomNotFound, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listRooms", summary="Les salles", responses=problems(BadCursor, BadSort))
async def list_rooms(read: ReadDep, _: MayRead, params: Annotated[RoomListParams, Query()]) -> Page[RoomLine]:
    """Avec leurs places et leur accès. Tris : name, capacity."""
    return await queries.list_rooms(read, params)


@router.get("/export", operation_id="exportRooms", summary="Export CSV ou tableur", response_class=Response)
async def export_rooms(read: ReadDep, _: MayRead, params: Annotated[RoomExportParams, Query()]) -> Response:
    """Les mêmes salles que la liste, avec les mêmes filtres."""
    return await export_response(params.format, "salles", EXPORT_HEADER, await queries.export_rooms(read, params))


@router.post(
    "",
    status_code=201,
    operation_id="createRoom",
    summary="Ajouter",
    responses=problems(CheckedAnotherDay),
)
async def create(body: RoomBody, tx: TxDep, _: MayWrite, response: Response) -> RoomOut:
    """Ce qui n'a pas été vérifié de son accès reste `unknown`."""
    room_id = await use_cases.create(tx, body)
    response.headers["Location"] = f"/training/v1/rooms/{room_id}"
    return versioned(response, await queries.find_room(tx, room_id))


@router.get("/{room_id}", operation_id="getRoom", summary="Une salle", responses=problems(RoomNotFound))
async def get_room(room_id: UUID, read: ReadDep, _: MayRead, response: Response) -> RoomOut:
    """Où elle est, à quelle heure on y vit, qui peut y entrer."""
    return versioned(response, await queries.find_room(read, room_id))


@router.put(
    "/{room_id}",
    operation_id="amendRoom",
    summary="Récrire",
    responses=problems(*_CHANGED, RoomArchived, CheckedAnotherDay),
)
async def amend(
    room_id: UUID, body: RoomBody, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> RoomOut:
    """En entier."""
    await use_cases.amend(tx, room_id, if_match, body)
    return versioned(response, await queries.find_room(tx, room_id))


@router.post(
    "/{room_id}/archive",
    operation_id="archiveRoom",
    summary="Archiver",
    responses=problems(*_CHANGED, RoomArchived),
)
async def archive(room_id: UUID, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None) -> RoomOut:
    """On ne s'en sert plus ; les sessions qui s'y sont tenues la nomment toujours."""
    await use_cases.archive(tx, room_id, if_match)
    return versioned(response, await queries.find_room(tx, room_id))


@router.post(
    "/{room_id}/restore",
    operation_id="restoreRoom",
    summary="Rétablir",
    responses=problems(*_CHANGED, RoomNotArchived),
)
async def restore(room_id: UUID, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None) -> RoomOut:
    """On s'en sert de nouveau."""
    await use_cases.restore(tx, room_id, if_match)
    return versioned(response, await queries.find_room(tx, room_id))
