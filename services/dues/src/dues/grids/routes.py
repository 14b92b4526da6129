"""HTTP door of grids."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from common.door import Door
from common.pagination import Whole
from common.problem import problems
from common.rights import Grant, allow
from dues.grids.domain import Activity, BaseMissing, GridNotFound, RateNotFound, SmicNotPublished, assess, declared_base
from dues.grids.queries import grid_of, smic_table
from dues.grids.schemas import AssessmentOut, AssessmentParams, DatumOut, GridOut, SmicOut
from dues.rights import Act

router = APIRouter(prefix="/grids", tags=["Grilles"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_GRIDS))]
Year = Annotated[int, Path(ge=2000, le=2100)]


@router.get("/smic", operation_id="listSmic", summary="Le SMIC horaire, date par date")
async def list_smic(_: MayRead) -> Whole[SmicOut]:
    """Les plafonds s'expriment en heures de SMIC au 1er janvier de l'année."""
    return Whole(items=[SmicOut(since=rate.since, hourly=DatumOut.of(rate.hourly)) for rate in smic_table()])


@router.get("/{year}", operation_id="getGrid", summary="La grille d'une année", responses=problems(GridNotFound))
async def get_grid(year: Year, _: MayRead) -> GridOut:
    """Chaque donnée avec sa source et son degré de certitude."""
    return GridOut.of(grid_of(year))


@router.get(
    "/{year}/assessment",
    operation_id="assessDues",
    summary="Ce qu'une structure devrait",
    responses=problems(GridNotFound, RateNotFound, BaseMissing, SmicNotPublished),
)
async def assess_dues(year: Year, params: Annotated[AssessmentParams, Query()], _: MayRead) -> AssessmentOut:
    """Le calcul de la campagne, expliqué, sans rien enregistrer : pour répondre au téléphone."""
    base = None if params.base is None else declared_base(params.base)
    activities = [Activity(kind=params.kind, main=True)]
    return AssessmentOut.of(assess(grid_of(year), smic_table(), base, activities))
