"""HTTP door of campaigns."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.campaigns import queries, use_cases
from dues.campaigns.documents import PREVIEW_HEADER, export_header, export_lines, preview_line, print_dashboard
from dues.campaigns.domain import CampaignExists, CampaignNotFound, CampaignOfAnother, CampaignRunning
from dues.campaigns.schemas import (
    CampaignIn,
    CampaignOut,
    DashboardExportParams,
    DashboardOut,
    PreviewExportParams,
    PreviewLine,
    PreviewListParams,
    PreviewOut,
)
from dues.config import Entity
from dues.grids.domain import GridNotFound, SmicNotPublished
from dues.rights import Act

router = APIRouter(prefix="/campaigns", tags=["Campagnes"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CAMPAIGNS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_CAMPAIGNS))]


@router.get("", operation_id="listCampaigns", summary="Les campagnes", responses=problems(BadCursor, BadSort))
async def list_campaigns(
    read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()], entity: Entity
) -> Page[CampaignOut]:
    """Une par année, la plus récente d'abord."""
    return await queries.list_campaigns(read, params, entity)


@router.post(
    "",
    status_code=201,
    operation_id="openCampaign",
    summary="Ouvrir",
    responses=problems(GridNotFound, CampaignExists),
)
async def open_campaign(body: CampaignIn, tx: TxDep, _: MayRun, entity: Entity, response: Response) -> CampaignOut:
    """Une par année, pour l'entité qui appelle."""
    campaign_id = await use_cases.open_campaign(tx, body.year, entity, use_published_medians=body.use_published_medians)
    response.headers["Location"] = f"/dues/v1/campaigns/{campaign_id}"
    return versioned(response, await queries.find_campaign(tx, campaign_id, entity))


@router.get(
    "/{campaign_id}",
    operation_id="getCampaign",
    summary="Une campagne",
    responses=problems(CampaignNotFound),
)
async def get_campaign(campaign_id: UUID, read: ReadDep, _: MayRead, entity: Entity, response: Response) -> CampaignOut:
    """Avec ce qu'elle a appelé jusqu'ici."""
    return versioned(response, await queries.find_campaign(read, campaign_id, entity))


@router.get(
    "/{campaign_id}/preview",
    operation_id="previewCampaign",
    summary="Ce qu'elle appellerait",
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished),
)
async def preview_campaign(campaign_id: UUID, read: ReadDep, _: MayRead) -> PreviewOut:
    """Le même calcul que l'exécution : les totaux, et ce qui retient ceux qui ne seraient pas appelés."""
    return await queries.preview_campaign(read, campaign_id)


@router.get(
    "/{campaign_id}/preview/members",
    operation_id="listPreviewedMembers",
    summary="Ce qu'elle appellerait, adhérent par adhérent",
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished, BadCursor, BadSort),
)
async def list_previewed(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[PreviewListParams, Query()]
) -> Page[PreviewLine]:
    """Chaque adhérent, par nom : son appel expliqué, ou toutes les raisons de ne pas l'appeler."""
    return await queries.list_previewed(read, campaign_id, params)


@router.get(
    "/{campaign_id}/preview/members/export",
    operation_id="exportPreviewedMembers",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished),
)
async def export_previewed(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[PreviewExportParams, Query()]
) -> Response:
    """Les mêmes adhérents que la liste avec les mêmes filtres."""
    lines = await queries.previewed_to_export(read, campaign_id, params)
    return await export_response(params.format, "apercu-de-campagne", PREVIEW_HEADER, map(preview_line, lines))


@router.get(
    "/{campaign_id}/dashboard",
    operation_id="getCampaignDashboard",
    summary="Où elle en est",
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished, RuleMissing),
)
async def get_dashboard(campaign_id: UUID, read: ReadDep, _: MayRead) -> DashboardOut:
    """Qui doit, qui est appelé, qui est bloqué et pourquoi ; ce qui est appelé, réglé et dû, par délégation et par type
    d'activité ; comment l'argent est venu, semaine après semaine."""
    return await queries.dashboard(read, campaign_id)


@router.get(
    "/{campaign_id}/dashboard/export",
    operation_id="exportCampaignDashboard",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished, RuleMissing),
)
async def export_dashboard(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[DashboardExportParams, Query()]
) -> Response:
    """L'ensemble, puis chaque délégation, puis chaque type d'activité."""
    shown = await queries.dashboard(read, campaign_id)
    return await export_response(params.format, f"campagne-{shown.year}", export_header(shown), export_lines(shown))


@router.get(
    "/{campaign_id}/dashboard/pdf",
    operation_id="printCampaignDashboard",
    summary="Le document (PDF)",
    response_class=Response,
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished, RuleMissing),
)
async def print_dashboard_page(campaign_id: UUID, read: ReadDep, _: MayRead) -> Response:
    """Le même tableau, sur une page, avec l'argent venu en barres."""
    shown = await queries.dashboard(read, campaign_id)
    return pdf_response(await print_dashboard(shown), f"campagne-{shown.year}-{shown.as_of}")


@router.post(
    "/{campaign_id}/run",
    status_code=202,
    operation_id="runCampaign",
    summary="Exécuter",
    responses=problems(CampaignNotFound, CampaignRunning, CampaignOfAnother, PreconditionMissing, PreconditionFailed),
)
async def run_campaign(
    campaign_id: UUID, tx: TxDep, _: MayRun, entity: Entity, response: Response, if_match: IfMatch = None
) -> CampaignOut:
    """Appelle chaque adhérent une seule fois ; exécutée de nouveau, elle n'appelle que les nouveaux.

    L'identité et le compte de l'entité sont ceux du jour où l'on exécute.
    """
    campaign = await use_cases.ask_to_run(tx, campaign_id, entity, if_match)
    response.headers["Location"] = f"/dues/v1/jobs/{campaign.job_id}"
    return versioned(response, await queries.campaign_out(tx, campaign, entity))
