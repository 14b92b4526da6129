"""HTTP door of the quality referential: it is law, anybody reads it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.door import Door, ReadDep
from common.etags import revalidated
from common.problem import problems
from common.rights import Grant, allow
from training.referential import queries
from training.referential.domain import ReferentialNotFound
from training.referential.schemas import (
    QualityReferentialOut,
    ReferentialComparisonOut,
    ReferentialComparisonParams,
    ReferentialParams,
)
from training.rights import Act

router = APIRouter(prefix="/referential", tags=["Référentiel qualité"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_REFERENTIAL))]


@router.get(
    "",
    operation_id="getQualityReferential",
    summary="Le référentiel qualité d'un jour",
    response_model=QualityReferentialOut,
    responses=problems(ReferentialNotFound),
)
async def get_referential(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[ReferentialParams, Query()]
) -> Response:
    """Sans jeton. Les indicateurs qui valent pour une action de formation ; résumés, avec ce sur quoi ils reposent."""
    return revalidated(request, queries.show_referential(params, read.today))


@router.get(
    "/comparison",
    operation_id="compareQualityReferentials",
    summary="Ce qui change d'une version à l'autre",
    response_model=ReferentialComparisonOut,
    responses=problems(ReferentialNotFound),
)
async def compare_versions(
    request: Request, _: Anybody, params: Annotated[ReferentialComparisonParams, Query()]
) -> Response:
    """Sans jeton. Les indicateurs ajoutés ou autrement rédigés, comme au 1er novembre 2026 de V9 à 2026."""
    return revalidated(request, queries.compare(params))
