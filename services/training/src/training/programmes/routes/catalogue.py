"""HTTP door of the public catalogue: what anybody reads without a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.documents import pdf_response
from common.door import Door, ReadDep
from common.etags import revalidated
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.config import OrganisationDep
from training.programmes.documents import EXPORT_HEADER, print_sheet
from training.programmes.domain import CatalogueTooLarge, ProgrammeNotFound, SheetNotFound, VersionNotFound
from training.programmes.queries import catalogue, rules
from training.programmes.schemas import (
    CatalogueExportParams,
    CatalogueFilters,
    CatalogueListParams,
    CataloguePage,
    Code,
    FacetsOut,
    Number,
    SheetOut,
    ThemesOut,
    VersionLine,
)
from training.rights import Act

router = APIRouter(prefix="/catalogue", tags=["Catalogue"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_CATALOGUE))]
_SHEET = (SheetNotFound, VersionNotFound)


@router.get(
    "",
    operation_id="searchCatalogue",
    summary="Chercher au catalogue",
    response_model=CataloguePage,
    responses=problems(BadCursor, BadSort),
)
async def search_catalogue(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[CatalogueListParams, Query()]
) -> Response:
    """Sans jeton. Tri : title, published_on et, d'une recherche, relevance (le plus proche d'abord)."""
    return revalidated(request, await catalogue.search(read, params))


@router.get(
    "/facets", operation_id="getCatalogueFacets", summary="De quoi affiner une recherche", response_model=FacetsOut
)
async def get_facets(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[CatalogueFilters, Query()]
) -> Response:
    """Sans jeton. Combien de programmes, parmi ceux des filtres, pour chaque valeur qu'ils ont."""
    return revalidated(request, await catalogue.facets(read, params))


@router.get("/themes", operation_id="listThemes", summary="Les thèmes", response_model=ThemesOut)
async def list_themes(request: Request, _: Anybody) -> Response:
    """Sans jeton. Avec d'où vient la liste."""
    return revalidated(request, rules.list_themes())


@router.get(
    "/export",
    operation_id="exportCatalogue",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(CatalogueTooLarge),
)
async def export_catalogue(read: ReadDep, _: Anybody, params: Annotated[CatalogueExportParams, Query()]) -> Response:
    """Sans jeton. Les mêmes programmes que la liste, avec les mêmes filtres ; 5 000 au plus."""
    lines = await catalogue.export(read, params)
    return await export_response(params.format, "catalogue", EXPORT_HEADER, lines)


@router.get(
    "/{code}",
    operation_id="getCatalogueSheet",
    summary="La fiche d'un programme",
    response_model=SheetOut,
    responses=problems(*_SHEET),
)
async def get_sheet(request: Request, code: Code, read: ReadDep, _: Anybody) -> Response:
    """Sans jeton. À sa version en vigueur."""
    return revalidated(request, await catalogue.find_sheet(read, code))


@router.get(
    "/{code}/pdf",
    operation_id="printCatalogueSheet",
    summary="La fiche, à imprimer",
    response_class=Response,
    responses=problems(*_SHEET),
)
async def print_current(code: Code, read: ReadDep, _: Anybody, organisation: OrganisationDep) -> Response:
    """Sans jeton. Datée du jour de sa publication, au nom de l'organisme tel qu'il est aujourd'hui."""
    sheet = await catalogue.find_sheet(read, code)
    return pdf_response(await print_sheet(sheet, organisation, read.today), f"{sheet.code}-v{sheet.number}")


@router.get(
    "/{code}/versions",
    operation_id="listCatalogueSheetVersions",
    summary="Les versions d'une fiche",
    responses=problems(BadCursor, BadSort, SheetNotFound, ProgrammeNotFound),
)
async def list_versions(
    code: Code, read: ReadDep, _: Anybody, params: Annotated[PageParams, Query()]
) -> Page[VersionLine]:
    """Sans jeton. La dernière d'abord. Tri : number."""
    return await catalogue.list_versions(read, code, params)


@router.get(
    "/{code}/versions/{number}",
    operation_id="getCatalogueSheetVersion",
    summary="Une version d'une fiche",
    response_model=SheetOut,
    responses=problems(*_SHEET),
)
async def get_version(request: Request, code: Code, number: Number, read: ReadDep, _: Anybody) -> Response:
    """Sans jeton. Telle que publiée ce jour-là."""
    return revalidated(request, await catalogue.find_sheet(read, code, number))
