"""HTTP door of the risks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.improvements import use_cases
from training.improvements.documents import RISK_HEADER
from training.improvements.domain.refusals import ReviewInPast, RiskClosed, RiskNotFound
from training.improvements.queries import risks
from training.improvements.schemas import (
    ReasonIn,
    Reference,
    RiskExportParams,
    RiskIn,
    RiskLine,
    RiskListParams,
    RiskOut,
    RiskReviewIn,
    ScaleOut,
)
from training.rights import Act

router = APIRouter(prefix="/improvements/risks", tags=["Amélioration"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_IMPROVEMENTS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_IMPROVEMENTS))]
_CHANGED = (RiskNotFound, RiskClosed, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listRisks", summary="Les risques", responses=problems(BadCursor, BadSort))
async def list_risks(read: ReadDep, _: MayRead, params: Annotated[RiskListParams, Query()]) -> Page[RiskLine]:
    """Les plus lourds d'abord. Tris : level, next_review_on, reference."""
    return await risks.list_risks(read, params)


@router.get("/export", operation_id="exportRisks", summary="Export CSV ou tableur", response_class=Response)
async def export_risks(read: ReadDep, _: MayRead, params: Annotated[RiskExportParams, Query()]) -> Response:
    """Les mêmes risques que la liste, avec les mêmes filtres."""
    return await export_response(params.format, "risques", RISK_HEADER, await risks.export_risks(read, params))


@router.get("/scale", operation_id="getRiskScale", summary="L'échelle des risques")
async def get_scale(_: MayRead) -> ScaleOut:
    """De 1 à 4 deux fois, avec d'où elle vient."""
    return risks.show_scale()


@router.post(
    "", status_code=201, operation_id="openRisk", summary="Relever un risque",
    responses=problems(ReviewInPast, RiskNotFound),
)  # fmt: skip
async def open_risk(body: RiskIn, tx: TxDep, _: MayWrite, response: Response) -> RiskOut:
    """Évalué aujourd'hui, à revoir plus tard."""
    reference = await use_cases.open_risk(tx, body)
    response.headers["Location"] = f"/training/v1/improvements/risks/{reference}"
    return versioned(response, await risks.find_risk(tx, reference))


@router.get("/{reference}", operation_id="getRisk", summary="Un risque", responses=problems(RiskNotFound))
async def get_risk(reference: Reference, read: ReadDep, _: MayRead, response: Response) -> RiskOut:
    """Avec son histoire, que rien ne récrit."""
    return versioned(response, await risks.find_risk(read, reference))


@router.post(
    "/{reference}/review",
    operation_id="reviewRisk",
    summary="Revoir un risque",
    responses=problems(*_CHANGED, ReviewInPast),
)
async def review(
    reference: Reference, body: RiskReviewIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> RiskOut:
    """Évalué de nouveau, aujourd'hui."""
    await use_cases.review_risk(tx, reference, if_match, body)
    return versioned(response, await risks.find_risk(tx, reference))


@router.post("/{reference}/close", operation_id="closeRisk", summary="Clore un risque", responses=problems(*_CHANGED))
async def close(
    reference: Reference, body: ReasonIn, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> RiskOut:
    """Avec la raison, pour toujours."""
    await use_cases.close_risk(tx, reference, if_match, body.reason)
    return versioned(response, await risks.find_risk(tx, reference))
