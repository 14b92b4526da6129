"""HTTP door of the applications: a structure's, then the jury's, then what an award is spent on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.config import OrganisationDep
from training.envelopes.domain import EnvelopeNotFound, EnvelopeShort, ReservationNotFound, ReservationShort
from training.rights import Act
from training.solidarity_calls import domain, queries, use_cases
from training.solidarity_calls.domain import SolidarityApplicationNotFound
from training.solidarity_calls.schemas import (
    ApplicationExportParams,
    ApplicationListParams,
    SolidarityApplicationDetail,
    SolidarityApplicationIn,
    SolidarityApplicationOut,
    SolidarityRecusalIn,
    SolidarityScoreIn,
    SolidarityScoresOut,
    SolidaritySpendingIn,
    SolidaritySpendingOut,
    SpendingListParams,
)

router = APIRouter(prefix="/solidarity-applications", tags=["Fonds mutualisés solidaires"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_SOLIDARITY_APPLICATIONS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_SOLIDARITY_APPLICATIONS))]
MayScore = Annotated[Grant, Depends(allow(Act.SCORE_SOLIDARITY_APPLICATIONS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_SOLIDARITY_CALLS))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_APPLICATION = (SolidarityApplicationNotFound, *_SEEN)
_MONEY = (EnvelopeNotFound, EnvelopeShort, ReservationNotFound, ReservationShort)
_JUDGED = (
    SolidarityApplicationNotFound,
    domain.SolidarityCallNotFound,
    domain.SolidarityApplicationEnded,
    *domain.JUDGING,
)


@router.get(
    "",
    operation_id="listSolidarityApplications",
    summary="Les demandes",
    responses=problems(BadCursor, BadSort),
)
async def list_applications(
    read: ReadDep, grant: MayRead, params: Annotated[ApplicationListParams, Query()]
) -> Page[SolidarityApplicationOut]:
    """Une structure lit les siennes. Tris : created_at, asked, trainees, title."""
    return await queries.list_applications(read, grant, params)


@router.get(
    "/export", operation_id="exportSolidarityApplications", summary="Export des demandes", response_class=Response
)
async def export_applications(
    read: ReadDep, grant: MayRead, params: Annotated[ApplicationExportParams, Query()]
) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres ; aucune note."""
    lines = await queries.export_applications(read, grant, params)
    return await export_response(params.format, "demandes-fms", queries.APPLICATIONS_HEADER, lines)


@router.get(
    "/{application_id}",
    operation_id="getSolidarityApplication",
    summary="Une demande",
    responses=problems(SolidarityApplicationNotFound),
)
async def get_application(
    application_id: UUID, read: ReadDep, grant: MayRead, response: Response
) -> SolidarityApplicationDetail:
    """Le projet, ce qui y manque, ce qui en a été décidé et dépensé."""
    return versioned(response, await queries.find_application(read, grant, application_id))


@router.put(
    "/{application_id}",
    operation_id="changeSolidarityApplication",
    summary="Récrire un brouillon",
    responses=problems(*_APPLICATION, *domain.WRITING, domain.SolidarityPartnerWrong),
)
async def change_application(
    application_id: UUID,
    body: SolidarityApplicationIn,
    tx: TxDep,
    grant: MayWrite,
    response: Response,
    if_match: IfMatch = None,
) -> SolidarityApplicationDetail:
    """Jusqu'à la clôture ; `defects` dit ce qui manque pour déposer."""
    await use_cases.change_application(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/submit",
    operation_id="submitSolidarityApplication",
    summary="Déposer une demande",
    responses=problems(
        *_APPLICATION,
        domain.SolidarityCallNotFound,
        *domain.WRITING,
        domain.SolidarityApplicationIncomplete,
    ),
)
async def submit(
    application_id: UUID,
    tx: TxDep,
    grant: MayWrite,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> SolidarityApplicationDetail:
    """Jusqu'au dernier jour de l'appel, inclus. Elle prend sa référence et ne change plus."""
    await use_cases.submit(tx, grant, organisation.code, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/withdraw",
    operation_id="withdrawSolidarityApplication",
    summary="Retirer une demande",
    responses=problems(*_APPLICATION, domain.SolidarityCallNotFound, domain.SolidarityApplicationEnded),
)
async def withdraw(
    application_id: UUID, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> SolidarityApplicationDetail:
    """Tant que le classement n'est pas arrêté."""
    await use_cases.withdraw(tx, grant, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.get(
    "/{application_id}/scores",
    operation_id="getSolidarityScores",
    summary="Les notes d'une demande",
    responses=problems(SolidarityApplicationNotFound),
)
async def get_scores(application_id: UUID, read: ReadDep, grant: MayScore) -> SolidarityScoresOut:
    """La vôtre ; celles des autres, une fois la vôtre donnée ou le classement arrêté."""
    return await queries.scores(read, grant, application_id)


@router.post(
    "/{application_id}/scores",
    status_code=201,
    operation_id="scoreSolidarityApplication",
    summary="Noter une demande",
    responses=problems(*_JUDGED, domain.SolidarityMarksWrong),
)
async def score(application_id: UUID, body: SolidarityScoreIn, tx: TxDep, grant: MayScore) -> SolidarityScoresOut:
    """Chaque critère, une fois pour toutes : la note donnée ouvre celles des autres, pas une note à l'essai."""
    await use_cases.give_score(tx, grant, application_id, body)
    return await queries.scores(tx, grant, application_id, trial=tx.dry_run)


@router.post(
    "/{application_id}/recusals",
    status_code=201,
    operation_id="recuseFromSolidarityApplication",
    summary="Se déporter d'une demande",
    responses=problems(*_JUDGED),
)
async def recuse(application_id: UUID, body: SolidarityRecusalIn, tx: TxDep, grant: MayScore) -> SolidarityScoresOut:
    """Un lien avec la structure ou ses partenaires, et sa raison ; le relevé de décision le dira."""
    await use_cases.decline(tx, grant, application_id, body)
    return await queries.scores(tx, grant, application_id)


@router.get(
    "/{application_id}/spending",
    operation_id="listSolidaritySpending",
    summary="Les dépenses d'une aide",
    responses=problems(SolidarityApplicationNotFound, BadCursor, BadSort),
)
async def list_spending(
    application_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[SpendingListParams, Query()]
) -> Page[SolidaritySpendingOut]:
    """Stagiaires formés, heures données, montants. Tri : spent_on."""
    return await queries.list_spending(read, grant, application_id, params)


@router.post(
    "/{application_id}/spending",
    status_code=201,
    operation_id="spendSolidarityAward",
    summary="Noter une dépense",
    responses=problems(
        SolidarityApplicationNotFound,
        *domain.SPENDING,
        domain.SolidarityAwardShort,
        domain.SolidarityDayWrong,
        *_MONEY,
    ),
)
async def spend(
    application_id: UUID, body: SolidaritySpendingIn, tx: TxDep, grant: MayRun, response: Response
) -> SolidarityApplicationDetail:
    """Prise sur l'aide, et consommée de l'enveloppe."""
    await use_cases.spend(tx, grant, application_id, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/{application_id}/close",
    operation_id="closeSolidarityAward",
    summary="Clore une aide",
    responses=problems(*_APPLICATION, *domain.SPENDING, *_MONEY),
)
async def close(
    application_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> SolidarityApplicationDetail:
    """Ce qui n'en est pas dépensé retourne à l'enveloppe."""
    await use_cases.close_award(tx, grant, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))
