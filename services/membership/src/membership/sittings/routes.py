"""HTTP door of the board's sittings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag, versioned
from common.files import FileMissing
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from membership.applications.domain import ApplicationDecided, ReceivedLater
from membership.matters.domain import DocumentsOutstanding, MatterNotFound, OutcomeUnfit
from membership.measures.domain import MeasureClosed, NotHeard, NotNotified, OpenedLater
from membership.members.domain import (
    AlreadyMember,
    FileIncomplete,
    MemberNotFound,
    NotAMember,
    NotInRegisterThen,
    NotSuspended,
    SirenTaken,
    StatusContradicted,
)
from membership.rights import Act
from membership.sittings import queries, use_cases
from membership.sittings.documents import print_minutes
from membership.sittings.domain import (
    AgendaInconsistent,
    AgendaUndecided,
    AttendanceInconsistent,
    DecisionNotFound,
    EffectiveBeforeSitting,
    ListSaysOtherwise,
    MatterWithdrawn,
    MinutesReferenceTaken,
    NotATakeover,
    NothingDecided,
    NothingToTakeOver,
    NotOnAgenda,
    QuorumNotReached,
    SittingClosed,
    SittingInFuture,
    SittingNotFound,
    VotesInconsistent,
)
from membership.sittings.schemas import (
    AgendaIn,
    AttendanceIn,
    DecisionsIn,
    SittingAmend,
    SittingIn,
    SittingOut,
    TakeoverIn,
    TakeoverOut,
)

router = APIRouter(prefix="/sittings", tags=["Séances du conseil"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SITTINGS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SITTINGS))]
_VOTABLE = (MatterNotFound, MemberNotFound, ApplicationDecided, ReceivedLater, MeasureClosed, OpenedLater)
_DECIDED = (OutcomeUnfit, FileIncomplete, DocumentsOutstanding, NotNotified, NotHeard, NotAMember, NotSuspended)
_VOTED = (VotesInconsistent, EffectiveBeforeSitting, ListSaysOtherwise)
_VERSIONED = (SittingNotFound, SittingClosed, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listSittings", summary="Les séances", responses=problems(BadCursor, BadSort, RuleMissing))
async def list_sittings(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[SittingOut]:
    """De la plus récente à la plus ancienne. Tris : held_on."""
    return await queries.list_sittings(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="openSitting",
    summary="Ouvrir une séance",
    responses=problems(MinutesReferenceTaken, RuleMissing, AttendanceInconsistent),
)
async def open_sitting(body: SittingIn, tx: TxDep, _: MayRun, response: Response) -> SittingOut:
    """Date, présences, référence du procès-verbal."""
    sitting = await use_cases.open_sitting(tx, body)
    response.headers["Location"] = f"/membership/v1/sittings/{sitting.id}"
    return versioned(response, await queries.shown(tx, sitting))


@router.get(
    "/{sitting_id}",
    operation_id="getSitting",
    summary="Une séance",
    responses=problems(SittingNotFound, RuleMissing),
)
async def get_sitting(sitting_id: UUID, read: ReadDep, _: MayRead, response: Response) -> SittingOut:
    """Avec son quorum et ses votes."""
    return versioned(response, await queries.find_sitting(read, sitting_id))


@router.patch(
    "/{sitting_id}",
    operation_id="amendSitting",
    summary="Corriger",
    responses=problems(
        *_VERSIONED, AttendanceInconsistent, VotesInconsistent, EffectiveBeforeSitting, MinutesReferenceTaken
    ),
)
async def amend_sitting(
    sitting_id: UUID, body: SittingAmend, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Le jour, la référence, les comptes, tant que la séance est ouverte."""
    sitting = await use_cases.amend_sitting(tx, sitting_id, if_match, body)
    return versioned(response, await queries.shown(tx, sitting))


