"""HTTP door of the convocations to an assembly."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.assemblies.domain import AssemblyNotFound, AssemblyState, ConvocationTooEarly, ConvocationTooLate
from membership.assemblies.queries import find_assembly
from membership.assemblies.schemas import AssemblyOut
from membership.convocations import queries, use_cases
from membership.convocations.documents import EXPORT_HEADER
from membership.convocations.domain import ConvocationNotFound, ConvocationNotNeeded
from membership.convocations.schemas import (
    ConvocationDetail,
    ConvocationExportParams,
    ConvocationLettersIn,
    ConvocationListParams,
    ConvocationOut,
    ConvocationsIn,
)
from membership.notices.domain import DayNotCome, NoPostalAddress, NoticeNotFound, NoticeNotSent, ReturnedBeforeSent
from membership.notices.schemas import LetterParams, ReturnIn
from membership.rights import Act

router = APIRouter(prefix="/assemblies/{assembly_id}/convocations", tags=["Assemblées générales"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ASSEMBLIES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ASSEMBLIES))]
_FOUND = (AssemblyNotFound, RuleMissing)
_SENT = (*_FOUND, AssemblyState, ConvocationTooEarly, ConvocationTooLate)


@router.get(
    "", operation_id="listConvocations", summary="Qui est convoqué", responses=problems(*_FOUND, BadCursor, BadSort)
)
async def list_convocations(
    assembly_id: UUID, read: ReadDep, _: MayRead, params: Annotated[ConvocationListParams, Query()]
) -> Page[ConvocationOut]:
    """Celles qui votent, et celles convoquées qui ne votent plus, dans le périmètre de l'appelant. Tri : name."""
    return await queries.list_convocations(read, assembly_id, params)


@router.get(
    "/export",
    operation_id="exportConvocations",
    summary="Convocations, en CSV ou tableur",
    response_class=Response,
    responses=problems(*_FOUND),
)
async def export_convocations(
    assembly_id: UUID, read: ReadDep, _: MayRead, params: Annotated[ConvocationExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, assembly_id, params)
    return await export_response(params.format, "convocations", EXPORT_HEADER, lines)


@router.get(
    "/proof",
    operation_id="printConvocationProof",
    summary="La preuve des convocations, en PDF",
    response_class=Response,
    responses=problems(*_FOUND),
)
async def print_proof(assembly_id: UUID, read: ReadDep, _: MayRun) -> Response:
    """Qui a été convoqué, quand, à quelle adresse, ce que le serveur de courrier a répondu ; qui ne l'a pas été, et
    pourquoi ; le texte."""
    return pdf_response(await queries.print_proof(read, assembly_id), "convocations")


@router.post(
    "",
    status_code=202,
    operation_id="sendConvocations",
    summary="Envoyer par courriel",
    responses=problems(*_SENT),
)
async def send(
    assembly_id: UUID, tx: TxDep, _: MayRun, response: Response, body: ConvocationsIn | None = None
) -> AssemblyOut:
    """Écrit à chaque structure qui vote et qu'un courriel peut atteindre ; le reçu nomme les autres.

    Demandé de nouveau, n'écrit qu'à celles qui ne sont pas convoquées. Après le dernier jour, avec la raison. Celles
    qui étaient membres le jour d'une convocation faite ailleurs, avec sa preuve, sont convoquées : sauf à le demander,
    rien ne leur est écrit.
    """
    wanted = body or ConvocationsIn()
    job_id = await use_cases.ask_to_send(tx, assembly_id, wanted.late_reason, elsewhere=wanted.elsewhere)
    response.headers["Location"] = f"/membership/v1/jobs/{job_id}"
    return versioned(response, await find_assembly(tx, assembly_id))


@router.get(
    "/letters",
    operation_id="printConvocationLetters",
    summary="Les convocations à poster, en PDF",
    response_class=Response,
    responses=problems(*_FOUND, ConvocationNotFound, ConvocationNotNeeded, NoPostalAddress),
)
async def print_letters(
    assembly_id: UUID, read: ReadDep, _: MayRun, params: Annotated[LetterParams, Query()]
) -> Response:
    """Une par page. Imprimer ne dit pas que c'est posté."""
    return pdf_response(await queries.print_letters(read, assembly_id, params.member_id), "courriers")


@router.post(
    "/letters",
    operation_id="recordConvocationLetters",
    summary="Consigner des convocations postées",
    responses=problems(*_SENT, DayNotCome, ConvocationNotFound, ConvocationNotNeeded, NoPostalAddress),
)
async def record_letters(
    assembly_id: UUID, body: ConvocationLettersIn, tx: TxDep, _: MayRun, response: Response
) -> AssemblyOut:
    """Toutes, ou aucune."""
    await use_cases.record_letters(tx, assembly_id, body)
    return versioned(response, await find_assembly(tx, assembly_id))


@router.post(
    "/notices/{notice_id}/return",
    operation_id="recordConvocationReturn",
    summary="Consigner un retour",
    responses=problems(
        *_FOUND, AssemblyState, ConvocationNotFound, NoticeNotFound, DayNotCome, NoticeNotSent, ReturnedBeforeSent
    ),
)
async def record_return(assembly_id: UUID, notice_id: UUID, body: ReturnIn, tx: TxDep, _: MayRun) -> ConvocationDetail:
    """Cet envoi est revenu : il ne prouve plus rien, et son adresse ne sert plus."""
    member_id = await use_cases.record_return(tx, assembly_id, notice_id, body)
    return await queries.find_convocation(tx, assembly_id, member_id)


@router.get(
    "/{member_id}",
    operation_id="getConvocation",
    summary="La convocation d'une structure",
    responses=problems(*_FOUND, ConvocationNotFound),
)
async def get_convocation(assembly_id: UUID, member_id: UUID, read: ReadDep, _: MayRead) -> ConvocationDetail:
    """Ce qui lui a été envoyé, et ce qui lui serait envoyé aujourd'hui."""
    return await queries.find_convocation(read, assembly_id, member_id)
