"""HTTP door of the mutual fund."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing, rule_on
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from common.uploads import SentFile
from dues.config import Entity
from dues.fund import domain, queries, use_cases
from dues.fund.domain import FundApplicationNotFound, FundAttachmentKind, FundCallNotFound
from dues.fund.schemas import (
    FundApplicationDetail,
    FundApplicationExportParams,
    FundApplicationIn,
    FundApplicationListParams,
    FundApplicationOut,
    FundCallIn,
    FundCallListParams,
    FundCallOut,
    FundDecisionsIn,
    FundLineExportParams,
    FundLineListParams,
    FundLineOut,
    FundPaymentIn,
    FundReleaseIn,
    FundReportIn,
    FundReturnIn,
    FundScheduleOut,
    FundStatementOut,
    FundStatementParams,
)
from dues.rights import Act

router = APIRouter(prefix="/fund", tags=["Fonds mutualisé"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_FUND))]
MayReadCalls = Annotated[Grant, Depends(allow(Act.READ_FUND_CALLS))]
MayRunCalls = Annotated[Grant, Depends(allow(Act.RUN_FUND_CALLS))]
MayReadApplications = Annotated[Grant, Depends(allow(Act.READ_FUND_APPLICATIONS))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_FUND_APPLICATIONS))]
MayAward = Annotated[Grant, Depends(allow(Act.AWARD_FUND))]
SentDep = Annotated[UploadFile, File(description="PDF, 10 Mo au plus")]
KindDep = Annotated[FundAttachmentKind, Form()]
_SEEN = (PreconditionMissing, PreconditionFailed)
_CALL = (FundCallNotFound, *_SEEN)
_SAID = (domain.FundCallDatesWrong, domain.FundCallAmountsWrong)
_APPLICATION = (FundApplicationNotFound, *_SEEN)
_LISTED = problems(BadCursor, BadSort)
_FOUND = problems(FundApplicationNotFound)
_AWARD = (*_APPLICATION, domain.FundAwardMissing)


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


@router.get("/applications", operation_id="listFundApplications", summary="Les demandes", responses=_LISTED)
async def list_applications(
    read: ReadDep, grant: MayReadApplications, params: Annotated[FundApplicationListParams, Query()]
) -> Page[FundApplicationOut]:
    """Une délégation : les siennes ; le conseil : des appels clos. Tris : created_at, asked, delegation, title."""
    return await queries.list_applications(read, grant, params)


@router.get(
    "/applications/export",
    operation_id="exportFundApplications",
    summary="Export CSV ou tableur des demandes",
    response_class=Response,
)
async def export_applications(
    read: ReadDep, grant: MayReadApplications, params: Annotated[FundApplicationExportParams, Query()]
) -> Response:
    """Les mêmes demandes que la liste, avec les mêmes filtres."""
    lines = await queries.export_applications(read, grant, params)
    return await export_response(params.format, "demandes", queries.APPLICATIONS_HEADER, lines)


@router.get(
    "/applications/{application_id}", operation_id="getFundApplication", summary="Une demande", responses=_FOUND
)
async def get_application(
    application_id: UUID, read: ReadDep, grant: MayReadApplications, response: Response
) -> FundApplicationDetail:
    """Le projet, son budget, ses pièces, ce qui en a été décidé et versé."""
    return versioned(response, await queries.find_application(read, grant, application_id))


@router.put(
    "/applications/{application_id}",
    operation_id="changeFundApplication",
    summary="Corriger une demande",
    responses=problems(*_APPLICATION, *domain.WRITING, domain.FundApplicationIncomplete),
)
async def change_application(
    application_id: UUID,
    body: FundApplicationIn,
    tx: TxDep,
    grant: MayWrite,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Jusqu'à la clôture ; déposée, elle doit rester complète."""
    await use_cases.change_application(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/submit",
    operation_id="submitFundApplication",
    summary="Déposer une demande",
    responses=problems(
        *_APPLICATION, *domain.WRITING, domain.FundApplicationNotDraft, domain.FundApplicationIncomplete
    ),
)
async def submit(
    application_id: UUID, tx: TxDep, grant: MayWrite, entity: Entity, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Jusqu'au dernier jour de l'appel, inclus. Elle prend sa référence."""
    await use_cases.submit(tx, grant, entity.code, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/withdraw",
    operation_id="withdrawFundApplication",
    summary="Retirer une demande",
    responses=problems(*_APPLICATION, domain.FundApplicationEnded),
)
async def withdraw(
    application_id: UUID, tx: TxDep, grant: MayWrite, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Tant que le conseil n'a pas décidé."""
    await use_cases.withdraw(tx, grant, application_id, if_match)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/attachments",
    status_code=201,
    operation_id="attachToFundApplication",
    summary="Joindre une pièce, ou le bilan",
    responses=problems(FundApplicationNotFound, *domain.ATTACHING),
)
async def attach(
    application_id: UUID, file: SentDep, kind: KindDep, request: Request, tx: TxDep, grant: MayWrite
) -> FundApplicationDetail:
    """Une pièce jusqu'à la clôture, le bilan une fois l'aide accordée. Son type est lu dans son contenu."""
    sent = SentFile(file.filename or "", await file.read())
    await use_cases.attach(tx, grant, request.app.state.runtime.files, application_id, kind, sent)
    return await queries.find_application(tx, grant, application_id)


