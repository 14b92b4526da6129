"""HTTP door of the Observatoire."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page, PageParams, Whole
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import ExportFormat, export_response
from membership.declarations.domain import CampaignNotFound, QuestionnaireNotFound
from membership.members.domain import MemberNotFound
from membership.observatory import queries, use_cases
from membership.observatory.documents import EXPORT_HEADER
from membership.observatory.domain import (
    BookletNotFound,
    BookletWithheld,
    CampaignStillOpen,
    EditionNotFound,
    EditionUnderWay,
    IndicatorsNotFound,
    RevisionUnexplained,
)
from membership.observatory.schemas import (
    BookletOut,
    ComparisonOut,
    EditionDocument,
    EditionIn,
    EditionOut,
    EvolutionOut,
    EvolutionParams,
    IndicatorsOut,
    PortraitOut,
    PortraitParams,
    PreviewOut,
    Year,
)
from membership.rights import Act

router = APIRouter(prefix="/observatory", tags=["Observatoire"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_OBSERVATORY))]
MayPublish = Annotated[Grant, Depends(allow(Act.PUBLISH_OBSERVATORY))]
MayReadFigures = Annotated[Grant, Depends(allow(Act.READ_DECLARATIONS))]
Accounts = Annotated[Year, Path()]


@router.get(
    "/indicators/{year}",
    operation_id="getIndicators",
    summary="Les indicateurs d'une année",
    responses=problems(IndicatorsNotFound),
)
async def get_indicators(year: Accounts, _: MayRead) -> IndicatorsOut:
    """Ce que chacun mesure, de quels chiffres déclarés il est fait, et depuis quand il se compare."""
    return queries.find_indicators(year)


@router.get(
    "/preview/{year}",
    operation_id="previewEdition",
    summary="Ce que dirait une édition maintenant",
    responses=problems(CampaignNotFound, QuestionnaireNotFound, IndicatorsNotFound, RuleMissing),
)
async def preview_edition(
    year: Accounts, read: ReadDep, _: MayPublish, params: Annotated[PortraitParams, Query()]
) -> PreviewOut:
    """Le même calcul qu'une édition, sous le même secret ; rien n'est gardé."""
    return await queries.preview(read, year, params)


@router.get("/editions", operation_id="listEditions", summary="Les éditions", responses=problems(BadCursor, BadSort))
async def list_editions(read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]) -> Page[EditionOut]:
    """La plus récente d'abord. Tris : year, number."""
    return await queries.list_editions(read, params)


@router.post(
    "/editions",
    status_code=202,
    operation_id="publishEdition",
    summary="Publier une édition",
    responses=problems(CampaignNotFound, CampaignStillOpen, IndicatorsNotFound, RevisionUnexplained, EditionUnderWay),
)
async def publish_edition(body: EditionIn, tx: TxDep, _: MayPublish, response: Response) -> EditionOut:
    """Calculée d'après ce qui est déclaré à cet instant, puis figée : une correction n'y change plus rien."""
    edition = await queries.find_edition(tx, await use_cases.ask_to_publish(tx, body.year, body.reason))
    response.headers["Location"] = f"/membership/v1/jobs/{edition.job_id}"
    return edition


@router.get(
    "/editions/{edition_id}", operation_id="getEdition", summary="Une édition", responses=problems(EditionNotFound)
)
async def get_edition(edition_id: UUID, read: ReadDep, _: MayRead) -> EditionOut:
    """Son état, son empreinte, et qui a répondu."""
    return await queries.find_edition(read, edition_id)


@router.get(
    "/editions/{edition_id}/portraits",
    operation_id="getPortraits",
    summary="Les portraits médians",
    responses=problems(EditionNotFound),
)
async def get_portraits(
    edition_id: UUID, read: ReadDep, _: MayRead, params: Annotated[PortraitParams, Query()]
) -> Whole[PortraitOut]:
    """Par type d'activité, au niveau national ou dans une délégation."""
    return Whole(items=await queries.portraits_of(read, edition_id, params))


@router.get(
    "/editions/{edition_id}/document",
    operation_id="getEditionDocument",
    summary="Une édition entière (JSON)",
    response_model=EditionDocument,
    responses=problems(EditionNotFound),
)
async def get_document(edition_id: UUID, read: ReadDep, _: MayRead) -> Response:
    """L'édition, ses indicateurs et tous ses portraits : les octets que scelle son empreinte."""
    return Response(await queries.document_of(read, edition_id), media_type="application/json")


@router.get(
    "/editions/{edition_id}/export",
    operation_id="exportEdition",
    summary="Une édition entière (CSV ou tableur)",
    response_class=Response,
    responses=problems(EditionNotFound),
)
async def export_edition(edition_id: UUID, read: ReadDep, _: MayRead, format: ExportFormat = "csv") -> Response:  # noqa: A002
    """Qui a répondu, puis une ligne par activité, délégation et indicateur : ce que dit son document JSON."""
    edition = await queries.published_edition(read, edition_id)
    lines = await queries.export_rows(read, edition)
    return await export_response(format, f"observatoire-{edition.year}-{edition.number}", EXPORT_HEADER, lines)


@router.get(
    "/editions/{edition_id}/pdf",
    operation_id="printEdition",
    summary="Une édition, en PDF",
    response_class=Response,
    responses=problems(EditionNotFound, RuleMissing),
)
async def print_edition(edition_id: UUID, read: ReadDep, _: MayRead) -> Response:
    """Le livret : qui a répondu, et le portrait de chaque activité avec ses graphiques."""
    return pdf_response(await queries.print_edition(read, edition_id), "observatoire")


@router.get(
    "/editions/{edition_id}/booklets",
    operation_id="listBooklets",
    summary="Les livrets des délégations",
    responses=problems(EditionNotFound, RuleMissing),
)
async def list_booklets(edition_id: UUID, read: ReadDep, _: MayRead) -> Whole[BookletOut]:
    """Chaque délégation, avec son livret si l'édition dit assez d'elle, sinon pourquoi elle n'en a pas."""
    return Whole(items=await queries.list_booklets(read, edition_id))


@router.get(
    "/editions/{edition_id}/booklets/{delegation}",
    operation_id="printBooklet",
    summary="Une édition vue d'une délégation, en PDF",
    response_class=Response,
    responses=problems(EditionNotFound, BookletNotFound, BookletWithheld, RuleMissing),
)
async def print_booklet(
    edition_id: UUID, delegation: Annotated[str, Path(max_length=30)], read: ReadDep, _: MayRead
) -> Response:
    """Ses portraits à côté de ceux du pays, et d'une année à l'autre. Rien que ne dise l'édition elle-même."""
    return pdf_response(await queries.print_booklet(read, edition_id, delegation), f"observatoire-{delegation}")


@router.get(
    "/editions/{edition_id}/members/{member_id}",
    operation_id="compareMember",
    summary="Une structure à côté de son type",
    responses=problems(EditionNotFound, MemberNotFound),
)
async def compare_member(
    edition_id: UUID, member_id: UUID, read: ReadDep, grant: MayReadFigures
) -> Whole[ComparisonOut]:
    """Ses chiffres déclarés, et où ils se placent parmi ceux des autres."""
    return Whole(items=await queries.compare(read, grant, edition_id, member_id))


@router.get("/evolution", operation_id="getEvolution", summary="D'une année à l'autre")
async def get_evolution(read: ReadDep, _: MayRead, params: Annotated[EvolutionParams, Query()]) -> Whole[EvolutionOut]:
    """La dernière édition de chaque année ; seules les années de même définition s'y comparent."""
    return Whole(items=await queries.evolution(read, params))
