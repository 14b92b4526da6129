"""HTTP door of when the trainers are not there."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.rights import Act
from training.trainers import use_cases
from training.trainers.domain import (
    TrainerArchived,
    TrainerErased,
    TrainerNotFound,
    UnavailabilityNotFound,
    UnavailabilityOverlaps,
    UnavailabilityReversed,
)
from training.trainers.queries import unavailabilities
from training.trainers.schemas import UnavailabilityIn, UnavailabilityListParams, UnavailabilityOut

router = APIRouter(prefix="/unavailabilities", tags=["Formateurs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_TRAINERS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_TRAINERS))]


@router.get(
    "",
    operation_id="listUnavailabilities",
    summary="Quand les formateurs ne sont pas là",
    responses=problems(BadCursor, BadSort),
)
async def list_unavailabilities(
    read: ReadDep, _: MayRead, params: Annotated[UnavailabilityListParams, Query()]
) -> Page[UnavailabilityOut]:
    """Le motif n'est montré qu'à l'équipe formation. Tri : first_day."""
    return await unavailabilities.list_unavailabilities(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="declareUnavailability",
    summary="Déclarer une indisponibilité",
    responses=problems(
        TrainerNotFound,
        TrainerErased,
        TrainerArchived,
        UnavailabilityReversed,
        UnavailabilityOverlaps,
    ),
)
async def declare(body: UnavailabilityIn, tx: TxDep, _: MayWrite, response: Response) -> UnavailabilityOut:
    """De la première demi-journée à la dernière, comprises. Deux indisponibilités ne se recouvrent pas."""
    unavailability_id = await use_cases.declare_unavailable(tx, body)
    response.headers["Location"] = f"/training/v1/unavailabilities/{unavailability_id}"
    return await unavailabilities.find_unavailability(tx, unavailability_id)


@router.get(
    "/{unavailability_id}",
    operation_id="getUnavailability",
    summary="Une indisponibilité",
    responses=problems(UnavailabilityNotFound),
)
async def get_unavailability(unavailability_id: UUID, read: ReadDep, _: MayRead) -> UnavailabilityOut:
    """De quelle demi-journée à quelle autre."""
    return await unavailabilities.find_unavailability(read, unavailability_id)


@router.delete(
    "/{unavailability_id}",
    status_code=204,
    operation_id="removeUnavailability",
    summary="Retirer une indisponibilité",
    responses=problems(UnavailabilityNotFound),
)
async def take_back(unavailability_id: UUID, tx: TxDep, _: MayWrite) -> None:
    """Le formateur sera là. Rien n'en est gardé : le motif peut être médical."""
    await use_cases.take_back_unavailability(tx, unavailability_id)
