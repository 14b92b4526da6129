"""HTTP door of what becomes of a session: planned, announced, moved. Whether it is held: decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag, versioned
from common.moments import HourSkipped
from common.problem import problems
from common.rights import Grant, allow
from training.programmes.domain import SheetNotFound
from training.rights import Act
from training.rooms.domain import RoomNotFound
from training.sessions import use_cases
from training.sessions.domain import (
    AlreadyAtVersion,
    DateWrong,
    Incomplete,
    NotAnnounced,
    NotDraft,
    NothingMoved,
    ProgrammeNotTaught,
    ResourceTaken,
    SessionEnded,
    SessionNotFound,
    SlotHeld,
    SlotsOverlap,
    SlotTimesWrong,
    SlotUnknown,
)
from training.sessions.queries import sessions
from training.sessions.schemas import (
    SessionAdoptedOut,
    SessionMove,
    SessionOut,
    SessionPlan,
    SessionReason,
)
from training.trainers.domain import TrainerNotFound

router = APIRouter(prefix="/sessions", tags=["Sessions"], route_class=Door)

MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_SESSIONS))]
_CHANGED = (SessionNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)
_PLANNED = (
    *_CHANGED, SlotUnknown, HourSkipped, SlotTimesWrong, SlotsOverlap, DateWrong, TrainerNotFound, RoomNotFound,
)  # fmt: skip
_ANNOUNCED = (NotAnnounced, SessionEnded)


@router.put(
    "/{session_id}/slots",
    operation_id="planSession",
    summary="Planifier un projet",
    responses=problems(*_PLANNED, NotDraft),
)
async def plan(
    session_id: UUID, body: SessionPlan, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionOut:
    """Ses demi-journées, toutes : moment, salle ou distance, formateurs. Incomplètes, elles se gardent."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.plan(tx, session, body)
    return versioned(response, await sessions.find_session(tx, grant, session_id))


@router.post(
    "/{session_id}/schedule",
    operation_id="scheduleSession",
    summary="Annoncer",
    responses=problems(*_CHANGED, NotDraft, Incomplete, ResourceTaken),
)
async def schedule(
    session_id: UUID, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionOut:
    """Elle a dès lors ses salles et ses formateurs ; ouverte à tous, elle est au calendrier public."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.schedule(tx, session)
    return versioned(response, await sessions.find_session(tx, grant, session_id))


@router.post(
    "/{session_id}/move",
    operation_id="moveSession",
    summary="Déplacer une session annoncée",
    responses=problems(*_PLANNED, *_ANNOUNCED, SlotHeld, NothingMoved, ResourceTaken, Incomplete),
)
async def move(
    session_id: UUID, body: SessionMove, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionOut:
    """Ses demi-journées, toutes, celles qui ont commencé telles quelles. Ce qui change se lit dans ses événements."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.move(tx, session, body)
    return versioned(response, await sessions.find_session(tx, grant, session_id))


@router.post(
    "/{session_id}/adopt-version",
    operation_id="adoptProgrammeVersion",
    summary="Suivre la version en vigueur du programme",
    responses=problems(
        *_CHANGED, SheetNotFound, ProgrammeNotTaught, SessionEnded, AlreadyAtVersion, Incomplete
    ),
)  # fmt: skip
async def adopt_version(
    session_id: UUID, body: SessionReason, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SessionAdoptedOut:
    """Et dire ce que le programme y change, champ par champ."""
    session = await use_cases.hold_as_seen(tx, grant, session_id, if_match)
    await use_cases.adopt_version(tx, session, body.reason)
    adopted = await sessions.show_adopted(tx, grant, session)
    set_etag(response, adopted.session.version)
    return adopted
