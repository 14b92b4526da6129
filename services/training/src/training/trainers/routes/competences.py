"""HTTP door of what the trainers may teach."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.rights import Act
from training.trainers import use_cases
from training.trainers.documents import COMPETENCE_HEADER
from training.trainers.domain import (
    AssessedAnotherDay,
    CompetenceNotFound,
    CompetenceWithdrawn,
    SubjectUnknown,
    TrainerArchived,
    TrainerErased,
    TrainerNotFound,
)
from training.trainers.queries import competences
from training.trainers.schemas import (
    CompetenceExportParams,
    CompetenceIn,
    CompetenceListParams,
    CompetenceOut,
    CompetenceWithdrawalIn,
)

router = APIRouter(prefix="/competences", tags=["Formateurs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_TRAINERS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_TRAINERS))]


@router.get(
    "",
    operation_id="listCompetences",
    summary="Ce que les formateurs peuvent enseigner",
    responses=problems(BadCursor, BadSort),
)
async def list_competences(
    read: ReadDep, _: MayRead, params: Annotated[CompetenceListParams, Query()]
) -> Page[CompetenceOut]:
    """Avec ce qui le montre, et jusqu'à quand (indicateur 21). Tris : assessed_on, valid_until, name."""
    return await competences.list_competences(read, params)


@router.get("/export", operation_id="exportCompetences", summary="Export CSV ou tableur", response_class=Response)
async def export_competences(read: ReadDep, _: MayRead, params: Annotated[CompetenceExportParams, Query()]) -> Response:
    """Les mêmes compétences que la liste, avec les mêmes filtres."""
    lines = await competences.export_competences(read, params)
    return await export_response(params.format, "competences", COMPETENCE_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="addCompetence",
    summary="Enregistrer une compétence",
    responses=problems(TrainerNotFound, TrainerErased, TrainerArchived, SubjectUnknown, AssessedAnotherDay),
)
async def add(body: CompetenceIn, tx: TxDep, _: MayWrite, response: Response) -> CompetenceOut:
    """Une fois évaluée. Renouvelée, elle s'enregistre de nouveau : la première reste lisible."""
    competence_id = await use_cases.add_competence(tx, body)
    response.headers["Location"] = f"/training/v1/competences/{competence_id}"
    return await competences.find_competence(tx, competence_id)


@router.get(
    "/{competence_id}",
    operation_id="getCompetence",
    summary="Une compétence",
    responses=problems(CompetenceNotFound),
)
async def get_competence(competence_id: UUID, read: ReadDep, _: MayRead) -> CompetenceOut:
    """Ce qui la montre, qui l'a évaluée, et si elle vaut aujourd'hui."""
    return await competences.find_competence(read, competence_id)


@router.post(
    "/{competence_id}/withdraw",
    operation_id="withdrawCompetence",
    summary="Retirer",
    responses=problems(CompetenceNotFound, CompetenceWithdrawn),
)
async def withdraw(competence_id: UUID, body: CompetenceWithdrawalIn, tx: TxDep, _: MayWrite) -> CompetenceOut:
    """À partir d'aujourd'hui ; elle vaut encore pour les jours d'avant, et ne s'efface pas."""
    await use_cases.withdraw_competence(tx, competence_id, body.reason)
    return await competences.find_competence(tx, competence_id)
