"""HTTP door of the papers themselves: lists, one, its pages, sending, signing, voiding."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from common.types import Day
from common.uploads import SentFile
from training.config import OrganisationDep
from training.papers import use_cases
from training.papers.documents import EXPORT_HEADER
from training.papers.domain import (
    PaperNotFound,
    PaperNotSent,
    PaperNotSigned,
    PaperSigned,
    PaperVoided,
    RecipientUnknown,
    SignedCopyMissing,
    SignedCopyTooLarge,
    SignedCopyUnreadable,
    SignedInFuture,
)
from training.papers.queries import papers, rules
from training.papers.schemas import (
    PaperExportParams,
    PaperLine,
    PaperListParams,
    PaperOut,
    PaperReason,
    PaperRulesOut,
    PaperSendIn,
    Signatory,
)
from training.programmes.domain import ProgrammeNotFound, VersionNotFound
from training.rights import Act
from training.rooms.domain import RoomNotFound
from training.sessions.domain import SessionNotFound
from training.trainers.domain import TrainerNotFound

router = APIRouter(prefix="/papers", tags=["Papiers"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_PAPERS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_PAPERS))]
MaySign = Annotated[Grant, Depends(allow(Act.SIGN_PAPERS))]
CopyDep = Annotated[UploadFile, File(description="PDF, PNG ou JPEG, 10 Mo au plus")]
SignedOn = Annotated[Day, Form(description="Le jour de la signature")]
SignatoryDep = Annotated[Signatory, Form()]
_SHOWN = (
    PaperNotFound, SessionNotFound, ProgrammeNotFound, VersionNotFound, TrainerNotFound, RoomNotFound, RuleMissing,
)  # fmt: skip
_CHANGED = (*_SHOWN, PreconditionMissing, PreconditionFailed, PaperVoided)


@router.get("", operation_id="listPapers", summary="Les papiers", responses=problems(BadCursor, BadSort))
async def list_papers(read: ReadDep, grant: MayRead, params: Annotated[PaperListParams, Query()]) -> Page[PaperLine]:
    """Annulés compris. Une structure voit les siens. Tris : issued_at, number."""
    return await papers.list_papers(read, grant, params)


@router.get("/export", operation_id="exportPapers", summary="Export CSV ou tableur", response_class=Response)
async def export_papers(read: ReadDep, grant: MayRead, params: Annotated[PaperExportParams, Query()]) -> Response:
    """Les mêmes papiers que la liste, avec les mêmes filtres."""
    return await export_response(params.format, "papiers", EXPORT_HEADER, await papers.export_rows(read, grant, params))


@router.get(
    "/rules", operation_id="getPaperRules", summary="Ce que disent les papiers", responses=problems(RuleMissing)
)
async def get_rules(read: ReadDep, _: MayRead) -> PaperRulesOut:
    """Mention par mention : l'article qui la demande, ce que son changement entraîne. Les clauses, mot pour mot."""
    return rules.rules_of(read.today)


@router.get("/{paper_id}", operation_id="getPaper", summary="Un papier", responses=problems(*_SHOWN))
async def get_paper(
    paper_id: UUID, read: ReadDep, grant: MayRead, organisation: OrganisationDep, response: Response
) -> PaperOut:
    """Ce qu'il dit, où il en est, et ce qu'il dirait autrement aujourd'hui."""
    return versioned(response, await papers.find_paper(read, grant, organisation, paper_id))


@router.get(
    "/{paper_id}/pdf",
    operation_id="getPaperPdf",
    summary="Un papier en PDF",
    response_class=Response,
    responses=problems(PaperNotFound),
)
async def get_pdf(paper_id: UUID, read: ReadDep, grant: MayRead) -> Response:
    """Tel que le jour où il fut émis ; annulé, il le dit."""
    return pdf_response(*await papers.print_within(read, grant, paper_id))


@router.post(
    "/{paper_id}/send",
    operation_id="sendPaper",
    summary="Envoyer, ou dire remis",
    responses=problems(*_CHANGED, PaperNotSent, RecipientUnknown),
)
async def send(
    paper_id: UUID,
    body: PaperSendIn,
    tx: TxDep,
    grant: MayRun,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> PaperOut:
    """Une convention ou un contrat à qui a demandé les places, une convocation à la personne, sinon à sa structure."""
    await use_cases.send(tx, grant, organisation, paper_id, if_match, body.how)
    return versioned(response, await papers.find_paper(tx, grant, organisation, paper_id))


@router.post(
    "/{paper_id}/signed-copy",
    status_code=201,
    operation_id="signPaper",
    summary="Envoyer l'exemplaire signé",
    responses=problems(
        *_CHANGED, PaperNotSigned, PaperSigned, SignedInFuture, SignedCopyTooLarge, SignedCopyUnreadable
    ),
)
async def sign(
    paper_id: UUID,
    file: CopyDep,
    signed_on: SignedOn,
    signatory: SignatoryDep,
    request: Request,
    tx: TxDep,
    grant: MaySign,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> PaperOut:
    """Son type est lu dans son contenu, pas dans son nom. Une convention et un contrat se signent, une fois."""
    sent = SentFile(file.filename or "", await file.read())
    files = request.app.state.runtime.files
    await use_cases.sign(tx, grant, organisation, files, paper_id, if_match, sent, signed_on, signatory)
    response.headers["Location"] = f"/training/v1/papers/{paper_id}/signed-copy"
    return versioned(response, await papers.find_paper(tx, grant, organisation, paper_id))


@router.get(
    "/{paper_id}/signed-copy",
    operation_id="downloadSignedPaper",
    summary="L'exemplaire signé",
    response_class=Response,
    responses=problems(PaperNotFound, SignedCopyMissing, FileMissing),
)
async def download_copy(paper_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Tel qu'il fut envoyé ; il se lit encore une fois le papier annulé."""
    found = await papers.copy_within(read, grant, paper_id)
    return attached(await request.app.state.runtime.files.get(found.path), found.media_type, found.filename)


@router.post("/{paper_id}/void", operation_id="voidPaper", summary="Annuler un papier", responses=problems(*_CHANGED))
async def void(
    paper_id: UUID,
    body: PaperReason,
    tx: TxDep,
    grant: MayRun,
    organisation: OrganisationDep,
    response: Response,
    if_match: IfMatch = None,
) -> PaperOut:
    """Il se lit toujours ; un autre peut être émis à sa place."""
    await use_cases.void(tx, grant, organisation, paper_id, if_match, body.reason)
    return versioned(response, await papers.find_paper(tx, grant, organisation, paper_id))
