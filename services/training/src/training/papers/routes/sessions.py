"""HTTP door of the papers of a session: issue them, read them beside what they would say now, change and reissue."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag
from common.moments import HourSkipped
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.config import OrganisationDep
from training.papers import use_cases
from training.papers.domain import NoPapersYet, NothingToIssue, PaperIncomplete
from training.papers.queries import papers
from training.papers.schemas import (
    ComparedPaper,
    PaperIssueIn,
    PapersIssuedOut,
    SessionChangedOut,
    SessionChangeIn,
    SessionPaperParams,
)
from training.programmes.domain import ProgrammeNotFound, SheetNotFound, VersionNotFound
from training.rights import Act
from training.rooms.domain import RoomNotFound
from training.sessions import use_cases as sessions
from training.sessions.domain import (
    AlreadyAtVersion,
    DateWrong,
    Incomplete,
    NotAnnounced,
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
from training.trainers.domain import TrainerNotFound

router = APIRouter(prefix="/sessions", tags=["Papiers"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_PAPERS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_PAPERS))]
_SCENE = (SessionNotFound, ProgrammeNotFound, VersionNotFound, TrainerNotFound, RoomNotFound, RuleMissing)
_SEEN = (PreconditionMissing, PreconditionFailed)
_MOVED = (
    NotAnnounced, SessionEnded, SlotHeld, NothingMoved, SlotUnknown, HourSkipped, SlotTimesWrong, SlotsOverlap,
    DateWrong, ResourceTaken, Incomplete, SheetNotFound, ProgrammeNotTaught, AlreadyAtVersion,
)  # fmt: skip


@router.get(
    "/{session_id}/papers",
    operation_id="listSessionPapers",
    summary="Les papiers d'une session",
    responses=problems(*_SCENE, BadCursor, BadSort),
)
async def list_of_session(
    session_id: UUID,
    read: ReadDep,
    grant: MayRead,
    organisation: OrganisationDep,
    params: Annotated[SessionPaperParams, Query()],
) -> Page[ComparedPaper]:
    """Chacun à côté de ce qu'il dirait aujourd'hui. Une structure voit les siens. Tris : issued_at, number."""
    return await papers.list_of_session(read, grant, organisation, session_id, params)


@router.post(
    "/{session_id}/papers/issue",
    operation_id="issueSessionPapers",
    summary="Émettre les papiers d'une session",
    responses=problems(*_SCENE, *_SEEN, NoPapersYet, NothingToIssue, PaperIncomplete),
)
async def issue(
    session_id: UUID,
    body: PaperIssueIn,
    tx: TxDep,
    grant: MayRun,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> PapersIssuedOut:
    """Ceux qui manquent, tous ou aucun. La version lue est celle de la session. `dry_run` : ce qui manque de chacun."""
    session = await sessions.hold_as_seen(tx, grant, session_id, if_match)
    issued = await use_cases.issue(tx, organisation, session, body.kinds)
    set_etag(response, session.version)
    return PapersIssuedOut(items=[papers.line_of(one) for one in issued])


@router.post(
    "/{session_id}/changes",
    operation_id="changeSessionAndPapers",
    summary="Changer une session et refaire ses papiers",
    responses=problems(*_SCENE, *_SEEN, *_MOVED, PaperIncomplete),
)
async def change(
    session_id: UUID,
    body: SessionChangeIn,
    tx: TxDep,
    grant: MayRun,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> SessionChangedOut:
    """En une fois : le changement, l'annulation de chaque papier qu'il dépasse, le papier qui le remplace. `dry_run`
    montre lesquels, ce qui y change, ce qui est à signer de nouveau et à qui chacun va."""
    session = await sessions.hold_as_seen(tx, grant, session_id, if_match)
    changed = await use_cases.change(tx, organisation, session, body)
    set_etag(response, changed.version)
    return changed
