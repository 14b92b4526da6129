"""HTTP doors of the directory: what anybody reads without a token, and what structures and the network look after."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, revalidated, versioned
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.directory import queries, use_cases
from membership.directory.documents import LINES_HEADER, PUBLIC_HEADER
from membership.directory.domain import (
    DepartmentUnknown,
    DirectoryEntryNotFound,
    DirectoryTooLarge,
    SectorUnknown,
    SignedBeforeTheEnd,
    SignedInFuture,
    Written,
)
from membership.directory.schemas import (
    ConsentIn,
    ConsentWithdrawal,
    DirectoryAmend,
    DirectoryEntryOut,
    DirectoryExportParams,
    DirectoryFilters,
    DirectoryLine,
    DirectoryLineExportParams,
    DirectoryLineParams,
    DirectoryListParams,
    FacetsOut,
    PublicEntryOut,
    SectorsOut,
    WrittenConsentIn,
)
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(prefix="/directory", tags=["Annuaire public"], route_class=Door)
entries = APIRouter(prefix="/directory-entries", tags=["Fiches de l'annuaire"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_DIRECTORY))]
MayRead = Annotated[Grant, Depends(allow(Act.READ_DIRECTORY_ENTRIES))]
MayFill = Annotated[Grant, Depends(allow(Act.FILL_DIRECTORY_ENTRIES))]
MayConsent = Annotated[Grant, Depends(allow(Act.CONSENT_TO_DIRECTORY))]
MayRecordConsent = Annotated[Grant, Depends(allow(Act.RECORD_DIRECTORY_CONSENTS))]
MayWithdrawConsent = Annotated[Grant, Depends(allow(Act.WITHDRAW_DIRECTORY_CONSENTS))]

_CHANGED = (MemberNotFound, NotAMember, PreconditionMissing, PreconditionFailed)


@router.get(
    "",
    operation_id="searchDirectory",
    summary="Chercher dans l'annuaire",
    response_model=Page[PublicEntryOut],
    responses=problems(BadCursor, BadSort),
)
async def search_directory(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[DirectoryListParams, Query()]
) -> Response:
    """Sans jeton. Les structures adhérentes qui l'acceptent, par leur nom (sort=-name pour l'ordre inverse)."""
    return revalidated(request, await queries.search(read, params))


@router.get(
    "/facets", operation_id="getDirectoryFacets", summary="De quoi affiner une recherche", response_model=FacetsOut
)
async def get_facets(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[DirectoryFilters, Query()]
) -> Response:
    """Sans jeton. Combien de structures, parmi celles des filtres, pour chaque valeur qu'elles montrent."""
    return revalidated(request, await queries.facets(read, params))


@router.get("/sectors", operation_id="listSectors", summary="Les secteurs", response_model=SectorsOut)
async def list_sectors(request: Request, _: Anybody) -> Response:
    """Sans jeton. Avec les divisions CPV sous lesquelles un acheteur public les cherche."""
    return revalidated(request, queries.list_sectors())


@router.get(
    "/export",
    operation_id="exportDirectory",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(DirectoryTooLarge),
)
async def export_directory(read: ReadDep, _: Anybody, params: Annotated[DirectoryExportParams, Query()]) -> Response:
    """Sans jeton. Les mêmes structures que la liste, avec les mêmes filtres ; 5 000 au plus."""
    lines = await queries.public_export(read, params)
    return await export_response(params.format, "annuaire", PUBLIC_HEADER, lines)


@router.get(
    "/{member_id}",
    operation_id="getDirectoryEntry",
    summary="Une structure de l'annuaire",
    response_model=PublicEntryOut,
    responses=problems(DirectoryEntryNotFound),
)
async def get_public(request: Request, member_id: UUID, read: ReadDep, _: Anybody) -> Response:
    """Sans jeton. Ce que la structure accepte de montrer, et rien d'autre."""
    return revalidated(request, await queries.find_public(read, member_id))


