"""HTTP door of the mutual fund: its statement, its calls for projects."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing, rule_on
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.fund import domain, queries, use_cases
from dues.fund.domain import FundCallNotFound
from dues.fund.schemas import (
    FundApplicationDetail,
    FundApplicationIn,
    FundCallIn,
    FundCallListParams,
    FundCallOut,
    FundDecisionsIn,
    FundLineExportParams,
    FundLineListParams,
    FundLineOut,
    FundScheduleOut,
    FundStatementOut,
    FundStatementParams,
)
from dues.rights import Act

router = APIRouter(prefix="/fund", tags=["Fonds mutualisé"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_FUND))]
MayReadCalls = Annotated[Grant, Depends(allow(Act.READ_FUND_CALLS))]
MayRunCalls = Annotated[Grant, Depends(allow(Act.RUN_FUND_CALLS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_FUND_APPLICATIONS))]
MayAward = Annotated[Grant, Depends(allow(Act.AWARD_FUND))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_CALL = (FundCallNotFound, *_SEEN)
_SAID = (domain.FundCallDatesWrong, domain.FundCallAmountsWrong)
_LISTED = problems(BadCursor, BadSort)


@router.get("/statement", operation_id="getFundStatement", summary="Le relevé du fonds")
async def get_statement(read: ReadDep, _: MayRead, params: Annotated[FundStatementParams, Query()]) -> FundStatementOut:
    """Ce qui est venu, ce qui est engagé, ce qui est versé et ce qui est libre, à la fin d'un jour."""
    return await queries.statement(read, params.as_of)


@router.get("/movements", operation_id="listFundLines", summary="Les lignes du relevé", responses=_LISTED)
async def list_lines(read: ReadDep, _: MayRead, params: Annotated[FundLineListParams, Query()]) -> Page[FundLineOut]:
    """Ce dont chaque relevé est la somme. Tris : day, amount, piece."""
    return await queries.list_lines(read, params)


@router.get("/movements/export", operation_id="exportFundLines", summary="Export du relevé", response_class=Response)
async def export_lines(read: ReadDep, _: MayRead, params: Annotated[FundLineExportParams, Query()]) -> Response:
    """Les mêmes lignes que la liste, avec les mêmes filtres."""
    lines = await queries.export_lines(read, params)
    return await export_response(params.format, "fonds-mutualise", queries.LINES_HEADER, lines)


@router.get(
    "/schedule",
    operation_id="getFundSchedule",
    summary="Les versements d'une aide, à défaut",
    responses=problems(RuleMissing),
)
async def get_schedule(read: ReadDep, _: MayReadCalls) -> FundScheduleOut:
    """La règle de ce jour, sa source et son état."""
    return queries.schedule_out(rule_on(queries.schedule_rules(), read.today))


@router.get("/calls", operation_id="listFundCalls", summary="Les appels à projets", responses=_LISTED)
async def list_calls(
    read: ReadDep, _: MayReadCalls, params: Annotated[FundCallListParams, Query()]
) -> Page[FundCallOut]:
    """Avec l'état du jour. Tris : closes_on, opens_on, year, title, envelope."""
    return await queries.list_calls(read, params)


@router.post(
    "/calls", status_code=201, operation_id="draftFundCall", summary="Écrire un appel", responses=problems(*_SAID)
)
async def draft_call(body: FundCallIn, tx: TxDep, _: MayRunCalls, response: Response) -> FundCallOut:
    """Un brouillon, que les délégations ne voient pas."""
    call_id = await use_cases.draft_call(tx, body)
    response.headers["Location"] = f"/dues/v1/fund/calls/{call_id}"
    return versioned(response, await queries.find_call(tx, call_id))


@router.get(
    "/calls/{call_id}", operation_id="getFundCall", summary="Un appel à projets", responses=problems(FundCallNotFound)
)
async def get_call(call_id: UUID, read: ReadDep, _: MayReadCalls, response: Response) -> FundCallOut:
    """Ce qu'il dit, où il en est."""
    return versioned(response, await queries.find_call(read, call_id))


@router.put(
    "/calls/{call_id}",
    operation_id="changeFundCall",
    summary="Corriger un brouillon",
    responses=problems(*_CALL, *_SAID, domain.FundCallNotDraft),
)
async def change_call(
    call_id: UUID, body: FundCallIn, tx: TxDep, _: MayRunCalls, response: Response, if_match: IfMatch = None
) -> FundCallOut:
    """Ouvert, un appel ne change plus."""
    await use_cases.change_call(tx, call_id, if_match, body)
    return versioned(response, await queries.find_call(tx, call_id))


@router.delete(
    "/calls/{call_id}",
    status_code=204,
    operation_id="deleteFundCall",
    summary="Renoncer à un brouillon",
    responses=problems(*_CALL, domain.FundCallNotDraft),
)
async def delete_call(call_id: UUID, tx: TxDep, _: MayRunCalls, if_match: IfMatch = None) -> None:
    """Personne ne l'a lu."""
    await use_cases.delete_call(tx, call_id, if_match)


@router.post(
    "/calls/{call_id}/open",
    operation_id="openFundCall",
    summary="Ouvrir un appel",
    responses=problems(*_CALL, domain.FundCallNotDraft, domain.FundCallDatesWrong, domain.FundShort),
)
async def open_call(
    call_id: UUID, tx: TxDep, _: MayRunCalls, response: Response, if_match: IfMatch = None
) -> FundCallOut:
    """Son enveloppe est réservée sur ce qui est disponible. Il se clôt de lui-même après son dernier jour."""
    await use_cases.open_call(tx, call_id, if_match)
    return versioned(response, await queries.find_call(tx, call_id))


@router.post(
    "/calls/{call_id}/decisions",
    operation_id="decideFundCall",
    summary="Enregistrer la décision du conseil",
    responses=problems(*_CALL, *domain.DECIDING, RuleMissing),
)
async def decide(
    call_id: UUID,
    body: FundDecisionsIn,
    tx: TxDep,
    _: MayAward,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> FundCallOut:
    """De tout ou partie des demandes. L'appel est décidé quand plus une n'attend ; sans demande, par une liste vide."""
    await use_cases.decide(tx, entity, call_id, if_match, body)
    return versioned(response, await queries.find_call(tx, call_id))


@router.get(
    "/calls/{call_id}/summary",
    operation_id="downloadFundCallSummary",
    summary="La synthèse pour le conseil (PDF)",
    response_class=Response,
    responses=problems(FundCallNotFound),
)
async def download_summary(call_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """Les demandes, ce qu'elles demandent, ce qui est accordé, ce qui reste. Le conseil les voit après la clôture."""
    content = await queries.summary_of(read, grant, call_id)
    return pdf_response(content, f"appel-{call_id}")


@router.post(
    "/calls/{call_id}/applications",
    status_code=201,
    operation_id="draftFundApplication",
    summary="Préparer une demande",
    responses=problems(FundCallNotFound, domain.FundDelegationMissing, domain.FundCallNotOpen),
)
async def draft_application(
    call_id: UUID, body: FundApplicationIn, tx: TxDep, grant: MayWrite, response: Response
) -> FundApplicationDetail:
    """Un brouillon, que la délégation est seule à lire."""
    application_id = await use_cases.draft_application(tx, call_id, body)
    response.headers["Location"] = f"/dues/v1/fund/applications/{application_id}"
    return versioned(response, await queries.find_application(tx, grant, application_id))