@router.put(
    "/{sitting_id}/attendance",
    operation_id="recordAttendance",
    summary="Consigner les présences",
    responses=problems(*_VERSIONED, AttendanceInconsistent, VotesInconsistent),
)
async def record_attendance(
    sitting_id: UUID, body: AttendanceIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Par nom, avec les pouvoirs ; les comptes de la séance s'en déduisent."""
    sitting = await use_cases.attend(tx, sitting_id, if_match, body)
    return versioned(response, await queries.shown(tx, sitting))


@router.put(
    "/{sitting_id}/agenda",
    operation_id="setAgenda",
    summary="Écrire l'ordre du jour",
    responses=problems(*_VERSIONED, *_VOTABLE, AgendaInconsistent),
)
async def set_agenda(
    sitting_id: UUID, body: AgendaIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """En entier, dans son ordre ; ce qui s'est dit de chaque point s'y ajoute pendant la séance."""
    sitting = await use_cases.set_agenda(tx, sitting_id, if_match, body)
    return versioned(response, await queries.shown(tx, sitting))


@router.post(
    "/{sitting_id}/decisions",
    operation_id="recordDecisions",
    summary="Consigner des votes",
    responses=problems(*_VERSIONED, *_VOTABLE, *_DECIDED, *_VOTED),
)
async def record_decisions(
    sitting_id: UUID, body: DecisionsIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Tant que la séance est ouverte, un vote consigné peut être corrigé. Un vote refusé : aucun n'est consigné."""
    sitting = await use_cases.record_decisions(tx, sitting_id, if_match, body.decisions)
    return versioned(response, await queries.shown(tx, sitting))


@router.post(
    "/{sitting_id}/decisions/takeover",
    operation_id="takeOver",
    summary="Reprendre la liste des adhérentes",
    responses=problems(*_VERSIONED, *_VOTABLE, *_DECIDED, *_VOTED, NotATakeover, NothingToTakeOver),
)
async def take_over(
    sitting_id: UUID, body: TakeoverIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> TakeoverOut:
    """En séance de reprise : un seul vote admet toutes les candidatures qui disent depuis quand la structure est
    adhérente, chacune à partir de ce jour. Un dossier incomplet est laissé de côté, et dit ; ce que la
    séance a déjà voté reste, sauf ce que la liste, corrigée depuis, date autrement."""
    taken = await use_cases.take_over(tx, sitting_id, if_match, body)
    set_etag(response, taken.sitting.version)
    return await queries.takeover_out(tx, taken)


@router.post(
    "/{sitting_id}/decisions/{matter_id}/retract",
    operation_id="retractDecision",
    summary="Retirer un vote",
    responses=problems(*_VERSIONED, DecisionNotFound),
)
async def retract_decision(
    sitting_id: UUID,
    matter_id: UUID,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> SittingOut:
    """Consigné par erreur, ou sur un point qu'une autre séance a décidé."""
    sitting = await use_cases.retract_decision(tx, sitting_id, if_match, matter_id)
    return versioned(response, await queries.shown(tx, sitting))


@router.post(
    "/{sitting_id}/close",
    operation_id="closeSitting",
    summary="Clore la séance",
    responses=problems(
        *_VERSIONED,
        SittingInFuture,
        QuorumNotReached,
        NothingDecided,
        MatterWithdrawn,
        AgendaUndecided,
        NotOnAgenda,
        ListSaysOtherwise,
        *_VOTABLE,
        *_DECIDED,
        AlreadyMember,
        StatusContradicted,
        NotInRegisterThen,
        SirenTaken,
    ),
)
async def close_sitting(
    sitting_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Toutes les décisions prennent effet ensemble, chacune à sa date : admissions, suspensions, réintégrations,
    exclusions. Le procès-verbal s'imprime aussitôt, tel qu'il restera."""
    sitting = await use_cases.close_sitting(tx, sitting_id, if_match)
    return versioned(response, await queries.shown(tx, sitting))


@router.get(
    "/{sitting_id}/minutes",
    operation_id="downloadMinutes",
    summary="Le procès-verbal (PDF/A)",
    response_class=Response,
    responses=problems(SittingNotFound, FileMissing),
)
async def download_minutes(sitting_id: UUID, request: Request, read: ReadDep, _: MayRead) -> Response:
    """Imprimé une fois, à la clôture, et conservé tel quel."""
    path = await queries.find_minutes(read, sitting_id)
    return pdf_response(await request.app.state.runtime.files.get(path), "proces-verbal")


@router.get(
    "/{sitting_id}/minutes/draft",
    operation_id="previewMinutes",
    summary="Le procès-verbal, en projet",
    response_class=Response,
    responses=problems(SittingNotFound, SittingClosed, RuleMissing),
)
async def preview_minutes(sitting_id: UUID, read: ReadDep, _: MayRead) -> Response:
    """Ce qu'il dirait si la séance était close maintenant, barré de la mention « Projet »."""
    document = await queries.draft_minutes(read, sitting_id)
    return pdf_response(await print_minutes(document, read.today), "proces-verbal")
