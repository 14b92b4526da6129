"""HTTP door of the past years."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.members.domain import MemberMerged, MemberUnknown
from dues.past_years import queries, use_cases
from dues.past_years.domain import (
    HistoryDefective,
    HistoryImportNotFound,
    HistoryNotPreviewed,
    HistoryUnreadable,
)
from dues.past_years.schemas import (
    HistoryImportOut,
    MemberHistoryOut,
    PastYearExportParams,
    PastYearListParams,
    PastYearOut,
)
from dues.past_years.tables import HistoryImportRow
from dues.rights import Act

_LARGEST_FILE = 8 * 1024 * 1024

router = APIRouter(prefix="/history", tags=["Historique des adhérents"], route_class=Door, max_body_size=_LARGEST_FILE)

MayRead = Annotated[Grant, Depends(allow(Act.READ_HISTORY))]
MayImport = Annotated[Grant, Depends(allow(Act.IMPORT_HISTORY))]


@router.get(
    "/years", operation_id="listPastYears", summary="Les années passées", responses=problems(BadCursor, BadSort)
)
async def list_years(
    read: ReadDep, grant: MayRead, params: Annotated[PastYearListParams, Query()]
) -> Page[PastYearOut]:
    """Ce que chaque structure a été appelée et a réglé avant ce système. Tris : year, name, called, paid."""
    return await queries.list_years(read, grant, params)


@router.get("/years/export", operation_id="exportPastYears", summary="Export CSV ou tableur", response_class=Response)
async def export_years(read: ReadDep, grant: MayRead, params: Annotated[PastYearExportParams, Query()]) -> Response:
    """Les mêmes années que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "annees-passees", queries.EXPORT_HEADER, lines)


@router.get(
    "/members/{member_id}",
    operation_id="getMemberHistory",
    summary="Les années passées d'une structure",
    responses=problems(MemberUnknown, MemberMerged),
)
async def get_member_history(member_id: UUID, read: ReadDep, grant: MayRead) -> MemberHistoryOut:
    """Celles qui valent, et ce qui en a été corrigé."""
    return await queries.member_history(read, grant, member_id)


@router.post(
    "/imports",
    status_code=202,
    operation_id="sendHistory",
    summary="Envoyer un fichier",
    responses=problems(HistoryUnreadable),
)
async def send_history(
    file: Annotated[
        UploadFile,
        File(description="CSV en UTF-8, séparé par des points-virgules : annee;adherent;appele;regle;etat;note"),
    ],
    request: Request,
    tx: TxDep,
    _: MayImport,
    response: Response,
) -> HistoryImportOut:
    """Rien n'est repris : un aperçu se prépare, ligne à ligne. Un fichier illisible est refusé tout de suite."""
    files = request.app.state.runtime.files
    row = await use_cases.send_file(tx, files, file.filename or "sans nom", await file.read())
    return _accepted(response, row)


@router.get(
    "/imports", operation_id="listHistoryImports", summary="Les fichiers", responses=problems(BadCursor, BadSort)
)
async def list_imports(read: ReadDep, _: MayImport, params: Annotated[PageParams, Query()]) -> Page[HistoryImportOut]:
    """Du plus récent au plus ancien. Tri : created_at."""
    return await queries.list_imports(read, params)


@router.get(
    "/imports/{import_id}",
    operation_id="getHistoryImport",
    summary="Un fichier",
    responses=problems(HistoryImportNotFound),
)
async def get_import(import_id: UUID, read: ReadDep, _: MayImport, response: Response) -> HistoryImportOut:
    """Où il en est, et ce qu'il ferait, en chiffres."""
    return versioned(response, await queries.find_import(read, import_id))


@router.post(
    "/imports/{import_id}/preview",
    status_code=202,
    operation_id="previewHistory",
    summary="Refaire l'aperçu",
    responses=problems(HistoryImportNotFound, HistoryNotPreviewed, PreconditionMissing, PreconditionFailed),
)
async def preview_history(
    import_id: UUID, tx: TxDep, _: MayImport, response: Response, if_match: IfMatch = None
) -> HistoryImportOut:
    """Contre ce qui est connu maintenant : une structure arrivée depuis, une autre reprise."""
    return _accepted(response, await use_cases.preview_again(tx, import_id, if_match))


@router.post(
    "/imports/{import_id}/apply",
    status_code=202,
    operation_id="applyHistory",
    summary="Reprendre ce que l'aperçu montre",
    responses=problems(
        HistoryImportNotFound, HistoryNotPreviewed, HistoryDefective, PreconditionMissing, PreconditionFailed
    ),
)
async def apply_history(
    import_id: UUID, tx: TxDep, _: MayImport, response: Response, if_match: IfMatch = None
) -> HistoryImportOut:
    """Tout ou rien. Si ce qui est connu a changé depuis l'aperçu, le travail échoue (`history_preview_outdated`)."""
    return _accepted(response, await use_cases.ask_to_apply(tx, import_id, if_match))


def _accepted(response: Response, row: HistoryImportRow) -> HistoryImportOut:
    response.headers["Location"] = f"/dues/v1/jobs/{row.job_id}"
    return versioned(response, queries.import_out(row))