@entries.get(
    "", operation_id="listDirectoryEntries", summary="Où en sont les fiches", responses=problems(BadCursor, BadSort)
)
async def list_entries(
    read: ReadDep, grant: MayRead, params: Annotated[DirectoryLineParams, Query()]
) -> Page[DirectoryLine]:
    """Les adhérentes de son périmètre : qui paraît, ce qui reste à saisir, ce qui n'a pas d'accord. Tri : name."""
    return await queries.list_entries(read, grant, params)


@entries.get("/export", operation_id="exportDirectoryEntries", summary="Export CSV ou tableur", response_class=Response)
async def export_entries(
    read: ReadDep, grant: MayRead, params: Annotated[DirectoryLineExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.entries_export(read, grant, params)
    return await export_response(params.format, "fiches-annuaire", LINES_HEADER, lines)


@entries.get(
    "/{member_id}",
    operation_id="getOwnDirectoryEntry",
    summary="La fiche d'une structure",
    responses=problems(MemberNotFound),
)
async def get_entry(member_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> DirectoryEntryOut:
    """Ce qui est saisi, ce qui manque, les accords donnés et finis, et ce que le public en voit."""
    return versioned(response, await queries.find_entry(read, grant, member_id))


@entries.patch(
    "/{member_id}",
    operation_id="fillDirectoryEntry",
    summary="Saisir ou corriger",
    responses=problems(*_CHANGED, SectorUnknown, DepartmentUnknown),
)
async def fill_in(
    member_id: UUID, body: DirectoryAmend, tx: TxDep, grant: MayFill, response: Response, if_match: IfMatch = None
) -> DirectoryEntryOut:
    """Un champ que modifie une autre que la structure n'est plus montré tant qu'elle ne l'accepte pas de nouveau."""
    await use_cases.fill_in(tx, grant, member_id, if_match, body)
    return versioned(response, await queries.find_entry(tx, grant, member_id))


@entries.post(
    "/{member_id}/consent",
    operation_id="consentToDirectory",
    summary="Accepter de montrer",
    responses=problems(*_CHANGED),
)
async def consent(
    member_id: UUID, body: ConsentIn, tx: TxDep, grant: MayConsent, response: Response, if_match: IfMatch = None
) -> DirectoryEntryOut:
    """La structure elle-même, champ par champ, pour la version de la fiche qu'elle a lue."""
    await use_cases.consent(tx, grant, member_id, if_match, body.fields)
    return versioned(response, await queries.find_entry(tx, grant, member_id))


@entries.post(
    "/{member_id}/record-consent",
    operation_id="recordDirectoryConsent",
    summary="Consigner un accord écrit",
    responses=problems(*_CHANGED, SignedInFuture, SignedBeforeTheEnd),
)
async def record_consent(
    member_id: UUID,
    body: WrittenConsentIn,
    tx: TxDep,
    grant: MayRecordConsent,
    response: Response,
    if_match: IfMatch = None,
) -> DirectoryEntryOut:
    """Que la structure a signé : quand, et où l'on le garde."""
    written = Written(body.signed_on, body.reference)
    await use_cases.record_consent(tx, grant, member_id, if_match, body.fields, written)
    return versioned(response, await queries.find_entry(tx, grant, member_id))


@entries.post(
    "/{member_id}/withdraw-consent",
    operation_id="withdrawDirectoryConsent",
    openapi_extra=apart("version", "Un retrait de consentement ne se refuse pas parce que la fiche a changé."),
    summary="Ne plus montrer",
    responses=problems(MemberNotFound),
)
async def withdraw_consent(
    member_id: UUID, body: ConsentWithdrawal, tx: TxDep, grant: MayWithdrawConsent, response: Response
) -> DirectoryEntryOut:
    """Aussitôt. Sans If-Match : un retrait ne se refuse pas parce que la fiche a changé."""
    await use_cases.withdraw_consent(tx, grant, member_id, body.fields)
    return versioned(response, await queries.find_entry(tx, grant, member_id))
