"""HTTP door of reminders and of what stops them for a time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.invoices.domain import InvoiceNotFound
from dues.members.domain import MemberMerged, MemberUnknown
from dues.reminders import domain, queries, use_cases
from dues.reminders.domain import ReminderHoldNotFound, ReminderNotFound, ReminderRunNotFound
from dues.reminders.repository import pdf_path, run_pdf_path
from dues.reminders.schemas import (
    RegionCallIn,
    RegionCallListParams,
    RegionCallNoted,
    RegionCallOut,
    ReminderCallOut,
    ReminderDispatchIn,
    ReminderExportParams,
    ReminderGapsOut,
    ReminderHoldExportParams,
    ReminderHoldIn,
    ReminderHoldLiftIn,
    ReminderHoldListParams,
    ReminderHoldOut,
    ReminderListParams,
    ReminderMemberOut,
    ReminderOut,
    ReminderProposalExportParams,
    ReminderProposalOut,
    ReminderProposalParams,
    ReminderRuleOut,
    ReminderRunAsked,
    ReminderRunDispatchIn,
    ReminderRunDispatchOut,
    ReminderRunOut,
    ReminderSendIn,
)
from dues.rights import Act

router = APIRouter(prefix="/reminders", tags=["Relances"], route_class=Door)
holds = APIRouter(prefix="/reminder-holds", tags=["Relances"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_REMINDERS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_REMINDERS))]
MaySend = Annotated[Grant, Depends(allow(Act.SEND_REMINDERS))]
MayHold = Annotated[Grant, Depends(allow(Act.HOLD_REMINDERS))]
_LISTED = (BadCursor, BadSort)
_SEEN = (PreconditionMissing, PreconditionFailed)
_OF_A_MEMBER = (MemberUnknown, MemberMerged, RuleMissing)


@router.get(
    "/levels", operation_id="getReminderLevels", summary="Les rangs et les délais", responses=problems(RuleMissing)
)
async def get_levels(read: ReadDep, _: MayRead) -> ReminderRuleOut:
    """Ceux d'aujourd'hui, avec le texte des lettres ; à confirmer tant que la fédération ne les a pas écrits."""
    return queries.rule_out(read.today)


@router.get(
    "/proposals",
    operation_id="listReminderProposals",
    summary="Qui est à relancer",
    responses=problems(*_LISTED, RuleMissing),
)
async def list_proposals(
    read: ReadDep, grant: MayFollow, params: Annotated[ReminderProposalParams, Query()]
) -> Page[ReminderProposalOut]:
    """Calculé aujourd'hui : une lettre par structure, et ce qui l'empêche. Tris : due_on, name, owed (tout l'échu)."""
    return await queries.list_proposals(read, grant, params)


@router.get(
    "/proposals/export",
    operation_id="exportReminderProposals",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_proposals(
    read: ReadDep, grant: MayFollow, params: Annotated[ReminderProposalExportParams, Query()]
) -> Response:
    """Les mêmes propositions que la liste, avec les mêmes filtres."""
    lines = await queries.export_proposals(read, grant, params)
    return await export_response(params.format, "a-relancer", queries.PROPOSAL_HEADER, lines)


@router.get(
    "/gaps", operation_id="getReminderGaps", summary="Ce qui n'a pas été relancé", responses=problems(RuleMissing)
)
async def get_gaps(read: ReadDep, grant: MayFollow) -> ReminderGapsOut:
    """Ce qui est échu, rapproché de ce qui a été envoyé : combien manquent, et pourquoi ; la liste les nomme."""
    return await queries.gaps(read, grant)


@router.get(
    "/members/{member_id}",
    operation_id="getReminderSituation",
    summary="Où en est une structure",
    responses=problems(*_OF_A_MEMBER),
)
async def get_situation(member_id: UUID, read: ReadDep, grant: MayFollow) -> ReminderMemberOut:
    """Ses appels à relancer, ce qui suspend, les appels de sa délégation, ses relances."""
    return await queries.member_situation(read, grant, member_id)


@router.get(
    "/calls/{invoice_id}",
    operation_id="getReminderCall",
    summary="Où en est un appel",
    responses=problems(InvoiceNotFound),
)
async def get_call(invoice_id: UUID, read: ReadDep, grant: MayFollow) -> ReminderCallOut:
    """Les rangs auxquels il a été relancé, et ce qui suspend sa relance."""
    return await queries.call_situation(read, grant, invoice_id)


@router.get("/runs", operation_id="listReminderRuns", summary="Les envois", responses=problems(*_LISTED))
async def list_runs(read: ReadDep, _: MaySend, params: Annotated[PageParams, Query()]) -> Page[ReminderRunOut]:
    """Du dernier au premier. Tris : sent_at."""
    return await queries.list_runs(read, params)


@router.post(
    "/runs",
    status_code=202,
    operation_id="sendReminders",
    summary="Relancer",
    responses=problems(domain.ReminderChoiceUnclear, domain.NobodyToRemind, ReminderRunNotFound, RuleMissing),
)
async def send(body: ReminderSendIn, tx: TxDep, grant: MaySend, entity: Entity, response: Response) -> ReminderRunAsked:
    """Faites d'un coup, de ce qui est encore dû à cet instant ; les lettres s'impriment ensuite (dry_run : aperçu)."""
    run_id, job_id = await use_cases.send(tx, grant, entity, body)
    response.headers["Location"] = f"/dues/v1/jobs/{job_id}"
    return ReminderRunAsked(run=await queries.find_run(tx, run_id), job_id=job_id)


@router.get(
    "/runs/{run_id}",
    operation_id="getReminderRun",
    summary="Un envoi",
    responses=problems(ReminderRunNotFound),
)
async def get_run(run_id: UUID, read: ReadDep, _: MaySend) -> ReminderRunOut:
    """Avec qui n'a pas été relancé, et pourquoi ; ses relances se lisent avec run_id= dans la liste."""
    return await queries.find_run(read, run_id)


@router.get(
    "/runs/{run_id}/pdf",
    operation_id="downloadReminderRun",
    summary="Toutes ses lettres (PDF/A)",
    response_class=Response,
    responses=problems(ReminderRunNotFound, FileMissing),
)
async def download_run(run_id: UUID, request: Request, read: ReadDep, _: MaySend) -> Response:
    """En un document, une lettre après l'autre : à imprimer et à poster."""
    run = await queries.find_run(read, run_id)
    content = await request.app.state.runtime.files.get(run_pdf_path(run_id))
    return pdf_response(content, f"relances-{run.reminded_on}")


@router.post(
    "/runs/{run_id}/sent",
    operation_id="noteReminderRunSent",
    summary="Noter leur envoi",
    responses=problems(
        ReminderRunNotFound, domain.ReminderSent, domain.ReminderNotPrinted, domain.ReminderDispatchWrong
    ),
)
async def note_run_sent(run_id: UUID, body: ReminderRunDispatchIn, tx: TxDep, _: MaySend) -> ReminderRunDispatchOut:
    """De toutes les lettres de cet envoi dont rien n'est noté, sauf celles à envoyer en recommandé."""
    return ReminderRunDispatchOut(noted=await use_cases.note_run_sent(tx, run_id, body))


@router.get(
    "/region-calls", operation_id="listRegionCalls", summary="Les appels des délégations", responses=problems(*_LISTED)
)
async def list_region_calls(
    read: ReadDep, grant: MayFollow, params: Annotated[RegionCallListParams, Query()]
) -> Page[RegionCallOut]:
    """Dans le périmètre de l'appelant. Tris : day, name."""
    return await queries.list_region_calls(read, grant, params)


@router.post(
    "/region-calls",
    status_code=201,
    operation_id="noteRegionCall",
    summary="Noter un appel",
    responses=problems(*_OF_A_MEMBER, domain.RegionCallWrong),
)
async def note_region_call(body: RegionCallIn, tx: TxDep, grant: MayHold) -> RegionCallNoted:
    """Le délai de la délégation s'arrête là ; une promesse suspend jusqu'à son jour, ce jour compris."""
    call_id = await use_cases.note_region_call(tx, grant, body)
    return RegionCallNoted(id=call_id, situation=await queries.member_situation(tx, grant, body.member_id))


@router.get("", operation_id="listReminders", summary="Les relances faites", responses=problems(*_LISTED))
async def list_reminders(
    read: ReadDep, grant: MayRead, params: Annotated[ReminderListParams, Query()]
) -> Page[ReminderOut]:
    """Dans le périmètre de l'appelant. Tris : reminded_on, owed, name."""
    return await queries.list_reminders(read, grant, params)


@router.get("/export", operation_id="exportReminders", summary="Export CSV ou tableur", response_class=Response)
async def export_reminders(read: ReadDep, grant: MayRead, params: Annotated[ReminderExportParams, Query()]) -> Response:
    """Les mêmes relances que la liste, avec les mêmes filtres."""
    lines = await queries.export_reminders(read, grant, params)
    return await export_response(params.format, "relances", queries.REMINDER_HEADER, lines)


@router.get("/{reminder_id}", operation_id="getReminder", summary="Une relance", responses=problems(ReminderNotFound))
async def get_reminder(reminder_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> ReminderOut:
    """Ce qui était dû ce jour-là, ce qui le reste, et comment la lettre est partie."""
    return versioned(response, await queries.find_reminder(read, grant, reminder_id))


@router.get(
    "/{reminder_id}/pdf",
    operation_id="downloadReminder",
    summary="La lettre (PDF/A)",
    response_class=Response,
    responses=problems(ReminderNotFound, FileMissing),
)
async def download_reminder(reminder_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimée une fois, et conservée telle quelle."""
    reminder = await queries.find_reminder(read, grant, reminder_id)
    content = await request.app.state.runtime.files.get(pdf_path(reminder_id))
    return pdf_response(content, f"relance-{reminder.reminded_on}-{reminder.level}")


@router.post(
    "/{reminder_id}/sent",
    operation_id="noteReminderSent",
    summary="Noter son envoi",
    responses=problems(
        ReminderNotFound, domain.ReminderSent, domain.ReminderNotPrinted, domain.ReminderDispatchWrong, *_SEEN
    ),
)
async def note_sent(
    reminder_id: UUID, body: ReminderDispatchIn, tx: TxDep, grant: MaySend, response: Response, if_match: IfMatch = None
) -> ReminderOut:
    """Lettre simple, recommandée avec son numéro, ou courriel, et le jour. Noté une fois."""
    await use_cases.note_sent(tx, grant, reminder_id, if_match, body)
    return versioned(response, await queries.find_reminder(tx, grant, reminder_id))


@holds.get("", operation_id="listReminderHolds", summary="Les suspensions", responses=problems(*_LISTED))
async def list_holds(
    read: ReadDep, grant: MayFollow, params: Annotated[ReminderHoldListParams, Query()]
) -> Page[ReminderHoldOut]:
    """Dans le périmètre de l'appelant. Tris : since, until, name."""
    return await queries.list_holds(read, grant, params)


@holds.get("/export", operation_id="exportReminderHolds", summary="Export CSV ou tableur", response_class=Response)
async def export_holds(
    read: ReadDep, grant: MayFollow, params: Annotated[ReminderHoldExportParams, Query()]
) -> Response:
    """Les mêmes suspensions que la liste, avec les mêmes filtres."""
    lines = await queries.export_holds(read, grant, params)
    return await export_response(params.format, "suspensions-de-relance", queries.HOLD_HEADER, lines)


@holds.post(
    "",
    status_code=201,
    operation_id="placeReminderHold",
    summary="Suspendre les relances",
    responses=problems(*_OF_A_MEMBER, InvoiceNotFound, domain.HoldDaysWrong, ReminderHoldNotFound),
)
async def place_hold(body: ReminderHoldIn, tx: TxDep, grant: MayHold, response: Response) -> ReminderHoldOut:
    """D'une structure, ou d'un de ses appels ; finit d'elle-même à son jour."""
    hold_id = await use_cases.place_hold(tx, grant, body)
    response.headers["Location"] = f"/dues/v1/reminder-holds/{hold_id}"
    return versioned(response, await queries.find_hold(tx, grant, hold_id))


@holds.get(
    "/{hold_id}", operation_id="getReminderHold", summary="Une suspension", responses=problems(ReminderHoldNotFound)
)
async def get_hold(hold_id: UUID, read: ReadDep, grant: MayFollow, response: Response) -> ReminderHoldOut:
    """Posée par qui, pourquoi, jusqu'à quand."""
    return versioned(response, await queries.find_hold(read, grant, hold_id))


@holds.post(
    "/{hold_id}/lift",
    operation_id="liftReminderHold",
    summary="Lever une suspension",
    responses=problems(ReminderHoldNotFound, domain.HoldEnded, *_SEEN),
)
async def lift_hold(
    hold_id: UUID, body: ReminderHoldLiftIn, tx: TxDep, grant: MayHold, response: Response, if_match: IfMatch = None
) -> ReminderHoldOut:
    """Avant son jour, avec la raison ; ce qui en fut dit reste lisible."""
    await use_cases.lift_hold(tx, grant, hold_id, if_match, body.reason)
    return versioned(response, await queries.find_hold(tx, grant, hold_id))
