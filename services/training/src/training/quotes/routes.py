"""HTTP door of the quotes: a price that explains itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.config import OrganisationDep
from training.members.domain import MemberMerged, MemberUnknown
from training.programmes.domain import ProgrammeNotFound, SheetNotFound, VersionNotFound
from training.quotes import queries, use_cases
from training.quotes.documents import EXPORT_HEADER, print_quote
from training.quotes.domain import (
    DiscountTooLarge,
    FundingTooLarge,
    PriceMissing,
    PriceNotYours,
    QuoteAccepted,
    QuoteNotFound,
)
from training.quotes.schemas import (
    QuoteExportParams,
    QuoteIn,
    QuoteLine,
    QuoteListParams,
    QuoteOut,
    QuoteRulesOut,
)
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.trainees.domain import TraineeNotFound

router = APIRouter(prefix="/quotes", tags=["Devis"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_QUOTES))]
MayAsk = Annotated[Grant, Depends(allow(Act.ASK_QUOTES))]
_PRICED = (
    MemberUnknown, SessionNotFound, SheetNotFound, ProgrammeNotFound, VersionNotFound, PriceNotYours, PriceMissing,
    DiscountTooLarge, FundingTooLarge, RuleMissing,
)  # fmt: skip


@router.get("", operation_id="listQuotes", summary="Les devis", responses=problems(BadCursor, BadSort))
async def list_quotes(read: ReadDep, grant: MayRead, params: Annotated[QuoteListParams, Query()]) -> Page[QuoteLine]:
    """Une structure voit les siens. Tris : quoted_on, reference."""
    return await queries.list_quotes(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="askQuote",
    summary="Demander un prix",
    responses=problems(*_PRICED, MemberMerged, TraineeNotFound),
)
async def ask_quote(body: QuoteIn, tx: TxDep, grant: MayAsk, response: Response) -> QuoteOut:
    """Le prix du jour, étape par étape, tenu jusqu'à une date. `dry_run` : le même, sans rien garder."""
    quote = await use_cases.ask(tx, grant, body)
    response.headers["Location"] = f"/training/v1/quotes/{quote.id}"
    return await queries.quote_out(tx, quote)


@router.get("/export", operation_id="exportQuotes", summary="Export CSV ou tableur", response_class=Response)
async def export_quotes(read: ReadDep, grant: MayRead, params: Annotated[QuoteExportParams, Query()]) -> Response:
    """Les mêmes devis que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "devis", EXPORT_HEADER, lines)


@router.get("/rules", operation_id="listQuoteRules", summary="Les règles d'un prix", responses=problems(RuleMissing))
async def list_rules(read: ReadDep, _: MayRead) -> QuoteRulesOut:
    """Qui a le prix adhérent, combien de temps un prix est tenu : aujourd'hui, et d'où cela vient."""
    return queries.rules_of(read.today)


@router.get("/{quote_id}", operation_id="getQuote", summary="Un devis", responses=problems(QuoteNotFound, RuleMissing))
async def get_quote(quote_id: UUID, read: ReadDep, grant: MayRead) -> QuoteOut:
    """Son prix, ses étapes, ce qui était connu de l'acheteur ce jour-là."""
    return await queries.find_quote(read, grant, quote_id)


@router.get(
    "/{quote_id}/pdf",
    operation_id="getQuotePdf",
    summary="Un devis en PDF",
    response_class=Response,
    responses=problems(QuoteNotFound, RuleMissing),
)
async def get_quote_pdf(quote_id: UUID, read: ReadDep, grant: MayRead, organisation: OrganisationDep) -> Response:
    """À imprimer ou à joindre à une demande de financement."""
    quote = await queries.find_quote(read, grant, quote_id)
    return pdf_response(await print_quote(quote, organisation), quote.reference)


@router.post(
    "/{quote_id}/renew",
    status_code=201,
    operation_id="renewQuote",
    summary="Renouveler",
    responses=problems(*_PRICED, QuoteNotFound, QuoteAccepted),
)
async def renew_quote(quote_id: UUID, tx: TxDep, grant: MayAsk, response: Response) -> QuoteOut:
    """Un nouveau devis, au prix d'aujourd'hui ; l'ancien reste tel quel."""
    quote = await use_cases.renew(tx, grant, quote_id)
    response.headers["Location"] = f"/training/v1/quotes/{quote.id}"
    return await queries.quote_out(tx, quote)
