"""HTTP door of the sessions: the list, one session, what it costs, what was done of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.moments import HourSkipped
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.programmes.domain import SheetNotFound
from training.rights import Act
from training.sessions import use_cases
from training.sessions.documents import EXPORT_HEADER
from training.sessions.domain import (
    AudienceKept,
    DateWrong,
    ExportTooLarge,
    Incomplete,
    NotDraft,
    NothingToCopy,
    ProgrammeNotTaught,
    SessionEnded,
    SessionNotFound,
    SlotsOverlap,
    SlotTimesWrong,
    ZoneUnknown,
)
from training.sessions.queries import lists, sessions
from training.sessions.schemas import (
    HeldHalfDay,
    HeldHalfDayParams,
    SessionCopy,
    SessionCostsOut,
    SessionCostsParams,
    SessionEventOut,
    SessionExpenses,
    SessionExportParams,
    SessionLine,
    SessionListParams,
    SessionNew,
    SessionOut,
    SessionTerms,
)

router = APIRouter(prefix="/sessions", tags=["Sessions"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SESSIONS))]
MayReadCosts = Annotated[Grant, Depends(allow(Act.READ_SESSION_COSTS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_SESSIONS))]
_SHOWN = (SessionNotFound, RuleMissing)
_CHANGED = (*_SHOWN, PreconditionMissing, PreconditionFailed)
_TAUGHT = (SheetNotFound, ProgrammeNotTaught)


@router.get("", operation_id="listSessions", summary="Les sessions", responses=problems(BadCursor, BadSort))
async def list_sessions(
    read: ReadDep, grant: MayRead, params: Annotated[SessionListParams, Query()]
) -> Page[SessionLine]:
    """Une délégation voit les siennes et celles de tout le pays. Tris : first_day, reference."""
    return await lists.list_sessions(read, grant, params)


@router.get(
    "/export",
    operation_id="exportSessions",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(ExportTooLarge),
)
async def export_sessions(read: ReadDep, grant: MayRead, params: Annotated[SessionExportParams, Query()]) -> Response:
    """Les mêmes sessions que la liste, avec les mêmes filtres ; 5 000 au plus."""
    lines = await lists.export(read, grant, params)
    return await export_response(params.format, "sessions", EXPORT_HEADER, lines)


@router.get(
    "/slots",
    operation_id="listHeldHalfDays",
    summary="Les demi-journées prises",
    responses=problems(BadCursor, BadSort),
)
async def list_held(read: ReadDep, grant: MayRead, params: Annotated[HeldHalfDayParams, Query()]) -> Page[HeldHalfDay]:
    """D'un formateur ou d'une salle, par les sessions annoncées. Tri : starts_at."""
    return await lists.list_held(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="createSession",
    summary="Préparer une session",
    responses=problems(*_TAUGHT, ZoneUnknown, DateWrong, RuleMissing),
)
async def create(body: SessionNew, tx: TxDep, grant: MayWrite, response: Response) -> SessionOut:
    """D'une formation au catalogue, à sa version en vigueur. Ouverte à tous, ou réservée à des structures."""
    return await _made(tx, grant, await use_cases.create(tx, body), response)


@router.get("/{session_id}", operation_id="getSession", summary="Une session", responses=problems(*_SHOWN))
async def get_session(session_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> SessionOut:
    """Où elle en est, ce qui l'empêche d'être annoncée, ce qu'il faut regarder."""
    return versioned(response, await sessions.find_session(read, grant, session_id))


@router.put(
    "/{session_id}",
    operation_id="amendSession",
    summary="Décider autrement",
    responses=problems(
        *_CHANGED,
        SessionEnded,
        AudienceKept,
        ZoneUnknown,
        DateWrong,
        Incomplete,
        HourSkipped,
        SlotTimesWrong,
        SlotsOverlap,
    ),
)
async def amend(
    session_id: UUID, body: SessionTerms, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionOut:
    """Places, organisateur, structures, adaptation, jours fixés à la main : en entier."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.amend(tx, session, body)
    return versioned(response, await sessions.find_session(tx, grant, session_id))


@router.delete(
    "/{session_id}",
    status_code=204,
    operation_id="discardSession",
    summary="Abandonner un projet",
    responses=problems(*_CHANGED, NotDraft),
)
async def discard(session_id: UUID, tx: TxDep, grant: MayWrite, if_match: IfMatch = None) -> None:
    """Tant que personne n'a pu le lire."""
    await use_cases.throw_away(tx, await use_cases.hold_as_seen(tx, grant, session_id, if_match))


@router.post(
    "/{session_id}/duplicate",
    status_code=201,
    operation_id="duplicateSession",
    summary="Préparer la même, à une autre date",
    responses=problems(*_SHOWN, *_TAUGHT, NothingToCopy, HourSkipped, SlotTimesWrong, SlotsOverlap),
)
async def duplicate(session_id: UUID, body: SessionCopy, tx: TxDep, grant: MayWrite, response: Response) -> SessionOut:
    """Mêmes demi-journées aux mêmes heures, décalées ; programme à sa version en vigueur."""
    return await _made(tx, grant, await use_cases.duplicate(tx, session_id, body.first_day), response)


@router.get(
    "/{session_id}/costs",
    operation_id="getSessionCosts",
    summary="Ce qu'elle coûte",
    responses=problems(SessionNotFound),
)
async def get_costs(
    session_id: UUID,
    read: ReadDep,
    grant: MayReadCosts,
    params: Annotated[SessionCostsParams, Query()],
    response: Response,
) -> SessionCostsOut:
    """Tenue, ou annulée un jour donné ; et ce que proposent les registres des formateurs et des salles."""
    return versioned(response, await sessions.find_costs(read, grant, session_id, params))


@router.put(
    "/{session_id}/costs",
    operation_id="writeSessionCosts",
    summary="Dire ce qu'elle coûte",
    responses=problems(*_CHANGED),
)
async def price(
    session_id: UUID, body: SessionExpenses, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionCostsOut:
    """En entier, hors taxe ; aussi une fois la session tenue, quand les factures sont là."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.price(tx, session, body)
    return versioned(response, await sessions.find_costs(tx, grant, session_id, SessionCostsParams()))


@router.get(
    "/{session_id}/events",
    operation_id="listSessionEvents",
    summary="Ce qui en fut fait",
    responses=problems(BadCursor, BadSort, SessionNotFound),
)
async def list_events(
    session_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[PageParams, Query()]
) -> Page[SessionEventOut]:
    """Depuis son annonce, le dernier d'abord, avec ce que chaque acte a changé. Tri : happened_at."""
    return await sessions.list_events(read, grant, session_id, params)


async def _made(tx: TxDep, grant: Grant, session_id: UUID, response: Response) -> SessionOut:
    """Answer a session that was just made, with where it is."""
    response.headers["Location"] = f"/training/v1/sessions/{session_id}"
    return versioned(response, await sessions.find_session(tx, grant, session_id))