@router.get(
    "/applications/{application_id}/attachments/{attachment_id}",
    operation_id="downloadFundAttachment",
    summary="Télécharger une pièce",
    response_class=Response,
    responses=problems(FundApplicationNotFound, domain.FundAttachmentNotFound, FileMissing),
)
async def download_attachment(
    application_id: UUID, attachment_id: UUID, request: Request, read: ReadDep, grant: MayReadApplications
) -> Response:
    """Pour qui lit la demande."""
    found = await queries.find_attachment(read, grant, application_id, attachment_id)
    return attached(await request.app.state.runtime.files.get(found.path), found.media_type, found.filename)


@router.delete(
    "/applications/{application_id}/attachments/{attachment_id}",
    status_code=204,
    operation_id="detachFromFundApplication",
    summary="Retirer une pièce",
    responses=problems(FundApplicationNotFound, domain.FundAttachmentNotFound, *domain.WRITING),
)
async def detach(application_id: UUID, attachment_id: UUID, tx: TxDep, grant: MayWrite) -> None:
    """Jusqu'à la clôture."""
    await use_cases.detach(tx, grant, application_id, attachment_id)


@router.get(
    "/applications/{application_id}/letter",
    operation_id="downloadFundLetter",
    summary="La lettre d'attribution (PDF)",
    response_class=Response,
    responses=problems(FundApplicationNotFound, domain.FundAwardMissing),
)
async def download_letter(application_id: UUID, read: ReadDep, grant: MayReadApplications) -> Response:
    """Telle qu'écrite le jour où la décision a été enregistrée."""
    return pdf_response(await queries.letter_of(read, grant, application_id), f"attribution-{application_id}")


@router.post(
    "/applications/{application_id}/payments",
    operation_id="payFundInstalment",
    summary="Noter un versement",
    responses=problems(*_AWARD, *domain.PAYING),
)
async def pay(
    application_id: UUID,
    body: FundPaymentIn,
    tx: TxDep,
    grant: MayAward,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Fait, tel que sur le relevé de banque ; le solde, une fois le bilan reçu si la décision le dit."""
    await use_cases.pay_instalment(tx, grant, entity.code, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/report",
    operation_id="receiveFundReport",
    summary="Noter que le bilan est reçu",
    responses=problems(*_AWARD, domain.FundReportReceived, domain.FundDayWrong),
)
async def receive_report(
    application_id: UUID, body: FundReportIn, tx: TxDep, grant: MayAward, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Déposé par la délégation avec ses pièces, ou venu autrement."""
    await use_cases.note_report(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/release",
    operation_id="releaseFundAward",
    summary="Libérer ce qui reste d'une aide",
    responses=problems(*_AWARD, domain.FundAwardClosed, domain.FundCommitmentShort),
)
async def release(
    application_id: UUID, body: FundReleaseIn, tx: TxDep, grant: MayAward, response: Response, if_match: IfMatch = None
) -> FundApplicationDetail:
    """Ce qui n'est pas versé ne le sera pas : c'est de nouveau libre."""
    await use_cases.release_award(tx, grant, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))


@router.post(
    "/applications/{application_id}/return",
    operation_id="returnFundPayment",
    summary="Noter une somme rendue",
    responses=problems(*_AWARD, domain.FundDayWrong, domain.FundCommitmentShort),
)
async def take_back(
    application_id: UUID,
    body: FundReturnIn,
    tx: TxDep,
    grant: MayAward,
    entity: Entity,
    response: Response,
    if_match: IfMatch = None,
) -> FundApplicationDetail:
    """Ce que la délégation n'a pas dépensé, et a rendu : c'est de nouveau libre."""
    await use_cases.note_return(tx, grant, entity.code, application_id, if_match, body)
    return versioned(response, await queries.find_application(tx, grant, application_id))
