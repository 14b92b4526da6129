"""HTTP door of the key figures of the yearly report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.dashboards.domain import DelegationNotFound
from membership.encounters.domain import YearNotBegun
from membership.interviews.schemas import CountedYear
from membership.observatory.domain import RevisionUnexplained
from membership.rights import Act
from membership.yearly_figures import queries, use_cases
from membership.yearly_figures.documents import EXPORT_HEADER
from membership.yearly_figures.domain import (
    FiguresNotDefined,
    YearlyEditionNotFound,
    YearlyFigureNotFound,
    YearStillRunning,
)
from membership.yearly_figures.schemas import (
    YearlyEditionDetail,
    YearlyEditionOut,
    YearlyFigureOut,
    YearlyFiguresOut,
    YearlyFiguresParams,
    YearlyPublishIn,
    YearlyRowExportParams,
    YearlyRowListParams,
    YearlyRowOut,
)

router = APIRouter(prefix="/yearly-figures", tags=["Chiffres clés du rapport d'activité"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_YEARLY_FIGURES))]
MayReadEditions = Annotated[Grant, Depends(allow(Act.READ_YEARLY_EDITIONS))]
MayPublish = Annotated[Grant, Depends(allow(Act.PUBLISH_YEARLY_FIGURES))]
Year = Annotated[CountedYear, Path()]
Code = Annotated[str, Path(max_length=60, examples=["members.at_year_end"])]
Number = Annotated[int, Path(ge=1, le=1_000, examples=[1])]
_ASKED = (YearNotBegun, FiguresNotDefined, DelegationNotFound)
_ONE = (*_ASKED, YearlyFigureNotFound)


@router.get(
    "/{year}",
    operation_id="getYearlyFigures",
    summary="Les chiffres clés d'une année",
    responses=problems(*_ASKED),
)
async def get_year(
    year: Year, read: ReadDep, grant: MayRead, params: Annotated[YearlyFiguresParams, Query()], response: Response
) -> YearlyFiguresOut:
    """Comptés à l'instant, à côté de l'année d'avant et de ce qui est publié. Ce que nul n'a dit n'a pas de valeur."""
    return versioned(response, await queries.find_year(read, grant, year, params.delegation))


@router.post(
    "/{year}/publish",
    status_code=201,
    operation_id="publishYearlyFigures",
    summary="Publier les chiffres d'une année",
    responses=problems(
        YearStillRunning, FiguresNotDefined, RevisionUnexplained, RuleMissing, PreconditionMissing, PreconditionFailed
    ),
)
async def publish(
    year: Year, body: YearlyPublishIn, tx: TxDep, grant: MayPublish, response: Response, if_match: IfMatch = None
) -> YearlyEditionDetail:
    """Fige les valeurs et leurs définitions, du réseau et de chaque délégation. L'ETag est celui de l'année lue."""
    number = await use_cases.publish(tx, grant, year, if_match, body.reason)
    response.headers["Location"] = f"/membership/v1/yearly-figures/{year}/editions/{number}"
    return await queries.find_edition(tx, grant, year, number, None)


@router.get(
    "/{year}/editions",
    operation_id="listYearlyEditions",
    summary="Les éditions d'une année",
    responses=problems(BadCursor, BadSort),
)
async def list_editions(
    year: Year, read: ReadDep, grant: MayReadEditions, params: Annotated[PageParams, Query()]
) -> Page[YearlyEditionOut]:
    """La dernière d'abord. Tri : number."""
    return await queries.list_editions(read, grant, year, params)


@router.get(
    "/{year}/editions/{number}",
    operation_id="getYearlyEdition",
    summary="Une édition",
    responses=problems(YearlyEditionNotFound, DelegationNotFound),
)
async def get_edition(
    year: Year,
    number: Number,
    read: ReadDep,
    grant: MayReadEditions,
    params: Annotated[YearlyFiguresParams, Query()],
) -> YearlyEditionDetail:
    """Ce qui est publié ne bouge plus. Une délégation y lit aussi les siens ; les sommes déclarées, le réseau seul."""
    return await queries.find_edition(read, grant, year, number, params.delegation)


@router.get(
    "/{year}/editions/{number}/pdf",
    operation_id="printYearlyEdition",
    summary="Une édition, en une page (PDF)",
    response_class=Response,
    responses=problems(YearlyEditionNotFound, DelegationNotFound),
)
async def print_edition(
    year: Year,
    number: Number,
    read: ReadDep,
    grant: MayReadEditions,
    params: Annotated[YearlyFiguresParams, Query()],
) -> Response:
    """Chaque chiffre à côté de l'année d'avant."""
    content = await queries.print_year(read, grant, year, number, params.delegation)
    return pdf_response(content, f"chiffres-cles-{year}")


@router.get(
    "/{year}/{code}",
    operation_id="getYearlyFigure",
    summary="Un chiffre clé",
    responses=problems(*_ONE),
)
async def get_figure(
    year: Year, code: Code, read: ReadDep, grant: MayRead, params: Annotated[YearlyFiguresParams, Query()]
) -> YearlyFigureOut:
    """Sa définition, sa valeur, le nombre de ses lignes."""
    return await queries.find_figure(read, grant, year, code, params.delegation)


@router.get(
    "/{year}/{code}/rows",
    operation_id="listYearlyFigureRows",
    summary="Les lignes d'un chiffre clé",
    responses=problems(*_ONE, RuleMissing, BadCursor, BadSort),
)
async def list_rows(
    year: Year, code: Code, read: ReadDep, grant: MayRead, params: Annotated[YearlyRowListParams, Query()]
) -> Page[YearlyRowOut]:
    """Sans filtre, leur nombre, ou la somme de leurs quantités, est le chiffre. Tris : day, quantity."""
    return await queries.list_rows(read, grant, year, code, params)


@router.get(
    "/{year}/{code}/rows/export",
    operation_id="exportYearlyFigureRows",
    summary="Les lignes d'un chiffre clé (CSV ou tableur)",
    response_class=Response,
    responses=problems(*_ONE, RuleMissing),
)
async def export_rows(
    year: Year, code: Code, read: ReadDep, grant: MayRead, params: Annotated[YearlyRowExportParams, Query()]
) -> Response:
    """Les mêmes lignes que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, year, code, params)
    return await export_response(params.format, f"chiffre-cle-{year}", EXPORT_HEADER, lines)
