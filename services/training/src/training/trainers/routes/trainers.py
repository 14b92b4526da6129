"""HTTP door of the trainers: whom the training team calls upon, whom the house may see."""

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
from training.rights import Act
from training.trainers import use_cases
from training.trainers.documents import TRAINER_HEADER
from training.trainers.domain import (
    AccountTaken,
    EmployerUnclear,
    HalfOfNoDay,
    TrainerArchived,
    TrainerErased,
    TrainerNotArchived,
    TrainerNotFound,
)
from training.trainers.queries import trainers
from training.trainers.schemas import (
    ErasureIn,
    TrainerBody,
    TrainerExportParams,
    TrainerLine,
    TrainerListParams,
    TrainerOut,
)

router = APIRouter(prefix="/trainers", tags=["Formateurs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_TRAINERS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_TRAINERS))]
MayErase = Annotated[Grant, Depends(allow(Act.ERASE_TRAINERS))]
_CHANGED = (TrainerNotFound, TrainerErased, PreconditionMissing, PreconditionFailed)


@router.get(
    "", operation_id="listTrainers", summary="Les formateurs", responses=problems(BadCursor, BadSort, HalfOfNoDay)
)
async def list_trainers(read: ReadDep, _: MayRead, params: Annotated[TrainerListParams, Query()]) -> Page[TrainerLine]:
    """Qui peut enseigner quoi, et qui est là un jour donné. Tri : name."""
    return await trainers.list_trainers(read, params)


@router.get(
    "/export",
    operation_id="exportTrainers",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(HalfOfNoDay),
)
async def export_trainers(read: ReadDep, _: MayRead, params: Annotated[TrainerExportParams, Query()]) -> Response:
    """Les mêmes formateurs que la liste, avec les mêmes filtres."""
    lines = await trainers.export_trainers(read, params)
    return await export_response(params.format, "formateurs", TRAINER_HEADER, lines)


@router.post(
    "",
    status_code=201,
    operation_id="registerTrainer",
    summary="Enregistrer",
    responses=problems(EmployerUnclear, AccountTaken),
)
async def register(body: TrainerBody, tx: TxDep, _: MayWrite, response: Response) -> TrainerOut:
    """Un formateur, salarié de l'organisme ou sous-traitant."""
    trainer_id = await use_cases.register(tx, body)
    response.headers["Location"] = f"/training/v1/trainers/{trainer_id}"
    return versioned(response, await trainers.find_trainer(tx, trainer_id))


@router.get("/{trainer_id}", operation_id="getTrainer", summary="Un formateur", responses=problems(TrainerNotFound))
async def get_trainer(trainer_id: UUID, read: ReadDep, _: MayRead, response: Response) -> TrainerOut:
    """Ses compétences et ses indisponibilités ont leurs listes, filtrées par `trainer_id`."""
    return versioned(response, await trainers.find_trainer(read, trainer_id))


@router.put(
    "/{trainer_id}",
    operation_id="amendTrainer",
    summary="Récrire",
    responses=problems(*_CHANGED, TrainerArchived, EmployerUnclear, AccountTaken),
)
async def amend(
    trainer_id: UUID, body: TrainerBody, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> TrainerOut:
    """En entier."""
    await use_cases.amend(tx, trainer_id, if_match, body)
    return versioned(response, await trainers.find_trainer(tx, trainer_id))


@router.post(
    "/{trainer_id}/archive",
    operation_id="archiveTrainer",
    summary="Archiver",
    responses=problems(*_CHANGED, TrainerArchived),
)
async def archive(trainer_id: UUID, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None) -> TrainerOut:
    """On ne l'appelle plus ; ce qu'il a enseigné et pouvait enseigner se garde."""
    await use_cases.archive(tx, trainer_id, if_match)
    return versioned(response, await trainers.find_trainer(tx, trainer_id))


@router.post(
    "/{trainer_id}/restore",
    operation_id="restoreTrainer",
    summary="Rétablir",
    responses=problems(*_CHANGED, TrainerNotArchived),
)
async def restore(trainer_id: UUID, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None) -> TrainerOut:
    """On peut l'appeler de nouveau."""
    await use_cases.restore(tx, trainer_id, if_match)
    return versioned(response, await trainers.find_trainer(tx, trainer_id))


@router.post(
    "/{trainer_id}/erase",
    operation_id="eraseTrainer",
    summary="Effacer la personne",
    responses=problems(*_CHANGED, TrainerNotArchived),
)
async def erase(
    trainer_id: UUID, body: ErasureIn, tx: TxDep, _: MayErase, response: Response, if_match: IfMatch = None
) -> TrainerOut:
    """Nom, coordonnées, compte, coût, absences et références de ses preuves ; pour toujours. Archivé d'abord."""
    await use_cases.erase(tx, trainer_id, if_match, body.reason)
    return versioned(response, await trainers.find_trainer(tx, trainer_id))
