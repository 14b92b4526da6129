"""HTTP door of imports."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.transaction import Tx
from membership.imports import queries, use_cases
from membership.imports.domain import UnreadableFile
from membership.imports.domain.csv_file import MAX_FILE_BYTES
from membership.imports.domain.refusals import (
    DecisionImpossible,
    DecisionNotNeeded,
    DecisionsMissing,
    ImportBusy,
    ImportNotApplied,
    ImportNotFound,
    ImportNotPreviewed,
    ImportTooOld,
    LineNotFound,
)
from membership.imports.schemas import (
    ImportLineOut,
    ImportOut,
    ImportUndoIn,
    ImportUndoLine,
    ImportUndoPlan,
    LineDecision,
    LineParams,
)
from membership.imports.tables import ImportRecord
from membership.rights import Act

_MULTIPART_BYTES = 64 * 1024
"""Room for the form around the file."""

router = APIRouter(
    prefix="/imports", tags=["Imports"], route_class=Door, max_body_size=MAX_FILE_BYTES + _MULTIPART_BYTES
)

MayImport = Annotated[Grant, Depends(allow(Act.IMPORT_MEMBERS))]
_VERSIONED = (ImportNotFound, ImportNotPreviewed, PreconditionMissing, PreconditionFailed)


@router.post(
    "", status_code=202, operation_id="sendImport", summary="Envoyer un fichier", responses=problems(UnreadableFile)
)
async def send_import(
    file: Annotated[UploadFile, File(description="CSV en UTF-8, séparé par des points-virgules")],
    request: Request,
    tx: TxDep,
    _: MayImport,
    response: Response,
) -> ImportOut:
    """Rien n'est changé : un aperçu se prépare. Un fichier illisible est refusé tout de suite."""
    files = request.app.state.runtime.files
    record = await use_cases.send_file(tx, files, file.filename or "sans nom", await file.read())
    return await _accepted(tx, response, record)


@router.get("", operation_id="listImports", summary="Les imports", responses=problems(BadCursor, BadSort))
async def list_imports(read: ReadDep, _: MayImport, params: Annotated[PageParams, Query()]) -> Page[ImportOut]:
    """Du plus récent au plus ancien. Tris : created_at."""
    return await queries.list_imports(read, params)


@router.get("/{import_id}", operation_id="getImport", summary="Un import", responses=problems(ImportNotFound))
async def get_import(import_id: UUID, read: ReadDep, _: MayImport, response: Response) -> ImportOut:
    """Son aperçu en chiffres, et les défauts du fichier entier."""
    found = await queries.find_import(read, import_id)
    set_etag(response, found.version)
    return found


@router.get(
    "/{import_id}/rows",
    operation_id="listImportRows",
    summary="Les lignes et ce qu'elles deviendraient",
    responses=problems(ImportNotFound, BadCursor, BadSort),
)
async def list_rows(
    import_id: UUID, read: ReadDep, _: MayImport, params: Annotated[LineParams, Query()]
) -> Page[ImportLineOut]:
    """Créée, modifiée (ancien → nouveau), inchangée, doublon présumé, en erreur."""
    return await queries.list_lines(read, import_id, params)


@router.put(
    "/{import_id}/rows/{row}/decision",
    operation_id="decideImportRow",
    openapi_extra=apart("version", "Plusieurs décident à la fois, chacun d'une ligne ; la dernière décision vaut."),
    summary="Décider d'un doublon présumé",
    responses=problems(ImportNotFound, LineNotFound, ImportNotPreviewed, DecisionNotNeeded, DecisionImpossible),
)
async def decide_row(import_id: UUID, row: int, body: LineDecision, tx: TxDep, _: MayImport) -> ImportLineOut:
    """Sans If-Match : on peut décider à plusieurs, chacun ses lignes. La même décision deux fois ne change rien."""
    return queries.line_out(await use_cases.decide_line(tx, import_id, row, body.decision))


@router.post(
    "/{import_id}/preview",
    status_code=202,
    operation_id="previewImport",
    summary="Refaire l'aperçu",
    responses=problems(*_VERSIONED),
)
async def preview_import(
    import_id: UUID, tx: TxDep, _: MayImport, response: Response, if_match: IfMatch = None
) -> ImportOut:
    """Contre le registre de maintenant ; les décisions sont à reprendre."""
    return await _accepted(tx, response, await use_cases.preview_again(tx, import_id, if_match))


@router.post(
    "/{import_id}/apply",
    status_code=202,
    operation_id="applyImport",
    summary="Appliquer",
    responses=problems(*_VERSIONED, DecisionsMissing, ImportBusy),
)
async def apply_import(
    import_id: UUID, tx: TxDep, _: MayImport, response: Response, if_match: IfMatch = None
) -> ImportOut:
    """Ce que l'aperçu a montré, rien d'autre : si le registre a changé depuis, rien n'est fait."""
    return await _accepted(tx, response, await use_cases.ask_to_apply(tx, import_id, if_match))


@router.get(
    "/{import_id}/undo",
    operation_id="getImportUndo",
    summary="Ce que l'annulation ferait",
    responses=problems(ImportNotFound, ImportNotApplied),
)
async def get_undo(import_id: UUID, read: ReadDep, _: MayImport) -> ImportUndoPlan:
    """Combien de structures quittent le registre ou redeviennent ce qu'elles étaient, lesquelles restent et pourquoi.

    Rien n'est écrit.
    """
    return await queries.show_undo(read, import_id)


@router.get(
    "/{import_id}/undo/rows",
    operation_id="listImportUndoRows",
    summary="Les lignes et ce que l'annulation en ferait",
    responses=problems(ImportNotFound, ImportNotApplied, BadCursor, BadSort),
)
async def list_undo_rows(
    import_id: UUID, read: ReadDep, _: MayImport, params: Annotated[PageParams, Query()]
) -> Page[ImportUndoLine]:
    """Celles qui parlent d'une structure ; les valeurs qui reviennent se lisent aux lignes de l'import. Tris : row."""
    return await queries.list_undo_rows(read, import_id, params)


@router.post(
    "/{import_id}/undo",
    status_code=202,
    operation_id="undoImport",
    summary="Annuler",
    responses=problems(
        ImportNotFound, ImportNotApplied, ImportTooOld, ImportBusy, PreconditionMissing, PreconditionFailed
    ),
)
async def undo_import(
    import_id: UUID, body: ImportUndoIn, tx: TxDep, _: MayImport, response: Response, if_match: IfMatch = None
) -> ImportOut:
    """Ce que le plan a montré : s'il a changé depuis, rien n'est fait. Le reçu dit ce que devient chaque ligne."""
    return await _accepted(tx, response, await use_cases.ask_to_undo(tx, import_id, if_match, body))


async def _accepted(tx: Tx, response: Response, record: ImportRecord) -> ImportOut:
    response.headers["Location"] = f"/membership/v1/jobs/{record.job_id}"
    set_etag(response, record.version)
    return await queries.shown(tx, record)
