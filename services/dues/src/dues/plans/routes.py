"""HTTP door of instalment plans."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.invoices.domain import InvoiceNotFound
from dues.members.domain import MemberMerged, MemberUnknown
from dues.plans import queries, use_cases
from dues.plans.documents import EXPORT_HEADER
from dues.plans.domain import (
    CallAlreadyPlanned,
    CallNotOpen,
    InstalmentTooSmall,
    NothingToPlan,
    PlanEnded,
    PlanKept,
    PlanNotFound,
    PlanNotLate,
    ScheduleDaysWrong,
    ScheduleTooLong,
    ScheduleTotalWrong,
    TooManyInstalments,
)
from dues.plans.schemas import (
    PlanAmendmentIn,
    PlanDetail,
    PlanExportParams,
    PlanIn,
    PlanLimitsOut,
    PlanListParams,
    PlanOut,
    PlanReasonIn,
)
from dues.rights import Act

router = APIRouter(prefix="/plans", tags=["Échéanciers"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_PLANS))]
MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_PLANS))]
_LAID_OUT = (
    NothingToPlan,
    ScheduleTotalWrong,
    ScheduleDaysWrong,
    TooManyInstalments,
    ScheduleTooLong,
    InstalmentTooSmall,
)
_CHANGED = (
    PlanNotFound,
    PlanEnded,
    PlanKept,
    InvoiceNotFound,
    RuleMissing,
    PreconditionMissing,
    PreconditionFailed,
)


@router.get(
    "", operation_id="listPlans", summary="Les échéanciers", responses=problems(BadCursor, BadSort, RuleMissing)
)
async def list_plans(read: ReadDep, grant: MayRead, params: Annotated[PlanListParams, Query()]) -> Page[PlanOut]:
    """Dans le périmètre de l'appelant, tels qu'ils sont aujourd'hui. Tris : agreed_on, reference, name."""
    return await queries.list_plans(read, grant, params)


@router.get(
    "/export",
    operation_id="exportPlans",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_plans(read: ReadDep, grant: MayRead, params: Annotated[PlanExportParams, Query()]) -> Response:
    """Les mêmes échéanciers que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "echeanciers", EXPORT_HEADER, lines)


@router.get(
    "/limits", operation_id="getPlanLimits", summary="Ce que peut être un échéancier", responses=problems(RuleMissing)
)
async def get_limits(read: ReadDep, _: MayRead) -> PlanLimitsOut:
    """La règle du jour, et si elle est à confirmer."""
    return queries.limits_today(read)


@router.post(
    "",
    status_code=201,
    operation_id="agreePlan",
    summary="Convenir d'un échéancier",
    responses=problems(
        MemberUnknown, MemberMerged, InvoiceNotFound, CallNotOpen, CallAlreadyPlanned, RuleMissing, *_LAID_OUT
    ),
)
async def agree(body: PlanIn, tx: TxDep, grant: MayKeep, entity: Entity, response: Response) -> PlanDetail:
    """Sur ce qui reste dû aujourd'hui des appels dits, ou de tous. Avec `dry_run=true`, l'aperçu exact, que rien ne
    garde. Ce qui devient de chaque échéance suit ensuite des règlements."""
    plan_id = await use_cases.agree(tx, grant, entity.code, body)
    response.headers["Location"] = f"/dues/v1/plans/{plan_id}"
    return versioned(response, await queries.find_plan(tx, grant, plan_id))


@router.get(
    "/{plan_id}",
    operation_id="getPlan",
    summary="Un échéancier",
    responses=problems(PlanNotFound, RuleMissing),
)
async def get_plan(plan_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> PlanDetail:
    """Ses échéances, ce qui en est réglé, d'où vient son solde, ceux qu'il remplace."""
    return versioned(response, await queries.find_plan(read, grant, plan_id))


@router.get(
    "/{plan_id}/pdf",
    operation_id="downloadPlan",
    summary="L'échéancier à signer (PDF)",
    response_class=Response,
    responses=problems(PlanNotFound, RuleMissing),
)
async def download(plan_id: UUID, read: ReadDep, grant: MayRead, entity: Entity) -> Response:
    """Celui qui est en vigueur, tel que convenu."""
    reference, content = await queries.paper_of(read, grant, plan_id, entity)
    return pdf_response(content, reference)


@router.post(
    "/{plan_id}/amend",
    operation_id="amendPlan",
    summary="Modifier l'échéancier",
    responses=problems(*_CHANGED, *_LAID_OUT),
)
async def amend(
    plan_id: UUID, body: PlanAmendmentIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PlanDetail:
    """Un autre, sur ce qui reste aujourd'hui des mêmes appels ; celui d'avant se lit encore, tel qu'il était."""
    await use_cases.amend(tx, grant, plan_id, if_match, body)
    return versioned(response, await queries.find_plan(tx, grant, plan_id))


@router.post(
    "/{plan_id}/break",
    operation_id="breakPlan",
    summary="Constater la rupture",
    responses=problems(*_CHANGED, PlanNotLate),
)
async def note_broken(
    plan_id: UUID, body: PlanReasonIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PlanDetail:
    """Une échéance au moins est en retard. Ce qui reste est dû comme si rien n'avait été convenu."""
    await use_cases.note_broken(tx, grant, plan_id, if_match, body.reason)
    return versioned(response, await queries.find_plan(tx, grant, plan_id))


@router.post("/{plan_id}/end", operation_id="endPlan", summary="Arrêter l'échéancier", responses=problems(*_CHANGED))
async def end(
    plan_id: UUID, body: PlanReasonIn, tx: TxDep, grant: MayKeep, response: Response, if_match: IfMatch = None
) -> PlanDetail:
    """Pour une autre raison qu'un retard ; ses appels peuvent entrer dans un autre."""
    await use_cases.end(tx, grant, plan_id, if_match, body.reason)
    return versioned(response, await queries.find_plan(tx, grant, plan_id))
