"""HTTP door of the trainees: personal data, read by the training team and by the structure whose people they are."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.members.domain import MemberMerged, MemberUnknown
from training.rights import Act
from training.trainees import queries, use_cases
from training.trainees.domain import TraineeNotFound, TraineeNotYours
from training.trainees.schemas import TraineeAmend, TraineeIn, TraineeLine, TraineeListParams, TraineeOut

router = APIRouter(prefix="/trainees", tags=["Stagiaires"], route_class=Door)

MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_TRAINEES))]


@router.get("", operation_id="listTrainees", summary="Les personnes formées", responses=problems(BadCursor, BadSort))
async def list_trainees(
    read: ReadDep, grant: MayKeep, params: Annotated[TraineeListParams, Query()]
) -> Page[TraineeLine]:
    """Une structure voit les siennes. Tri : name."""
    return await queries.list_trainees(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="registerTrainee",
    summary="Ajouter une personne",
    responses=problems(MemberUnknown, MemberMerged, TraineeNotYours),
)
async def register(body: TraineeIn, tx: TxDep, grant: MayKeep, response: Response) -> TraineeOut:
    """La réponse nomme les homonymes de la même structure : peut-être est-elle déjà là."""
    trainee_id = await use_cases.register(tx, grant, body)
    response.headers["Location"] = f"/training/v1/trainees/{trainee_id}"
    return versioned(response, await queries.find_trainee(tx, grant, trainee_id))


@router.get(
    "/{trainee_id}", operation_id="getTrainee", summary="Une personne formée", responses=problems(TraineeNotFound)
)
async def get_trainee(trainee_id: UUID, read: ReadDep, grant: MayKeep, response: Response) -> TraineeOut:
    """Ce que l'organisme en sait ; rien de sa santé."""
    return versioned(response, await queries.find_trainee(read, grant, trainee_id))


@router.patch(
    "/{trainee_id}",
    operation_id="amendTrainee",
    summary="Corriger",
    responses=problems(PreconditionMissing, PreconditionFailed, TraineeNotFound),
)
async def amend(
    trainee_id: UUID, body: TraineeAmend, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> TraineeOut:
    """Nom, adresse électronique, situation. La structure ne change pas : ajoutez la personne à l'autre liste."""
    await use_cases.amend(tx, grant, trainee_id, if_match, body)
    return versioned(response, await queries.find_trainee(tx, grant, trainee_id))
