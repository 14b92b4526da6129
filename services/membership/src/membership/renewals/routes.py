"""HTTP door of renewals."""

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
from membership.members.domain import MemberNotFound, NotAMember, SirenTaken, StatusContradicted
from membership.notices.domain import DayNotCome, NoPostalAddress, NoticeNotFound, NoticeNotSent, ReturnedBeforeSent
from membership.notices.schemas import LetterParams, LettersIn, ReturnIn
from membership.renewals import queries, use_cases
from membership.renewals.documents import EXPORT_HEADER
from membership.renewals.domain import (
    ExceptionNotNeeded,
    NoException,
    NoNoticeSent,
    NoOptOut,
    NoticeNotNeeded,
    NoticeWindowClosed,
    NotUpForRenewal,
    OptOutTooLate,
    RenewalExists,
    RenewalNotFound,
    RenewalTooEarly,
    SaidAnotherDay,
)
from membership.renewals.schemas import (
    ExceptionsIn,
    LineDetail,
    LineExportParams,
    LineListParams,
    LineOut,
    OptOutIn,
    OptOutWithdrawal,
    RenewalIn,
    RenewalOut,
)
from membership.rights import Act

router = APIRouter(prefix="/renewals", tags=["Renouvellements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_RENEWALS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_RENEWALS))]
MayRefuse = Annotated[Grant, Depends(allow(Act.REFUSE_RENEWAL))]
_FOUND = (RenewalNotFound, NotUpForRenewal)
_CHANGED = (*_FOUND, MemberNotFound, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listRenewals", summary="Les renouvellements", responses=problems(BadCursor, BadSort))
async def list_renewals(read: ReadDep, grant: MayRead, params: Annotated[PageParams, Query()]) -> Page[RenewalOut]:
    """Un par année. Les décomptes sont ceux du périmètre de l'appelant. Tri : year."""
    return await queries.list_renewals(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="openRenewal",
    summary="Ouvrir",
    responses=problems(RenewalTooEarly, RenewalExists, RuleMissing),
)
async def open_renewal(body: RenewalIn, tx: TxDep, grant: MayRun, response: Response) -> RenewalOut:
    """Fixe les jours d'information et de refus. Une année déjà commencée se renouvelle par exceptions."""
    renewal_id = await use_cases.open_year(tx, body.year)
    response.headers["Location"] = f"/membership/v1/renewals/{renewal_id}"
    return await queries.find_renewal(tx, grant, renewal_id)


@router.get(
    "/{renewal_id}", operation_id="getRenewal", summary="Un renouvellement", responses=problems(RenewalNotFound)
)
async def get_renewal(renewal_id: UUID, read: ReadDep, grant: MayRead) -> RenewalOut:
    """Ses jours, et combien de structures en sont où."""
    return await queries.find_renewal(read, grant, renewal_id)


@router.get(
    "/{renewal_id}/members",
    operation_id="listRenewalMembers",
    summary="Les structures à renouveler",
    responses=problems(RenewalNotFound, BadCursor, BadSort),
)
async def list_members(
    renewal_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[LineListParams, Query()]
) -> Page[LineOut]:
    """Les adhérentes au 31 décembre, et où en est chacune. Tri : name."""
    return await queries.list_lines(read, grant, renewal_id, params)


@router.get(
    "/{renewal_id}/members/export",
    operation_id="exportRenewalMembers",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RenewalNotFound),
)
async def export_members(
    renewal_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[LineExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, renewal_id, params)
    return await export_response(params.format, "renouvellement", EXPORT_HEADER, lines)


@router.get(
    "/{renewal_id}/members/{member_id}",
    operation_id="getRenewalMember",
    summary="Une structure à renouveler",
    responses=problems(*_FOUND, RuleMissing),
)
async def get_member(
    renewal_id: UUID, member_id: UUID, read: ReadDep, grant: MayRead, response: Response
) -> LineDetail:
    """Avec tout ce qui lui a été envoyé, ce qu'elle a dit, et ce qui lui serait envoyé aujourd'hui.

    Trouvée aussi quand elle n'est plus concernée, si quelque chose a été fait ou dit.
    """
    return versioned(response, await queries.find_line(read, grant, renewal_id, member_id))


@router.get(
    "/{renewal_id}/members/{member_id}/proof",
    operation_id="printRenewalProof",
    summary="La preuve de l'information, en PDF",
    response_class=Response,
    responses=problems(*_FOUND, NoNoticeSent, RuleMissing),
)
async def print_proof(renewal_id: UUID, member_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """Ce qui a été envoyé, quand, à qui, ce que le serveur de courrier a répondu, et ce que la structure a dit."""
    return pdf_response(await queries.print_proof(read, grant, renewal_id, member_id), "preuve")


@router.post(
    "/{renewal_id}/notify",
    status_code=202,
    operation_id="notifyMembers",
    summary="Informer par courriel",
    responses=problems(RenewalNotFound, NoticeWindowClosed),
)
async def notify(renewal_id: UUID, tx: TxDep, grant: MayRun, response: Response) -> RenewalOut:
    """Écrit à chaque structure à informer qu'un courriel peut atteindre ; le reçu nomme les autres.

    Demandé de nouveau, n'écrit qu'à celles qui ne sont pas informées.
    """
    job_id = await use_cases.ask_to_notify(tx, renewal_id)
    response.headers["Location"] = f"/membership/v1/jobs/{job_id}"
    return await queries.find_renewal(tx, grant, renewal_id)


@router.get(
    "/{renewal_id}/letters",
    operation_id="printRenewalLetters",
    summary="Les courriers à poster, en PDF",
    response_class=Response,
    responses=problems(*_FOUND, NoticeWindowClosed, NoticeNotNeeded, NoPostalAddress, RuleMissing),
)
async def print_letters(
    renewal_id: UUID, read: ReadDep, grant: MayRun, params: Annotated[LetterParams, Query()]
) -> Response:
    """Un par page, pendant la période d'information. Imprimer ne dit pas que c'est posté."""
    return pdf_response(await queries.print_letters(read, grant, renewal_id, params.member_id), "courriers")


@router.post(
    "/{renewal_id}/letters",
    operation_id="recordRenewalLetters",
    summary="Consigner des courriers postés",
    responses=problems(*_FOUND, DayNotCome, NoticeWindowClosed, NoticeNotNeeded, NoPostalAddress, RuleMissing),
)
async def record_letters(renewal_id: UUID, body: LettersIn, tx: TxDep, grant: MayRun) -> RenewalOut:
    """Tous, ou aucun."""
    await use_cases.record_letters(tx, grant, renewal_id, body)
    return await queries.find_renewal(tx, grant, renewal_id)


@router.post(
    "/{renewal_id}/notices/{notice_id}/return",
    operation_id="recordRenewalReturn",
    summary="Consigner un retour",
    responses=problems(*_FOUND, NoticeNotFound, DayNotCome, NoticeNotSent, ReturnedBeforeSent, RuleMissing),
)
async def record_return(
    renewal_id: UUID, notice_id: UUID, body: ReturnIn, tx: TxDep, grant: MayRun, response: Response
) -> LineDetail:
    """Cet envoi est revenu : il ne prouve plus rien, et son adresse ne sert plus."""
    member_id = await use_cases.record_return(tx, renewal_id, notice_id, body)
    return versioned(response, await queries.find_line(tx, grant, renewal_id, member_id))


@router.post(
    "/{renewal_id}/exceptions",
    operation_id="makeRenewalExceptions",
    summary="Renouveler par exception",
    responses=problems(*_FOUND, ExceptionNotNeeded, MemberNotFound, NotAMember, SirenTaken),
)
async def make_exceptions(renewal_id: UUID, body: ExceptionsIn, tx: TxDep, grant: MayRun) -> RenewalOut:
    """Des structures qui n'ont pu être informées à temps, et pourquoi. Toutes, ou aucune."""
    await use_cases.make_exceptions(tx, grant, renewal_id, body)
    return await queries.find_renewal(tx, grant, renewal_id)


@router.post(
    "/{renewal_id}/exceptions/withdraw",
    operation_id="withdrawRenewalExceptions",
    summary="Retirer des exceptions",
    responses=problems(*_FOUND, NoException),
)
async def withdraw_exceptions(renewal_id: UUID, body: ExceptionsIn, tx: TxDep, grant: MayRun) -> RenewalOut:
    """Tant que les structures ne sont pas renouvelées."""
    await use_cases.withdraw_exceptions(tx, grant, renewal_id, body)
    return await queries.find_renewal(tx, grant, renewal_id)


@router.post(
    "/{renewal_id}/members/{member_id}/opt-out",
    operation_id="refuseRenewal",
    summary="Refuser le renouvellement",
    responses=problems(
        *_CHANGED, SaidAnotherDay, DayNotCome, OptOutTooLate, NotAMember, StatusContradicted, SirenTaken, RuleMissing
    ),
)
async def opt_out(
    renewal_id: UUID,
    member_id: UUID,
    body: OptOutIn,
    tx: TxDep,
    grant: MayRefuse,
    response: Response,
    if_match: IfMatch = None,
) -> LineDetail:
    """Jusqu'au 31 décembre. La structure sort le 1er janvier ; elle peut y revenir avant.

    La fédération enregistre aussi en janvier un refus posté à temps ; la réponse dit ce qui reste à suivre.
    """
    await use_cases.opt_out(tx, grant, renewal_id, member_id, if_match, body)
    return versioned(response, await queries.find_line(tx, grant, renewal_id, member_id))


@router.post(
    "/{renewal_id}/members/{member_id}/opt-out/withdraw",
    operation_id="withdrawRefusal",
    summary="Revenir sur un refus",
    responses=problems(*_CHANGED, NoOptOut, StatusContradicted, SirenTaken, RuleMissing),
)
async def withdraw_opt_out(
    renewal_id: UUID,
    member_id: UUID,
    body: OptOutWithdrawal,
    tx: TxDep,
    grant: MayRefuse,
    response: Response,
    if_match: IfMatch = None,
) -> LineDetail:
    """Avant le 1er janvier. Un départ auquel le refus s'était substitué vaut de nouveau."""
    await use_cases.withdraw_opt_out(tx, grant, renewal_id, member_id, if_match, body.reason)
    return versioned(response, await queries.find_line(tx, grant, renewal_id, member_id))
