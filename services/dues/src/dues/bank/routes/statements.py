"""HTTP door of the files that the bank sent, and of the statements in them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from starlette.responses import Response

from common.characters import one_line
from common.door import Door, ReadDep, TxDep
from common.files import FileMissing, attached
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from dues.bank import queries, use_cases
from dues.bank.domain import (
    MAX_FILE_BYTES,
    AmountNotInCents,
    BankFileNotFound,
    EntryDoesNotAddUp,
    EntryTwice,
    NotAStatement,
    StatementChanged,
    StatementCurrency,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementEncoding,
    StatementIbanInvalid,
    StatementIncomplete,
    StatementNotFound,
    StatementNotXml,
    StatementOfAnotherAccount,
    StatementTooLarge,
    StatementUnsafe,
    StatementVersionUnknown,
)
from dues.bank.schemas import (
    BankFileOut,
    BankStatementOut,
    FileLineOut,
    FileLineParams,
    StatementListParams,
)
from dues.config import Entity
from dues.rights import Act

_MULTIPART_BYTES = 64 * 1024
"""Room for the form around the file."""
_LONGEST_NAME = 200

router = APIRouter(prefix="/bank", tags=["Banque"], route_class=Door, max_body_size=MAX_FILE_BYTES + _MULTIPART_BYTES)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BANK))]
MayReconcile = Annotated[Grant, Depends(allow(Act.RECONCILE_BANK))]
_UNREADABLE = (
    AmountNotInCents,
    EntryDoesNotAddUp,
    EntryTwice,
    NotAStatement,
    StatementCurrency,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementEncoding,
    StatementIbanInvalid,
    StatementIncomplete,
    StatementNotXml,
    StatementOfAnotherAccount,
    StatementTooLarge,
    StatementUnsafe,
    StatementVersionUnknown,
)


@router.post(
    "/files",
    status_code=201,
    operation_id="sendBankFile",
    summary="Envoyer un fichier de relevés",
    responses=problems(*_UNREADABLE, StatementChanged),
)
async def send_file(
    file: Annotated[UploadFile, File(description="Relevés camt.053 de la banque, tels quels")],
    request: Request,
    tx: TxDep,
    _: MayReconcile,
    entity: Entity,
    response: Response,
) -> BankFileOut:
    """Gardé entier ; chaque ligne enregistrée une fois, même si un autre relevé la redonne. Rien n'est rapproché."""
    name = one_line(file.filename or "sans nom")[:_LONGEST_NAME]
    row = await use_cases.send_file(tx, request.app.state.runtime.files, entity.iban, name, await file.read())
    response.headers["Location"] = f"/dues/v1/bank/files/{row.id}"
    return queries.file_out(row)


@router.get(
    "/files", operation_id="listBankFiles", summary="Les fichiers reçus", responses=problems(BadCursor, BadSort)
)
async def list_files(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[BankFileOut]:
    """Du dernier reçu au premier. Tris : received_at."""
    return await queries.list_files(read, params)


@router.get("/files/{file_id}", operation_id="getBankFile", summary="Un fichier", responses=problems(BankFileNotFound))
async def get_file(file_id: UUID, read: ReadDep, _: MayRead) -> BankFileOut:
    """Ce qu'il a apporté, et ce que l'on connaissait déjà."""
    return queries.file_out(await queries.find_file(read, file_id))


@router.get(
    "/files/{file_id}/lines",
    operation_id="listBankFileLines",
    summary="Les lignes d'un fichier",
    responses=problems(BankFileNotFound, BadCursor, BadSort),
)
async def list_file_lines(
    file_id: UUID, read: ReadDep, _: MayRead, params: Annotated[FileLineParams, Query()]
) -> Page[FileLineOut]:
    """Dans son ordre : ajoutée, ou déjà connue. Tris : row."""
    return await queries.list_file_lines(read, file_id, params)


@router.get(
    "/files/{file_id}/content",
    operation_id="downloadBankFile",
    summary="Le fichier tel que reçu",
    response_class=Response,
    responses=problems(BankFileNotFound, FileMissing),
)
async def download_file(file_id: UUID, request: Request, read: ReadDep, _: MayRead) -> Response:
    """Octet pour octet."""
    row = await queries.find_file(read, file_id)
    return attached(await request.app.state.runtime.files.get(row.path), "application/xml", row.filename)


@router.get(
    "/statements", operation_id="listBankStatements", summary="Les relevés", responses=problems(BadCursor, BadSort)
)
async def list_statements(
    read: ReadDep, _: MayRead, params: Annotated[StatementListParams, Query()]
) -> Page[BankStatementOut]:
    """Avec leurs soldes, leurs lignes par état, et ce qui manque avant chacun. Tris : closed_on."""
    return await queries.list_statements(read, params)


@router.get(
    "/statements/{statement_id}",
    operation_id="getBankStatement",
    summary="Un relevé",
    responses=problems(StatementNotFound),
)
async def get_statement(statement_id: UUID, read: ReadDep, _: MayRead) -> BankStatementOut:
    """Ses lignes se lisent avec statement_id= dans la liste des lignes."""
    return await queries.find_statement(read, statement_id)
