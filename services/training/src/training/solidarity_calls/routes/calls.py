"""HTTP door of the solidarity calls: run one, freeze its ranking, record and print what was decided."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.config import OrganisationDep
from training.envelopes.domain import EnvelopeNotFound, EnvelopeNotOpen, EnvelopeShort
from training.members.domain import MemberMerged, MemberUnknown
from training.rights import Act
from training.solidarity_calls import domain, queries, use_cases
from training.solidarity_calls.domain import SolidarityCallNotFound
from training.solidarity_calls.schemas import (
    BoardParams,
    CallListParams,
    SolidarityApplicationDetail,
    SolidarityApplicationIn,
    SolidarityBoardLine,
    SolidarityCallIn,
    SolidarityCallOut,
    SolidarityDecidedOut,
    SolidarityDecisionsIn,
)

router = APIRouter(prefix="/solidarity-calls", tags=["Fonds mutualisés solidaires"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SOLIDARITY_CALLS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SOLIDARITY_CALLS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_SOLIDARITY_APPLICATIONS))]
MayScore = Annotated[Grant, Depends(allow(Act.SCORE_SOLIDARITY_APPLICATIONS))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_CALL = (SolidarityCallNotFound, *_SEEN)


@router.get("", operation_id="listSolidarityCalls", summary="Les appels", responses=problems(BadCursor, BadSort))
async def list_calls(read: ReadDep, _: MayRead, params: Annotated[CallListParams, Query()]) -> Page[SolidarityCallOut]:
    """Avec l'état du jour et les totaux. Tris : closes_on, opens_on, year, title."""
    return await queries.list_calls(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="draftSolidarityCall",
    summary="Écrire un appel",
    responses=problems(*domain.SAID),
)
async def draft_call(body: SolidarityCallIn, tx: TxDep, _: MayRun, response: Response) -> SolidarityCallOut:
    """Un brouillon, que les structures ne voient pas."""
    call_id = await use_cases.draft_call(tx, body)
    response.headers["Location"] = f"/training/v1/solidarity-calls/{call_id}"
    return versioned(response, await queries.find_call(tx, call_id))


@router.get(
    "/{call_id}", operation_id="getSolidarityCall", summary="Un appel", responses=problems(SolidarityCallNotFound)
)
async def get_call(call_id: UUID, read: ReadDep, _: MayRead, response: Response) -> SolidarityCallOut:
    """Ce qu'il dit, où il en est, et d'un coup ses totaux : projets, structures, retenus, montant, personnes."""
    return versioned(response, await queries.find_call(read, call_id))


@router.put(
    "/{call_id}",
    operation_id="changeSolidarityCall",
    summary="Corriger un brouillon",
    responses=problems(*_CALL, *domain.SAID, domain.SolidarityCallNotDraft),
)
async def change_call(
    call_id: UUID, body: SolidarityCallIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SolidarityCallOut:
    """Ouvert, un appel ne change plus, ni ses critères."""
    await use_cases.change_call(tx, call_id, if_match, body)
    return versioned(response, await queries.find_call(tx, call_id))


@router.delete(
    "/{call_id}",
    status_code=204,
    operation_id="deleteSolidarityCall",
    summary="Renoncer à un brouillon",
    responses=problems(*_CALL, domain.SolidarityCallNotDraft),
)
async def delete_call(call_id: UUID, tx: TxDep, _: MayRun, if_match: IfMatch = None) -> None:
    """Personne ne l'a lu."""
    await use_cases.delete_call(tx, call_id, if_match)


@router.post(
    "/{call_id}/open",
    operation_id="openSolidarityCall",
    summary="Ouvrir un appel",
    responses=problems(
        *_CALL,
        EnvelopeNotFound,
        domain.SolidarityCallNotDraft,
        domain.SolidarityCallPast,
        domain.SolidarityBudgetShort,
    ),
)
async def open_call(
    call_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> SolidarityCallOut:
    """Les structures le lisent. Il se clôt de lui-même après son dernier jour."""
    await use_cases.open_call(tx, call_id, if_match)
    return versioned(response, await queries.find_call(tx, call_id))


@router.post(
    "/{call_id}/rank",
    operation_id="freezeSolidarityRanking",
    summary="Arrêter le classement",
    responses=problems(*_CALL, domain.SolidarityNotScoring, domain.SolidarityScoresMissing),
)
async def rank(call_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None) -> SolidarityCallOut:
    """Quand chaque demande a assez de notes ; plus aucune ne se donne ensuite."""
    await use_cases.freeze_ranking(tx, call_id, if_match)
    return versioned(response, await queries.find_call(tx, call_id))


@router.post(
    "/{call_id}/decide",
    operation_id="decideSolidarityCall",
    summary="Enregistrer la décision",
    responses=problems(*_CALL, *domain.DECIDING, EnvelopeNotFound, EnvelopeNotOpen, EnvelopeShort),
)
async def decide(
    call_id: UUID, body: SolidarityDecisionsIn, tx: TxDep, grant: MayRun, if_match: IfMatch = None
) -> SolidarityDecidedOut:
    """De toutes les demandes classées à la fois. Les aides se réservent ; `dry_run` montre les lettres."""
    await use_cases.decide(tx, call_id, if_match, body)
    return await queries.decided(tx, grant, call_id)


@router.get(
    "/{call_id}/board",
    operation_id="listSolidarityBoard",
    summary="Le tableau des notes",
    responses=problems(SolidarityCallNotFound, BadCursor, BadSort),
)
async def list_board(
    call_id: UUID, read: ReadDep, grant: MayScore, params: Annotated[BoardParams, Query()]
) -> Page[SolidarityBoardLine]:
    """Qui a noté, et les notes de ce que vous avez noté. Tri : reference."""
    return await queries.list_board(read, grant, call_id, params)


@router.get(
    "/{call_id}/decision-record",
    operation_id="downloadSolidarityDecision",
    summary="Le relevé de décision (PDF)",
    response_class=Response,
    responses=problems(SolidarityCallNotFound, domain.SolidarityNotDecided),
)
async def download_decision(call_id: UUID, read: ReadDep, grant: MayScore, organisation: OrganisationDep) -> Response:
    """Critères, classement, aides, raisons et déports ; les mêmes octets à chaque fois."""
    return pdf_response(await queries.decision_record(read, grant, organisation, call_id), f"decision-{call_id}")


@router.post(
    "/{call_id}/applications",
    status_code=201,
    operation_id="draftSolidarityApplication",
    summary="Préparer une demande",
    responses=problems(
        SolidarityCallNotFound,
        domain.SolidarityMemberMissing,
        domain.SolidarityCallNotOpen,
        domain.SolidarityPartnerWrong,
        MemberUnknown,
        MemberMerged,
    ),
)
async def draft_application(
    call_id: UUID, body: SolidarityApplicationIn, tx: TxDep, grant: MayWrite, response: Response
) -> SolidarityApplicationDetail:
    """Un brouillon, que la structure est seule à lire."""
    application_id = await use_cases.draft_application(tx, grant, call_id, body)
    response.headers["Location"] = f"/training/v1/solidarity-applications/{application_id}"
    return versioned(response, await queries.find_application(tx, grant, application_id))
