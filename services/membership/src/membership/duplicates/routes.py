"""HTTP door of duplicates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.declarations.domain import CampaignNotFound
from membership.duplicates import queries, use_cases
from membership.duplicates.domain import (
    MergeBlocked,
    MergeBuiltUpon,
    MergePlanChanged,
    MergeTooOld,
    NotMerged,
    NotOfThePair,
    PairDecided,
    PairNotDismissed,
    PairNotFound,
    PairOfOne,
)
from membership.duplicates.schemas import (
    DuplicateLine,
    DuplicateListParams,
    DuplicateOut,
    DuplicateReasonIn,
    DuplicateReportIn,
    DuplicateSearchOut,
    MergeIn,
    MergePlan,
    MergePlanParams,
)
from membership.members.domain import (
    EntryNeeded,
    LastActivity,
    MemberNotFound,
    NotInRegisterThen,
    SirenTaken,
    StatusContradicted,
)
from membership.restructurings.domain import StructureChanged
from membership.rights import Act

router = APIRouter(prefix="/duplicates", tags=["Doublons"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DUPLICATES))]
MayReview = Annotated[Grant, Depends(allow(Act.REVIEW_DUPLICATES))]
MayMerge = Annotated[Grant, Depends(allow(Act.MERGE_DUPLICATES))]
_DECIDED = (PairNotFound, PairDecided, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listDuplicates", summary="Les doublons présumés", responses=problems(BadCursor, BadSort))
async def list_duplicates(
    read: ReadDep, grant: MayRead, params: Annotated[DuplicateListParams, Query()]
) -> Page[DuplicateLine]:
    """À examiner, sauf si l'on demande un autre état ; seuls ceux dont on voit les deux. Tris : score, found_at."""
    return await queries.list_pairs(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="reportDuplicate",
    summary="Signaler",
    responses=problems(PairOfOne, MemberNotFound, PairNotFound),
)
async def report(body: DuplicateReportIn, tx: TxDep, grant: MayReview, response: Response) -> DuplicateOut:
    """Deux enregistrements que rien n'a rapprochés. Déjà connu, le cas est rendu tel qu'il est."""
    pair_id = await use_cases.report(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/duplicates/{pair_id}"
    return versioned(response, await queries.find_pair(tx, grant, pair_id))


@router.post("/search", status_code=202, operation_id="searchDuplicates", summary="Chercher maintenant")
async def search(tx: TxDep, _: MayMerge, response: Response) -> DuplicateSearchOut:
    """Tout le registre est comparé. C'est aussi fait chaque jour."""
    job_id = await use_cases.ask_to_search(tx)
    response.headers["Location"] = f"/membership/v1/jobs/{job_id}"
    return DuplicateSearchOut(job_id=job_id)


@router.get("/{pair_id}", operation_id="getDuplicate", summary="Un cas", responses=problems(PairNotFound))
async def get_duplicate(pair_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> DuplicateOut:
    """Les deux enregistrements, ce qui les rapproche, ce qui en a été décidé."""
    return versioned(response, await queries.find_pair(read, grant, pair_id))


@router.get(
    "/{pair_id}/plan",
    operation_id="getMergePlan",
    summary="Ce que la réunion ferait",
    responses=problems(PairNotFound, NotOfThePair, RuleMissing),
)
async def get_plan(
    pair_id: UUID, read: ReadDep, grant: MayMerge, params: Annotated[MergePlanParams, Query()]
) -> MergePlan:
    """Champ par champ, personne par personne, et tout ce qui est à régler avant. Rien n'est écrit."""
    return await queries.show_plan(read, grant, pair_id, params)


@router.post(
    "/{pair_id}/dismiss",
    operation_id="dismissDuplicate",
    summary="Dire que ce sont deux structures",
    responses=problems(*_DECIDED),
)
async def dismiss(
    pair_id: UUID,
    body: DuplicateReasonIn,
    tx: TxDep,
    grant: MayReview,
    response: Response,
    if_match: IfMatch = None,
) -> DuplicateOut:
    """Le cas n'est plus montré, jusqu'à ce qu'on le rouvre."""
    await use_cases.dismiss(tx, grant, pair_id, if_match, body.reason)
    return versioned(response, await queries.find_pair(tx, grant, pair_id))


@router.post(
    "/{pair_id}/reopen",
    operation_id="reopenDuplicate",
    summary="Rouvrir",
    responses=problems(PairNotFound, PairNotDismissed, PreconditionMissing, PreconditionFailed),
)
async def reopen(
    pair_id: UUID, tx: TxDep, grant: MayReview, response: Response, if_match: IfMatch = None
) -> DuplicateOut:
    """Revenir sur la décision que ce sont deux structures."""
    await use_cases.reopen(tx, grant, pair_id, if_match)
    return versioned(response, await queries.find_pair(tx, grant, pair_id))


@router.post(
    "/{pair_id}/propose",
    operation_id="proposeMerge",
    summary="Proposer de les réunir",
    responses=problems(*_DECIDED),
)
async def propose(
    pair_id: UUID,
    body: DuplicateReasonIn,
    tx: TxDep,
    grant: MayReview,
    response: Response,
    if_match: IfMatch = None,
) -> DuplicateOut:
    """L'équipe réseau en décide."""
    await use_cases.propose(tx, grant, pair_id, if_match, body.reason)
    return versioned(response, await queries.find_pair(tx, grant, pair_id))


@router.post(
    "/{pair_id}/merge",
    operation_id="mergeDuplicates",
    openapi_extra=apart("version", "Nomme dans son corps les versions des deux fiches qu'il change."),
    summary="Réunir",
    responses=problems(
        PairNotFound,
        PairDecided,
        NotOfThePair,
        StructureChanged,
        MergeBlocked,
        MergePlanChanged,
        MemberNotFound,
        CampaignNotFound,
        LastActivity,
        NotInRegisterThen,
        StatusContradicted,
        SirenTaken,
        RuleMissing,
    ),
)
async def merge(pair_id: UUID, body: MergeIn, tx: TxDep, grant: MayMerge, response: Response) -> DuplicateOut:
    """Ce que le plan montre, en une fois. Refusée, `blockers` dit tout ce qui est à régler avant.

    L'enregistrement réuni quitte les listes et les comptes ; lu par son identifiant, il répond `merged_into`.
    """
    await use_cases.merge(tx, grant, pair_id, body)
    return versioned(response, await queries.find_pair(tx, grant, pair_id))


@router.post(
    "/{pair_id}/undo",
    operation_id="undoMerge",
    summary="Annuler la réunion",
    responses=problems(
        PairNotFound,
        NotMerged,
        MergeTooOld,
        MergeBuiltUpon,
        MemberNotFound,
        CampaignNotFound,
        SirenTaken,
        LastActivity,
        StatusContradicted,
        EntryNeeded,
        PreconditionMissing,
        PreconditionFailed,
    ),
)
async def undo(
    pair_id: UUID, body: DuplicateReasonIn, tx: TxDep, grant: MayMerge, response: Response, if_match: IfMatch = None
) -> DuplicateOut:
    """En entier, dans son délai, tant que rien de ce qui a été repris n'a changé depuis."""
    await use_cases.undo(tx, grant, pair_id, if_match, body.reason)
    return versioned(response, await queries.find_pair(tx, grant, pair_id))
