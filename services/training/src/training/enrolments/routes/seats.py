"""HTTP door of the seats of a session: counted, waited for, in which order, and the proof of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from training.enrolments.domain import PoolClosed, PoolNotFound, SessionNotOpen
from training.enrolments.queries import seats as queries
from training.enrolments.schemas import OrderProofOut, PolicyIn, SeatEventOut, SeatsLeftOut, SeatsOut, WaitingLine
from training.enrolments.use_cases import running
from training.rights import Act
from training.sessions.domain import SessionNotFound

router = APIRouter(tags=["Places"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_CALENDAR))]
MayReadSeats = Annotated[Grant, Depends(allow(Act.READ_SEATS))]
MayReadWaiting = Annotated[Grant, Depends(allow(Act.READ_ENROLMENTS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SEATS))]


@router.get(
    "/calendar/{session_id}/seats",
    operation_id="getSeatsLeft",
    summary="Les places qui restent",
    responses=problems(SessionNotFound),
)
async def get_seats_left(session_id: UUID, read: ReadDep, _: Anybody) -> SeatsLeftOut:
    """Sans jeton. D'une session annoncée et ouverte à tous."""
    return await queries.seats_left(read, session_id)


@router.get(
    "/sessions/{session_id}/seats",
    operation_id="getSessionSeats",
    summary="Les places d'une session",
    responses=problems(PoolNotFound, RuleMissing),
)
async def get_seats(session_id: UUID, read: ReadDep, _: MayReadSeats, response: Response) -> SeatsOut:
    """Prises, proposées, attendues, et l'ordre de la liste d'attente."""
    return versioned(response, await queries.find_seats(read, session_id))


@router.post(
    "/sessions/{session_id}/seats/open",
    operation_id="openSessionSeats",
    summary="Ouvrir les places",
    responses=problems(SessionNotFound, SessionNotOpen, RuleMissing),
    openapi_extra=apart("version", "Ouvre, ou suit la session : rien de ce qui fut lu n'est récrit."),
)
async def open_seats(session_id: UUID, tx: TxDep, _: MayRun, response: Response) -> SeatsOut:
    """Avant la première demande, pour choisir l'ordre ; après, pour suivre le nombre de places de la session."""
    await running.open_seats(tx, session_id)
    return versioned(response, await queries.find_seats(tx, session_id))


@router.post(
    "/sessions/{session_id}/seats/policy",
    operation_id="chooseSeatPolicy",
    summary="Choisir l'ordre de la liste d'attente",
    responses=problems(
        PreconditionMissing,
        PreconditionFailed,
        PoolNotFound,
        PoolClosed,
        SessionNotFound,
        SessionNotOpen,
        RuleMissing,
    ),
)
async def choose_policy(
    session_id: UUID, body: PolicyIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SeatsOut:
    """Aussitôt suivi : ce qui est libre va à qui est le suivant dans le nouvel ordre. Le changement est au journal."""
    await running.choose_policy(tx, session_id, if_match, body.policy)
    return versioned(response, await queries.find_seats(tx, session_id))


@router.get(
    "/sessions/{session_id}/waiting-list",
    operation_id="listWaiting",
    summary="La liste d'attente",
    responses=problems(BadCursor, BadSort),
)
async def list_waiting(
    session_id: UUID, read: ReadDep, grant: MayReadWaiting, params: Annotated[PageParams, Query()]
) -> Page[WaitingLine]:
    """Dans l'ordre. Une structure lit ses demandes seulement, à leur rang parmi toutes. Tri : rank."""
    return await queries.list_waiting(read, grant, session_id, params)


@router.get(
    "/sessions/{session_id}/seats/log",
    operation_id="listSeatEvents",
    summary="Le journal des places",
    responses=problems(BadCursor, BadSort, PoolNotFound),
)
async def list_events(
    session_id: UUID, read: ReadDep, _: MayReadSeats, params: Annotated[PageParams, Query()]
) -> Page[SeatEventOut]:
    """Tout ce qui est arrivé aux places, ligne après ligne. Tri : number."""
    return await queries.list_events(read, session_id, params)


@router.get(
    "/sessions/{session_id}/seats/proof",
    operation_id="getSeatOrderProof",
    summary="La preuve de l'ordre",
    responses=problems(PoolNotFound),
)
async def prove_order(session_id: UUID, read: ReadDep, _: MayReadSeats) -> OrderProofOut:
    """Le journal rejoué par la règle, de sa première ligne : chaque proposition est celle qu'elle donne."""
    return await queries.proof(read, session_id)
