"""HTTP door of the decisions: a session is confirmed, put off, cancelled, or joined to another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from training.decisions import use_cases
from training.decisions.domain import NotSister, PostponedWrong
from training.decisions.queries.showing import find_decided
from training.decisions.schemas import SessionCancel, SessionDecided, SessionMerge, SessionPostpone
from training.enrolments.domain import SessionBegun, SessionNotOpen
from training.rights import Act
from training.rooms.domain import RoomNotFound
from training.sessions.domain import AlreadyConfirmed, NotAnnounced, SessionEnded, SessionNotFound
from training.sessions.schemas import SessionReason
from training.trainers.domain import TrainerNotFound

router = APIRouter(prefix="/sessions", tags=["Décisions"], route_class=Door)

MayDecide = Annotated[Grant, Depends(allow(Act.DECIDE_SESSIONS))]
_DECIDED = (
    SessionNotFound, TrainerNotFound, RoomNotFound, RuleMissing, PreconditionMissing, PreconditionFailed, NotAnnounced,
    SessionEnded,
)  # fmt: skip
_GIVEN_UP = (*_DECIDED, SessionNotOpen, SessionBegun, NotSister)


@router.post(
    "/{session_id}/confirm",
    operation_id="confirmSession",
    summary="Confirmer",
    responses=problems(*_DECIDED, AlreadyConfirmed),
)
async def confirm(
    session_id: UUID, body: SessionReason, tx: TxDep, grant: MayDecide, response: Response, if_match: IfMatch = None
) -> SessionDecided:
    """Elle aura lieu. Les chiffres de ce moment sont gardés avec la décision."""
    decided = await use_cases.confirm(tx, grant, session_id, if_match, body.reason)
    return versioned(response, await find_decided(tx, grant, decided))


@router.post(
    "/{session_id}/postpone-decision",
    operation_id="postponeSessionDecision",
    summary="Décider plus tard",
    responses=problems(*_DECIDED, AlreadyConfirmed, PostponedWrong),
)
async def postpone(
    session_id: UUID, body: SessionPostpone, tx: TxDep, grant: MayDecide, response: Response, if_match: IfMatch = None
) -> SessionDecided:
    """Un autre jour ouvré, avant la première demi-journée."""
    decided = await use_cases.postpone(tx, grant, session_id, if_match, body.decide_on, body.reason)
    return versioned(response, await find_decided(tx, grant, decided))


@router.post(
    "/{session_id}/cancel",
    operation_id="cancelSession",
    summary="Annuler",
    responses=problems(*_GIVEN_UP),
)
async def cancel(
    session_id: UUID, body: SessionCancel, tx: TxDep, grant: MayDecide, response: Response, if_match: IfMatch = None
) -> SessionDecided:
    """Ses inscrits vont aux sessions nommées, à leur rang et à leur prix, ou sont libres. `dry_run` montre où."""
    decided = await use_cases.cancel(tx, grant, session_id, if_match, body.reason_code, body.reason, body.into)
    return versioned(response, await find_decided(tx, grant, decided))


@router.post(
    "/{session_id}/merge",
    operation_id="mergeSession",
    summary="Réunir à une autre session",
    responses=problems(*_GIVEN_UP),
)
async def merge(
    session_id: UUID, body: SessionMerge, tx: TxDep, grant: MayDecide, response: Response, if_match: IfMatch = None
) -> SessionDecided:
    """Du même programme. Qui ne tient pas dans son maximum passe en tête de sa liste d'attente."""
    decided = await use_cases.merge(tx, grant, session_id, if_match, body.into, body.reason)
    return versioned(response, await find_decided(tx, grant, decided))
