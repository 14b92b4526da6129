"""HTTP door of adjustments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.problem import problems
from common.rights import Grant, allow
from dues.adjustments import queries, use_cases
from dues.adjustments.schemas import AdjustmentsOut, SettleIn, SettlingOut
from dues.campaigns.domain import CampaignNotFound
from dues.grids.domain import GridNotFound
from dues.rights import Act

router = APIRouter(prefix="/campaigns", tags=["Campagnes"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CAMPAIGNS))]
MayCredit = Annotated[Grant, Depends(allow(Act.CREDIT_INVOICES))]


@router.get(
    "/{campaign_id}/adjustments",
    operation_id="previewAdjustments",
    summary="Ce que les bases corrigées changent",
    responses=problems(CampaignNotFound, GridNotFound),
)
async def preview_adjustments(campaign_id: UUID, read: ReadDep, _: MayRead) -> AdjustmentsOut:
    """Structure par structure : appelée pour combien, due combien et pourquoi, à créditer ou à appeler en plus."""
    return await queries.preview_adjustments(read, campaign_id)


@router.post(
    "/{campaign_id}/adjustments/settle",
    status_code=202,
    operation_id="settleAdjustments",
    summary="Régulariser",
    responses=problems(CampaignNotFound),
)
async def settle_adjustments(
    campaign_id: UUID, body: SettleIn, tx: TxDep, _: MayCredit, response: Response
) -> SettlingOut:
    """Un avoir de ce qui est en trop, un complément de ce qui manque ; demandé deux fois, il ne reste rien."""
    job_id = await use_cases.ask_to_settle(tx, campaign_id, body.member_id)
    response.headers["Location"] = f"/dues/v1/jobs/{job_id}"
    return SettlingOut(job_id=job_id)
