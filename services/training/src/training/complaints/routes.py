"""HTTP doors of the complaints: everybody's, that of whoever has a link, the training team's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.idempotency import NO_STORE, AnswerGivenOnce
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.complaints import use_cases
from training.complaints.documents import EXPORT_HEADER
from training.complaints.domain.refusals import (
    AlreadyAcknowledged,
    AlreadyClosed,
    AlreadyErased,
    ComplaintLinkNotFound,
    ComplaintNotFound,
    ErasedTooEarly,
    FollowUpContradicted,
    FollowUpMissing,
    NotAnswered,
    NothingToAnswer,
    ReceivedInFuture,
)
from training.complaints.queries import complaints, years
from training.complaints.schemas import (
    AnswerIn,
    CloseIn,
    ComplaintActionIn,
    ComplaintExportParams,
    ComplaintIn,
    ComplaintLine,
    ComplaintLinkIn,
    ComplaintListParams,
    ComplaintOut,
    ComplaintRecordIn,
    ComplaintYearOut,
    DeadlinesOut,
    EraseIn,
    FiledOut,
    FollowedOut,
    Key,
    Reference,
    ReopenIn,
    YearParams,
)
from training.improvements.domain.refusals import ActionNotFound, CauseApart, DueInPast
from training.referential.domain import IndicatorUnknown
from training.rights import Act

router = APIRouter(prefix="/complaints", tags=["Réclamations"], route_class=Door)
links = APIRouter(prefix="/complaint-follow-up", tags=["Réclamations"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.FILE_COMPLAINTS))]
WithLink = Annotated[Grant, Depends(allow(Act.FOLLOW_COMPLAINTS))]
MayRead = Annotated[Grant, Depends(allow(Act.READ_COMPLAINTS))]
MayCount = Annotated[Grant, Depends(allow(Act.COUNT_COMPLAINTS))]
MayReopen = Annotated[Grant, Depends(allow(Act.REOPEN_COMPLAINTS))]
MayHandle = Annotated[Grant, Depends(allow(Act.HANDLE_COMPLAINTS))]
MayErase = Annotated[Grant, Depends(allow(Act.ERASE_COMPLAINANTS))]
LinkKey = Annotated[
    Key, Header(alias="Complaint-Key", description="La clé donnée au dépôt, ou celle du lien après le `#`")
]
_CHANGED = (ComplaintNotFound, RuleMissing, PreconditionMissing, PreconditionFailed)


@router.get(
    "/deadlines",
    operation_id="getComplaintDeadlines",
    summary="Sous combien de temps on répond",
    responses=problems(RuleMissing),
)
async def get_deadlines(read: ReadDep, _: Anybody) -> DeadlinesOut:
    """Sans jeton. Avec d'où viennent ces délais."""
    return complaints.show_deadlines(read.today)


@router.post(
    "",
    status_code=201,
    operation_id="fileComplaint",
    summary="Réclamer, dire une difficulté, signaler une violence",
    responses=problems(ReceivedInFuture, AnswerGivenOnce, RuleMissing),
)
async def file(body: ComplaintIn, tx: TxDep, _: Anybody, response: Response) -> FiledOut:
    """Sans jeton, ou au nom de sa structure. Un signalement n'est lu que de l'équipe formation : pas même de sa
    structure. La clé rendue ne se montre qu'une fois."""
    response.headers["Cache-Control"] = NO_STORE
    return await use_cases.file(tx, body)


@router.post(
    "/record",
    status_code=201,
    operation_id="recordComplaint",
    summary="Enregistrer ce qui est venu autrement",
    responses=problems(ReceivedInFuture, ComplaintNotFound, RuleMissing),
)
async def record(body: ComplaintRecordIn, tx: TxDep, grant: MayHandle, response: Response) -> ComplaintOut:
    """Par courriel, au téléphone, en session. Les délais courent du jour où c'est arrivé."""
    reference = await use_cases.record(tx, body)
    response.headers["Location"] = f"/training/v1/complaints/{reference}"
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.get("", operation_id="listComplaints", summary="Les réclamations", responses=problems(BadCursor, BadSort))
async def list_complaints(
    read: ReadDep, grant: MayRead, params: Annotated[ComplaintListParams, Query()]
) -> Page[ComplaintLine]:
    """Une structure voit les siennes ; les signalements : l'équipe formation seule. Tris : received_on, due_on,
    reference."""
    return await complaints.list_complaints(read, grant, params)


@router.get("/export", operation_id="exportComplaints", summary="Export CSV ou tableur", response_class=Response)
async def export_complaints(
    read: ReadDep, grant: MayRead, params: Annotated[ComplaintExportParams, Query()]
) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres ; ni qui, ni ce qui fut écrit."""
    lines = await complaints.export_complaints(read, grant, params)
    return await export_response(params.format, "reclamations", EXPORT_HEADER, lines)


@router.get("/summary", operation_id="getComplaintYear", summary="Une année de réclamations")
async def summarise(read: ReadDep, grant: MayCount, params: Annotated[YearParams, Query()]) -> ComplaintYearOut:
    """Par nature et par programme, avec les délais tenus. Les signalements ne comptent que pour l'équipe formation."""
    return await years.summarise(read, grant, params.year)


