"""HTTP door of restructurings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.members.domain import (
    ActivityNotHeld,
    LastActivity,
    MemberNotFound,
    NotAMember,
    NotInRegisterThen,
    SirenTaken,
    SiretOfAnotherSiren,
    StatusContradicted,
)
from membership.restructurings import queries, use_cases
from membership.restructurings.domain import (
    AbsorbedByItself,
    AlreadyEnteredLater,
    BuiltUpon,
    NothingChanges,
    RestructuringNotFound,
    StructureChanged,
    TooLateToUndo,
    UndoneAlready,
)
from membership.restructurings.schemas import (
    RestructuringIn,
    RestructuringLine,
    RestructuringListParams,
    RestructuringOut,
    UndoIn,
)
from membership.rights import Act

router = APIRouter(prefix="/restructurings", tags=["Restructurations"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_RESTRUCTURINGS))]
MayRestructure = Annotated[Grant, Depends(allow(Act.RESTRUCTURE))]


@router.get(
    "",
    operation_id="listRestructurings",
    summary="Les restructurations",
    responses=problems(BadCursor, BadSort),
)
async def list_restructurings(
    read: ReadDep, grant: MayRead, params: Annotated[RestructuringListParams, Query()]
) -> Page[RestructuringLine]:
    """Changements de SIRET, fusions, scissions. Tri : done_at."""
    return await queries.list_restructurings(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="restructure",
    summary="Restructurer",
    responses=problems(
        MemberNotFound,
        StructureChanged,
        AbsorbedByItself,
        AlreadyEnteredLater,
        NothingChanges,
        NotAMember,
        ActivityNotHeld,
        LastActivity,
        StatusContradicted,
        NotInRegisterThen,
        SirenTaken,
        SiretOfAnotherSiren,
        RuleMissing,
    ),
)
async def restructure(body: RestructuringIn, tx: TxDep, grant: MayRestructure, response: Response) -> RestructuringOut:
    """Avec `dry_run=true`, montre ligne par ligne ce que l'opération emporterait, sans rien inscrire."""
    restructuring_id = await use_cases.carry_out(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/restructurings/{restructuring_id}"
    return await queries.find_restructuring(tx, grant, restructuring_id)


@router.get(
    "/{restructuring_id}",
    operation_id="getRestructuring",
    summary="Une restructuration",
    responses=problems(RestructuringNotFound),
)
async def get_restructuring(restructuring_id: UUID, read: ReadDep, grant: MayRead) -> RestructuringOut:
    """Tout ce qu'elle a emporté, et ce qui reste à suivre."""
    return await queries.find_restructuring(read, grant, restructuring_id)


@router.post(
    "/{restructuring_id}/undo",
    operation_id="undoRestructuring",
    summary="Annuler",
    responses=problems(
        RestructuringNotFound,
        MemberNotFound,
        UndoneAlready,
        TooLateToUndo,
        BuiltUpon,
        StatusContradicted,
        LastActivity,
        SirenTaken,
    ),
)
async def undo(restructuring_id: UUID, body: UndoIn, tx: TxDep, grant: MayRestructure) -> RestructuringOut:
    """En entier, dans son délai, tant que rien de ce qu'elle a inscrit n'a changé depuis."""
    await use_cases.undo(tx, grant, restructuring_id, body.reason)
    return await queries.find_restructuring(tx, grant, restructuring_id)
