"""HTTP door of the board."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.board import queries, use_cases
from membership.board.domain import (
    HolderOutside,
    HoldsAnotherSeat,
    MandateDaysInconsistent,
    MandateElected,
    MandateEnded,
    MandateNotFound,
    SeatHeld,
    SeatUnknown,
)
from membership.board.schemas import (
    BoardMandateIn,
    BoardMandateListParams,
    BoardMandateOut,
    BoardOut,
    BoardParams,
    MandateEndIn,
    MandateWithdrawalIn,
)
from membership.contacts.domain import ContactNotFound, ContactOfAnother
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(prefix="/board", tags=["Conseil d'administration"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BOARD))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_BOARD))]


@router.get("", operation_id="getBoard", summary="Le conseil, un jour donné", responses=problems(RuleMissing))
async def get_board(read: ReadDep, _: MayRead, params: Annotated[BoardParams, Query()]) -> BoardOut:
    """Chaque siège et qui l'occupe ; les sièges à pourvoir, et ceux dont la structure est sortie."""
    return await queries.composition(read, params.as_of)


@router.get(
    "/mandates",
    operation_id="listBoardMandates",
    summary="Les mandats",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_mandates(
    read: ReadDep, _: MayRead, params: Annotated[BoardMandateListParams, Query()]
) -> Page[BoardMandateOut]:
    """Tenus et finis, du plus récent au plus ancien. Tris : since, code."""
    return await queries.list_mandates(read, params)


@router.post(
    "/mandates",
    status_code=201,
    operation_id="enterBoardMandate",
    summary="Saisir un mandat d'avant le système",
    responses=problems(
        MemberNotFound,
        MandateDaysInconsistent,
        NotAMember,
        HolderOutside,
        ContactNotFound,
        ContactOfAnother,
        SeatUnknown,
        SeatHeld,
        HoldsAnotherSeat,
        RuleMissing,
    ),
)
async def enter(body: BoardMandateIn, tx: TxDep, grant: MayRun, response: Response) -> BoardMandateOut:
    """Celui qu'une personne élue avant le système tient encore. Il prend fin, et se transmet, comme les autres."""
    mandate_id = await use_cases.enter(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/board/mandates/{mandate_id}"
    return versioned(response, await queries.find_mandate(tx, mandate_id))


@router.post(
    "/mandates/{mandate_id}/withdraw",
    operation_id="withdrawBoardMandate",
    summary="Retirer un mandat saisi par erreur",
    responses=problems(
        MandateNotFound, MandateElected, MandateEnded, RuleMissing, PreconditionMissing, PreconditionFailed
    ),
)
async def withdraw(
    mandate_id: UUID, body: MandateWithdrawalIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> BoardMandateOut:
    """Il n'a été tenu aucun jour ; il reste dans la liste, avec la raison. Son siège est de nouveau libre."""
    await use_cases.withdraw(tx, mandate_id, if_match, body.reason)
    return versioned(response, await queries.find_mandate(tx, mandate_id))


@router.get(
    "/mandates/{mandate_id}",
    operation_id="getBoardMandate",
    summary="Un mandat",
    responses=problems(MandateNotFound, RuleMissing),
)
async def get_mandate(mandate_id: UUID, read: ReadDep, _: MayRead, response: Response) -> BoardMandateOut:
    """Le siège, la structure, la personne, les jours."""
    return versioned(response, await queries.find_mandate(read, mandate_id))


@router.post(
    "/mandates/{mandate_id}/end",
    operation_id="endBoardMandate",
    summary="Mettre fin à un mandat",
    responses=problems(
        MandateNotFound, MandateEnded, MandateDaysInconsistent, RuleMissing, PreconditionMissing, PreconditionFailed
    ),
)
async def end(
    mandate_id: UUID, body: MandateEndIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> BoardMandateOut:
    """Avant son terme, avec sa raison. Le siège est à pourvoir jusqu'à une prochaine élection."""
    await use_cases.end(tx, mandate_id, if_match, body)
    return versioned(response, await queries.find_mandate(tx, mandate_id))
