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
    BureauDaysInconsistent,
    BureauFunctionHeld,
    BureauFunctionUnknown,
    BureauOutsideBoard,
    BureauTermEnded,
    BureauTermNotFound,
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
    BureauListParams,
    BureauTermEndIn,
    BureauTermIn,
    BureauTermOut,
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
    """Chaque siège et qui l'occupe, chaque fonction du bureau et qui l'a, sous les noms de ce jour-là."""
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
    summary="Saisir un mandat qu'aucune assemblée n'a donné ici",
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
    """D'avant le système et encore tenu, ou des salariés (`scope` : employees). Il prend fin comme les autres."""
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


@router.get(
    "/functions",
    operation_id="listBureauTerms",
    summary="Les fonctions du bureau",
    responses=problems(BadCursor, BadSort, RuleMissing),
)
async def list_terms(read: ReadDep, _: MayRead, params: Annotated[BureauListParams, Query()]) -> Page[BureauTermOut]:
    """Tenues et finies, de la plus récente à la plus ancienne. Tri : since. D'un jour donné : `GET /board?as_of=`."""
    return await queries.list_terms(read, params)


@router.post(
    "/functions",
    status_code=201,
    operation_id="nameToBureau",
    summary="Donner une fonction du bureau",
    responses=problems(
        MandateNotFound,
        BureauTermNotFound,
        BureauFunctionUnknown,
        BureauOutsideBoard,
        BureauFunctionHeld,
        BureauDaysInconsistent,
        BureauTermEnded,
        RuleMissing,
    ),
)
async def name(body: BureauTermIn, tx: TxDep, _: MayRun, response: Response) -> BureauTermOut:
    """À qui a un siège ce jour-là. Une fonction qu'une seule personne peut avoir passe de l'une à l'autre."""
    term_id = await use_cases.name(tx, body)
    response.headers["Location"] = f"/membership/v1/board/functions/{term_id}"
    return versioned(response, await queries.find_term(tx, term_id))


@router.get(
    "/functions/{term_id}",
    operation_id="getBureauTerm",
    summary="Une fonction du bureau",
    responses=problems(BureauTermNotFound, RuleMissing),
)
async def get_term(term_id: UUID, read: ReadDep, _: MayRead, response: Response) -> BureauTermOut:
    """La fonction, la personne, les jours."""
    return versioned(response, await queries.find_term(read, term_id))


@router.post(
    "/functions/{term_id}/end",
    operation_id="endBureauTerm",
    summary="Mettre fin à une fonction du bureau",
    responses=problems(
        BureauTermNotFound,
        BureauTermEnded,
        BureauDaysInconsistent,
        RuleMissing,
        PreconditionMissing,
        PreconditionFailed,
    ),
)
async def end_term(
    term_id: UUID, body: BureauTermEndIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> BureauTermOut:
    """Le siège reste. Avec le siège, la fonction prend fin d'elle-même."""
    await use_cases.end_term(tx, term_id, if_match, body)
    return versioned(response, await queries.find_term(tx, term_id))
