"""HTTP door of the board's sittings."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from membership.applications.domain import ApplicationDecided, ApplicationNotFound, ReceivedLater
from membership.members.domain import AlreadyMember, FileIncomplete
from membership.rights import Act
from membership.sittings import queries, use_cases
from membership.sittings.domain import (
    EffectiveBeforeSitting,
    MinutesReferenceTaken,
    NothingDecided,
    QuorumNotReached,
    QuorumRuleMissing,
    SittingClosed,
    SittingInFuture,
    SittingNotFound,
    VotesInconsistent,
)
from membership.sittings.schemas import DecisionsIn, SittingIn, SittingOut

router = APIRouter(prefix="/sittings", tags=["Séances du conseil"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SITTINGS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SITTINGS))]
_VERSIONED = (SittingNotFound, SittingClosed, QuorumRuleMissing, PreconditionMissing, PreconditionFailed)


@router.get(
    "", operation_id="listSittings", summary="Les séances", responses=problems(BadCursor, BadSort, QuorumRuleMissing)
)
async def list_sittings(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[SittingOut]:
    """De la plus récente à la plus ancienne. Tris : held_on."""
    return await queries.list_sittings(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="openSitting",
    summary="Ouvrir une séance",
    responses=problems(MinutesReferenceTaken, QuorumRuleMissing),
)
async def open_sitting(body: SittingIn, tx: TxDep, _: MayRun, response: Response) -> SittingOut:
    """Date, présences, référence du procès-verbal."""
    sitting = await use_cases.open_sitting(tx, body)
    response.headers["Location"] = f"/membership/v1/sittings/{sitting.id}"
    return _answer(response, queries.sitting_out(sitting, tx.today))


@router.get(
    "/{sitting_id}",
    operation_id="getSitting",
    summary="Une séance",
    responses=problems(SittingNotFound, QuorumRuleMissing),
)
async def get_sitting(sitting_id: UUID, read: ReadDep, _: MayRead, response: Response) -> SittingOut:
    """Avec son quorum et ses votes."""
    return _answer(response, await queries.find_sitting(read, sitting_id))


@router.post(
    "/{sitting_id}/decisions",
    operation_id="recordDecisions",
    summary="Consigner des votes",
    responses=problems(
        *_VERSIONED,
        ApplicationNotFound,
        ApplicationDecided,
        ReceivedLater,
        FileIncomplete,
        VotesInconsistent,
        EffectiveBeforeSitting,
    ),
)
async def record_decisions(
    sitting_id: UUID, body: DecisionsIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Tant que la séance est ouverte, un vote consigné peut être corrigé. Un vote refusé : aucun n'est consigné."""
    sitting = await use_cases.record_decisions(tx, sitting_id, if_match, body.decisions)
    return _answer(response, queries.sitting_out(sitting, tx.today))


@router.post(
    "/{sitting_id}/close",
    operation_id="closeSitting",
    summary="Clore la séance",
    responses=problems(
        *_VERSIONED,
        SittingInFuture,
        QuorumNotReached,
        NothingDecided,
        ApplicationDecided,
        AlreadyMember,
        FileIncomplete,
    ),
)
async def close_sitting(
    sitting_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SittingOut:
    """Toutes les décisions prennent effet ensemble ; les structures admises deviennent adhérentes."""
    sitting = await use_cases.close_sitting(tx, sitting_id, if_match)
    return _answer(response, queries.sitting_out(sitting, tx.today))


def _answer(response: Response, sitting: SittingOut) -> SittingOut:
    set_etag(response, sitting.version)
    return sitting