@router.get(
    "/{reference}",
    operation_id="getComplaint",
    summary="Une réclamation",
    responses=problems(ComplaintNotFound, RuleMissing),
)
async def get_complaint(reference: Reference, read: ReadDep, grant: MayRead, response: Response) -> ComplaintOut:
    """Avec son histoire. Qui a réclamé : pour l'équipe formation seule."""
    return versioned(response, await complaints.find_complaint(read, grant, reference))


@router.post(
    "/{reference}/acknowledge",
    operation_id="acknowledgeComplaint",
    summary="Accuser réception",
    responses=problems(*_CHANGED, AlreadyAcknowledged),
)
async def acknowledge(
    reference: Reference, tx: TxDep, grant: MayHandle, response: Response, if_match: IfMatch = None
) -> ComplaintOut:
    """Par courriel si une adresse est donnée, avec un lien pour suivre."""
    await use_cases.acknowledge(tx, grant, reference, if_match)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/answer",
    operation_id="answerComplaint",
    summary="Répondre",
    responses=problems(*_CHANGED, NothingToAnswer),
)
async def answer(
    reference: Reference, body: AnswerIn, tx: TxDep, grant: MayHandle, response: Response, if_match: IfMatch = None
) -> ComplaintOut:
    """Par courriel si une adresse est donnée. Répondre accuse réception de ce qui ne l'était pas."""
    await use_cases.answer(tx, grant, reference, if_match, body.text)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/plan-action",
    operation_id="planComplaintAction",
    summary="Prévoir une action d'amélioration",
    responses=problems(*_CHANGED, AlreadyClosed, IndicatorUnknown, DueInPast),
)
async def plan_action(
    reference: Reference,
    body: ComplaintActionIn,
    tx: TxDep,
    grant: MayHandle,
    response: Response,
    if_match: IfMatch = None,
) -> ComplaintOut:
    """D'un signalement, l'action est tenue à part : l'équipe formation seule la voit."""
    await use_cases.plan_action(tx, grant, reference, if_match, body)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/link-action",
    operation_id="linkComplaintAction",
    summary="Rattacher une action déjà prévue",
    responses=problems(*_CHANGED, AlreadyClosed, ActionNotFound, CauseApart),
)
async def link_action(
    reference: Reference,
    body: ComplaintLinkIn,
    tx: TxDep,
    grant: MayHandle,
    response: Response,
    if_match: IfMatch = None,
) -> ComplaintOut:
    """Une action répond à plusieurs réclamations."""
    await use_cases.link_action(tx, grant, reference, if_match, body.action)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/close",
    operation_id="closeComplaint",
    summary="Clore",
    responses=problems(*_CHANGED, AlreadyClosed, NotAnswered, FollowUpMissing, FollowUpContradicted),
)
async def close(
    reference: Reference, body: CloseIn, tx: TxDep, grant: MayHandle, response: Response, if_match: IfMatch = None
) -> ComplaintOut:
    """Une fois répondue : la cause, et une action rattachée ou pourquoi il n'y en a pas."""
    await use_cases.close(tx, grant, reference, if_match, body)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/reopen",
    operation_id="reopenComplaint",
    summary="Rouvrir",
    responses=problems(*_CHANGED, NotAnswered),
)
async def reopen(
    reference: Reference, body: ReopenIn, tx: TxDep, grant: MayReopen, response: Response, if_match: IfMatch = None
) -> ComplaintOut:
    """Quand la réponse ne satisfait pas : la structure la sienne, ou l'équipe formation pour qui le lui dit."""
    await use_cases.reopen(tx, grant, reference, if_match, body.text)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@router.post(
    "/{reference}/erase",
    operation_id="eraseComplainant",
    summary="Effacer qui a réclamé",
    responses=problems(*_CHANGED, AlreadyErased, ErasedTooEarly),
)
async def erase(
    reference: Reference, body: EraseIn, tx: TxDep, grant: MayErase, response: Response, if_match: IfMatch = None
) -> ComplaintOut:
    """Nom, adresse, liens et courriels ; ce qui fut écrit, sur demande. Ce qui fut fait, et quand, reste."""
    await use_cases.erase(tx, grant, reference, if_match, texts=body.texts)
    return versioned(response, await complaints.find_complaint(tx, grant, reference))


@links.get(
    "",
    operation_id="openComplaintFollowUp",
    summary="Suivre sa réclamation",
    responses=problems(ComplaintLinkNotFound),
)
async def follow(key: LinkKey, read: ReadDep, _: WithLink, response: Response) -> FollowedOut:
    """Sans jeton, par sa clé : où elle en est, et la réponse."""
    response.headers["Cache-Control"] = NO_STORE
    return versioned(response, await complaints.follow(read, key))


@links.post(
    "/reopen",
    operation_id="reopenComplaintByLink",
    summary="Dire que la réponse ne satisfait pas",
    responses=problems(ComplaintLinkNotFound, NotAnswered, RuleMissing, PreconditionMissing, PreconditionFailed),
)
async def reopen_by_link(
    key: LinkKey, body: ReopenIn, tx: TxDep, _: WithLink, response: Response, if_match: IfMatch = None
) -> FollowedOut:
    """Sans jeton, par sa clé. Une autre réponse est due, dans le même délai qu'au premier jour."""
    await use_cases.reopen_by_link(tx, key, if_match, body.text)
    return versioned(response, await complaints.follow(tx, key))
